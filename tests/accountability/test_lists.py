"""三张清单: the school's chain from problem to project (二（一）), the units' own lists (三（三）2), their measures (四（一）)."""

import io
from datetime import UTC, date, datetime

import openpyxl
import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accountability.models import (
    ActKind,
    Duty,
    Milestone,
    Notice,
    Organisation,
    Problem,
    Project,
    Record,
    Responsibility,
    UnitItem,
    WorkYear,
)
from accountability.services import documents, lists
from accountability.services.duties import move_due_day, waive
from accountability.services.opening import open_year
from accountability.services.records import file_record
from accountability.timeline import history_of_row
from tests import acts, cast, letters

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_papers")]
SPRING = datetime(2026, 3, 5, 1, tzinfo=UTC)
MILESTONES = "2026-06-30 完成第一轮抽查\n2026年12月10日：完成第二轮抽查"


def school() -> Organisation:
    return cast.organisation("学校党委")


def raised(people, **fields) -> Problem:
    values = {
        "by": people["department"],
        "origin": cast.organisation("财务处"),
        "work_year": cast.YEAR,
        "source": "department",
        "origin_words": "一季度内控检查",
        "text": "采购验收不严",
        "shows": "抽查三十份合同，七份缺少双人签字。",
    } | fields
    return lists.raise_problem(**values)


def fixed(people, **fields) -> Problem:
    problem = raised(people, **fields)
    lists.handle_problem(problem, "judge", by=people["member"], words="属实，应列入年度清单")
    lists.handle_problem(problem, "judge", by=people["discipline"], words="同意列入，建议专项督查")
    return lists.handle_problem(problem, "fix", by=people["office"], words="3月5日常委会审定")


def named(people, **fields) -> Responsibility:
    values = {
        "by": people["office"],
        "work_year": cast.YEAR,
        "text": "健全采购验收制度并督促落实",
        "organisation": cast.organisation("财务处"),
        "owner": letters.post_of(people["member"]),
    } | fields
    return lists.name_responsibility(**values)


def planned(people, milestones: str = MILESTONES) -> Project:
    row = lists.answer_offer(named(people, problem=fixed(people)), "claim", by=people["member"])
    return lists.plan_project(
        by=people["member"],
        responsibility=row,
        title="采购验收专项整治",
        goal="双人签字率 100%",
        measures="每季度抽查三十份合同\n修订验收办法",
        milestones=milestones,
    )


# ── the chain ────────────────────────────────────────────────────────────────────────────────


def test_from_a_problem_to_a_project_the_secretary_comments_on(people):
    member, secretary = people["member"], people["secretary"]
    with time_machine.travel(SPRING):
        project = lists.advance(planned(people), "start", by=member)
    duties = [milestone.duty for milestone in project.milestones.select_related("duty")]
    assert [duty.due_on for duty in duties] == [date(2026, 6, 30), date(2026, 12, 10)]
    assert Duty.objects.owed_by(member).filter(pk__in=[duty.pk for duty in duties]).count() == 2
    first = project.milestones.first()
    lists.reach(first, by=member, words="第一轮抽查完成，问题七个已整改")
    assert acts.state(duties[0]) == "fulfilled"
    project.refresh_from_db()
    assert acts.state(project.half_year_duty) == "open"
    lists.advance(project, "half_year", by=member, words="上半年完成第一轮抽查，修订办法一份。")
    assert acts.state(project.half_year_duty) == "fulfilled"
    lists.advance(project, "half_year", by=member, words="补充：第一轮抽查的问题都已整改。")  # said again, counted once
    assert project.half_year_duty.evidence.count() == 1
    lists.advance(project, "report", by=member, words="全年抽查六十份，双人签字率达到 100%。")
    assert acts.state(project.result_duty) == "fulfilled"
    lists.advance(project, "comment", by=secretary, words="抓得实，明年扩大到全校。")
    project.refresh_from_db()
    assert (project.state, project.commented_by) == ("closed", secretary)


def test_both_opinions_come_first_and_from_two_sides(people):
    problem = raised(people)
    with pytest.raises(ValidationError, match="当前状态"):
        lists.handle_problem(problem, "fix", by=people["office"], words="3月5日常委会")
    with pytest.raises(PermissionDenied):
        lists.handle_problem(problem, "judge", by=people["secretary"], words="我来研判一下")
    lists.handle_problem(problem, "judge", by=people["member"], words="属实，应列入清单")
    with pytest.raises(PermissionDenied):  # his side has spoken
        lists.handle_problem(problem, "judge", by=people["member"], words="再说一次意见")
    problem.refresh_from_db()
    assert problem.state == "raised"


