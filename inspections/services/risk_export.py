"""风险点、自查回答导出: what the page shows, every text written as text so that nothing in it acts as a formula."""

from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from inspections.models import RiskAnswer, RiskPoint
from inspections.risk_grading import Grading

POINT_HEADS = (
    ("编号", 10), ("单位", 16), ("权力事项", 20), ("风险类别", 11), ("重点领域", 11), ("风险点", 28), ("表现形式", 36),
    ("风险情形", 28), ("等级", 7), ("防控措施", 40), ("责任岗位", 20), ("分管（联系）校领导", 20), ("状态", 9),
    ("启用日期", 12), ("退出日期", 12), ("退出原因", 24),
)  # fmt: skip
ANSWER_HEADS = (
    ("年度", 7), ("单位", 16), ("编号", 10), ("权力事项", 20), ("风险点", 28), ("重点领域", 11), ("作答时等级", 10),
    ("是否存在问题", 12), ("问题说明", 36), ("防控措施是否落实", 14), ("是否调整等级或措施", 14), ("调整建议", 24),
    ("整改打算", 36), ("去年是否存在问题", 12), ("去年措施是否落实", 14), ("去年等级", 9), ("答卷状态", 10),
)  # fmt: skip
CHUNK = 500


def points_workbook(points, *, on: date) -> BytesIO:
    """风险点 as filtered and scoped."""
    grading = Grading()
    rows = list(points)
    leaders = grading.leaders_of({point.organisation_id for point in rows}, on)
    return _book("廉政风险点", POINT_HEADS, (_of_point(point, grading, leaders) for point in rows))


def _of_point(point: RiskPoint, grading: Grading, leaders: dict) -> list:
    named = leaders.get(point.organisation_id, []) if grading.names_leader(point.level) else []
    return [
        point.number,
        point.organisation.full_name,
        point.power_item,
        point.get_category_display(),
        point.key_area,
        point.text,
        point.manifestation,
        "、".join(grading.names_of(point.factor_codes)),
        point.get_level_display(),
        point.measures,
        point.owner.full_title if point.owner else "",
        "、".join(dict.fromkeys(post.full_title for post in named)),
        point.get_state_display(),
        point.in_use_from,
        point.retired_on,
        point.retired_why,
    ]


def answers_workbook(answers, year: int) -> BytesIO:
    """自查回答 as filtered and scoped, beside those of last year."""
    return _book("自查回答", ANSWER_HEADS, (_of_answer(answer, year) for answer in answers.iterator(CHUNK)))


def _of_answer(answer: RiskAnswer, year: int) -> list:
    point, words = answer.point, {True: "是", False: "否", None: ""}
    carried_out = dict(RiskAnswer.CarriedOut.choices)
    return [
        year,
        answer.unit_check.organisation.full_name,
        point.number,
        point.power_item,
        point.text,
        point.key_area,
        answer.get_level_display(),
        words[answer.has_problem],
        answer.problem,
        answer.get_carried_out_display(),
        words[answer.needs_change],
        answer.change_words,
        answer.plan,
        words[answer.last_has_problem],
        carried_out.get(answer.last_carried_out, ""),
        RiskAnswer(level=answer.last_level).get_level_display() or "",
        answer.unit_check.record.get_state_display() if answer.unit_check.record else "",
    ]


def _book(title: str, heads: Sequence[tuple[str, int]], rows: Iterable[list]) -> BytesIO:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for number, (_, width) in enumerate(heads, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, head, is_head=True) for head, _ in heads])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    stream = BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


def _cell(sheet, value, *, is_head: bool = False) -> WriteOnlyCell:
    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", value) or None
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
    if isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if is_head:
        cell.font = Font(bold=True)
    return cell
