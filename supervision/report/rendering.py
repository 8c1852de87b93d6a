"""图文版: the text of a report with its figures and exhibits as one page, and that page on paper (四（三）)."""

import re
from dataclasses import dataclass
from itertools import accumulate

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from accountability.papers import blocks, layout
from accountability.papers.characters import missing_from
from accountability.papers.pictures import qr_code
from accountability.papers.printing import Paper, installed_fonts, lay_out, put_on_paper
from accountability.papers.references import REFERENCE
from accountability.templatetags.typesetting import typeset
from supervision.report import exhibits, tables

ORDINAL = re.compile(r"^([一二三四五六七八九十百]+、)")
UNFILLED = "请在此写明"
COVER_SIZES = ((13.2, 33), (15.5, 28), (18, 24))  # characters a line of the cover holds, and their size in points
LIGHT_WORDS = {"ok": "完成或正常", "soon": "临近期限", "late": "逾期", "rest": "未到期"}
IN_TABLES = ("U", "L", "R")  # one row a unit, leader or round: listed by their tables and by the page of the report
KEYS = 8  # figures on the panel that opens the first chapter
SERIES = {
    "F": "总体", "Q": "四问", "M": "会议", "U": "二级单位", "L": "校领导", "R": "巡视巡察整改", "Y": "上年",
}  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What the paper tells of itself that is neither text nor figure."""

    title: str
    number: str = ""
    issuer: str = ""
    state_words: str = ""
    verify_code: str = ""
    verify_url: str = ""
    figures_sha256: str = ""
    is_draft: bool = False


def illustrated_page(figures: dict, text: str, facts: Facts) -> str:
    """The whole report as HTML; nothing is computed here that the figures do not say."""
    body = Body(figures)
    chapters = body.chapters(blocks.parse(text))
    annexes = body.annexes()
    size, title_lines = _cover(facts)
    listed = [each for code, each in figures["figures"].items() if not code.startswith(IN_TABLES)]
    context = {
        "figures": figures,
        "facts": facts,
        "fonts": installed_fonts(),
        "head": _in_css(facts.title),
        "cover": {"size": size, "lines": title_lines},
        "preface": chapters[0]["parts"],
        "chapters": [_opened(chapter) for chapter in chapters[1:]],
        "keys": _keys(chapters[1], figures) if len(chapters) > 1 else [],
        "annexes": annexes,
        "printed_annexes": [annex for annex in annexes if annex["parts"]],
        "lights": [(name, mark_safe(tables.LIGHTS[name]), words) for name, words in LIGHT_WORDS.items()],  # noqa: S308  (ours)
        "formulas": _formulas([each for each in listed if each.get("formula")]),
        "series": _series([each for each in listed if not each.get("formula")]),
        "listed": len(listed),
        "qr": mark_safe(qr_code(facts.verify_url)) if facts.verify_url else "",  # noqa: S308  (a path of squares)
        "created": figures["taken_at"].replace(" ", "T") + ":00+08:00",
    }
    return render_to_string("papers/annual_report.html", context)


def print_page(page: str) -> Paper:
    return put_on_paper(lay_out(page), missing_from(page))


class Body:
    """The blocks of the text in order, tables and drawings numbered as they come."""

    def __init__(self, figures: dict):
        self.figures = figures
        self.clauses = {chapter["title"]: chapter.get("clause", "") for chapter in figures.get("chapters", ())}
        self.counts = {"表": 0, "图": 0}
        self.placed: dict[str, str] = {}  # name of an exhibit: where it stands, 表3
        self.marks = _annex_marks(figures.get("annexes", ()))
        self.annex_of = {
            name: mark
            for mark, annex in zip(self.marks, figures.get("annexes", ()), strict=True)
            for name in annex["exhibits"]
        }

    def chapters(self, parsed: list[blocks.Block]) -> list[dict]:
        """What stands before the first heading comes first, without a title."""
        chapters = [{"title": "", "parts": []}]
        for block in parsed:
            if isinstance(block, blocks.Heading) and block.level == 1:
                chapters.append(self._headed(block.text, len(chapters)))
            else:
                now = chapters[-1]
                now["parts"].append(self._part(block, opens=bool(now["title"]) and not now["parts"]))
        return chapters

    def _headed(self, heading: str, number: int) -> dict:
        ordinal = found.group() if (found := ORDINAL.match(heading)) else ""
        title = heading[len(ordinal) :].strip()
        return {
            "id": f"c{number}", "ordinal": ordinal, "title": title, "words": tables.pieces(title),
            "clause": self.clauses.get(title, ""), "parts": [],
        }  # fmt: skip

    def _part(self, block: blocks.Block, *, opens: bool) -> dict:
        if isinstance(block, blocks.Exhibit):
            return self.exhibit(block.name)
        if isinstance(block, blocks.Heading):
            return {"kind": "heading", "rank": block.level, "html": _prose(block.text)}
        if isinstance(block, blocks.Table):
            return {"kind": "table", "no": "", "title": block.caption, "table": tables.shown_typed(block)}
        kind = "gist" if opens and not block.level and UNFILLED not in block.text else "paragraph"
        return {
            "kind": kind, "is_unfilled": UNFILLED in block.text,
            "html": _prose(block.text, key=kind == "gist"), "codes": [code for _, code in REFERENCE.findall(block.text)],
        }  # fmt: skip

    def exhibit(self, name: str) -> dict:
        """A table or a drawing under its number; a second mention points to the first."""
        exhibit = self.figures["exhibits"].get(name)
        if exhibit is None:
            return {"kind": "paragraph", "is_unfilled": True, "html": f"没有名为“{name}”的图表。", "codes": []}
        if name in self.placed:
            return {"kind": "pointer", "title": exhibit["title"], "no": self.placed[name]}
        is_chart = exhibits.is_chart(exhibit)
        sort = "图" if is_chart else "表"
        self.counts[sort] += 1
        self.placed[name] = f"{sort}{self.counts[sort]}"
        unit = f"单位：{exhibit['unit']}。" if exhibit.get("unit") else ""
        told = {
            "no": self.placed[name], "title": exhibit["title"], "note": unit + exhibit.get("note", ""),
            "annex": self.annex_of.get(name),
        }  # fmt: skip
        if is_chart:
            return told | {"kind": "figure", "drawing": mark_safe(exhibits.svg(exhibit, self.figures))}  # noqa: S308  (escaped by pen)
        return told | {"kind": "table", "table": tables.shown(exhibit, self.figures)}

    def annexes(self) -> list[dict]:
        """附件: what the text already shows is not printed twice; the contents lead to where it stands."""
        annexes = []
        for number, (mark, annex) in enumerate(zip(self.marks, self.figures.get("annexes", ()), strict=True), 1):
            places = [self.placed[name] for name in annex["exhibits"] if name in self.placed]
            parts = [self.exhibit(name) | {"annex": None} for name in annex["exhibits"]]
            is_shown = len(places) == len(parts)
            told = {"id": places[0] if is_shown else f"a{number}", "mark": mark, "title": annex["title"]}
            lies = "across" if not is_shown and parts[0]["kind"] == "table" and parts[0]["table"].across else "same"
            annexes.append(told | {"lies": lies, "parts": [] if is_shown else parts})
        return annexes


def _annex_marks(annexes: list[dict]) -> list[str]:
    """附件1 and so on, 附件 where it is the only one."""
    return ["附件"] if len(annexes) == 1 else [f"附件{number}" for number in range(1, len(annexes) + 1)]


def _opened(chapter: dict) -> dict:
    """A chapter's head never parts from its first paragraph."""
    first = int(bool(chapter["parts"]) and chapter["parts"][0]["kind"] in ("gist", "paragraph"))
    return chapter | {"opening": chapter["parts"][:first], "rest": chapter["parts"][first:]}


