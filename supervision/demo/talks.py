"""谈话、四个亲自和四种形态的演示: who is admitted, talks in every state, what the secretary did in person, a register (二（二）, 二（三）)."""

from collections.abc import Callable
from datetime import date

from accountability.models import Duty, Person, Record, Role, Tenure
from accountability.models.history import save_as
from inspections.models import Finding, Sign
from meetings.models import Meeting
from supervision.demo.accounts import OUR_COLLEGE
from supervision.demo.clock import moment, standing_at
from supervision.demo.people import commission_head, person_of, tenure_at, unit_named
from supervision.models import FormEntry, FormMeasure, InPerson, Talk
from supervision.services import four_forms, in_person, talk_reports, talks

YEAR = 2026
Scene = tuple[date, Callable[[], object]]


def lay(until: date) -> None:
    """Everything whose day has come by ``until``."""
    for day, scene in sorted([*_talks(), *_in_person(), *_register()], key=lambda pair: pair[0]):
        if day <= until:
            with standing_at(moment(day, 16, 20)):
                scene()


def _secretary(unit: str) -> Tenure:
    return tenure_at(unit, Role.UNIT_SECRETARY)


def _tenure(username: str) -> Tenure:
    return Tenure.objects.filter(person__username=username).latest("started_on")


# ── 谈话 ─────────────────────────────────────────────────────────────────────────────────────


def _arrange(key: str, by: str, tenure: Callable[[], Tenure], **facts) -> None:
    """``key`` is how the later scenes find the talk again: its words."""
    talks.enter(by=person_of(by), tenure=tenure(), words=key, **facts)


def _talk(key: str) -> Talk:
    return Talk.objects.select_related("talker", "leader", "person").get(words=key)


