"""监督文书的表格: the letters on the screen as Excel, and each matter of them; texts stay texts (三（二）1)."""

from collections.abc import Iterable
from datetime import date

from django.utils import timezone

from accountability.sheets import Table
from supervision.models import Letter, LetterMatter

LETTER_HEADS = (
    ("文号", 18), ("文书种类", 16), ("收文单位", 18), ("事由", 40), ("被告知人", 10), ("状态", 12), ("签发人", 10),
    ("签发日期", 12), ("签收人", 10), ("签收日期", 12), ("事项数", 8), ("待答复", 8), ("待评价", 8), ("最近期限", 12), ("提级自", 18),
)  # fmt: skip
MATTER_HEADS = (
    ("文号", 18), ("收文单位", 18), ("序号", 6), ("内容", 44), ("依据", 24), ("要求", 36), ("答复期限", 12),
    ("状态", 14), ("是否逾期", 10), ("责任事项编号", 14), ("答复日期", 12), ("评价", 10), ("评价意见", 36), ("不满意次数", 10),
)  # fmt: skip


def letters_table(letters: Iterable[Letter]) -> Table:
    return Table("监督文书", LETTER_HEADS, (_letter(letter) for letter in letters))


def matters_table(matters: Iterable[LetterMatter], on: date) -> Table:
    return Table("事项", MATTER_HEADS, (_matter(matter, on) for matter in matters))


def _letter(letter: Letter) -> tuple:
    return (
        letter.number,
        letter.get_kind_display(),
        letter.recipient.name,
        letter.subject,
        letter.person.name if letter.person else "",
        letter.get_state_display(),
        letter.signer.name if letter.signer else "",
        letter.issued_on,
        letter.read_by.name if letter.read_by else "",
        timezone.localdate(letter.read_at) if letter.read_at else None,
        letter.asked,
        letter.waited,
        letter.answered,
        letter.next_due,
        letter.escalates.letter.number if letter.escalates else "",
    )


def _matter(matter: LetterMatter, on: date) -> tuple:
    last = matter.answer
    due = matter.duty.due_on if matter.duty else matter.due_on
    return (
        matter.letter.number,
        matter.letter.recipient.name,
        matter.rank,
        matter.text,
        matter.basis,
        matter.asked,
        due,
        "不再要求" if matter.is_waived else matter.get_state_display(),
        matter.letter.is_issued and matter.is_unanswered and due < on,
        matter.duty.number if matter.duty else "",
        last.answered_on if last else None,
        last.get_grade_display() if last else "",
        last.words if last else "",
        matter.turns,
    )
