"""台账导出: the layout offices fill in, written row by row so that memory stays flat; it imports again unchanged.

Every text is written as text: nothing in it can act as a formula.
"""

from datetime import date
from io import BytesIO

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange

from inspections.models import Finding, Measure, Round

HEADS = (
    ("序号", "", 6), ("反馈问题", "问题类别", 15), ("", "问题子类", 12), ("", "具体问题", 25), ("", "具体表现", 37),
    ("对应四落实", "", 19), ("是否重点关注", "", 9), ("整改目标", "", 27), ("整改措施", "", 39), ("措施类型", "", 12),
    ("责任分工", "责任领导", 14), ("", "牵头单位", 15), ("", "配合单位", 17), ("", "责任人", 14), ("整改时限", "", 16),
    ("是否常态化坚持", "", 10), ("是否集中整改期完成", "", 10), ("整改落实情况", "整改进展", 33), ("", "完成情况", 11),
    ("备注", "", 17),
)  # fmt: skip
OF_FINDING = 8  # columns A–H, merged downwards over the measures
THIN = Side(style="thin", color="999999")
BORDER = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
WRAPPED = Alignment(wrap_text=True, vertical="top")
CENTRED = Alignment(wrap_text=True, vertical="center", horizontal="center")
CHUNK = 500


def workbook_of(row: Round, findings=None) -> BytesIO:
    """The ledger of a round, or of the findings given (already scoped)."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("整改台账")
    for number, (_, _, width) in enumerate(HEADS, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "E5"
    merges = _head(sheet, row)
    line = 5
    rows = row.findings.all() if findings is None else findings
    for finding in _current(rows):
        measures = finding.listed
        for number, measure in enumerate(measures):
            of_finding = _of_finding(finding) if number == 0 else [""] * OF_FINDING
            sheet.append([_cell(sheet, value) for value in (*of_finding, *_of_measure(measure))])
        if len(measures) > 1:
            merges += [_merged(column, line, line + len(measures) - 1) for column in range(1, OF_FINDING + 1)]
        line += len(measures)
    # Straight into the set: ``add`` compares every range with every other.
    sheet.merged_cells.ranges.update(CellRange(merged) for merged in merges)
    stream = BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


def _current(findings):
    """The newest turn of every problem, with its measures, a few hundred at a time."""
    rows = findings.filter(successor=None).order_by("serial").select_related("round")
    measures = Measure.objects.select_related("lead").order_by("rank")
    pks = list(rows.values_list("pk", flat=True))
    for start in range(0, len(pks), CHUNK):
        chunk = rows.filter(pk__in=pks[start : start + CHUNK])
        listed: dict[int, list[Measure]] = {}
        for measure in measures.filter(finding__in=pks[start : start + CHUNK]):
            listed.setdefault(measure.finding_id, []).append(measure)
        for finding in chunk:
            finding.listed = listed.get(finding.pk, [])
            yield finding


def _merged(column: int, first: int, last: int) -> str:
    letter = get_column_letter(column)
    return f"{letter}{first}:{letter}{last}"


def _head(sheet, row: Round) -> list[str]:
    width = len(HEADS)
    today = timezone.localdate()
    sheet.append([_cell(sheet, f"{row.name}整改工作台账", head=True)])
    filled = [_cell(sheet, "填报单位：党委巡察工作领导小组办公室")] + [None] * 8
    sheet.append([*filled, _cell(sheet, f"填报日期：{today.year}年{today.month}月{today.day}日")])
    sheet.append([_cell(sheet, upper or None, head=True) for upper, _, _ in HEADS])
    sheet.append([_cell(sheet, lower or None, head=True) for _, lower, _ in HEADS])
    merges = [str(CellRange(min_col=1, max_col=width, min_row=1, max_row=1))]
    merges += [str(CellRange(min_col=1, max_col=9, min_row=2, max_row=2))]
    merges += [str(CellRange(min_col=10, max_col=width, min_row=2, max_row=2))]
    start = None
    for number, (upper, lower, _) in enumerate(HEADS, 1):
        if not lower:
            merges.append(_merged(number, 3, 4))
        elif upper:
            start = number
        if lower and (number == width or HEADS[number][0]):
            merges.append(f"{get_column_letter(start)}3:{get_column_letter(number)}3")
    return merges


def _of_finding(finding: Finding) -> list:
    return [
        finding.serial,
        finding.category,
        finding.sub_category,
        finding.text,
        finding.symptoms,
        finding.get_implementation_display(),
        "是" if finding.is_focus else "否",
        finding.goal,
    ]


def _of_measure(measure: Measure) -> list:
    return [
        measure.text,
        measure.kinds,
        measure.leader_words,
        measure.lead.name,
        measure.helper_words,
        measure.owner_words,
        measure.due_on or measure.get_term_display(),
        "是" if measure.is_kept_up else "否",
        "是" if measure.in_period else "否",
        measure.progress,
        measure.get_completion_display(),
        measure.remark,
    ]


def _cell(sheet, value, *, head: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=value if value != "" else None)
    if isinstance(value, str) and value:
        cell.data_type = "s"
    if isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    cell.alignment = CENTRED if head else WRAPPED
    cell.border = BORDER
    if head:
        cell.font = Font(bold=True)
    return cell