def _prose(text: str, *, key: bool = False) -> SafeString:
    """Sentences; every traced number with its code in small print, red and large in the gist of a chapter."""
    parts, at = [], 0
    for found in REFERENCE.finditer(text):
        parts.append(_words(text[at : found.start()], key))
        number, code = found.groups()
        shown = f'<b class="n">{number}</b>' if key else number
        parts.append(f'{shown}<span class="f">〔{code}〕</span>')
        at = found.end()
    return mark_safe("".join([*parts, _words(text[at:], key)]))  # noqa: S308  (escaped piece by piece)


def _words(text: str, key: bool) -> SafeString:
    return typeset(text, "kai") if key else tables.pieces(text)


def _cover(facts: Facts) -> tuple[int, list[str]]:
    """The title in balanced lines, as large as three of them allow; the issuer already stands above."""
    title = facts.title.removeprefix(facts.issuer) or facts.title
    set_at = [(size, layout.title_lines(title, "", widest)) for widest, size in COVER_SIZES]
    fitting = [(size, lines) for size, lines in set_at if len(lines) <= 3]
    return next((each for each in fitting if _breaks_well(each[1])), (fitting or set_at)[-1])


def _breaks_well(lines: list[str]) -> bool:
    title, ends = "".join(lines), accumulate(map(len, lines[:-1]))
    return not any(layout.price(title, end) for end in ends)


def _keys(chapter: dict, figures: dict) -> list[dict]:
    """The figures that the first chapter names first: four or eight of them, or none."""
    codes = dict.fromkeys(code for part in chapter["parts"] for code in part.get("codes", ()))
    known = [figures["figures"][code] for code in codes if code in figures["figures"]]
    return known[: min(KEYS, len(known) // 4 * 4)]


def _formulas(rates: list[dict]) -> list[dict]:
    """Rates by how they are computed."""
    found: dict[str, list[dict]] = {}
    for each in rates:
        found.setdefault(each["formula"], []).append(each)
    return [{"name": formula, "pairs": _pairs(rows)} for formula, rows in found.items()]


def _series(counts: list[dict]) -> list[dict]:
    """Figures by the letter of their code, two in a row."""
    found: dict[str, list[dict]] = {}
    for each in counts:
        found.setdefault(each["code"].partition("-")[0], []).append(each)
    return [{"name": SERIES.get(letter, letter), "pairs": _pairs(rows)} for letter, rows in found.items()]


def _pairs(figures: list[dict]) -> list[list[dict]]:
    """Two in a row, so that codes follow each other over a page's end."""
    return [figures[at : at + 2] for at in range(0, len(figures), 2)]


def _in_css(words: str) -> SafeString:
    """Words inside a quoted string of a style sheet inside a page."""
    return mark_safe("".join(f"\\{ord(each):x} " if each in '\\"<>&\n' else each for each in words))  # noqa: S308  (that is its purpose)
