"""表格: what one writer writes for every export is text where it was text, a day where it was a day, and never a formula."""

import tracemalloc
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from urllib.parse import quote
from zipfile import ZipFile

import openpyxl
import pytest

from accountability.sheets import TEXT_AT_MOST, Table, workbook_of
from accountability.views.downloads import XLSX, sheet_response

HEADS = (("名称", 30), ("值", 12))
ROWS = 10_000


def read(*tables: Table) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(workbook_of(*tables)))


def cell_of(value):
    return read(Table("表", HEADS, [(value, 1)])).active["A2"]


@pytest.mark.parametrize("text", ["=1+1", "=HYPERLINK(1)", "+1+1", "-2", "@SUM(A1)", "\t=1+1", "\r=1+1"])
def test_nothing_acts_as_a_formula(text):
    cell = cell_of(text)
    assert (cell.data_type, cell.value.replace("_x000D_", "\r")) == ("s", text)
    assert cell.quotePrefix, "nor once somebody edits it"


def test_titles_and_heads_are_no_formula_either():
    sheet = read(Table("表", (("=1+1", 12),), [], title="=2+2", note="=3+3")).active
    assert [(row[0].value, row[0].data_type) for row in sheet] == [("=2+2", "s"), ("=3+3", "s"), ("=1+1", "s")]


def test_what_xml_cannot_hold_is_left_out():
    assert cell_of("甲\x00\x0b\x1f\ud800\uffff乙").value == "甲乙"
    assert cell_of("\x00").value is None
    assert cell_of("\x00=1+1").quotePrefix, "a mark before the sign hides nothing"
    assert cell_of("第一行\r\n第二行").value == "第一行\n第二行"
    assert len(cell_of("长" * 40_000).value) == TEXT_AT_MOST


def test_a_text_that_looks_like_an_escape_is_told_as_it_is():
    with ZipFile(BytesIO(workbook_of(Table("表", HEADS, [("_x0041_", 1)])))) as book:
        assert "_x005F_x0041_" in book.read("xl/worksheets/sheet1.xml").decode()


@pytest.mark.parametrize(
    ("value", "told", "looks"),
    [
        (date(2026, 3, 5), datetime(2026, 3, 5), "yyyy-mm-dd"),
        (datetime(2026, 3, 5, 17, 30, tzinfo=UTC), datetime(2026, 3, 6, 1, 30), "yyyy-mm-dd hh:mm"),
        (7, 7, "General"),
        (-1, -1, "General"),
        (Decimal("8.5"), 8.5, "General"),
        (True, "是", "General"),
        (False, "否", "General"),
        (None, None, "General"),
        ("", None, "General"),
    ],
)
def test_a_day_is_a_day_and_a_number_a_number(value, told, looks):
    cell = cell_of(value)
    assert (cell.value, cell.number_format) == (told, looks)
    assert cell.border.left.style == "thin"


def test_it_prints_across_with_its_head_on_every_page():
    rows = [("甲", 1), ("乙", 2)]
    plain = read(Table("表", HEADS, rows)).active
    full = read(Table("表", HEADS, rows, title="题目", note="说明", fixed_columns=1)).active
    assert (plain.freeze_panes, plain.print_title_rows) == ("A2", "$1:$1")
    assert (full.freeze_panes, full.print_title_rows) == ("B4", "$3:$3")
    assert {str(merged) for merged in full.merged_cells.ranges} == {"A1:B1", "A2:B2"}
    assert [row[0].value for row in full] == ["题目", "说明", "名称", "甲", "乙"]
    for sheet in (plain, full):
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.column_dimensions["A"].width == 30
        assert all(cell.font.bold for cell in sheet[sheet.max_row - 2])
        assert not sheet.cell(sheet.max_row, 1).font.bold


def test_tables_stand_in_their_order():
    book = read(Table("甲", HEADS, []), Table("乙", HEADS, [("一", 1)]))
    assert (book.sheetnames, book["甲"].max_row, book["乙"].max_row) == (["甲", "乙"], 1, 2)


def test_the_download_bears_its_chinese_name():
    answer = sheet_response("责任/台账", Table("表", HEADS, []))
    assert answer["Content-Type"] == XLSX
    assert answer["Content-Disposition"] == f"attachment; filename*=UTF-8''{quote('责任/台账.xlsx', safe='')}"


def test_many_rows_take_little_memory():
    """Rows are made, written and forgotten: of 10,000 with ten texts each, nothing is held but the finished file."""
    heads = tuple((f"第{number}列", 20) for number in range(10))
    rows = (tuple(f"{row}-{column} 按新办法执行" for column in range(10)) for row in range(ROWS))
    tracemalloc.start()
    content = workbook_of(Table("表", heads, rows))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * 1024 * 1024 + len(content)
    sheet = openpyxl.load_workbook(BytesIO(content), read_only=True).active
    assert sum(1 for _ in sheet.iter_rows()) == ROWS + 1