def test_who_raised_it_neither_judges_nor_fixes_it(people):
    problem = raised(people, by=people["office"], origin=school(), leader_post=letters.post_of(people["member"]))
    lists.handle_problem(problem, "judge", by=people["member"], words="属实，应列入清单")
    lists.handle_problem(problem, "judge", by=people["discipline"], words="同意列入清单")
    with pytest.raises(PermissionDenied, match="提出人"):
        lists.handle_problem(problem, "fix", by=people["office"], words="3月5日常委会")


def test_returned_it_comes_back_with_more(people):
    problem = raised(people)
    lists.handle_problem(problem, "return", by=people["discipline"], words="请补充合同编号")
    problem = lists.handle_problem(problem, "resubmit", by=people["department"], words="合同编号见附表")
    assert problem.state == "raised"
    assert "补充：合同编号见附表" in problem.shows
    lists.handle_problem(problem, "withdraw", by=people["department"], words="重复提出了")


def test_an_owner_claims_or_declines_and_another_is_named(people):
    row = named(people)
    with pytest.raises(PermissionDenied):
        lists.answer_offer(row, "claim", by=people["office"])
    lists.answer_offer(row, "decline", by=people["member"], words="不属分管范围")
    other = Organisation.objects.get(name=cast.OURS).posts.get(role="unit_secretary")
    row = lists.name_another(row, by=people["office"], owner=other)
    assert row.state == "offered"
    lists.answer_offer(row, "claim", by=people["unit_secretary"])
    with pytest.raises(ValidationError, match="已经认领"):
        lists.name_another(row, by=people["office"], owner=other)


def test_a_project_needs_a_claim_and_milestones(people):
    row = named(people)
    fields = {"title": "甲", "goal": "乙", "measures": "丙", "milestones": ""}
    with pytest.raises(ValidationError, match="先认领"):
        lists.plan_project(by=people["member"], responsibility=row, **fields)
    lists.answer_offer(row, "claim", by=people["member"])
    project = lists.plan_project(by=people["member"], responsibility=row, **fields)
    with pytest.raises(ValidationError, match="还没有里程碑"):
        lists.advance(project, "start", by=people["member"])
    with pytest.raises(ValidationError, match="第 1 行“六月底”请写成"):
        lists.read_milestones("六月底")
    with pytest.raises(ValidationError, match="不在 2026 工作年度"):
        lists.plan_project(
            by=people["member"], responsibility=row, project=project, **fields | {"milestones": "2028-01-01 太晚"}
        )


def test_the_secretary_does_not_comment_on_his_own(people):
    secretary = people["secretary"]
    row = lists.answer_offer(named(people, owner=letters.post_of(secretary)), "claim", by=secretary)
    project = lists.plan_project(
        by=secretary, responsibility=row, title="甲", goal="乙", measures="丙", milestones="2026-12-01 完成"
    )
    lists.advance(project, "start", by=secretary)
    lists.advance(project, "report", by=secretary, words="全年任务已经全部完成了。")
    with pytest.raises(PermissionDenied):
        lists.advance(project, "comment", by=secretary, words="自评为好")


# ── broken chains ────────────────────────────────────────────────────────────────────────────


def breaks(user) -> list[str]:
    return sorted(name for chain in lists.chains(user, cast.YEAR, cast.TODAY) for name in chain.all_breaks)


def test_each_break_stands_out(people, login):
    office = people["office"]
    with time_machine.travel(SPRING):
        fixed(people)
        assert breaks(office) == [lists.NO_RESPONSIBILITY]
        row = named(people)
    assert breaks(office) == [lists.NO_RESPONSIBILITY, lists.UNCLAIMED]
    lists.answer_offer(row, "claim", by=people["member"])
    assert lists.NO_PROJECT in breaks(office)
    fields = {"title": "甲", "goal": "乙", "measures": "丙"}
    project = lists.plan_project(by=people["member"], responsibility=row, milestones="", **fields)
    assert lists.NO_MILESTONE in breaks(office)
    lists.plan_project(
        by=people["member"], responsibility=row, project=project, milestones="2026-06-30 早该完成", **fields
    )
    assert breaks(office) == sorted([lists.NO_RESPONSIBILITY, lists.MILESTONE_LATE])  # late before it was started
    with time_machine.travel(SPRING):
        lists.advance(project, "start", by=people["member"])
    assert {lists.MILESTONE_LATE, lists.NO_HALF_YEAR} <= set(breaks(office))
    page = login("office").get("/lists/").content.decode()
    assert "里程碑逾期 1" in page
    page = login("office").get(f"/lists/?broken={lists.NO_RESPONSIBILITY}")
    assert [chain.problem.text for chain in page.context["chains"]] == ["采购验收不严"]


