"""三张清单: the school's chain from problem to project (二（一）), its days, its people, what the database refuses."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accountability.models import Duty, Milestone, Notice, Organisation, Problem, Record, Responsibility, WorkYear
from accountability.services import documents, lists
from accountability.services.duties import move_due_day, waive
from tests import acts, cast, letters
from tests.accountability.list_rows import ENTRIES, SPRING, breaks, fixed, named, planned, raised, school

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_papers")]


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
