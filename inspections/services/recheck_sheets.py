"""抽查表: the sample as a sheet to take on the spot, and with its results (三（四）1)."""

from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from inspections.models import Recheck, RecheckItem

OF_FINDING = (("签序", 6), ("编号", 13), ("责任单位", 16), ("问题", 38), ("重点", 7), ("销号日期", 12))
TO_FILL = (("核查结果", 12), ("核查情况", 44), ("整改要求", 28), ("核查日期", 12), ("地点", 18), ("核查人", 12))
THIN = Side(style="thin", color="999999")
BORDER = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)


def workbook_of(recheck: Recheck, items: list[RecheckItem], *, filled: bool) -> bytes:
    """``filled``: with what was recorded; otherwise the columns of results stay blank. ``items`` come scoped."""
    book = Workbook()
    sheet = book.active
    sheet.title = "抽查结果" if filled else "现场核查表"
    heads = (*OF_FINDING, *TO_FILL)
    _line(sheet, 1, [f"{recheck}{'结果' if filled else '现场核查表'}（{recheck.scope_words}）"])
    _line(sheet, 2, [f"种子 {recheck.seed}　候选 {len(recheck.frame)} 个　抽取 {len(items)} 个"])
    for number in (1, 2):
        sheet.merge_cells(start_row=number, end_row=number, start_column=1, end_column=len(heads))
    _line(sheet, 3, [head for head, _ in heads], is_head=True)
    for line, item in enumerate(items, 4):
        _line(sheet, line, [*_of_finding(item), *(_of_result(item) if filled else [""] * len(TO_FILL))])
    for number, (_, width) in enumerate(heads, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A4"
    sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = "landscape", 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "3:3"
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _of_finding(item: RecheckItem) -> list:
    finding = item.finding
    return [
        item.rank,
        finding.number,
        finding.organisation.full_name,
        finding.text,
        "是" if finding.is_focus else "否",
        f"{finding.closed_on}",
    ]


def _of_result(item: RecheckItem) -> list:
    told = [item.get_result_display() or "未核查", item.words, item.requirement]
    return [*told, f"{item.checked_on or ''}", item.place, item.checked_by.name if item.checked_by else ""]


def _line(sheet, number: int, values: list, *, is_head: bool = False) -> None:
    for column, value in enumerate(values, 1):
        cell = sheet.cell(number, column)
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"  # a text that begins with = stays a text
        cell.alignment = Alignment(wrap_text=True, vertical="center" if is_head or number < 3 else "top")
        cell.font = Font(bold=is_head or number == 1)
        if number > 2:
            cell.border = BORDER
