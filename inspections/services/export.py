"""台账导出: the layout offices fill in, written row by row so that memory stays flat; it imports again unchanged.

Every text is written as text: nothing in it can act as a formula. openpyxl writes: XlsxWriter in its flat mode cannot
merge downwards, since a merge writes into rows still to come.
"""

import tempfile
from array import array
from collections.abc import Iterator
from typing import IO

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.xml.functions import Element

from accountability.sheets import Pen
from inspections.models import Finding, Measure, Round

HEADS = (
    ("序号", "", 6), ("反馈问题", "问题类别", 15), ("", "问题子类", 12), ("", "具体问题", 25), ("", "具体表现", 37),
    ("对应四落实", "", 19), ("是否重点关注", "", 9), ("整改目标", "", 27), ("整改措施", "", 39), ("措施类型", "", 12),
    ("责任分工", "责任领导", 14), ("", "牵头单位", 15), ("", "配合单位", 17), ("", "责任人", 14), ("整改时限", "", 16),
    ("是否常态化坚持", "", 10), ("是否集中整改期完成", "", 10), ("整改落实情况", "整改进展", 33), ("", "完成情况", 11),
    ("备注", "", 17),
)  # fmt: skip
OF_FINDING = 8  # columns A–H, merged downwards over the measures
CHUNK = 500
NOTHING = "—"  # in a cell that, left blank, would be read as the one above


def workbook_of(row: Round, findings=None) -> IO[bytes]:
    """The ledger of a round, or of the findings given (already scoped), as an open file without a name."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - handed on open; closing it removes it
    write_workbook(file, row, findings)
    file.seek(0)
    return file


def write_workbook(target: IO[bytes], row: Round, findings=None) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("整改台账")
    for number, (_, _, width) in enumerate(HEADS, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "E5"
    writer = sheet._writer = _Writer(sheet)
    writer.merges = _merges_of_head()
    writer.write_top()
    pen = Pen(sheet)
    for line in _head(row):
        sheet.append(pen.head(line))
    line = 5
    for finding in _current(row.findings.all() if findings is None else findings):
        for number, measure in enumerate(finding.listed or [None]):
            of_finding = _of_finding(finding) if number == 0 else [""] * OF_FINDING
            sheet.append(pen.row((*of_finding, *_of_measure(measure))))
        height = max(len(finding.listed), 1)
        if height > 1:
            writer.problems.extend((line, line + height - 1))
        line += height
    book.save(target)


class _Writer(WorksheetWriter):
    """Merged cells as two numbers for each problem, written out one by one: openpyxl would hold objects for each."""

    merges: list[str]

    def __init__(self, sheet) -> None:
        super().__init__(sheet)
        self.problems = array("I")  # first row, last row, first row, last row, …

    def write_merged_cells(self) -> None:
        out = self.xf.send(True)
        with out.element("mergeCells"):
            for told in self._ranges():
                out.write(Element("mergeCell", ref=told))
        self.xf.send(None)

    def _ranges(self) -> Iterator[str]:
        yield from self.merges
        for first, last in zip(self.problems[::2], self.problems[1::2], strict=True):
            for column in range(1, OF_FINDING + 1):
                yield _merged(column, first, last)


def _current(findings):
    """The newest turn of every problem, with its measures, a few hundred at a time."""
    rows = findings.filter(successor=None).order_by("serial")
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


def _head(row: Round) -> list[list[str]]:
    today = timezone.localdate()
    named = ["填报单位：党委巡察工作领导小组办公室", *[""] * 8, f"填报日期：{today.year}年{today.month}月{today.day}日"]
    upper, lower = [upper for upper, _, _ in HEADS], [lower for _, lower, _ in HEADS]
    return [[f"{row.name}整改工作台账"], named, upper, lower]


def _merges_of_head() -> list[str]:
    last = get_column_letter(len(HEADS))
    merges, start = [f"A1:{last}1", "A2:I2", f"J2:{last}2"], 0
    for number, (upper, lower, _) in enumerate(HEADS, 1):
        if not lower:
            merges.append(_merged(number, 3, 4))
        elif upper:
            start = number
        if lower and (number == len(HEADS) or HEADS[number][0]):
            merges.append(f"{get_column_letter(start)}3:{get_column_letter(number)}3")
    return merges


def _of_finding(finding: Finding) -> list:
    return [
        finding.serial,
        finding.category or NOTHING,
        finding.sub_category,
        finding.text,
        finding.symptoms,
        finding.get_implementation_display(),
        "是" if finding.is_focus else "否",
        finding.goal,
    ]


def _of_measure(measure: Measure | None) -> list:
    if measure is None:  # a problem whose plan is still to be drawn up
        return [""] * (len(HEADS) - OF_FINDING)
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
