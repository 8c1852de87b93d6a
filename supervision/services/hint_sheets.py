"""提示的表格: the hints of a filter as Excel, every cell as text so that nothing in it can act as a formula (四（三）)."""

from collections.abc import Iterable
from io import BytesIO

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from supervision.models import Hint

HEADS = (
    ("类别", 20), ("单位", 20), ("另一单位", 20), ("工作年度", 10), ("依据", 70), ("发现时间", 18), ("状态", 10),
    ("查看人", 10), ("查看时间", 18), ("查看意见", 40),
)  # fmt: skip


def workbook_of(hints: Iterable[Hint]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("形式主义提示")
    for number, (_, width) in enumerate(HEADS, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"
    sheet.append([_text(sheet, head, is_head=True) for head, _ in HEADS])
    for hint in hints:
        sheet.append([_text(sheet, value) for value in _cells(hint)])
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _cells(hint: Hint) -> tuple[str, ...]:
    return (
        hint.get_kind_display(),
        hint.organisation.full_name,
        hint.other.full_name if hint.other else "",
        f"{hint.work_year_id}",
        hint.why,
        _moment(hint.found_at),
        hint.get_state_display(),
        hint.decided_by.name if hint.decided_by else "",
        _moment(hint.decided_at),
        hint.words,
    )


def _moment(at) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


def _text(sheet, value: str, *, is_head: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=value)
    cell.data_type = "s"
    cell.font = Font(bold=is_head)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell
