"""表格: tables as a workbook that Excel and WPS open and print, written row by row so that memory stays flat.

Every text is written as text, so that nothing in it acts as a formula; a day is a day and a number a number. Sheets that are
imported again (花名册, 会议表, 整改台账) have a layout of their own.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

THIN = Side(style="thin", color="999999")
BORDER = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
WRAPPED = Alignment(wrap_text=True, vertical="top")
CENTRED = Alignment(wrap_text=True, vertical="center", horizontal="center")
BOLD = Font(bold=True)
A4 = 9
TEXT_AT_MOST = 32_767  # more in one cell, and Excel calls the file damaged
ACTING = ("=", "+", "-", "@", "\t", "\r")
LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Table:
    """One sheet: ``heads`` name each column and its width, ``title`` and ``note`` stand above them. ``rows`` come scoped."""

    name: str
    heads: Sequence[tuple[str, int]]
    rows: Iterable[Sequence]
    title: str = ""
    note: str = ""
    fixed_columns: int = 0


def workbook_of(*tables: Table, mark: str = "") -> bytes:
    """``mark`` names the reader of a confidential export, above each table and on every printed sheet (水印)."""
    book = Workbook(write_only=True)
    for table in tables:
        _write(book, table, mark)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _write(book: Workbook, table: Table, mark: str) -> None:
    """The order is that of the file: whatever stands before the rows in it is set before the first of them is written."""
    sheet = book.create_sheet(table.name)
    above = [words for words in (table.title, table.note, f"限定知悉　{mark}" if mark else "") if words]
    head, width = len(above) + 1, len(table.heads)
    for number, (_, characters) in enumerate(table.heads, 1):
        sheet.column_dimensions[get_column_letter(number)].width = characters
    sheet.freeze_panes = f"{get_column_letter(table.fixed_columns + 1)}{head + 1}"
    sheet.print_title_rows = f"{head}:{head}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    if mark:
        # An ampersand begins an order in the language of headers.
        sheet.oddHeader.center.text = sheet.oddFooter.center.text = _clean(mark).replace("&", "&&")
    pen = Pen(sheet)
    for number, words in enumerate(above, 1):
        sheet.append([pen.above(words, is_title=number == 1 and bool(table.title))])
        sheet.merged_cells.add(f"A{number}:{get_column_letter(width)}{number}")
    sheet.append(pen.head([name for name, _ in table.heads]))
    for row in table.rows:
        sheet.append(pen.row(row))


class Pen:
    """Cells are written as they are made, so one of each look is enough; it is filled anew for every value."""

    def __init__(self, sheet) -> None:
        self.text = _cell(sheet)
        self.careful = _cell(sheet)  # Excel, too, is to take =1+1 for text when somebody edits the cell
        self.careful.quotePrefix = True
        self.day, self.moment = _cell(sheet), _cell(sheet)
        self.day.number_format, self.moment.number_format = "yyyy-mm-dd", "yyyy-mm-dd hh:mm"
        self.blank = _cell(sheet)
        self.name = _cell(sheet)
        self.name.font, self.name.alignment = BOLD, CENTRED
        self.title, self.note = WriteOnlyCell(sheet), WriteOnlyCell(sheet)
        self.title.font, self.title.alignment, self.note.alignment = BOLD, WRAPPED, WRAPPED

    def row(self, values: Iterable) -> Iterator[WriteOnlyCell]:
        return (self._filled(value) for value in values)

    def head(self, values: Iterable[str]) -> Iterator[WriteOnlyCell]:
        return (_written(self.name, _clean(value)) if value else self.blank for value in values)

    def above(self, words: str, *, is_title: bool) -> WriteOnlyCell:
        """A line over the whole table."""
        return _written(self.title if is_title else self.note, _clean(words))

    def _filled(self, value) -> WriteOnlyCell:
        if value is None:
            return self.blank
        if isinstance(value, datetime):
            self.moment.value = timezone.localtime(value).replace(tzinfo=None)
            return self.moment
        if isinstance(value, date):
            self.day.value = value
            return self.day
        if isinstance(value, bool):
            return _written(self.text, "是" if value else "否")
        if isinstance(value, int | float | Decimal):
            return _written(self.text, str(value), kind="n")
        text = _clean(str(value))
        return _written(self.careful if text.startswith(ACTING) else self.text, text) if text else self.blank


def _cell(sheet) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet)
    cell.alignment, cell.border = WRAPPED, BORDER
    return cell


def _clean(text: str) -> str:
    """What Excel can hold and shows as it is."""
    text = NOT_IN_XML.sub("", text).replace("\r\n", "\n")
    return LOOKS_ESCAPED.sub("_x005F_", text[:TEXT_AT_MOST])


def _written(cell: WriteOnlyCell, value: str, kind: str = "s") -> WriteOnlyCell:
    """Past the cell's own setter, which takes a text that begins with = for a formula."""
    cell._value, cell.data_type = value, kind
    return cell
