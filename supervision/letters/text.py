"""监督文书的正文: what each kind calls its parts, and the letter as an official paper (三（二）1, GB/T 9704)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from accountability.papers.blocks import parse
from accountability.papers.sheet import Sheet
from supervision.models import Letter, LetterMatter

OFFICE = "纪委办公室"
NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True)
class Words:
    """一种文书的用语: what the matter is called, what the unit answers with, how it opens and closes."""

    matter: str
    answer: str
    opening: str
    closing: str


WORDS = {
    Letter.Kind.ORDER: Words(
        "问题内容",
        "整改措施",
        "经监督检查发现，你单位在落实全面从严治党责任方面存在以下问题，现予督办。",
        "请认真整改，于各项期限前书面答复整改措施和落实情况，并附佐证材料。逾期未答复的，提级督办。",
    ),
    Letter.Kind.OPINION: Words(
        "意见内容",
        "整改措施",
        "根据日常监督掌握的情况，现就以下事项提出监督意见。",
        "请研究采纳，于各项期限前书面答复整改措施和落实情况，并附佐证材料。",
    ),
    Letter.Kind.ADVICE: Words(
        "建议内容",
        "防范措施",
        "针对监督中发现的薄弱环节和风险，现就以下事项提出监督建议。",
        "请研究采纳，健全制度、堵塞漏洞，于各项期限前书面答复防范措施和落实情况，并附佐证材料。",
    ),
    Letter.Kind.INFORM: Words(
        "具体问题",
        "整改措施",
        "根据监督执纪“第一种形态”有关规定，现将以下问题告知你，请正确对待、认真整改。",
        "请说明情况、拟定整改措施，于各项期限前由所在单位负责人书面答复学校纪委。本告知书限定知悉范围，请妥善保管。",
    ),
}


def words_of(letter: Letter) -> Words:
    return WORDS[Letter.Kind(letter.kind)]


def commission() -> str:
    return f"中共{settings.UNIVERSITY_NAME}纪律检查委员会"


def day_words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def composed(letter: Letter, matters: Sequence[LetterMatter]) -> str:
    """正文, with the numbering official papers have."""
    words = words_of(letter)
    parts = [words.opening]
    if letter.escalates_id:
        former = letter.escalates.letter
        parts.append(f"{former.number}第{letter.escalates.rank}项逾期未答复，现提级督办。")
    parts += _only(matters[0], words) if len(matters) == 1 else _each(matters, words)
    if letter.responsible_id:
        parts.append(f"责任人：{letter.responsible.full_title}。")
    return "\n".join([*parts, words.closing])


def _told(matter: LetterMatter, words: Words) -> list[tuple[str, str]]:
    due = f"{day_words(matter.due_on)}前。"
    labelled = [(words.matter, matter.text), ("依据", matter.basis), ("要求", matter.asked), ("答复期限", due)]
    return [(label, text) for label, text in labelled if text]


def _only(matter: LetterMatter, words: Words) -> list[str]:
    return [
        f"{numeral}、{label}\n{text}" for numeral, (label, text) in zip(NUMERALS, _told(matter, words), strict=False)
    ]


def _each(matters: Sequence[LetterMatter], words: Words) -> list[str]:
    """Of several, each is a section, and its parts stand behind their labels."""
    lines = []
    for numeral, matter in zip(NUMERALS, matters, strict=False):
        lines.append(f"{numeral}、第{numeral}项")
        parts = zip(NUMERALS, _told(matter, words), strict=False)
        lines += [f"（{place}）{label}。{text}" for place, (label, text) in parts]
    return lines


def sheet_of(letter: Letter, matters: Sequence[LetterMatter]) -> Sheet:
    """The letter as an official paper; marked 草稿 until it is issued."""
    unit = letter.recipient.party_name
    copied = letter.head if letter.is_confidential else letter.copied_to
    return Sheet(
        form="official",
        issuer=commission(),
        number=letter.number,
        title=letter.title,
        addressee=f"{letter.person.name}同志" if letter.is_confidential else unit,
        blocks=tuple(parse(composed(letter, matters))),
        dated_on=letter.issued_on,
        copies_to=copied.full_title if copied else "",
        printed_by=OFFICE,
        printed_on=letter.issued_on,
        is_draft=letter.issued_on is None,
    )
