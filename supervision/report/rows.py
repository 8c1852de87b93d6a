"""依据: every row behind a figure in words, as it was when the figure was taken (四（三）).

One function a kind of row; what is confidential keeps its ids alone and is read through ``visible_to``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from accountability.models import Duty, Organisation, Project, Record, UnitItem
from inspections.models import Finding, Measure, RecheckItem, Reply, RiskAnswer, RiskPoint, Visit
from meetings.models import Meeting
from supervision.models import (
    FoundProblem,
    Hint,
    Letter,
    Oversight,
    RecordEvaluation,
    SpecialCheck,
    Talk,
)

BATCH = 500


@dataclass(frozen=True)
class Kind:
    """一类依据: where its rows are and what is kept of each; a confidential kind keeps nothing."""

    rows: Callable[[], QuerySet]
    columns: tuple[str, ...] = ()
    cells: Callable[[object, date], list] | None = None

    @property
    def is_confidential(self) -> bool:
        return self.cells is None


KINDS: dict[str, Kind] = {
    "hint": Kind(lambda: Hint.objects.all()),
    "talk": Kind(lambda: Talk.objects.all()),
}


def kind(name: str, rows: Callable[[], QuerySet], *columns: str):
    """登记: the function gives the cells of one row."""

    def register(cells: Callable[[object, date], list]):
        KINDS[name] = Kind(rows, columns, cells)
        return cells

    return register


def frozen(wanted: dict[str, Iterable[int]], on: date) -> dict:
    """model → columns and rows by id, of exactly these ids; plain data."""
    return {model: _frozen(KINDS[model], sorted(ids), on) for model, ids in sorted(wanted.items())}


def _frozen(kind: Kind, ids: list[int], on: date) -> dict:
    if kind.is_confidential:
        return {"confidential": True, "columns": [], "rows": {}}
    rows: dict[str, list[str]] = {}
    for start in range(0, len(ids), BATCH):
        for row in kind.rows().filter(pk__in=ids[start : start + BATCH]).order_by("pk"):
            rows[f"{row.pk}"] = ["" if cell is None else f"{cell}" for cell in kind.cells(row, on)]
    return {"columns": list(kind.columns), "rows": rows}


def state_words(duty: Duty, on: date) -> str:
    """状态 in the words the report counts in."""
    if duty.state == Duty.State.WAIVED:
        return duty.get_state_display()
    if duty.is_fulfilled:
        return "逾期完成" if duty.was_late else "按期完成"
    return "逾期未完成" if duty.due_on < on else "未到期"


@kind("duty", lambda: Duty.objects.for_list(), "编号", "责任事项", "单位", "责任人", "到期日", "完成日", "状态")
def _duty(row: Duty, on: date) -> list:
    return [
        row.number, row.title, row.organisation_name, row.owner.full_title, row.due_on, row.fulfilled_on,
        state_words(row, on),
    ]  # fmt: skip


@kind("meeting", lambda: Meeting.objects.for_list(), "日期", "会议", "类型", "单位", "状态")
def _meeting(row: Meeting, on: date) -> list:
    return [row.day, row.title, row.act.name, row.organisation_name, row.state_words]


@kind("record", lambda: Record.objects.for_list(), "发生日期", "录入日期", "名称", "履责方式", "单位", "岗位", "状态")
def _record(row: Record, on: date) -> list:
    post = row.post.full_title if row.post else ""
    return [
        row.happened_on, row.entered_on, row.title, row.act.name, row.organisation.full_name, post,
        row.get_state_display(),
    ]  # fmt: skip


@kind("organisation", lambda: Organisation.objects.select_related("parent"), "名称", "类型")
def _organisation(row: Organisation, on: date) -> list:
    return [row.full_name, row.get_kind_display()]


@kind(
    "finding", lambda: Finding.objects.select_related("round", "organisation__parent"),
    "编号", "问题", "责任单位", "整改期限", "状态",
)  # fmt: skip
def _finding(row: Finding, on: date) -> list:
    return [row.number, row.text, row.organisation.full_name, row.due_on, row.get_state_display()]


@kind(
    "measure", lambda: Measure.objects.select_related("finding__round", "lead__parent"),
    "问题编号", "措施", "牵头单位", "完成情况",
)  # fmt: skip
def _measure(row: Measure, on: date) -> list:
    lead = row.lead.full_name if row.lead else ""
    return [row.finding.number, row.text, lead, row.get_completion_display()]


@kind(
    "recheck_item", lambda: RecheckItem.objects.select_related("finding__organisation__parent"),
    "问题", "责任单位", "核查结果",
)  # fmt: skip
def _recheck_item(row: RecheckItem, on: date) -> list:
    return [row.finding.text, row.finding.organisation.full_name, row.get_result_display()]


@kind("letter", lambda: Letter.objects.for_list(), "文号", "种类", "事由", "收文单位", "签发日期", "签收", "已答复事项")
def _letter(row: Letter, on: date) -> list:
    answered = f"{row.asked - row.waited}/{row.asked}"
    read = "已签收" if row.read_at else "未签收"
    return [row.number, row.kind_word, row.subject, row.recipient.full_name, row.issued_on, read, answered]


@kind("reply", lambda: Reply.objects.for_list(), "工作要求", "单位", "期限", "答复日期", "状态")
def _reply(row: Reply, on: date) -> list:
    return [
        row.requirement.title, row.organisation.full_name, row.duty.due_on, row.answered_on, row.get_state_display(),
    ]  # fmt: skip


@kind("oversight", lambda: Oversight.objects.for_list(), "日期", "名称", "监督来源", "类别", "被监督单位", "状态")
def _oversight(row: Oversight, on: date) -> list:
    units = "、".join(each.organisation.full_name for each in row.units.all())
    return [
        row.record.happened_on, row.record.title, row.get_source_display(), row.get_kind_display(), units,
        row.get_state_display(),
    ]  # fmt: skip


@kind("found_problem", lambda: FoundProblem.objects.for_list(), "问题", "单位", "是否向单位提出")
def _found_problem(row: FoundProblem, on: date) -> list:
    return [row.text, row.organisation.full_name, "已提出" if row.requirement_id else "未提出"]


@kind("special_check", lambda: SpecialCheck.objects.for_list(), "名称", "类别", "监督来源", "开始", "结束", "状态")
def _special_check(row: SpecialCheck, on: date) -> list:
    return [
        row.name, row.get_kind_display(), row.get_source_display(), row.starts_on, row.ends_on,
        row.get_state_display(),
    ]  # fmt: skip


@kind("evaluation", lambda: RecordEvaluation.objects.for_list(), "履责记录", "单位", "评价", "评价日期")
def _evaluation(row: RecordEvaluation, on: date) -> list:
    return [
        row.record.title, row.record.organisation.full_name, row.get_grade_display(), f"{row.evaluated_at:%Y-%m-%d}",
    ]  # fmt: skip


@kind("risk_point", lambda: RiskPoint.objects.for_list(), "编号", "风险点", "单位", "等级", "状态")
def _risk_point(row: RiskPoint, on: date) -> list:
    return [row.serial, row.text, row.organisation.full_name, row.get_level_display(), row.get_state_display()]


@kind(
    "risk_answer", lambda: RiskAnswer.objects.select_related("point__organisation__parent"),
    "风险点", "单位", "存在问题", "措施落实",
)  # fmt: skip
def _risk_answer(row: RiskAnswer, on: date) -> list:
    told = "是" if row.has_problem else "否"
    return [row.point.text, row.point.organisation.full_name, told, row.get_carried_out_display()]


@kind("visit", lambda: Visit.objects.for_list(), "日期", "名称", "地点", "岗位", "走访单位")
def _visit(row: Visit, on: date) -> list:
    post = row.record.post.full_title if row.record.post else ""
    units = "、".join(each.organisation.full_name for each in row.units.all())
    return [row.record.happened_on, row.record.title, row.place, post, units]


@kind(
    "project", lambda: Project.objects.select_related("responsibility__organisation__parent"),
    "项目", "牵头单位", "状态",
)  # fmt: skip
def _project(row: Project, on: date) -> list:
    return [row.title, row.responsibility.organisation.full_name, row.get_state_display()]


@kind("unit_item", lambda: UnitItem.objects.select_related("unit_list__organisation"), "清单", "内容", "责任人", "日期")
def _unit_item(row: UnitItem, on: date) -> list:
    return [row.get_kind_display(), row.text, row.owner_words, row.due_on]