def test_a_whole_chain_is_not_broken(people):
    with time_machine.travel(SPRING):
        project = lists.advance(planned(people, "2026-12-10 完成"), "start", by=people["member"])
    lists.advance(project, "half_year", by=people["member"], words="上半年进展顺利，按计划推进。")
    assert breaks(people["office"]) == []


# ── who sees ─────────────────────────────────────────────────────────────────────────────────


def test_nobody_sees_the_chains_of_others(people, login):
    project = planned(people)
    for who in ("unit_secretary", "other_secretary", "outsider", "inspector"):
        assert lists.chains(people[who], cast.YEAR, cast.TODAY) == []
        assert login(who).get(f"/lists/projects/{project.pk}/").status_code == 404
    for who in ("office", "secretary", "discipline", "member", "department"):
        assert len(lists.chains(people[who], cast.YEAR, cast.TODAY)) == 1
    book = openpyxl.load_workbook(io.BytesIO(login("other_secretary").get("/lists/export/").content))
    assert book.active.max_row == 1


def test_the_page_costs_the_same_at_one_chain_and_at_twenty(people, login):
    client = login("office")
    planned(people)

    def queries() -> int:
        client.get("/lists/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/lists/")
        return len(captured)

    few = queries()
    for number in range(8):
        fixed(people, text=f"问题{number}")
        named(people, text=f"责任{number}")
    assert queries() == few


# ── duties of the lists ──────────────────────────────────────────────────────────────────────


def test_the_list_itself_is_filed_and_counts(people, login):
    duty = acts.duty_of(school(), "problem-list")
    client = login("office")
    assert "还是空的" in client.post("/lists/archive/", {"code": "problem-list", "year": 2026}).content.decode()
    fixed(people)
    assert client.post("/lists/archive/", {"code": "problem-list", "year": 2026}).status_code == 302
    assert acts.state(duty) == "fulfilled"
    assert "采购验收不严" in duty.evidence.get().record.content
    assert "已经归档" in client.post("/lists/archive/", {"code": "problem-list", "year": 2026}).content.decode()


def test_a_project_letter_is_filled_from_the_projects(people):
    planned(people)
    document = documents.make(
        by=people["member"],
        kind=letters.kind("project-letter"),
        organisation=school(),
        post=letters.post_of(people["member"]),
        work_year=cast.YEAR,
    )
    assert "采购验收专项整治" in document.draft.text
    assert "6月30日前完成第一轮抽查" in document.draft.text


# ── units ────────────────────────────────────────────────────────────────────────────────────

ENTRIES = {
    "responsibility": [("书记负第一责任", "沈若愚", None)],
    "task": [("开展师德警示教育", "副书记", date(2026, 12, 5)), ("梳理风险点", "", None)],
    "rule": [("会计学院采购管理办法", "", date(2026, 5, 1))],
}


def test_a_unit_writes_its_secretary_confirms_and_it_counts(people):
    unit = cast.organisation(cast.OURS)
    row = lists.write_unit_list(unit, cast.YEAR, by=people["liaison"], entries=ENTRIES)
    with pytest.raises(PermissionDenied):
        lists.confirm_unit_list(row, by=people["liaison"])
    lists.confirm_unit_list(row, by=people["unit_secretary"])
    for code in ("responsibility-list", "task-list", "rule-list"):
        assert acts.state(acts.duty_of(unit, code)) == "fulfilled"
    task = Duty.objects.get(title="开展师德警示教育")
    assert (task.organisation, task.due_on) == (unit, date(2026, 12, 5))
    with pytest.raises(ValidationError, match="已确认"):
        lists.write_unit_list(unit, cast.YEAR, by=people["liaison"], entries=ENTRIES)
    lists.reopen_unit_list(row, by=people["unit_secretary"], reason="漏了一项任务")
    lists.write_unit_list(unit, cast.YEAR, by=people["liaison"], entries=ENTRIES)
    lists.confirm_unit_list(row, by=people["unit_secretary"])
    assert Duty.objects.filter(title="开展师德警示教育").count() == 1  # not owed twice