def _fresh(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


def _hold(
    key: str, on: date, place: str, issues: str, said: str, requirements: str = "", report_by: date | None = None
):
    talk = _talk(key)
    talks.hold(
        talk, by=_fresh(talk.talker), held_on=on, place=place, recorder="秦文舒", issues=issues, said=said,
        requirements=requirements, report_by=report_by, is_first_form=talk.kind in ("remind", "summons"),
    )  # fmt: skip


def _confirm(key: str, words: str = "") -> None:
    talk = _talk(key)
    talks.confirm(talk, by=_fresh(talk.person), words=words)


def _report(key: str, words: str) -> None:
    talk = _talk(key)
    talk_reports.report(talk, by=_fresh(talk.person), words=words)


def _accept(key: str) -> None:
    talk = _talk(key)
    talk_reports.accept(talk, by=_fresh(talk.talker))


def _conclude(key: str, words: str) -> None:
    talk = _talk(key)
    talks.conclude(talk, by=_fresh(talk.leader), reason=words)


NEW_POST = "新任学院党委书记，任职前集体谈话后的个别谈话"
LATE_REPORT = "上年度一项责任事项长期逾期，没有说明原因"
SIGN_IN = "考勤由一人代签，检查时补签较多"
HOLIDAY = "节日期间廉洁纪律，车辆使用和公务接待"
ENROLMENT = "招生宣传用语不规范，审核不严"
REIMBURSE = "经费报销审核把关不严，整改进度偏慢"
HEART = "年度重点任务推进中的困难和想法"
WORKLOAD = "联络员工作任务较重，了解思想状况"
CONFERENCE = "学术会议经费结算不及时"
LABOUR = "劳务费发放表附件不全，同类问题反复出现"


def _talks() -> list[Scene]:
    """One of each state: concluded, to judge, to confirm, left without follow-up, to hold, proposed, cancelled."""
    return [
        *_concluded(),
        *_under_way(),
        (date(2026, 9, 21), lambda: _arrange(CONFERENCE, "secretary", lambda: _secretary("科研处"), kind="remind", matter="money", due_on=date(2026, 10, 9))),
        (date(2026, 9, 25), lambda: talks.cancel(_talk(CONFERENCE), by=person_of("secretary"), reason="经核实已按期结算，不再谈话")),
        (date(2026, 11, 19), lambda: _arrange(HEART, "secretary", lambda: _tenure("member"), kind="heart", matter="life", due_on=date(2026, 11, 27))),
        (date(2026, 11, 20), lambda: _arrange(LABOUR, "discipline", lambda: _secretary("外国语学院"), kind="remind", matter="money", leader=person_of("secretary"))),
    ]  # fmt: skip


def _concluded() -> list[Scene]:
    decided = {
        "decided_by": "中共江海经贸大学委员会",
        "decided_on": date(2026, 3, 18),
        "document_number": "江海经贸委〔2026〕11号",
    }
    return [
        (date(2026, 3, 3), lambda: _arrange(NEW_POST, "secretary", lambda: _secretary("外国语学院"), kind="appointment", matter="appointment", due_on=date(2026, 3, 20))),
        (date(2026, 3, 10), lambda: _hold(NEW_POST, date(2026, 3, 10), "行政楼三楼谈话室", "提醒管好班子、带好队伍，用权先看制度。", "表示认真履行第一责任人责任，自觉接受监督。")),
        (date(2026, 3, 11), lambda: _confirm(NEW_POST)),
        (date(2026, 3, 12), lambda: _conclude(NEW_POST, "任职谈话完成")),
        (date(2026, 3, 20), lambda: _arrange(LATE_REPORT, "secretary", lambda: _secretary("国际教育学院"), kind="admonition", matter="duties", due_on=date(2026, 4, 3), **decided)),
        (date(2026, 3, 26), lambda: _hold(LATE_REPORT, date(2026, 3, 26), "党委会议室", "对责任事项不上心，逾期后没有主动报告。", "承认重视不够，愿意接受组织处理，限期补上。", "两个月内补齐并书面报告。", date(2026, 5, 29))),
        (date(2026, 3, 27), lambda: _confirm(LATE_REPORT)),
        (date(2026, 5, 26), lambda: _report(LATE_REPORT, "逾期事项已于五月二十日完成，建立每月自查清单，由本人签字。")),
        (date(2026, 5, 28), lambda: _accept(LATE_REPORT)),
        (date(2026, 5, 29), lambda: _conclude(LATE_REPORT, "逾期事项已完成，报告属实")),
        (date(2026, 9, 24), lambda: _arrange(HOLIDAY, "member", lambda: _tenure("department"), kind="integrity", matter="conduct", due_on=date(2026, 9, 30))),
        (date(2026, 9, 28), lambda: _hold(HOLIDAY, date(2026, 9, 28), "财务处会议室", "提醒节日期间公车封存、不接受服务对象宴请。", "已对全处人员逐一提醒，本人带头遵守。")),
        (date(2026, 9, 29), lambda: _confirm(HOLIDAY)),
        (date(2026, 10, 12), lambda: _conclude(HOLIDAY, "节日期间没有反映")),
        (date(2026, 10, 20), lambda: _arrange(WORKLOAD, "unit_secretary", lambda: _tenure("liaison"), kind="heart", matter="life", due_on=date(2026, 10, 30))),
        (date(2026, 10, 22), lambda: _hold(WORKLOAD, date(2026, 10, 22), "学院办公室", "了解近期工作安排，提醒材料报送提前准备。", "近期材料较多，希望学院明确一名同志协助。")),
        (date(2026, 10, 23), lambda: _confirm(WORKLOAD, "感谢学院的关心。")),
        (date(2026, 10, 26), lambda: _conclude(WORKLOAD, "已安排一名同志协助")),
    ]  # fmt: skip


def _sign_of(unit: str) -> Sign:
    return Sign.objects.filter(organisation__name=unit).latest("pk")


def _under_way() -> list[Scene]:
    return [
        (date(2026, 10, 28), lambda: _arrange(SIGN_IN, "secretary", lambda: _secretary("体育部"), kind="remind", matter="conduct", due_on=date(2026, 11, 6), origin=_sign_of("体育部"))),
        (date(2026, 10, 30), lambda: _hold(SIGN_IN, date(2026, 10, 30), "书记办公室", "考勤由一人代签，与实际到岗不符，管理失之于宽。", "情况属实，是我督促不够，当周改正。", "改为现场签到，一个月内书面报告执行情况。", date(2026, 11, 30))),
        (date(2026, 11, 2), lambda: _confirm(SIGN_IN)),
        (date(2026, 11, 18), lambda: _report(SIGN_IN, "十一月起改为现场签到，分管副主任每周抽查，两周抽查没有再发现代签。")),
        (date(2026, 11, 10), lambda: _arrange(ENROLMENT, "discipline", lambda: _secretary("继续教育学院"), kind="summons", matter="admission", due_on=date(2026, 11, 17), origin=_sign_of("继续教育学院"))),
        (date(2026, 11, 13), lambda: _hold(ENROLMENT, date(2026, 11, 13), "纪委谈话室", "宣传材料没有经过学校审核，部分用语与招生章程不一致。", "已下线有关内容，今后发布前先送审。", "立即清理在用宣传材料。")),
        (date(2026, 11, 16), lambda: _confirm(ENROLMENT)),
        (date(2026, 11, 16), lambda: _arrange(REIMBURSE, "member", lambda: _tenure("unit_secretary"), kind="remind", matter="money", due_on=date(2026, 11, 24), origin=_late_finding())),
        (date(2026, 11, 19), lambda: _hold(REIMBURSE, date(2026, 11, 19), "会计学院会议室", "报销审核把关不严的问题整改偏慢，细则修订没有按期完成。", "近期集中在办评估材料，月底前召开党委会审议细则。", "十二月中旬前完成细则修订和培训，并报告执行情况。", date(2026, 12, 18))),
    ]  # fmt: skip


def _late_finding() -> Finding | None:
    return Finding.objects.filter(organisation__name=OUR_COLLEGE, text__contains="报销").order_by("-pk").first()


# ── 四个亲自 ─────────────────────────────────────────────────────────────────────────────────


def _in_person() -> list[Scene]:
    return [
        (date(2026, 9, 24), _tie_the_past),
        (date(2026, 11, 12), lambda: _recorded("secretary", "personal-inquiry", date(2026, 11, 12), "过问会计学院巡察整改进度", "听取分管校领导和学院汇报，要求两周内补齐制度、逐项对账，纪委跟踪核验。", _late_finding())),
        (date(2026, 11, 17), lambda: _recorded("secretary", "personal-oversight", date(2026, 11, 16), "督办廉政风险防控督查逾期事项", "约谈责任单位，明确完成日期和报告要求，每周听取一次进展。", _late_duty())),
        (date(2026, 11, 19), lambda: _recorded("office", "personal-coordination", date(2026, 11, 18), "协调第三次警示教育大会筹备", "召集宣传部、纪委办公室，议定案例范围、参会人员和时间，明确各单位分工。", None)),
    ]  # fmt: skip


def _recorded(by: str, act: str, on: date, title: str, words: str, about) -> None:
    in_person.record_in_person(
        by=person_of(by), act=act, happened_on=on, title=title, words=words, about=about, work_year=YEAR
    )


def _late_duty() -> Duty | None:
    rows = Duty.objects.of_year(YEAR).filter(obligation__code="risk-control-inspection")
    return rows.order_by("due_on").first()


def _tie_the_past() -> None:
    """The deployment of the year was at the opening meeting."""
    record = Record.objects.filter(act__code="personal-deployment", work_year=YEAR).first()
    meeting = Meeting.objects.filter(act__code="opening-meeting", work_year=YEAR).first()
    if record and meeting:
        save_as(InPerson(record=record, meeting=meeting), by=person_of("secretary"), reason="补记所办事项")


# ── 四种形态 ─────────────────────────────────────────────────────────────────────────────────

COMMISSION, COMMITTEE = "中共江海经贸大学纪律检查委员会", "中共江海经贸大学委员会"
ENTRIES = (
    # 登记日, 决定日, 姓名（党组织留空）, 单位, 处置方式, 决定机关, 文号
    (date(2026, 1, 20), date(2025, 4, 9), "甘棠", "后勤保障处", "criticism", COMMISSION, "江海经贸纪〔2025〕4号"),
    (date(2026, 1, 20), date(2025, 6, 17), "苏木", "基建处", "reminder-talk", COMMITTEE, "江海经贸委〔2025〕27号"),
    (date(2026, 1, 20), date(2025, 10, 15), "白芷", "继续教育学院", "warning", COMMISSION, "江海经贸纪〔2025〕11号"),
    (date(2026, 4, 1), date(2026, 3, 18), "杜衡", "国际教育学院", "admonition", COMMITTEE, "江海经贸委〔2026〕11号"),
    (date(2026, 5, 15), date(2026, 5, 13), "常山", "后勤保障处", "criticism", COMMISSION, "江海经贸纪〔2026〕5号"),
    (date(2026, 5, 15), date(2026, 5, 13), "连翘", "后勤保障处", "self-examination", COMMISSION, "江海经贸纪〔2026〕6号"),
    (date(2026, 9, 8), date(2026, 9, 4), "钟灵", "后勤保障处", "warning", COMMISSION, "江海经贸纪〔2026〕9号"),
    (date(2026, 10, 22), date(2026, 10, 20), "", "后勤保障处", "circulated-criticism", COMMITTEE, "江海经贸委〔2026〕33号"),
    (date(2026, 11, 18), date(2026, 11, 16), "南星", "继续教育学院", "reminder-talk", COMMISSION, "江海经贸纪〔2026〕14号"),
)  # fmt: skip


def _register() -> list[Scene]:
    scenes: list[Scene] = [(facts[0], lambda facts=facts: _enter(*facts[1:])) for facts in ENTRIES]
    checked = [facts[-1] for facts in ENTRIES if facts[0] < date(2026, 11, 1)]
    return [*scenes, (date(2026, 10, 30), lambda: _check(checked))]


def _enter(decided_on: date, name: str, unit: str, code: str, decided_by: str, number: str) -> None:
    four_forms.enter(
        by=person_of("discipline"),
        target="person" if name else "organisation",
        person=None,
        person_name=name,
        organisation=unit_named(unit),
        measure=FormMeasure.objects.get(code=code),
        decided_by=decided_by,
        decided_on=decided_on,
        document_number=number,
        notes="",
    )


def _check(numbers: list[str]) -> None:
    for row in FormEntry.objects.filter(document_number__in=numbers):
        four_forms.check(row, by=commission_head())
