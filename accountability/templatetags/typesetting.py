"""排字: text on paper, every piece in the face that draws it."""

from datetime import date

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from accountability.papers.blocks import Paragraph
from accountability.papers.characters import FACES, GETA, Face, breakable, clean, runs

register = template.Library()


@register.filter
def typeset(text: str, face: str = "fang") -> SafeString:
    """The words in this face: 喆 in Noto Serif, numerals lighter, a break offered outside quotation marks."""
    pieces = breakable(clean(str(text)).replace("\n", " "))
    return mark_safe("<wbr>".join(_piece(piece, FACES[face]) for piece in pieces))  # noqa: S308  (escaped piece by piece)


def _piece(text: str, face: Face) -> str:
    return "".join(_run(kind, piece) for kind, piece in runs(text, face))


def _run(kind: str, piece: str) -> str:
    if kind == "own":
        return escape(piece)
    if kind == "missing":
        return GETA * len(piece)
    return f'<span class="{kind}">{escape(piece)}</span>'


@register.filter
def typeset_paragraph(paragraph: Paragraph) -> SafeString:
    """A paragraph with its lead in the face of its level: 一、 in 黑体, （一）…。 in 楷体."""
    face = "hei" if paragraph.level == 1 else "kai"
    lead, rest = paragraph.lead, paragraph.text[len(paragraph.lead) :]
    if not lead:
        return typeset(rest)
    return mark_safe(f'<span class="{face}">{typeset(lead, face)}</span>{typeset(rest)}')  # noqa: S308  (escaped by typeset)


@register.filter
def typeset_day(day: date | None) -> SafeString:
    """2026年1月16日, without the leading zeros that official documents do not have."""
    return typeset(f"{day.year}年{day.month}月{day.day}日") if day else typeset("　　　　年　　月　　日")
