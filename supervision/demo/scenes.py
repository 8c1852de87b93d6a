"""场景: what the pages must have to show, lived through the services on its own day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from accountability.models import ActKind, Duty, Record, Role
from accountability.services.duties import move_due_day, waive
from accountability.services.records import decide, file_record
from supervision.demo import files, texts
from supervision.demo.accounts import OUR_COLLEGE
from supervision.demo.clock import moment, standing_at
from supervision.demo.people import holder_at
from supervision.demo.years import LeftOpen

YEAR = 2026


@dataclass(frozen=True)
class Draft:
    """待审核: what a unit's liaison wrote on a day, and why his secretary gave it back, if he did."""

    unit: str
    obligation: str
    on: date
    happened_on: date
    content: str
    returned_on: date | None = None
    reason: str = ""


DRAFTS = (
    Draft(
        OUR_COLLEGE,
        "unit-political-ecology",
        date(2026, 11, 16),
        date(2026, 11, 13),
        "学院召开座谈会两场，发放问卷 86 份，师生总体评价平稳；评优评先公示时间偏短的意见较为集中。",
        returned_on=date(2026, 11, 18),
        reason="研判结论缺少对评优评先问题的提醒情况，请补充提醒对象、时间和整改要求后重新提交。",
    ),
    Draft(
        OUR_COLLEGE,
        "unit-risk-check",
        date(2026, 11, 20),
        date(2026, 11, 19),
        "逐点自查经费报销、学生评优、实验设备采购、专业硕士复试、培训收入 5 个风险点，发现问题 2 个：报销附件不全、验收缺少双人签字，均已制定措施。",
    ),
    Draft(
        "金融管理学院",
        "unit-risk-check",
        date(2026, 11, 19),
        date(2026, 11, 17),
        "逐点自查横向课题经费、校企合作、课酬和评优 4 个风险点，发现合同归档不及时问题 1 个，已明确整改时限。",
    ),
    Draft(
        "工商管理学院",
        "unit-political-ecology",
        date(2026, 11, 17),
        date(2026, 11, 16),
        "综合谈心谈话和日常监督情况，班子运行平稳，就培训项目收费公示提醒相关负责人 1 人。",
    ),
    Draft(
        "国有资产管理处",
        "key-unit-risk-check",
        date(2026, 11, 18),
        date(2026, 11, 17),
        "逐点自查资产出租出借、采购验收和处置 3 个风险点，发现台账更新滞后问题 1 个。",
        returned_on=date(2026, 11, 19),
        reason="未写明整改责任人和完成时限，请补充后提交。",
    ),
)
MOVED = (
    OUR_COLLEGE,
    "unit-rule-list",
    date(2026, 4, 27),
    date(2026, 10, 30),
    "学院正在合并修订经费报销和研究生经费两项制度，待新制度通过后一并编制清单。",
)
WAIVED = (
    "继续教育学院",
    "unit-rule-list",
    date(2026, 4, 22),
    "学院职能调整方案已获批准，相关制度由调整后的单位统一编制，经党委会议同意本年度不再要求。",
)
# What the accounts still have before them, beyond what the scenes leave open.
STILL_AHEAD = {
    LeftOpen(OUR_COLLEGE, "unit-special-meetings", 2),
    LeftOpen(OUR_COLLEGE, "unit-duty-report"),
    LeftOpen(OUR_COLLEGE, "unit-secretary-debrief"),
    LeftOpen(f"{OUR_COLLEGE}/第一党支部", "branch-report"),
    LeftOpen("财务处", "key-unit-risk-check"),
    LeftOpen("财务处", "unit-duty-report"),
    LeftOpen("分管财务副校长", "member-hearings", 2),
}
LEFT_OPEN = STILL_AHEAD | {LeftOpen(draft.unit, draft.obligation) for draft in DRAFTS} | {LeftOpen(*MOVED[:2])}


def play(until: date) -> None:
    """Every scene whose day has come by ``until``, in order."""
    scenes: list[tuple[date, Callable[[], object]]] = [(MOVED[2], _move), (WAIVED[2], _waive)]
    for draft in DRAFTS:
        scenes.append((draft.on, lambda draft=draft: _file(draft)))
        if draft.returned_on:
            scenes.append((draft.returned_on, lambda draft=draft: _return(draft)))
    for day, scene in sorted(scenes, key=lambda pair: pair[0]):
        if day <= until:
            with standing_at(moment(day, 10, 20)):
                scene()


def _move() -> None:
    unit, code, _, to, reason = MOVED
    move_due_day(_duty(unit, code), to=to, by=holder_at("党委办公室", Role.OFFICE), reason=reason)


def _waive() -> None:
    unit, code, _, reason = WAIVED
    waive(_duty(unit, code), by=holder_at("党委办公室", Role.OFFICE), reason=reason)


def _file(draft: Draft) -> None:
    duty = _duty(draft.unit, draft.obligation)
    act: ActKind = duty.obligation.acts.get()
    file_record(
        by=holder_at(draft.unit, Role.LIAISON),
        organisation=duty.organisation,
        act=act,
        work_year=YEAR,
        title=_title(draft),
        happened_on=draft.happened_on,
        content=draft.content,
        duties=[duty],
        files=[files.pdf(f"{_title(draft)}.pdf", files.page(_title(draft), draft.happened_on, draft.content))],
    )


def _return(draft: Draft) -> None:
    record = Record.objects.get(organisation__name=draft.unit, title=_title(draft))
    decide(record, "return", by=holder_at(draft.unit, Role.UNIT_SECRETARY), reason=draft.reason)


def _title(draft: Draft) -> str:
    return texts.title_of(draft.obligation, "", who=draft.unit, year=YEAR)


def _duty(unit: str, code: str) -> Duty:
    return Duty.objects.of_year(YEAR).get(organisation__name=unit, obligation__code=code)