def test_the_letter_of_responsibility_holds_the_three_lists_and_freezes_them(people):
    unit = cast.organisation(cast.OURS)
    row = lists.write_unit_list(unit, cast.YEAR, by=people["liaison"], entries=ENTRIES)
    lists.confirm_unit_list(row, by=people["unit_secretary"])
    letter = documents.make(
        by=people["office"], kind=letters.kind("responsibility-letter"), organisation=unit, work_year=cast.YEAR
    )
    for words in ("书记负第一责任", "开展师德警示教育", "12月5日前", "会计学院采购管理办法"):
        assert words in letter.draft.text
    documents.perform(letter, "submit", by=people["office"])
    documents.perform(letter, "pass", by=people["secretary"])
    letters.set_papers()
    leader = letters.signing.flow.holders(letters.fresh(letter).leader_post, cast.TODAY)[0]
    leader.set_password(cast.PASSWORD)
    leader.save()
    letters.sign(letter, leader)
    letters.sign(letter, people["unit_secretary"])
    with pytest.raises(ValidationError, match="冻结"):
        lists.reopen_unit_list(row, by=people["unit_secretary"], reason="想改一下清单")


def test_an_empty_list_is_not_confirmed(people):
    unit = cast.organisation(cast.OURS)
    row = lists.write_unit_list(unit, cast.YEAR, by=people["liaison"], entries=ENTRIES | {"rule": []})
    with pytest.raises(ValidationError, match="制度清单还是空的"):
        lists.confirm_unit_list(row, by=people["unit_secretary"])


def test_lines_that_cannot_be_read_are_named_and_nothing_typed_is_lost(login, people):
    path = f"/lists/units/{cast.organisation(cast.OURS).pk}/"
    typed = {"responsibility": "负总责；书记", "task": "培训；联络员；明年吧", "rule": "办法"}
    page = login("liaison").post(path, typed)
    assert page.status_code == 400
    assert "第 1 行的“明年吧”不是日期" in page.content.decode()
    assert "负总责；书记" in page.content.decode()
    assert not UnitItem.objects.exists()


def test_units_without_lists_or_measures_come_first(login, people):
    unit = cast.organisation(cast.OURS)
    row = lists.write_unit_list(unit, cast.YEAR, by=people["liaison"], entries=ENTRIES)
    lists.confirm_unit_list(row, by=people["unit_secretary"])
    page = login("office").get("/lists/units/")
    assert page.context["without"] == 37
    assert page.context["rows"][-1].name == cast.OURS
    acts.record(people["unit_secretary"], unit, "implementing-measures")
    page = login("office").get("/lists/measures/")
    assert page.context["without"] == 37
    assert page.context["rows"][-1].name == cast.OURS
    assert [row.name for row in login("unit_secretary").get("/lists/measures/").context["rows"]] == [cast.OURS]


# ── what the database refuses ────────────────────────────────────────────────────────────────


