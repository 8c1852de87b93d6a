"""档案导出: the register of archives, of openings, of opinions and one archive's index, as Excel opens them (二（二）)."""

from collections.abc import Iterable, Sequence
from io import BytesIO

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from accountability.models import Person
from supervision.archives.cadres import titles_of
from supervision.archives.lines import Section
from supervision.models import Archive, ArchiveOpening, ArchivePaper, Opinion

THIN = Side(style="thin", color="999999")
BORDER = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
Heads = Sequence[tuple[str, int]]

OF_CADRES = (("姓名", 12), ("现任职务", 36), ("档案", 10), ("建档日期", 13), ("年度更新", 12))
OF_OPENINGS = (
    ("查阅时间", 18),
    ("查阅人", 12),
    ("干部", 12),
    ("查阅目的", 12),
    ("事由", 44),
    ("有效至", 18),
    ("依据", 16),
)
OF_OPINIONS = (
    ("文号", 20), ("征求单位", 14), ("用途", 12), ("事项", 40), ("人数", 8), ("征求日期", 13), ("答复期限", 13),
    ("回复日期", 13), ("状态", 10),
)  # fmt: skip
OF_INDEX = (("栏目", 18), ("日期", 13), ("内容", 80))


def cadres_workbook(title: str, people: Iterable[Person]) -> bytes:
    rows = []
    for one in people:
        posts = titles_of(one.held)
        kept = f"{one.kept.established_on}" if one.kept else ""
        rows.append(
            [one.name, posts or "已离任", "有" if one.kept else "无", kept, "已更新" if one.is_updated else "未更新"]
        )
    return _workbook(title, OF_CADRES, rows)


def openings_workbook(title: str, openings: Iterable[ArchiveOpening]) -> bytes:
    return _workbook(
        title,
        OF_OPENINGS,
        [
            [
                _minute(one.opened_at),
                one.opened_by.name,
                one.person.name,
                one.get_purpose_display(),
                one.words,
                _minute(one.valid_until),
                basis_of(one),
            ]
            for one in openings
        ],
    )


def basis_of(opening: ArchiveOpening) -> str:
    """查阅依据."""
    if opening.cadre_id:
        return "廉洁意见查核"
    return "批准的申请" if opening.request_id else "知悉授权"


def opinions_workbook(title: str, opinions: Iterable[Opinion]) -> bytes:
    """The register of replies: numbers of people, no names."""
    return _workbook(
        title,
        OF_OPINIONS,
        [
            [
                one.number,
                one.organisation.name,
                one.get_purpose_display(),
                one.words,
                one.asked_of,
                f"{timezone.localdate(one.asked_at)}",
                f"{one.due_on}",
                f"{one.replied_on or ''}",
                one.get_state_display(),
            ]
            for one in opinions
        ],
    )


def index_workbook(archive: Archive, sections: Iterable[Section], papers: Iterable[ArchivePaper]) -> bytes:
    """档案目录: what the page shows under the same opening."""
    rows = [[paper.kind.name, f"{paper.dated_on}", paper.title] for paper in papers]
    for section in sections:
        rows += [[section.label, f"{line.day or ''}", line.words] for line in section.lines]
    return _workbook(f"{archive}目录", OF_INDEX, rows)


def _minute(moment) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")


def _workbook(title: str, heads: Heads, rows: Iterable[Sequence]) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = "目录"
    _line(sheet, 1, [title], is_head=True)
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(heads))
    _line(sheet, 2, [head for head, _ in heads], is_head=True)
    for number, row in enumerate(rows, 3):
        _line(sheet, number, row)
    for number, (_, width) in enumerate(heads, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A3"
    sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = "landscape", 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "2:2"
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _line(sheet, number: int, values: Sequence, *, is_head: bool = False) -> None:
    for column, value in enumerate(values, 1):
        cell = sheet.cell(number, column)
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
        if isinstance(value, str):
            cell.data_type = "s"  # a text that begins with = stays a text
        cell.alignment = Alignment(wrap_text=True, vertical="center" if is_head else "top")
        cell.font = Font(bold=is_head)
        if number > 1:
            cell.border = BORDER
