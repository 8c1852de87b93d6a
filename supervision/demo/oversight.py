"""监督记录的演示: the commission's and the committee's acts of supervision with the units they were about, one of every
source, problems told to units (one without response), special checks, evaluations beside units' records (二（二）)."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from django.utils import timezone

from accountability.models import Organisation, Person, Record, Role
from accountability.models.history import create_with_history
from accountability.services.records import decide
from inspections.models import Reply
from inspections.services import replies
from supervision.demo.accounts import OUR_COLLEGE
from supervision.demo.clock import moment, standing_at
from supervision.demo.deeds import signed
from supervision.demo.people import commission_head, holder_at, person_of, unit_named
from supervision.models import CheckUnit, FoundProblem, Oversight, OversightStep, OversightUnit, SpecialCheck
from supervision.records.checklists import checklists
from supervision.services import checks, evaluations, found_problems
from supervision.services import oversight as oversights

YEAR = 2026
SETTLED_AFTER = timedelta(days=45)
# 在系统之外就有的监督 by act: kind, source, what was found and fed back.
KEPT = {
    "political-supervision": ("political", "discipline", "部分单位贯彻上级部署的措施没有分解到岗位。", "请把措施分解到岗位，写明责任人和完成时限。"),
    "risk-control-inspection": ("risk", "discipline", "个别重点领域部门风险点没有及时更新。", "请重新排查风险点，更新防控措施。"),
    "mechanism-inspection": ("mechanism", "discipline", "个别单位责任项目进展填报滞后，协同事项答复不及时。", "请按四问逐项对照整改。"),
    "rectification-oversight": ("rectification", "inspection", "个别问题整改时限已过，佐证不完整。", "请补齐佐证，延期的写明原因。"),
}  # fmt: skip
ROTATION = (
    "金融管理学院", "财务处", "法学院", "后勤保障处", "外国语学院", "基建处", "统计与信息学院", "科研处", "体育部", "招生办公室",
)  # fmt: skip
SEEN = (
    # 日期, 监督主体, 录入, 类别, 来源, 单位, 做了什么, 发现, 反馈
    (date(2026, 3, 26), "学校纪委", "discipline", "daily", "discipline", ("体育部",),
     "到体育部查看考勤和值班记录，与三名教师谈话。", "考勤由一人代签，值班记录有空缺。", "请明确考勤由本人签到，补齐值班记录。"),
    (date(2026, 4, 21), "财务处", "department", "daily", "finance", ("外国语学院",),
     "抽查外国语学院一季度劳务费发放凭证三十笔。", "四笔劳务费附件不全，经办人没有签字。", "请补齐附件和签字，今后先审后发。"),
    (date(2026, 5, 19), "审计处", "", "key_area", "audit", ("后勤保障处",),
     "跟踪食堂设备采购项目审计意见的落实情况。", "合同履约验收缺少使用单位签字。", "请补办验收手续，并完善验收办法。"),
    (date(2026, 6, 11), "学校纪委", "discipline", "top", "resident", ("国际经贸学院", "工商管理学院"),
     "列席两个学院党政联席会议，查阅三重一大事项记录。", "", "议事程序规范，请继续做好会前征求意见。"),
    (date(2026, 6, 25), "组织部", "", "daily", "cadre", ("公共管理学院",),
     "抽查公共管理学院科级干部选拔任用档案八份。", "", "程序和材料齐全。"),
    (date(2026, 9, 17), "党委巡察办公室", "", "daily", "inspection", ("金融管理学院",),
     "回访巡察整改，现场核对三项整改措施。", "一项制度已修订但没有公布。", "请尽快公布修订后的制度。"),
    (date(2026, 9, 24), "学校纪委", "discipline", "daily", "press", ("继续教育学院",),
     "核对网上关于招生宣传用语的咨询和质疑，查阅宣传材料。", "宣传用语把培训证书写成学历证书。", "请立即更正宣传材料，逐项审核后再发布。"),
    (date(2026, 10, 13), "学校纪委", "discipline", "key_area", "democratic", ("招投标办公室",),
     "听取教代会代表对采购公示的意见，查阅公示记录。", "公示时间短于规定，个别结果没有公示。", "请按规定时限公示，补公示遗漏的结果。"),
    (date(2026, 10, 19), "学校纪委", "discipline", "daily", "public", ("国际教育学院",),
     "受理师生对活动经费公示的意见，查阅两年活动经费明细。", "活动经费公示不及时，明细不清楚。", "请按学期公示活动经费明细。"),
    (date(2026, 10, 27), "学校纪委", "discipline", "daily", "supervisory", ("基建处",),
     "对基建处履行工程变更审批职责情况进行监察检查。", "两项变更先实施后审批。", "请严格变更审批，补正两项变更的手续。"),
)  # fmt: skip
SETTLED = {
    date(2026, 3, 26): "回访核对，考勤本人签到，值班记录完整。",
    date(2026, 4, 21): "凭证已补齐，学院修订了劳务费审核流程。",
}
# 告知单位的问题: of the supervision on that day, unit, category, text, due day.
TOLD = (
    (date(2026, 9, 24), "继续教育学院", "admission", "宣传材料把培训证书写成学历证书，容易误导考生。", date(2026, 10, 23)),
    (date(2026, 10, 13), "招投标办公室", "purchase", "三个采购项目公示时间短于规定，一个结果没有公示。", date(2026, 11, 24)),
    (date(2026, 10, 19), "国际教育学院", "money", "活动经费公示不及时，支出明细师生看不懂。", date(2026, 12, 4)),
)  # fmt: skip


def lay(until: date) -> None:
    """Everything whose day has come by ``until``."""
    _complete(until)
    scenes: list[tuple[date, Callable[[], object]]] = [
        *((facts[0], lambda facts=facts: _see(*facts)) for facts in SEEN),
        *((day + timedelta(days=50), lambda day=day, words=words: _settle(day, words)) for day, words in SETTLED.items()),
        *((day + timedelta(days=1), lambda facts=(day, *more): _tell(*facts)) for day, *more in TOLD),
        (date(2026, 10, 21), _answer),
        (date(2026, 9, 28), _check_holidays),
        (date(2026, 10, 15), _conclude_holidays),
        (date(2026, 11, 16), _check_mechanism),
        (date(2026, 11, 19), _evaluate),
    ]  # fmt: skip
    for day, scene in sorted(scenes, key=lambda pair: pair[0]):
        if day <= until:
            with standing_at(moment(day, 16, 20)):
                scene()


# ── 两年里的 ─────────────────────────────────────────────────────────────────────────────────


def _complete(until: date) -> None:
    """What the commission's and the committee's records of both years were about, and what came of it."""
    records = Record.objects.filter(act__code__in=KEPT).select_related("act", "entered_by").order_by("entered_at", "pk")
    made, units, steps = [], [], []
    for position, record in enumerate(records):
        kind, source, findings, feedback = KEPT[record.act.code]
        row = Oversight(record=record, kind=kind, source=source, findings=findings, feedback=feedback, state="open")
        settled_on = record.happened_on + SETTLED_AFTER
        if settled_on <= until:
            row.state, row.settled_by, row.settled_on = "settled", record.entered_by, settled_on
            steps.append(_step(row, record, settled_on))
        made.append(signed(row, record.entered_by, record.entered_at, "登记监督记录"))
        units += [(row, record, name) for name in _about(position)]
    create_with_history(made, by=None)
    create_with_history(
        [
            signed(OversightUnit(oversight=row, organisation=unit_named(name)), record.entered_by, record.entered_at, "列为被监督单位")
            for row, record, name in units
        ],
        by=None,
    )  # fmt: skip
    create_with_history(steps, by=None)


def _about(position: int) -> Iterator[str]:
    return (ROTATION[(position * 3 + number) % len(ROTATION)] for number in range(3))


def _step(row: Oversight, record: Record, on: date) -> OversightStep:
    words = "各单位已反馈整改情况，抽查属实，就此办结。"
    step = OversightStep(oversight=row, happened_on=on, words=words, settles=True)
    step.entered_by, step.entered_at = record.entered_by, moment(on, 10)
    return signed(step, record.entered_by, moment(on, 10), "登记后续")


# ── 各种来源 ─────────────────────────────────────────────────────────────────────────────────


def _head_of(department: str) -> Person:
    role = Role.INSPECTION_OFFICE if department == "党委巡察办公室" else Role.DEPARTMENT
    return holder_at(department, role)


def _see(day, where, username, kind, source, units, did, findings, feedback) -> None:
    by = person_of(username) if username else _head_of(where)
    row = oversights.record_oversight(
        by=by,
        body=Organisation.objects.get(name=where),
        kind=kind,
        source=source,
        units=[unit_named(name) for name in units],
        work_year=YEAR,
        happened_on=day,
        did=did,
        findings=findings,
        feedback=feedback,
    )
    if row.record.state == Record.State.SUBMITTED:
        decide(row.record, "accept", by=holder_at(where, Role.UNIT_SECRETARY))


def _of(day: date) -> Oversight:
    return Oversight.objects.exclude(source="inspection").get(
        record__happened_on=day, record__act__code="daily-supervision"
    )


def _settle(day: date, words: str) -> None:
    row = _of(day)
    on = day + timedelta(days=50)
    oversights.follow_up(row, by=row.record.entered_by, happened_on=on, words=words, settles=True)


def _tell(day: date, unit: str, category: str, text: str, due_on: date) -> None:
    commission = person_of("discipline")
    row = found_problems.note_problem(
        _of(day), by=commission, organisation=unit_named(unit), category=category, text=text
    )
    found_problems.ask(
        row,
        by=commission,
        title=f"整改{row.get_category_display()}方面的问题",
        text="查清原因，逐项整改，写明责任人和防止再发生的措施，附佐证材料。",
        due_on=due_on,
    )


def _answer() -> None:
    """继续教育学院 answers in time and is accepted; 招投标办公室 does not answer by its day."""
    found = FoundProblem.objects.get(organisation__name="继续教育学院")
    reply = Reply.objects.select_related("organisation").get(requirement=found.requirement)
    text = "宣传材料已全部撤换，建立先审后发制度，由学院党委书记签发。"
    replies.answer(reply, by=holder_at("继续教育学院", Role.UNIT_SECRETARY), text=text)
    replies.perform(reply, "accept", by=person_of("discipline"))


# ── 专项检查 ─────────────────────────────────────────────────────────────────────────────────

HOLIDAYS = "中秋国庆期间落实中央八项规定精神专项检查"


def _check_holidays() -> None:
    _plan(HOLIDAYS, "conduct", ("会计学院", "后勤保障处", "国际交流处"), date(2026, 10, 12), ())


def _plan(name: str, sample: str, units: tuple[str, ...], ends_on: date, team: tuple[Person, ...]) -> SpecialCheck:
    commission, one = person_of("discipline"), checklists()[sample]
    row = checks.plan_check(
        by=commission,
        work_year=YEAR,
        name=name,
        kind=one.kind,
        source="discipline",
        plan="查凭证、查记录、看现场，当场记录并由单位负责人确认。",
        starts_on=timezone.localdate(),
        ends_on=ends_on,
        items=one.items,
        units=[unit_named(unit) for unit in units],
        team=team,
    )
    return checks.perform(row, "begin", by=commission)


def _fill(row: SpecialCheck, unit: str, answers: tuple[tuple[str, str], ...]) -> CheckUnit:
    line = CheckUnit.objects.select_related("special_check", "organisation").get(
        special_check=row, organisation=unit_named(unit)
    )
    items = row.items.values_list("pk", flat=True)
    checks.answer(line, by=person_of("discipline"), answers=dict(zip(items, answers, strict=False)))
    return line


def _conclude_holidays() -> None:
    row, commission = SpecialCheck.objects.get(name=HOLIDAYS), person_of("discipline")
    good = ("yes", "")
    _fill(row, OUR_COLLEGE, (good, good, good, good))
    _fill(row, "后勤保障处", (("no", "两次接待没有公函。"), good, ("no", "加班补贴发放表没有本人签字。"), good))
    _fill(row, "国际交流处", (good, ("no", "一次会议没有列入计划。"), ("na", "没有劳务发放。"), good))
    line = CheckUnit.objects.select_related("special_check").get(special_check=row, organisation__name="后勤保障处")
    found_problems.note_problem(
        line, by=commission, category="conduct", text="两次公务接待没有公函，加班补贴没有本人签字。"
    )
    checks.conclude(
        row,
        by=commission,
        findings="三个单位总体落实较好；个别接待没有公函，个别补贴发放没有本人签字。",
        feedback="请对照本单位各项结果整改，一个月内报送情况。",
    )


def _check_mechanism() -> None:
    """Still running: two of four units have their results."""
    team = (_head_of("党委巡察办公室"),)
    row = _plan(
        "四责协同运行专项监督检查（下半年）", "mechanism", ("法学院", "外国语学院", "财务处", "科研处"), date(2026, 11, 30), team
    )  # fmt: skip
    good = ("yes", "")
    _fill(row, "法学院", (good, good, good, good, ("no", "三条记录事后补录没有写明原因。")))
    _fill(row, "外国语学院", (good, ("no", "一个责任项目进展没有佐证。"), good, good, good))


# ── 监督评价 ─────────────────────────────────────────────────────────────────────────────────

EVALUATED = (
    ("法学院", "good", "研判有数据、有对策，问题说得实。"),
    ("外国语学院", "mend", "提醒对象和整改时限没有写明，请在下次补充。"),
    ("体育部", "bad", "内容与上年基本相同，没有写出本年度的新情况和新措施。"),
    ("统计与信息学院", "mend", "数据口径前后不一，请核对。"),
)


def _evaluate() -> None:
    """Of the half-year reports of units; one word was corrected, one is another's."""
    commission = person_of("discipline")
    for unit, grade, words in EVALUATED:
        kept = Record.objects.filter(organisation__name=unit, work_year=YEAR, state="accepted", post=None)
        row = kept.filter(act__code="half-year-report").first() or kept.first()
        evaluations.evaluate(row, by=commission, grade=grade, words=words)
        if unit == "统计与信息学院":
            evaluations.evaluate(row, by=commission, grade="good", words="单位已说明口径，数据无误。")
        if unit == "体育部":
            evaluations.evaluate(row, by=commission_head(), grade="mend", words="请补充本年度情况。")
