"""监督工作的表格: rows as Excel; every text is written as text, nothing acts as a formula."""

from collections.abc import Iterable
from datetime import date
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter


def workbook(title: str, heads: tuple[tuple[str, int], ...], rows: Iterable[tuple]) -> bytes:
    """``heads`` name each column and its width."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for number, (_, width) in enumerate(heads, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, name, is_head=True) for name, _ in heads])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _cell(sheet, value, *, is_head: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=None if value == "" else value)
    if isinstance(value, str) and value:
        cell.data_type = "s"
    if isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if is_head:
        cell.font = Font(bold=True)
    return cell
