"""开启年度: every duty once, with its owner and its day; what finds no bearer is listed with its reason."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count

from accountability.models import (
    UNIT_KINDS,
    Bearer,
    Cooperation,
    Duty,
    Obligation,
    Organisation,
    Person,
    Portfolio,
    Post,
    Regulation,
    Role,
    Tenure,
    WorkdayOverride,
    WorkYear,
)
from accountability.services.opening import (
    NO_ORGANISATION,
    NO_PORTFOLIO,
    NO_POST,
    NOT_A_KEY_AREA,
    VACANT,
    open_year,
    plan_year,
)
from tests import cast

pytestmark = pytest.mark.django_db
Kind = Organisation.Kind


@pytest.fixture
def office(people) -> Person:
    return people["office"]


@pytest.fixture
def full_house(people) -> None:
    """Somebody in every post, also in the one the foundation leaves vacant."""
    for post in Post.objects.exclude(pk__in=Post.objects.filled(cast.TODAY)):
        fill(post, people["outsider"])


def fill(post: Post, person: Person) -> None:
    Tenure.objects.create(post=post, person=person, started_on=cast.TODAY)


def vacate(**which) -> None:
    ended_on = cast.TODAY - timedelta(days=1)
    Tenure.objects.filter(post__in=Post.objects.filter(**which)).update(ended_on=ended_on)


def duties_of(code: str, year: int = cast.YEAR):
    return Duty.objects.of_year(year).filter(obligation__code=code)


def gaps_of(opening, code: str) -> dict[str, str]:
    return {gap.whom: gap.reason for gap in opening.gaps if gap.obligation.code == code}


# ── who owes what ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("code", "bearer", "how_many"),
    [
        ("warning-meetings", Bearer.SCHOOL, 3),
        ("mechanism-inspections", Bearer.COMMISSION, 2),
        ("personal-deployment", Bearer.SCHOOL_SECRETARY, 1),
        ("integrity-pledge", Bearer.EACH_LEADER, 22),
        ("member-debrief", Bearer.EACH_MEMBER, 21),
        ("responsibility-letter", Bearer.EACH_UNIT, 38),
        ("unit-special-meetings", Bearer.EACH_COLLEGE, 2 * 13),
        ("key-unit-risk-check", Bearer.EACH_KEY_UNIT, 9),
        ("unit-secretary-debrief", Bearer.EACH_UNIT_SECRETARY, 38),
        ("branch-report", Bearer.EACH_BRANCH, 100),
    ],
)
def test_each_bearer_owes_for_itself(office, full_house, code, bearer, how_many):
    open_year(cast.YEAR, by=office)
    assert Obligation.objects.get(code=code).bearer == bearer
    assert duties_of(code).count() == how_many


def test_the_whole_school_has_between_700_and_1000_duties(office, full_house):
    open_year(cast.YEAR, by=office)
    assert 700 <= Duty.objects.of_year(cast.YEAR).count() <= 1000
    units = Organisation.objects.filter(kind__in=UNIT_KINDS)
    assert not units.filter(duties__isnull=True).exists()


def test_the_schools_duties_are_answered_for_by_the_office_and_supervised_by_the_commission():
    duty = duties_of("warning-meetings").first()
    assert duty.organisation.kind == Kind.SCHOOL
    assert duty.owner.role == Role.OFFICE
    assert duty.supervisor.kind == Kind.COMMISSION
    assert duty.bearer_post is None
    assert {one.name for one in duty.helpers.all()} == {"纪委办公室", "宣传部"}


def test_the_commissions_duties_are_supervised_by_the_school():
    duty = duties_of("mechanism-inspections").first()
    assert duty.organisation.kind == Kind.COMMISSION
    assert duty.owner.full_title == "纪委办公室监督检查室主任"
    assert duty.supervisor.kind == Kind.SCHOOL


def test_a_personal_duty_belongs_to_the_post():
    duty = duties_of("personal-deployment").get()
    assert duty.bearer_post == duty.owner
    assert duty.owner.role == Role.SECRETARY
    assert duty.organisation.kind == Kind.SCHOOL


def test_a_units_duty_is_answered_for_by_its_own_secretary():
    duty = duties_of("responsibility-letter").get(organisation__name=cast.OURS)
    assert (duty.owner.role, duty.owner.organisation.name) == (Role.UNIT_SECRETARY, cast.OURS)


def test_nobody_helps_himself(office, full_house):
    open_year(cast.YEAR, by=office)
    assert not any(
        one.organisation_id == one.duty.organisation_id for one in Cooperation.objects.select_related("duty")
    )


# ── titles, numbers, days ────────────────────────────────────────────────────────────────────


def test_titles_tell_the_occurrences_apart():
    titles = list(duties_of("warning-meetings").order_by("occurrence").values_list("title", flat=True))
    assert titles == [
        "年初全面从严治党干部大会（警示教育大会第1次）",
        "中层以上干部警示教育大会（第 2 次）",
        "中层以上干部警示教育大会（第 3 次）",
    ]
    assert duties_of("appraisal-letter").get().title == "党委总结评议书"


def test_numbers_run_on_without_repeating(office, full_house):
    first = set(Duty.objects.of_year(cast.YEAR).values_list("number", flat=True))
    open_year(cast.YEAR, by=office)
    serials = sorted(int(number[5:]) for number in Duty.objects.of_year(cast.YEAR).values_list("number", flat=True))
    assert serials == list(range(1, len(serials) + 1))
    assert len(first) < len(serials)
    assert first >= {"2026-0001"}


def test_numbers_above_9999_are_counted_as_numbers(office, full_house):
    duty = Duty.objects.of_year(cast.YEAR).first()
    duty.number = "2026-10000"
    duty.save()
    open_year(cast.YEAR, by=office)
    assert Duty.objects.filter(number="2026-10001").exists()


def test_due_days_are_working_days_of_their_year():
    assert duties_of("branch-warning-education").first().due_on == date(2026, 11, 2)  # 10-31 is a Saturday
    assert duties_of("secretary-report").get().due_on == date(2027, 2, 1)  # 2027-01-31 is a Sunday
    assert all(duty.scheduled_on == duty.due_on for duty in Duty.objects.of_year(cast.YEAR))


def test_the_schools_own_calendar_moves_due_days(office):
    WorkdayOverride.objects.create(day=date(2028, 3, 10), is_workday=False, reason="校庆")
    opening = plan_year(2028, cast.TODAY)
    due = next(duty.due_on for duty in opening.duties if duty.obligation.code == "opening-meeting")
    assert due == date(2028, 3, 13)


def test_unpublished_years_are_flagged():
    assert plan_year(2028, cast.TODAY).estimated_years == [2028, 2029]
    opening = plan_year(2025, cast.TODAY)
    assert not opening.is_estimated
    assert opening.estimated_years == []


# ── the preview ──────────────────────────────────────────────────────────────────────────────


def test_the_preview_is_what_opening_makes_and_writes_nothing(office):
    before = Duty.objects.count(), Duty.history.count(), WorkYear.objects.count()
    plan = plan_year(2027, cast.TODAY)
    assert (Duty.objects.count(), Duty.history.count(), WorkYear.objects.count()) == before
    made = open_year(2027, by=office)
    assert [duty.key for duty in made.duties] == [duty.key for duty in plan.duties]
    assert Duty.objects.of_year(2027).count() == len(plan.duties)


def test_subject_and_clause_rows_add_up():
    plan = plan_year(2027, cast.TODAY)
    assert sum(row.count for row in plan.by_subject()) == len(plan.duties)
    rows = plan.by_clause()
    assert sum(row.count for row in rows) == len(plan.duties)
    assert [row.clause.rank for row in rows] == sorted(row.clause.rank for row in rows)
    row = next(row for row in rows if row.obligation.code == "warning-meetings")
    assert (row.count, row.first_due, row.last_due) == (3, date(2027, 3, 10), date(2027, 12, 15))


def test_open_ended_obligations_are_listed_apart():
    plan = plan_year(2027, cast.TODAY)
    assert "committee-meetings" in {one.code for one in plan.open_ended}
    assert not any(duty.obligation.is_open_ended for duty in plan.duties)


def test_planning_costs_the_same_for_few_and_many(django_assert_max_num_queries, people, full_house):
    with django_assert_max_num_queries(50):  # one a distinct due day for the school's calendar, the rest fixed
        plan_year(2025, cast.TODAY)


# ── what is not covered, and why ─────────────────────────────────────────────────────────────


def test_a_vacant_post_is_a_gap():
    vacate(organisation__name="第二党支部", organisation__parent__name=cast.OURS)
    plan = plan_year(cast.YEAR, cast.TODAY)
    assert gaps_of(plan, "responsibility-letter") == {cast.VACANT: VACANT}
    assert gaps_of(plan, "unit-secretary-debrief") == {f"{cast.VACANT}党总支书记": VACANT}
    assert gaps_of(plan, "branch-report")[f"{cast.OURS}第二党支部"] == VACANT
    assert not duties_of("responsibility-letter").filter(organisation__name=cast.VACANT).exists()


def test_an_office_without_its_post_is_a_gap():
    Post.objects.filter(role=Role.OFFICE).update(abolished_on=date(2026, 1, 1))
    assert gaps_of(plan_year(2027, cast.TODAY), "opening-meeting") == {"学校党委": NO_POST}


def test_a_school_without_branches_is_a_gap():
    Organisation.objects.filter(kind=Kind.BRANCH).update(abolished_on=date(2026, 1, 1))
    assert gaps_of(plan_year(2027, cast.TODAY), "branch-report") == {"每个党支部": NO_ORGANISATION}


def test_a_leader_without_portfolio_has_nobody_to_hear(office, full_house):
    made = open_year(cast.YEAR, by=office)
    assert gaps_of(made, "member-hearings") == {"分管校友副校长": NO_PORTFOLIO}
    assert gaps_of(made, "member-education") == {"分管校友副校长": NO_PORTFOLIO}
    assert duties_of("member-research-visits").filter(owner__title="分管校友副校长").exists()


def test_departments_outside_the_key_areas_are_named():
    vacate(organisation__name="人事处", role=Role.UNIT_SECRETARY)
    gaps = gaps_of(plan_year(2027, cast.TODAY), "key-unit-risk-check")
    assert gaps["审计处"] == NOT_A_KEY_AREA
    assert gaps["人事处"] == VACANT
    assert not gaps.keys() & {"财务处", "会计学院"}


def test_a_helper_that_does_not_exist_is_named():
    obligation = Obligation.objects.get(code="opening-meeting")
    obligation.helper_names = ["不存在处"]
    obligation.save()
    gaps = gaps_of(plan_year(2027, cast.TODAY), "opening-meeting")
    assert gaps == {"学校党委": "协同单位“不存在处”不存在"}


def test_abolished_units_owe_nothing(office, full_house):
    Organisation.objects.filter(name="校工会").update(abolished_on=date(2026, 1, 1))
    open_year(2027, by=office)
    assert not Duty.objects.of_year(2027).filter(organisation__name="校工会").exists()


# ── running it again ─────────────────────────────────────────────────────────────────────────


def test_opening_again_makes_none_and_leaves_no_history(office):
    before = Duty.objects.count(), Duty.history.count(), Cooperation.history.count(), WorkYear.history.count()
    made = open_year(cast.YEAR, by=office)
    assert made.duties == []
    assert made.existing == before[0]
    assert (Duty.objects.count(), Duty.history.count(), Cooperation.history.count(), WorkYear.history.count()) == before


def test_a_post_filled_later_gets_its_duties_on_the_next_run(office, people):
    fill(Post.objects.get(organisation__name=cast.VACANT, role=Role.UNIT_SECRETARY), people["outsider"])
    made = open_year(cast.YEAR, by=office)
    assert made.duties
    assert {duty.organisation.name for duty in made.duties} == {cast.VACANT}


def test_a_portfolio_given_later_brings_its_hearings(office):
    post = Post.objects.get(title="分管校友副校长")
    assert not duties_of("member-hearings").filter(bearer_post=post).exists()
    unit = Organisation.objects.get(name="图书馆")
    Portfolio.objects.create(post=post, organisation=unit, kind="contact", started_on=cast.TODAY)
    open_year(cast.YEAR, by=office)
    assert duties_of("member-hearings").filter(bearer_post=post).count() == 2


def test_moved_and_waived_duties_stay_as_they_are(office):
    moved, waived = duties_of("warning-meetings").order_by("occurrence")[:2]
    moved.due_on = date(2026, 4, 1)
    moved.save()
    waived.state = Duty.State.WAIVED
    waived.save()
    assert open_year(cast.YEAR, by=office).duties == []
    moved.refresh_from_db()
    waived.refresh_from_db()
    assert (moved.due_on, moved.scheduled_on) == (date(2026, 4, 1), date(2026, 3, 10))
    assert waived.state == Duty.State.WAIVED


def test_no_duty_is_there_twice(office, full_house):
    for _ in range(2):
        open_year(cast.YEAR, by=office)
    key = ("obligation", "occurrence", "organisation", "bearer_post")
    twice = Duty.objects.of_year(cast.YEAR).values(*key).annotate(times=Count("pk")).filter(times__gt=1)
    assert not twice.exists()


def test_everything_is_written_with_who_and_why(office):
    open_year(2027, by=office)
    for history in (
        WorkYear.history.filter(year=2027),
        Duty.history.filter(work_year_id=2027),
        Cooperation.history.filter(duty__work_year_id=2027),
    ):
        assert history.exists()
        assert not history.exclude(history_user=office, history_change_reason="开启 2027 工作年度").exists()
    assert WorkYear.objects.get(year=2027).opened_by == office


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite in memory knows one writer; its lock is the file")
@pytest.mark.django_db(transaction=True)
def test_two_offices_opening_at_once_open_one_year(people):
    start = threading.Barrier(2)

    def race(username: str) -> int:
        start.wait()
        try:
            return len(open_year(2027, by=people[username]).duties)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        made = sorted(pool.map(race, ("office", "secretary")))
    assert made[0] == 0
    assert made[1] == Duty.objects.of_year(2027).count() == Duty.history.filter(work_year_id=2027).count()
    assert WorkYear.history.filter(year=2027).count() == 1


# ── refusals ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("year", [1999, 2101, 99999, -1])
def test_years_out_of_range_are_refused(office, year):
    with pytest.raises(ValidationError, match="2000 至 2100"):
        plan_year(year, cast.TODAY)
    with pytest.raises(ValidationError, match="2000 至 2100"):
        open_year(year, by=office)


def test_a_closed_year_is_refused(office):
    WorkYear.objects.filter(year=cast.YEAR).update(closed_on=cast.TODAY)
    with pytest.raises(ValidationError, match="已封存"):
        open_year(cast.YEAR, by=office)
    with pytest.raises(ValidationError, match="已封存"):
        plan_year(cast.YEAR, cast.TODAY)


def test_a_year_without_a_regulation_is_refused_and_not_opened(office):
    with pytest.raises(ValidationError, match="没有施行中的制度"):
        open_year(2018, by=office)
    assert not WorkYear.objects.filter(year=2018).exists()


def test_a_year_follows_the_regulation_of_its_first_day():
    assert plan_year(2022, cast.TODAY).regulation.code == "four-responsibilities-2021"
    assert plan_year(2021, cast.TODAY).regulation.code == "four-responsibilities-2019"
    assert plan_year(2019, cast.TODAY).regulation.code == "four-responsibilities-2019"


def test_without_a_commission_nothing_is_opened(office):
    Organisation.objects.filter(kind=Kind.COMMISSION).update(abolished_on=date(2020, 1, 1))
    with pytest.raises(ValidationError, match="还没有学校纪委"):
        open_year(2027, by=office)
    assert not WorkYear.objects.filter(year=2027).exists()


# ── the command ──────────────────────────────────────────────────────────────────────────────


def test_the_command_previews_then_opens(capsys):
    call_command("open_year", "2027", dry_run=True)
    said = capsys.readouterr().out
    assert "将新增" in said
    assert "注意：2027 年的到期日为推算" in said
    assert f"{cast.VACANT}：岗位暂无人任职" in said
    assert not WorkYear.objects.filter(year=2027).exists()
    call_command("open_year", "2027")
    assert f"已新增 {Duty.objects.of_year(2027).count()} 项责任，原有 0 项。" in capsys.readouterr().out


def test_the_command_refuses_in_chinese():
    with pytest.raises(CommandError, match="工作年度须在"):
        call_command("open_year", "99999")
    Regulation.objects.all().update(repealed_on=date(2024, 1, 1))
    with pytest.raises(CommandError, match="没有施行中的制度"):
        call_command("open_year", "2027")
