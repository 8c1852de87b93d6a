"""表格: rows of values as a sheet that Excel and WPS open, the one way this app lays out its exports."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

THIN = Side(style="thin", color="999999")
BORDER = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)


def add_table(
    book: Workbook, name: str, title: str, heads: Sequence[tuple[str, int]], rows: Iterable[Sequence]
) -> None:
    """One sheet: its title, the heads with their widths, a line for each row."""
    sheet = book.create_sheet(name)
    _line(sheet, 1, [title])
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(heads))
    _line(sheet, 2, [head for head, _ in heads])
    for number, row in enumerate(rows, 3):
        _line(sheet, number, row)
    for number, (_, width) in enumerate(heads, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "B3"
    sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = "landscape", 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "2:2"


def new_book() -> Workbook:
    book = Workbook()
    book.remove(book.active)
    return book


def content_of(book: Workbook) -> bytes:
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _line(sheet, number: int, values: Sequence) -> None:
    for column, value in enumerate(values, 1):
        cell = sheet.cell(number, column)
        cell.value = float(value) if isinstance(value, Decimal) else value
        if isinstance(value, str):
            cell.data_type = "s"  # a text that begins with = stays a text
        cell.alignment = Alignment(wrap_text=True, vertical="center" if number < 3 else "top")
        cell.font = Font(bold=number < 3)
        if number > 1:
            cell.border = BORDER