def refused(row, **fields):
    for name, value in fields.items():
        setattr(row, name, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
    row.refresh_from_db()


def test_the_database_keeps_the_rules(people):
    project = planned(people)
    problem, row = Problem.objects.get(), Responsibility.objects.get()
    refused(problem, fixed_by=problem.raised_by)
    refused(problem, commission_opinion="")
    refused(problem, leader_by=problem.commission_by)
    refused(row, claimed_by=None)
    refused(project, result_by=people["member"], commented_by=people["member"])
    refused(project, state="closed")
    unit_list = lists.write_unit_list(cast.organisation(cast.OURS), cast.YEAR, by=people["liaison"], entries=ENTRIES)
    refused(unit_list, state="confirmed")
    refused(unit_list.items.first(), text="")
    twin = type(unit_list)(organisation=unit_list.organisation, work_year=unit_list.work_year)
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()
    assert Milestone.objects.count() == 2


# ── days that the regulation names ───────────────────────────────────────────────────────────


def test_progress_and_result_are_owed_by_the_meetings_that_ask_for_them(people):
    with time_machine.travel(SPRING):
        project = lists.advance(planned(people), "start", by=people["member"])
    mid_year, year_end = (acts.duty_of(school(), code) for code in ("progress-meeting", "appraisal-meeting"))
    assert (project.half_year_duty.due_on, project.result_duty.due_on) == (mid_year.due_on, year_end.due_on)
    assert project.half_year_duty.bearer_post == letters.post_of(people["member"])
    assert lists.NO_HALF_YEAR in breaks(people["office"])
    with time_machine.travel(datetime(2027, 1, 4, 1, tzinfo=UTC)):
        assert lists.NO_RESULT in [
            name for chain in lists.chains(people["office"], cast.YEAR, date(2027, 1, 4)) for name in chain.all_breaks
        ]


def test_without_those_meetings_the_half_year_and_the_year_end_count(people):
    Duty.objects.filter(obligation__acts__code__in=("progress-meeting", "appraisal-meeting")).update(state="waived")
    assert lists.day_of(lists.HALF_YEAR_ACT, cast.YEAR) == date(2026, 6, 30)
    assert lists.day_of(lists.YEAR_END_ACT, cast.YEAR) == date(2026, 12, 31)


def test_a_project_begun_in_autumn_owes_no_first_half(people):
    project = lists.advance(planned(people, "2026-12-10 完成"), "start", by=people["member"])
    assert project.half_year_duty is None
    assert breaks(people["office"]) == []


def test_a_milestone_the_office_moved_or_waived_is_not_late(people, login):
    with time_machine.travel(SPRING):
        project = lists.advance(planned(people, "2026-06-30 甲步\n2026-07-31 乙步"), "start", by=people["member"])
    lists.advance(project, "half_year", by=people["member"], words="上半年进展顺利，按计划推进。")
    assert breaks(people["office"]) == [lists.MILESTONE_LATE]
    first, second = project.milestones.select_related("duty")
    move_due_day(first.duty, to=date(2026, 12, 20), by=people["office"], reason="等待验收办法印发")
    waive(second.duty, by=people["office"], reason="并入上一步一起办理")
    assert breaks(people["office"]) == []
    page = login("member").get(f"/lists/projects/{project.pk}/").content.decode()
    assert "2026-12-20" in page
    assert "不再要求" in page
    assert "已逾期" not in page


# ── the way from the ledger ──────────────────────────────────────────────────────────────────


def test_every_day_of_a_project_leads_back_to_it_and_can_be_done_from_the_ledger(people, login):
    with time_machine.travel(SPRING):
        project = lists.advance(planned(people), "start", by=people["member"])
    milestone = project.milestones.first()
    for duty in (milestone.duty, project.half_year_duty, project.result_duty):
        page = login("member").get(f"/ledger/{duty.pk}/").content.decode()
        assert f"/lists/projects/{project.pk}/" in page
    page = login("member").get(f"/ledger/{milestone.duty_id}/").content.decode()
    assert f"/records/new/?duty={milestone.duty_id}&amp;act=milestone" in page
    assert acts.post_record(login("member"), milestone.duty, "milestone").status_code == 302
    assert acts.state(milestone.duty) == "fulfilled"
    # the unit that leads helps, so its people see the day and are not offered to do it
    page = login("department").get(f"/ledger/{milestone.duty_id}/")
    assert page.status_code == 200
    assert "act=milestone" not in page.content.decode()


def test_a_task_of_a_unit_is_done_from_the_ledger(people, login):
    unit = cast.organisation(cast.OURS)
    lists.confirm_unit_list(
        lists.write_unit_list(unit, cast.YEAR, by=people["liaison"], entries=ENTRIES), by=people["unit_secretary"]
    )
    task = Duty.objects.get(title="开展师德警示教育")
    assert "act=unit-task" in login("liaison").get(f"/ledger/{task.pk}/").content.decode()
    assert acts.post_record(login("liaison"), task, "unit-task").status_code == 302
    assert acts.state(task) == "open"  # it waits for the secretary
    record = task.evidence.get().record
    login("unit_secretary").post(f"/records/{record.pk}/decide/", {"transition": "accept"})
    assert acts.state(task) == "fulfilled"


# ── nothing typed is cut off ─────────────────────────────────────────────────────────────────


def test_what_is_too_long_comes_back_whole(people, login):
    problem = raised(people)
    long = "应" * 301
    page = login("member").post(f"/lists/problems/{problem.pk}/act/", {"transition": "judge", "words": long})
    assert page.status_code == 400
    assert "最多 300 个字，现在有 301 个字" in page.content.decode()
    assert long in page.content.decode()
    with pytest.raises(ValidationError, match="最多 100 个字"):
        lists.read_milestones("2026-06-30 " + "步" * 101)
    lists.handle_problem(problem, "return", by=people["discipline"], words="请补充合同编号")
    Problem.objects.filter(pk=problem.pk).update(shows="现" * 1990)
    with pytest.raises(ValidationError, match="最多 2000 个字"):
        lists.handle_problem(problem, "resubmit", by=people["department"], words="合同编号见附表")


def test_too_few_words_are_asked_for_by_their_name(people, login):
    problem = raised(people)
    page = login("member").post(f"/lists/problems/{problem.pk}/act/", {"transition": "judge", "words": "行"})
    assert "请写明研判意见，至少 4 个字" in page.content.decode()


# ── who judges, who is told ──────────────────────────────────────────────────────────────────


def test_the_leader_in_charge_is_found_or_must_be_named(people):
    assert raised(people).leader_post == letters.post_of(people["member"])  # 分管 comes before 联系
    branch = cast.organisation(f"{cast.OURS}/第一党支部")
    assert raised(people, by=people["branch"], origin=branch).leader_post == letters.post_of(people["member"])
    with pytest.raises(ValidationError, match="请选择研判的校领导"):
        raised(people, by=people["office"], origin=school())


def test_who_raised_it_is_told_what_became_of_it(people):
    told = Notice.objects.filter(recipient=people["department"]).order_by("pk")
    problem = raised(people)
    lists.handle_problem(problem, "return", by=people["discipline"], words="请补充合同编号")
    assert [(notice.title, notice.body) for notice in told] == [("已退回：采购验收不严", "请补充合同编号")]
    fixed(people)
    assert told.last().title == "已列入清单：采购验收不严"


def test_the_one_who_declined_is_not_named_again(people):
    row = named(people)
    lists.answer_offer(row, "decline", by=people["member"], words="不属分管范围")
    with pytest.raises(ValidationError, match="已经退回这项责任"):
        lists.name_another(row, by=people["office"], owner=letters.post_of(people["member"]))


def test_a_closed_year_is_not_written(people):
    row = named(people)
    year = WorkYear.objects.get(year=cast.YEAR)
    year.closed_on = cast.TODAY
    year.save()
    other = cast.organisation(cast.OURS).posts.get(role="unit_secretary")
    with pytest.raises(ValidationError, match="已封存"):
        lists.name_another(row, by=people["office"], owner=other)
    with pytest.raises(ValidationError, match="已封存"):
        raised(people)


# ── who sees, and what he narrows to ─────────────────────────────────────────────────────────


def test_the_unit_that_raised_it_sees_what_came_of_it_and_others_do_not(people):
    unit = cast.organisation(cast.OURS)
    problem = fixed(people, by=people["liaison"], origin=unit)
    row = named(people, problem=problem)
    for who in ("liaison", "unit_secretary", "department", "member"):
        found = lists.chains(people[who], cast.YEAR, cast.TODAY)
        assert [[link.responsibility.pk for link in chain.links] for chain in found] == [[row.pk]], who
    # a second answer of the same problem, led by another: its unit sees the problem and its own part of it
    theirs = named(people, problem=problem, organisation=cast.organisation(cast.THEIRS))
    found = lists.chains(people["other_secretary"], cast.YEAR, cast.TODAY)
    assert [[link.responsibility.pk for link in chain.links] for chain in found] == [[theirs.pk]]
    assert lists.chains(people["outsider"], cast.YEAR, cast.TODAY) == []


def shown(client, address: str = "/lists/") -> list[str]:
    chains = client.get(address).context["chains"]
    return [chain.problem.text if chain.problem else chain.links[0].responsibility.text for chain in chains]


def test_the_page_narrows_and_the_workbook_follows(people, login):
    unit = cast.organisation(cast.OURS)
    with time_machine.travel(SPRING):
        fixed(people, text="甲问题")
        raised(people, by=people["liaison"], origin=unit, text="乙问题")
        named(people, text="丙责任")
    client = login("office")
    assert shown(client) == ["甲问题", "乙问题", "丙责任"]
    assert shown(client, "/lists/?broken=any") == ["甲问题", "丙责任"]
    assert shown(client, "/lists/?broken=unclaimed") == ["丙责任"]
    assert shown(client, f"/lists/?organisation={unit.pk}") == ["乙问题"]
    assert shown(client, f"/lists/?organisation={unit.pk}&broken=any") == []
    assert shown(client, "/lists/?q=丙") == ["丙责任"]
    assert shown(client, "/lists/?view=mine") == []
    assert shown(client, "/lists/?broken=nonsense&organisation=x&year=1") == ["甲问题", "乙问题", "丙责任"]
    assert shown(login("member"), "/lists/?view=mine") == ["甲问题", "乙问题", "丙责任"]
    page = login("office").get("/lists/")
    for count in page.context["counts"]:  # every count opens exactly its rows
        assert len(shown(client, count["url"])) == count["count"]
    for tab in page.context["tabs"]:
        assert len(shown(client, tab.url)) == tab.count
    book = openpyxl.load_workbook(io.BytesIO(client.get("/lists/export/?broken=unclaimed").content))
    assert [row[3].value for row in book.active.iter_rows(min_row=2)] == ["丙责任"]


def test_the_menu_of_units_names_none_he_does_not_see(people, login):
    raised(people)
    page = login("liaison").get("/lists/")
    assert [
        option.label for pick in page.context["picks"] for option in pick.options if option.label != "2026 年度"
    ] == ["不限"]


# ── from the meeting ─────────────────────────────────────────────────────────────────────────


def test_a_problem_is_raised_from_the_page_of_the_meeting_that_found_it(people, login):
    unit = cast.organisation(cast.OURS)
    acts.post_meeting(login("unit_secretary"), acts.duty_of(unit, "unit-special-meeting"), "unit-special-meeting")
    meeting = Record.objects.get(act__code="unit-special-meeting")
    address = f"/lists/problems/new/?year=2026&record={meeting.pk}"
    assert address.replace("&", "&amp;") in login("liaison").get(f"/meetings/{meeting.meeting.pk}/").content.decode()
    form = login("liaison").get(address).context["form"]
    assert form.initial["record"] == meeting
    data = {
        "origin": unit.pk,
        "source": "meeting",
        "origin_words": form.initial["origin_words"],
        "record": meeting.pk,
        "text": "设备闲置",
        "shows": "三台设备半年未启用",
    }
    assert login("liaison").post(address, data).status_code == 302
    problem = Problem.objects.get()
    assert problem.record == meeting
    assert f"/records/{meeting.pk}/" in login("liaison").get(f"/lists/problems/{problem.pk}/").content.decode()
    assert "设备闲置" in login("liaison").get(f"/meetings/{meeting.meeting.pk}/").content.decode()
    # a meeting of others is no choice
    answer = login("other_liaison").post("/lists/problems/new/", data | {"origin": cast.organisation(cast.THEIRS).pk})
    assert answer.status_code == 400
    assert "请从列表中选择会议" in answer.content.decode()


# ── a list counts only when it is whole ──────────────────────────────────────────────────────


def test_a_list_with_gaps_is_not_archived(people, login):
    problem = fixed(people)
    with pytest.raises(ValidationError, match="责任清单还是空的"):
        lists.archive("responsibility-list", cast.YEAR, by=people["office"])
    named(people, text="年度重点任务")
    with pytest.raises(ValidationError, match="没有责任 1 处"):
        lists.archive("responsibility-list", cast.YEAR, by=people["office"])
    named(people, problem=problem)
    lists.archive("responsibility-list", cast.YEAR, by=people["office"])
    assert acts.state(acts.duty_of(school(), "responsibility-list")) == "fulfilled"


# ── a unit's list that is opened again ───────────────────────────────────────────────────────


def reopened(people, tasks: list) -> None:
    unit = cast.organisation(cast.OURS)
    row = lists.unit_list_of(unit, cast.YEAR)
    lists.reopen_unit_list(row, by=people["unit_secretary"], reason="调整年度任务")
    lists.write_unit_list(unit, cast.YEAR, by=people["liaison"], entries=ENTRIES | {"task": tasks})
    lists.confirm_unit_list(row, by=people["unit_secretary"])


def confirmed(people, tasks: list) -> None:
    unit = cast.organisation(cast.OURS)
    row = lists.write_unit_list(unit, cast.YEAR, by=people["liaison"], entries=ENTRIES | {"task": tasks})
    lists.confirm_unit_list(row, by=people["unit_secretary"])


def test_a_task_keeps_its_duty_moves_with_its_day_and_goes_when_it_is_taken_off(people):
    confirmed(people, [("甲任务", "副书记", date(2026, 12, 5)), ("乙任务", "", date(2026, 12, 6))])
    first, second = Duty.objects.get(title="甲任务"), Duty.objects.get(title="乙任务")
    reopened(people, [("甲任务", "副书记", date(2026, 12, 18)), ("丙任务", "", date(2026, 12, 20))])
    assert (acts.state(first), first.due_on, first.scheduled_on) == ("open", date(2026, 12, 18), date(2026, 12, 5))
    assert acts.state(second) == "waived"
    assert second.history.first().history_change_reason.startswith("不再要求")
    assert Duty.objects.filter(title__in=("甲任务", "乙任务", "丙任务")).count() == 3
    reopened(people, [("乙任务", "", date(2026, 12, 22))])  # wanted again: owed anew
    assert Duty.objects.filter(title="乙任务").count() == 2


def test_a_long_task_is_owed_once(people):
    task = ("长" * 150, "", date(2026, 12, 5))
    confirmed(people, [task])
    reopened(people, [task])
    assert Duty.objects.filter(title="长" * 120).count() == 1


def test_what_is_late_is_not_written_off(people):
    with time_machine.travel(SPRING):
        confirmed(people, [("甲任务", "", date(2026, 6, 30))])
    for tasks in ([("乙任务", "", None)], [("甲任务", "", date(2026, 12, 31))]):
        with pytest.raises(ValidationError, match="已经逾期"), transaction.atomic():
            reopened(people, tasks)
    assert Duty.objects.get(title="甲任务").due_on == date(2026, 6, 30)


def test_a_day_outside_the_year_is_refused(people, login):
    path = f"/lists/units/{cast.organisation(cast.OURS).pk}/"
    page = login("liaison").post(path, {"responsibility": "甲", "task": "乙；丙；2062-06-30", "rule": "丁"})
    assert page.status_code == 400
    assert "2062-06-30 不在 2026 工作年度内" in page.content.decode()


def test_what_was_typed_comes_back_the_same_and_rules_keep_their_number(people, login):
    path = f"/lists/units/{cast.organisation(cast.OURS).pk}/"
    typed = {
        "responsibility": "书记负第一责任；沈若愚",
        "task": "开展警示教育；；2026-12-05\n梳理风险点",
        "rule": "采购管理办法；会院〔2026〕3号；2026-05-01\n报销细则",
    }
    assert login("liaison").post(path, typed).status_code == 302
    assert login("liaison").get(path).context["form"].initial == typed
    assert UnitItem.objects.get(text="采购管理办法").number == "会院〔2026〕3号"
    assert UnitItem.objects.get(text="开展警示教育").owner_words == ""
    letter = documents.make(
        by=people["office"],
        kind=letters.kind("responsibility-letter"),
        organisation=cast.organisation(cast.OURS),
        work_year=cast.YEAR,
    )
    assert "采购管理办法（会院〔2026〕3号，5月1日施行）" in letter.draft.text


# ── measures ─────────────────────────────────────────────────────────────────────────────────


def test_measures_of_last_year_are_not_those_of_this_year(people, login):
    unit = cast.organisation(cast.OURS)
    files = [SimpleUploadedFile("实施办法.pdf", acts.PDF)]
    record = acts.record(people["unit_secretary"], unit, "implementing-measures", files=files)
    page = login("office").get("/lists/measures/")
    assert page.context["rows"][-1].record == record.pk
    assert f"/attachments/{record.attachments.get().pk}/" in page.content.decode()
    with time_machine.travel(datetime(2027, 1, 20, 1, tzinfo=UTC)):
        open_year(2027, by=people["office"])
        page = login("office").get("/lists/measures/?year=2027")
    assert (page.context["without"], page.context["former"]) == (37, 1)
    assert "本年度未确认" in page.content.decode()
    with time_machine.travel(datetime(2027, 3, 20, 1, tzinfo=UTC)):
        people["unit_secretary"].refresh_from_db()
        renewed = file_record(
            by=people["unit_secretary"],
            organisation=unit,
            act=ActKind.objects.get(code="implementing-measures"),
            work_year=2027,
            title="重新确认",
            happened_on=date(2027, 3, 18),
        )
        page = login("office").get("/lists/measures/?year=2027")
        rows = {row.pk: (row.record, row.filed_for, row.title) for row in page.context["rows"]}
    assert rows[unit.pk] == (renewed.pk, 2027, "重新确认")
    page = login("office").get("/lists/measures/?year=2026")  # what stood then
    assert next(row.record for row in page.context["rows"] if row.pk == unit.pk) == record.pk


def test_a_unit_s_list_names_who_began_it_and_who_went_on(people):
    unit = cast.organisation(cast.OURS)
    row = lists.write_unit_list(unit, cast.YEAR, by=people["liaison"], entries=ENTRIES)
    lists.write_unit_list(unit, cast.YEAR, by=people["unit_secretary"], entries=ENTRIES)
    told = [(change.by, change.what) for change in history_of_row(row)]
    assert told == [("沈若愚", "修改清单"), ("叶清和", "建立清单")]


def test_units_the_regulation_asks_come_before_those_it_does_not(people, login):
    rows = login("office").get("/lists/measures/").context["rows"]
    asked = [row.owes for row in rows]
    assert asked == sorted(asked, reverse=True)
    assert {row.kind for row in rows if row.owes} == {"college", "affiliate"}


def test_a_unit_without_measures_finds_both_ways_to_file_them(people, login):
    duty = acts.duty_of(cast.organisation(cast.OURS), "implementing-measures")
    page = login("unit_secretary").get("/lists/measures/").content.decode()
    assert f"/documents/new/?duty={duty.pk}" in page
    address = f"/records/new/?duty={duty.pk}&amp;act=implementing-measures"
    assert address in page
    assert login("unit_secretary").get(address.replace("&amp;", "&")).status_code == 200
    assert "/records/new/" not in login("secretary").get("/lists/measures/").content.decode().split("<main")[1]
