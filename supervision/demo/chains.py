"""三张清单的演示: chains of 2026 as offices have them, one whole, the others each broken in another place (二（一）)."""

from collections.abc import Callable
from datetime import date

from accountability.models import (
    ActKind,
    Person,
    Post,
    Problem,
    Project,
    Responsibility,
    Role,
)
from accountability.services import lists
from accountability.services.records import file_proof
from supervision.demo.accounts import OUR_COLLEGE
from supervision.demo.clock import moment, standing_at
from supervision.demo.people import holder_at, person_of, unit_named

YEAR = 2026
UNIT_LISTS = {
    OUR_COLLEGE: {
        "responsibility": [
            ("党委书记履行第一责任人责任", "党委书记", None),
            ("院长对教学科研廉政风险负责", "院长", None),
        ],
        "task": [
            ("修订学院经费报销细则", "办公室主任", date(2026, 6, 30)),
            ("开展研究生招生廉政提醒", "副院长", date(2026, 12, 11)),
        ],
        "rule": [],  # still being merged, as the scene of the moved day says
    },
    "金融管理学院": {
        "responsibility": [("党委书记履行第一责任人责任", "党委书记", None)],
        "task": [
            ("修订横向课题合同细则", "科研秘书", date(2026, 6, 30)),
            ("排查横向课题经费风险", "科研秘书", date(2026, 12, 18)),
        ],
        "rule": [("金融管理学院合同归档制度", "", None)],
    },
}


def lay(until: date) -> None:
    """Everything whose day has come by ``until``."""
    scenes: list[tuple[date, Callable[[], object]]] = [
        (date(2026, 3, 6), _whole),
        (date(2026, 3, 9), _without_milestones),
        (date(2026, 3, 10), _without_project),
        (date(2026, 10, 26), _unclaimed),
        (date(2026, 11, 18), _just_raised),
    ]
    for day, scene in scenes:
        if day <= until:
            with standing_at(moment(day, 9, 40)):
                scene()
    if date(2026, 11, 2) <= until:
        _later()
    for unit, entries in UNIT_LISTS.items():
        if date(2026, 3, 25) <= until:
            with standing_at(moment(date(2026, 3, 25), 15, 10)):
                _unit_list(unit, entries)


def _post(title: str) -> Post:
    return Post.objects.select_related("organisation").get(organisation__kind="school", title=title)


def _fixed(text: str, shows: str, words: str, meeting: str) -> Problem:
    problem = lists.raise_problem(
        by=person_of("department"),
        origin=unit_named("财务处"),
        work_year=YEAR,
        source=Problem.Source.DEPARTMENT,
        origin_words=words,
        text=text,
        shows=shows,
        leader_post=_post("分管财务副校长"),
    )
    lists.handle_problem(problem, "judge", by=person_of("member"), words="情况属实，应列入年度问题清单。")
    lists.handle_problem(problem, "judge", by=person_of("discipline"), words="同意列入，纳入风险防控督查。")
    return lists.handle_problem(problem, "fix", by=person_of("office"), words=meeting)


def _claimed(problem: Problem | None, text: str, unit: str) -> Responsibility:
    row = lists.name_responsibility(
        by=person_of("office"),
        work_year=YEAR,
        text=text,
        organisation=unit_named(unit),
        owner=_post("分管财务副校长"),
        problem=problem,
    )
    return lists.answer_offer(row, "claim", by=person_of("member"))


def _whole() -> None:
    problem = _fixed(
        "采购验收不严",
        "抽查上年度采购合同 30 份，其中 7 份缺少双人签字，3 份验收日期早于到货日期。",
        "2026年一季度内控检查",
        "2026年3月5日党委常委会审定",
    )
    row = _claimed(problem, "健全采购验收制度并督促落实", "财务处")
    project = lists.plan_project(
        by=person_of("member"),
        responsibility=row,
        title="采购验收专项整治",
        goal="验收双人签字率达到 100%，问题合同全部整改。",
        measures="修订采购验收办法。\n每半年抽查合同三十份。\n对问题单位负责人提醒谈话。",
        milestones="2026-05-29 印发修订后的验收办法\n2026-07-10 完成第一轮抽查\n2026-12-18 完成第二轮抽查",
    )
    lists.advance(project, "start", by=person_of("member"))


def _later() -> None:
    project = Project.objects.get(title="采购验收专项整治")
    first, second = list(project.milestones.all())[:2]
    with standing_at(moment(date(2026, 5, 28), 16, 20)):
        lists.reach(first, by=person_of("member"), words="验收办法经校长办公会通过，5月27日印发。")
    with standing_at(moment(date(2026, 7, 8), 10, 5)):
        lists.reach(second, by=person_of("member"), words="抽查合同三十份，发现问题两个，均已整改。")
    with standing_at(moment(date(2026, 7, 9), 10, 30)):
        lists.advance(
            project,
            "half_year",
            by=person_of("member"),
            words="上半年印发验收办法，完成第一轮抽查，双人签字率由 77% 升至 93%。",
        )


def _without_milestones() -> None:
    row = _claimed(None, "规范科研经费预算调整", "财务处")
    lists.plan_project(
        by=person_of("member"),
        responsibility=row,
        title="科研经费预算调整规范",
        goal="预算调整全部线上审批。",
        measures="梳理调整事项。\n上线审批流程。",
        milestones="",
    )


def _without_project() -> None:
    problem = _fixed(
        "往来款清理缓慢",
        "三年以上往来款仍有 46 笔未清理，部分单位两次催办没有回复。",
        "2025年度审计报告",
        "2026年3月5日党委常委会审定",
    )
    _claimed(problem, "清理三年以上往来款", "财务处")


def _unclaimed() -> None:
    lists.name_responsibility(
        by=person_of("office"),
        work_year=YEAR,
        text="建立大额资金使用提醒机制",
        organisation=unit_named("财务处"),
        owner=_post("分管财务副校长"),
    )


def _just_raised() -> None:
    lists.raise_problem(
        by=person_of("unit_secretary"),
        origin=unit_named(OUR_COLLEGE),
        work_year=YEAR,
        source=Problem.Source.MEETING,
        origin_words="2026年11月17日学院全面从严治党专题会议",
        text="实验设备验收与使用脱节",
        shows="三台设备验收后半年未启用，责任人不明确。",
    )


def _unit_list(unit: str, entries: dict) -> None:
    organisation = unit_named(unit)
    liaison, head = (holder_at(unit, role) for role in (Role.LIAISON, Role.UNIT_SECRETARY))
    row = lists.write_unit_list(organisation, YEAR, by=liaison, entries=entries)
    if all(entries.values()):
        lists.confirm_unit_list(row, by=head)
        for item in row.items.filter(duty__isnull=False, due_on__lt=date(2026, 7, 1)):
            _done(item, head)


def _done(item, head: Person) -> None:
    with standing_at(moment(date(2026, 6, 26), 14, 0)):
        file_proof(
            by=head,
            organisation=item.duty.organisation,
            act=ActKind.objects.get(code="unit-task"),
            work_year=YEAR,
            title=item.text,
            content="细则经党政联席会议通过并印发。",
            duties=[item.duty],
        )
