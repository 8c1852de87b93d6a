"""监督文书的表格: the letters on the screen as Excel, and each matter of them; texts stay texts (三（二）1)."""

from collections.abc import Iterable
from datetime import date
from io import BytesIO

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from supervision.models import Letter, LetterMatter

LETTER_HEADS = (
    ("文号", 18), ("文书种类", 16), ("收文单位", 18), ("事由", 40), ("被告知人", 10), ("状态", 12), ("签发人", 10),
    ("签发日期", 12), ("签收人", 10), ("签收日期", 12), ("事项数", 8), ("待答复", 8), ("待评价", 8), ("最近期限", 12), ("提级自", 18),
)  # fmt: skip
MATTER_HEADS = (
    ("文号", 18), ("收文单位", 18), ("序号", 6), ("内容", 44), ("依据", 24), ("要求", 36), ("答复期限", 12),
    ("状态", 14), ("是否逾期", 10), ("责任事项编号", 14), ("答复日期", 12), ("评价", 10), ("评价意见", 36), ("不满意次数", 10),
)  # fmt: skip


def workbook_of(letters: Iterable[Letter], matters: Iterable[LetterMatter], on: date) -> bytes:
    book = Workbook(write_only=True)
    _write(book, "监督文书", LETTER_HEADS, (_letter(letter) for letter in letters))
    _write(book, "事项", MATTER_HEADS, (_matter(matter, on) for matter in matters))
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


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
        "是" if matter.letter.is_issued and matter.is_unanswered and due < on else "否",
        matter.duty.number if matter.duty else "",
        last.answered_on if last else None,
        last.get_grade_display() if last else "",
        last.words if last else "",
        matter.turns,
    )


def _write(book: Workbook, name: str, heads, rows: Iterable[tuple]) -> None:
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    for number, (_, width) in enumerate(heads, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.append([_cell(sheet, head, is_head=True) for head, _ in heads])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet, value, *, is_head: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"  # a text that begins with = stays a text
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.font = Font(bold=is_head)
    return cell
