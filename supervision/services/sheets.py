"""电子表: rows under heads as a workbook that Excel and WPS open and print on landscape pages."""

from collections.abc import Iterable, Sequence
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

THIN = Side(style="thin", color="999999")
BORDER = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)


def workbook_of(title: str, note: str, heads: Sequence[tuple[str, int]], rows: Iterable[Sequence]) -> bytes:
    """``heads`` are names and widths; ``rows`` come scoped."""
    book = Workbook()
    sheet = book.active
    sheet.title = title[:31]
    for number, words in enumerate((title, note), 1):
        _line(sheet, number, [words], is_head=number == 1)
        sheet.merge_cells(start_row=number, end_row=number, start_column=1, end_column=len(heads))
    _line(sheet, 3, [head for head, _ in heads], is_head=True)
    for number, row in enumerate(rows, 4):
        _line(sheet, number, row)
    for number, (_, width) in enumerate(heads, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A4"
    sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = "landscape", 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "3:3"
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _line(sheet, number: int, values: Sequence, *, is_head: bool = False) -> None:
    for column, value in enumerate(values, 1):
        cell = sheet.cell(number, column)
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"  # a text that begins with = stays a text
        cell.alignment = Alignment(wrap_text=True, vertical="center" if is_head or number < 3 else "top")
        cell.font = Font(bold=is_head)
        if number > 2:
            cell.border = BORDER
