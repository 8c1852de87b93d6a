"""制度版本: draft, compare, foresee, put in force; what was announced is what happens, and nothing else (五)."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accountability.comparison import Kind, compare
from accountability.models import (
    ActKind,
    Clause,
    Duty,
    Evidence,
    Notice,
    Obligation,
    Occurrence,
    Organisation,
    Person,
    Post,
    Regulation,
    Tenure,
    WorkYear,
)
from accountability.services import drafts
from accountability.services.enactment import enact, plan_enactment
from accountability.services.opening import open_year, plan_year
from accountability.services.records import countable_duties
from accountability.services.regulations import load_regulation
from supervision.board.dashboard import Dashboard
from tests import acts, cast

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 1)
REASON = "党委会第 12 次会议审议通过"


@pytest.fixture
def office(people) -> Person:
    return people["office"]


@pytest.fixture
def draft(office) -> Regulation:
    return drafts.draft_from(
        Regulation.objects.newest(), by=office, title="新实施办法", document_number="沪委〔2026〕1号"
    )


def of(draft: Regulation, code: str) -> Obligation:
    return Obligation.objects.get(clause__regulation=draft, code=code)


def days(*pairs, label: str = "") -> list[dict]:
    return [{"month": month, "day": day, "is_next_year": False, "label": label} for month, day in pairs]


def revise(obligation: Obligation, by: Person, **facts) -> Obligation:
    """Say again what it says, but for ``facts``."""
    names = ("label", "month", "day", "is_next_year")
    said = {
        "acts": list(obligation.acts.all()),
        "occurrences": [{name: getattr(one, name) for name in names} for one in obligation.occurrences.all()],
    }
    return drafts.revise_obligation(obligation, by=by, **said | facts)


def new_obligation(draft: Regulation, by: Person, **facts) -> Obligation:
    said = {
        "title": "年度廉政家访",
        "short_title": "廉政家访",
        "subject": "unit",
        "bearer": "each_college",
        "owner_role": "unit_secretary",
        "requirement": "走访到户，留有记录。",
        "helper_names": ["组织部"],
        "acts": [ActKind.objects.get(code="heart-talk")],
        "occurrences": days((6, 30), (12, 18)),
    }
    return drafts.add_obligation(draft.clauses.get(key="3.3.2"), by=by, **said | facts)


def of_code(code: str, year: int = cast.YEAR):
    return Duty.objects.of_year(year).filter(obligation__code=code)


# ── drafting ─────────────────────────────────────────────────────────────────────────────────


def test_a_draft_says_what_the_version_in_force_says(draft):
    former = draft.former()
    assert former.code == "four-responsibilities-2021"
    assert draft.is_draft
    assert [each.kind for each in compare(former, draft).clauses] == [Kind.SAME] * former.clauses.count()
    assert Occurrence.objects.filter(obligation__clause__regulation=draft).count() > 50
    assert draft.history.get().history_change_reason == f"以《{former}》起草新版本"
    assert Obligation.history.filter(clause__regulation=draft).count() == drafts.draft_size(draft)


def test_a_draft_is_never_in_force_and_never_used(draft, office):
    assert draft not in Regulation.objects.in_force(cast.TODAY)
    assert plan_year(2027, cast.TODAY).regulation == draft.former()
    assert open_year(2027, by=office).regulation == draft.former()
    assert not Duty.objects.filter(obligation__clause__regulation=draft).exists()
    assert not Obligation.objects.governing(2027).filter(clause__regulation=draft).exists()


def test_a_draft_shows_nowhere_but_among_the_versions(draft, login):
    """Its open-ended obligations would show twice on dashboard and meetings, its clauses twice in the ledger's menu."""
    client = login("office")
    for path in ("/supervision/", "/meetings/", "/ledger/", "/clauses/"):
        page = client.get(path).content.decode()
        assert "新实施办法" not in page or path == "/clauses/", path
    assert client.get("/meetings/").content.decode().count("党委会议研究全面从严治党事项") == 1
    board = Dashboard(Duty.objects.all(), cast.YEAR, cast.TODAY, _records())
    assert all(one.clause.regulation_id != draft.pk for one in board.obligations.values())


def _records():
    from accountability.models import Record

    return Record.objects.all()


def test_only_the_office_drafts(draft, people):
    for who in ("discipline", "secretary", "liaison"):
        with pytest.raises(PermissionDenied):
            drafts.draft_from(None, by=people[who], title="我也起草")
        with pytest.raises(PermissionDenied):
            drafts.discard_draft(draft, by=people[who])


def test_drafting_costs_the_same_however_long(office):
    with CaptureQueriesContext(connection) as short:
        drafts.draft_from(Regulation.objects.get(code="four-responsibilities-2019"), by=office, title="短")
    with CaptureQueriesContext(connection) as long:
        drafts.draft_from(Regulation.objects.newest(), by=office, title="长")
    assert len(long) <= len(short) + 16  # a few more for each kind of row, none for each row


@pytest.mark.parametrize("verb", ["clause", "obligation", "title", "add", "remove", "discard"])
def test_what_is_or_was_in_force_is_never_edited(office, verb):
    regulation = Regulation.objects.newest()
    clause = regulation.clauses.get(key="2.1")
    obligation = clause.obligations.first()
    verbs = {
        "clause": lambda: drafts.revise_clause(clause, by=office, summary="改写"),
        "obligation": lambda: revise(obligation, office, title="改写"),
        "title": lambda: drafts.revise_draft(regulation, by=office, title="改", document_number="", issued_on=None),
        "add": lambda: drafts.add_clause(regulation, by=office, key="9", number="九", summary="加"),
        "remove": lambda: drafts.remove_obligation(obligation, by=office),
        "discard": lambda: drafts.discard_draft(regulation, by=office),
    }
    with pytest.raises(ValidationError, match="不能修改"):
        verbs[verb]()


def test_an_unchanged_form_leaves_no_history(draft, office):
    obligation = of(draft, "warning-meetings")
    before = Obligation.history.count(), Occurrence.history.count()
    revise(obligation, office)
    assert (Obligation.history.count(), Occurrence.history.count()) == before


def test_clauses_are_put_in_order_and_their_obligations_follow(draft, office):
    first = draft.clauses.get(key="1.1")
    made = drafts.add_clause(draft, by=office, after=first, key="1.3", number="一（三）", summary="新的一条。")
    assert list(draft.clauses.order_by("rank").values_list("key", flat=True))[:3] == ["1.1", "1.3", "1.2"]
    drafts.add_obligation(
        made, by=office, title="新", short_title="新", subject="committee", bearer="school", owner_role="office",
        acts=[ActKind.objects.first()], occurrences=days((5, 4)),
    )  # fmt: skip
    ranks = list(
        Obligation.objects.filter(clause__regulation=draft).order_by("clause__rank", "rank").values_list("rank")
    )
    assert ranks == sorted(ranks)
    assert of(draft, "problem-list").rank == 2


def test_a_clause_key_is_there_once(draft, office):
    with pytest.raises(ValidationError, match="该制度已有此条款编号"):
        drafts.add_clause(draft, by=office, key="1.1", number="一", summary="又一条")
    with pytest.raises(IntegrityError), transaction.atomic():
        Clause.objects.create(regulation=draft, key="1.1", number="一", summary="又一条")


def test_a_discarded_draft_leaves_its_history(draft, office):
    pk = draft.pk
    drafts.discard_draft(draft, by=office)
    assert not Regulation.objects.filter(pk=pk).exists()
    assert Regulation.history.filter(id=pk, history_type="-", history_user=office).exists()


def test_an_open_ended_obligation_has_no_times(draft, office):
    with pytest.raises(ValidationError, match="不设次数"):
        new_obligation(draft, office, is_open_ended=True)


def test_a_row_of_another_draft_is_no_place(draft, office):
    other = drafts.draft_from(None, by=office, title="另一份")
    stranger = drafts.add_clause(other, by=office, key="1", number="一", summary="一条")
    with pytest.raises(ValidationError, match="不在这份草稿里"):
        revise(of(draft, "problem-list"), office, clause=stranger)
    with pytest.raises(ValidationError, match="不在这份草稿里"):
        drafts.revise_clause(draft.clauses.first(), by=office, after=stranger)


# ── constraints, each violated once ──────────────────────────────────────────────────────────


def test_a_draft_has_no_day_of_repeal(draft):
    with pytest.raises(IntegrityError), transaction.atomic():
        Regulation.objects.filter(pk=draft.pk).update(repealed_on=DAY)


def test_two_versions_never_begin_on_one_day(draft):
    with pytest.raises(IntegrityError), transaction.atomic():
        Regulation.objects.filter(pk=draft.pk).update(in_force_from=date(2021, 11, 26))


def test_a_page_of_support_is_named(draft):
    clause = draft.clauses.get(key="2.1")
    for facts in ({"support": "", "support_path": "/meetings/"}, {"support": "会议", "support_path": "meetings"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Clause.objects.filter(pk=clause.pk).update(**facts)


# ── comparing ────────────────────────────────────────────────────────────────────────────────


def test_every_kind_of_change_is_told(draft, office):
    revise(of(draft, "warning-meetings"), office, occurrences=days((3, 10), (6, 30), (9, 30), (12, 15)))
    drafts.remove_obligation(of(draft, "problem-list"), by=office)
    made = new_obligation(draft, office)
    drafts.remove_clause(draft.clauses.get(key="4.2"), by=office)
    clause = draft.clauses.get(key="4.1")
    drafts.revise_clause(clause, by=office, after=draft.clauses.get(key="3.4.3"), summary="一级抓一级。")
    told = compare(draft.former(), draft)
    by_key = {each.clause.key: each for each in told.clauses}
    assert by_key["4.2"].kind == Kind.ENDED
    assert [each.title for each in by_key["4.2"].obligations] == ["向党委报告监督执纪问责情况"]
    assert [(one.label, one.after) for one in by_key["4.1"].fields] == [("要点", "一级抓一级。")]
    changed = next(each for each in by_key["3.1.1"].stirred)
    assert (changed.kind, [one.label for one in changed.fields]) == (Kind.CHANGED, ["次数与日期"])
    assert changed.fields[0].before.startswith("3 次：")
    assert changed.fields[0].after.startswith("4 次：3 月 10 日")
    assert [each.title for each in by_key["2.1"].stirred] == ["年度问题清单"]
    assert by_key["2.1"].kind == Kind.CHANGED
    assert [each.kind for each in by_key["3.3.2"].stirred] == [Kind.ADDED]
    assert by_key["3.3.2"].stirred[0].after == made
    assert {row["kind"]: row["obligations"] for row in told.figures}[Kind.ENDED] == 2


def test_an_obligation_moved_to_another_clause_is_changed_not_ended(draft, office):
    revise(of(draft, "problem-list"), office, clause=draft.clauses.get(key="2.2"))
    told = compare(draft.former(), draft)
    assert [(each.title, each.kind) for row in told.stirred for each in row.stirred] == [("年度问题清单", Kind.CHANGED)]


def test_comparing_costs_the_same_however_much_changed(draft, office):
    with CaptureQueriesContext(connection) as few:
        compare(draft.former(), draft)
    for _ in range(5):
        new_obligation(draft, office)
    with CaptureQueriesContext(connection) as many:
        compare(draft.former(), draft)
    assert len(many) == len(few)


# ── foreseeing and doing ─────────────────────────────────────────────────────────────────────


@pytest.fixture
def reform(draft, office) -> Regulation:
    """One obligation of each fate, in the last month of an open year."""
    revise(of(draft, "unit-special-meetings"), office, title="二级单位专题会", occurrences=days((6, 30), (12, 22)))
    revise(of(draft, "unit-duty-report"), office, requirement="新条件。", helper_names=["组织部"])
    drafts.remove_obligation(of(draft, "branch-report"), by=office)
    drafts.remove_obligation(of(draft, "problem-list"), by=office)
    new_obligation(draft, office)
    return draft


def snapshot() -> dict[int, tuple]:
    names = (
        "pk",
        "state",
        "title",
        "due_on",
        "requirement",
        "obligation__code",
        "obligation__clause__regulation",
        "owner",
    )
    return {row[0]: row for row in Duty.objects.values_list(*names)}


def test_the_preview_writes_nothing(reform):
    before = snapshot(), Duty.history.count(), Regulation.history.count()
    plan_enactment(reform, DAY)
    assert (snapshot(), Duty.history.count(), Regulation.history.count()) == before


def test_what_was_announced_is_what_happens(reform, office):
    """Counts and rows, each kind: nothing else of any duty is touched."""
    before, rows = snapshot(), Duty.objects.count()
    announced = plan_enactment(reform, DAY)
    done = enact(reform, on=DAY, by=office, reason=REASON, announced=announced.fingerprint)
    after = snapshot()
    (year,) = announced.years
    assert done.announcement == announced.announcement
    # 13 colleges and 38 units, but for the one whose post is vacant; every branch.
    assert announced.announcement == "将新增 12 项责任、终止 100 项、变更 49 项"

    made = set(after) - set(before)
    assert len(made) == len(year.added) == Duty.objects.count() - rows
    planned = {(one.obligation.pk, one.organisation.pk, one.due_on, one.title) for one in year.added}
    assert set(Duty.objects.filter(pk__in=made).values_list("obligation", "organisation", "due_on", "title")) == planned

    waived = {pk for pk in before if before[pk][1] == "open" and after[pk][1] == "waived"}
    assert waived == {duty.pk for duty in year.ended}
    told = {pk for pk in before if before[pk][2:5] != after[pk][2:5] or before[pk][7] != after[pk][7]}
    assert told <= {one.duty.pk for one in year.changed}
    for change in year.changed:
        duty = Duty.objects.get(pk=change.duty.pk)
        assert all(getattr(duty, name) == value for name, value in change.facts.items())
    relinked = {pk for pk in before if before[pk][6] != after[pk][6]}
    assert relinked == {one.duty.pk for one in year.changed} | {duty.pk for duty, _ in year.carried}
    assert {pk for pk in before if before[pk][1] != after[pk][1]} == waived


def test_ended_duties_are_waived_with_the_reason_and_overdue_ones_stay_owed(reform, office):
    enact(reform, on=DAY, by=office, reason=REASON)
    waived = of_code("branch-report").first()  # due 12-10
    assert waived.state == Duty.State.WAIVED
    assert (
        waived.history.first().history_change_reason == "不再要求：《新实施办法》自 2026-12-01 起施行，原责任要求终止"
    )
    assert waived.history.first().history_user == office
    owed = of_code("problem-list").get()  # due 03-31, not done
    assert (owed.state, owed.obligation.clause.regulation) == (Duty.State.OPEN, reform.former())


def test_a_duty_done_before_counts_for_the_new_version(reform, office, people):
    ours = cast.organisation(cast.OURS)
    record = acts.record(people["unit_secretary"], ours, "risk-self-check")
    done = acts.duty_of(ours, "risk-self-check")
    title, clause = done.title, done.clause
    enact(reform, on=DAY, by=office, reason=REASON)
    done.refresh_from_db()
    assert (done.state, done.title, done.clause) == ("fulfilled", title, clause)
    assert done.obligation == of(reform, "unit-risk-check")
    assert Evidence.objects.get(record=record, duty=done).obligation == done.obligation
    assert Duty.objects.of_year(cast.YEAR).filter(obligation__code="unit-risk-check", organisation=ours).count() == 1


def test_an_overdue_duty_of_a_continuing_obligation_keeps_its_words_and_day(reform, office):
    overdue = of_code("unit-special-meetings").filter(occurrence=1).first()
    title, due_on, clause = overdue.title, overdue.due_on, overdue.clause
    enact(reform, on=DAY, by=office, reason=REASON)
    overdue.refresh_from_db()
    assert (overdue.title, overdue.due_on, overdue.clause) == (title, due_on, clause)
    assert overdue.obligation == of(reform, "unit-special-meetings")
    assert overdue.is_open


def test_a_changed_duty_says_what_the_new_version_says(reform, office):
    changed = of_code("unit-special-meetings").filter(occurrence=2).first()
    scheduled_on = changed.scheduled_on
    enact(reform, on=DAY, by=office, reason=REASON)
    changed.refresh_from_db()
    assert (changed.title, changed.due_on) == ("二级单位专题会（第 2 次）", date(2026, 12, 22))
    assert changed.scheduled_on == scheduled_on
    assert changed.clause.regulation == reform
    assert "按新版变更" in changed.history.first().history_change_reason
    report = of_code("unit-duty-report").exclude(organisation__name="组织部").first()
    assert [one.name for one in report.helpers.all()] == ["组织部"]
    assert report.requirement == "新条件。"


def test_a_day_moved_by_hand_stays(reform, office):
    moved = of_code("unit-special-meetings").filter(occurrence=2).first()
    moved.due_on = date(2026, 12, 29)
    moved.save()
    enact(reform, on=DAY, by=office, reason=REASON)
    moved.refresh_from_db()
    assert (moved.due_on, moved.title) == (date(2026, 12, 29), "二级单位专题会（第 2 次）")


def test_a_new_day_before_the_version_is_in_force_moves_nothing(draft, office):
    revise(of(draft, "unit-duty-report"), office, occurrences=days((5, 20)))
    duty = of_code("unit-duty-report").first()
    effect = plan_enactment(draft, DAY)
    assert effect.announcement == "将新增 0 项责任、终止 0 项、变更 0 项"
    enact(draft, on=DAY, by=office, reason=REASON)
    duty.refresh_from_db()
    assert duty.due_on == date(2026, 12, 21)  # 12-20 is a Sunday


def test_fewer_times_end_the_last_and_more_times_add(draft, office):
    revise(of(draft, "unit-special-meetings"), office, occurrences=days((6, 30)))
    revise(of(draft, "unit-duty-report"), office, occurrences=days((6, 20), (12, 20)))
    (year,) = plan_enactment(draft, DAY).years
    assert {(duty.obligation.code, duty.occurrence) for duty in year.ended} == {("unit-special-meetings", 2)}
    assert {(one.obligation.code, one.occurrence.number) for one in year.added} == {("unit-duty-report", 2)}
    enact(draft, on=DAY, by=office, reason=REASON)
    assert set(of_code("unit-duty-report").values_list("occurrence", flat=True)) == {1, 2}


def test_other_bearers_end_some_and_add_others(draft, office):
    revise(of(draft, "unit-duty-report"), office, bearer="each_college")
    revise(of(draft, "unit-political-ecology"), office, bearer="each_unit", occurrences=days((12, 16)))
    (year,) = plan_enactment(draft, DAY).years
    assert {duty.obligation.code for duty in year.ended} == {"unit-duty-report"}
    assert {duty.organisation.kind for duty in year.ended} == {"party_office", "admin_office"}
    assert {one.organisation.kind for one in year.added} == {"party_office", "admin_office"}


def test_a_vacant_post_is_no_reason_to_end_its_duty(draft, office):
    """The secretary of the other college left after the year was opened: his college still owes."""
    revise(of(draft, "unit-duty-report"), office, bearer="each_college")
    posts = Post.objects.filter(organisation__name=cast.THEIRS, role="unit_secretary")
    Tenure.objects.filter(post__in=posts).update(ended_on=date(2026, 11, 1))
    (year,) = plan_enactment(draft, DAY).years
    assert cast.THEIRS not in {duty.organisation.name for duty in year.ended}


def test_what_the_new_version_asks_of_nobody_is_listed(draft, office):
    """Only gaps the former version did not have: the vacant library is known."""
    new_obligation(draft, office, bearer="each_unit", owner_role="branch_secretary", title="无人答复的要求")
    effect = plan_enactment(draft, DAY)
    assert effect.announcement == "将新增 0 项责任、终止 0 项、变更 0 项"
    (row,) = effect.gap_rows()
    assert (row.reason, row.titles) == ("没有设置责任人岗位", "无人答复的要求")
    assert cast.OURS in row.whom


def test_to_an_unlimited_number_ends_what_is_still_owed(draft, office):
    revise(of(draft, "unit-duty-report"), office, is_open_ended=True, occurrences=[])
    (year,) = plan_enactment(draft, DAY).years
    assert {duty.obligation.code for duty in year.ended} == {"unit-duty-report"}


def test_another_owner_is_asked_where_the_version_says_so(draft, office):
    revise(of(draft, "appraisal-meeting"), office, owner_role="secretary")
    enact(draft, on=DAY, by=office, reason=REASON)
    assert of_code("appraisal-meeting").get().owner.role == "secretary"
    assert of_code("party-affairs-meetings").get(occurrence=4).owner.role == "office"


def test_other_ways_to_do_it_count_after_the_change(draft, office):
    talk = ActKind.objects.get(code="heart-talk")
    school = Organisation.objects.get(kind="school")
    revise(of(draft, "appraisal-meeting"), office, acts=[talk])
    assert not countable_duties(school, talk, cast.YEAR)
    (change,) = plan_enactment(draft, DAY).years[0].changed
    assert [(one.label, one.after) for one in change.fields] == [("履责方式", "谈心谈话")]
    enact(draft, on=DAY, by=office, reason=REASON)
    assert [duty.obligation.code for duty in countable_duties(school, talk, cast.YEAR)] == ["appraisal-meeting"]


def test_what_the_opening_missed_is_no_effect_of_the_version(draft, people):
    """A post filled since the year was opened is served by 补充年度, before as after."""
    post = Post.objects.get(organisation__name=cast.VACANT, role="unit_secretary")
    Tenure.objects.create(post=post, person=people["outsider"], started_on=cast.TODAY)
    assert plan_enactment(draft, DAY).announcement == "将新增 0 项责任、终止 0 项、变更 0 项"


def test_opening_the_year_again_makes_nothing_twice(reform, office):
    enact(reform, on=DAY, by=office, reason=REASON)
    assert WorkYear.objects.get(year=cast.YEAR).regulation == reform
    assert open_year(cast.YEAR, by=office).duties == []
    assert plan_year(cast.YEAR, cast.TODAY).regulation == reform


def test_a_post_filled_after_the_change_owes_only_what_is_due_under_the_new(reform, office, people):
    enact(reform, on=DAY, by=office, reason=REASON)
    post = Post.objects.get(organisation__name=cast.VACANT, role="unit_secretary")
    Tenure.objects.create(post=post, person=people["outsider"], started_on=cast.TODAY)
    made = open_year(cast.YEAR, by=office).duties
    assert made
    assert min(duty.due_on for duty in made) >= DAY


def test_next_years_duties_of_this_year_stay_with_it(draft, office):
    """The version of 1 January leaves alone what the working year before owes in its January (三（三）1)."""
    drafts.remove_obligation(of(draft, "secretary-report"), by=office)
    day = date(2027, 1, 1)
    assert plan_enactment(draft, day).years == []
    enact(draft, on=day, by=office, reason=REASON)
    assert of_code("secretary-report").get().is_open
    assert WorkYear.objects.get(year=cast.YEAR).regulation == draft.former()
    made = open_year(2027, by=office)
    assert made.regulation == draft
    assert not of_code("secretary-report", 2027).exists()


def test_closed_years_are_left_alone(reform, office):
    WorkYear.objects.filter(year=cast.YEAR).update(closed_on=cast.TODAY)
    before = snapshot()
    assert plan_enactment(reform, DAY).years == []
    enact(reform, on=DAY, by=office, reason=REASON)
    assert snapshot() == before


def test_dashboard_and_meetings_go_on_in_one_line(reform, office, login):
    enact(reform, on=DAY, by=office, reason=REASON)
    board = Dashboard(Duty.objects.all(), cast.YEAR, DAY, _records())
    codes = [one.code for one in board.obligations.values()]
    assert len(codes) == len(set(codes))
    page = login("office").get("/meetings/").content.decode()
    assert page.count("党委会议研究全面从严治党事项") == 1
    clauses = [option.label for pick in login("office").get("/ledger/").context["picks"] for option in pick.options]
    assert len([label for label in clauses if label.startswith("三（一）1 ")]) == 1


def test_periods_history_and_notices(reform, office, people):
    former = reform.former()
    enact(reform, on=DAY, by=office, reason=REASON)
    for row in (former, reform):
        row.refresh_from_db()
        assert row.history.first().history_user == office
        assert REASON in row.history.first().history_change_reason
    assert (former.repealed_on, reform.in_force_from) == (DAY, DAY)
    told = Notice.objects.filter(kind=Notice.Kind.REGULATION)
    assert {people["secretary"].pk, people["discipline"].pk} <= set(told.values_list("recipient", flat=True))
    assert "将新增 12 项责任" in told.first().body


def test_planning_costs_the_same_however_much_changes(draft, office):
    with CaptureQueriesContext(connection) as few:
        plan_enactment(draft, DAY)
    for _ in range(4):
        new_obligation(draft, office, occurrences=days((12, 18)))
    drafts.remove_obligation(of(draft, "branch-report"), by=office)
    with CaptureQueriesContext(connection) as many:
        plan_enactment(draft, DAY)
    assert len(many) <= len(few) + 1  # one a distinct due day for the school's calendar


# ── refusals ─────────────────────────────────────────────────────────────────────────────────


def test_only_the_office_puts_in_force(draft, people):
    for who in ("discipline", "secretary", "liaison"):
        with pytest.raises(PermissionDenied):
            enact(draft, on=DAY, by=people[who], reason=REASON)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2021, 11, 26), "须晚于"),
        (date(2019, 1, 1), "须晚于"),
        (date(2027, 3, 1), "2027 工作年度尚未开启"),
    ],
)
def test_impossible_days_are_refused(draft, office, day, said):
    with pytest.raises(ValidationError, match=said):
        enact(draft, on=day, by=office, reason=REASON)
    assert Regulation.objects.get(pk=draft.pk).is_draft


def test_a_draft_with_faults_is_refused(draft, office):
    of(draft, "problem-list").acts.clear()
    of(draft, "responsibility-list").occurrences.all().delete()
    Clause.objects.filter(regulation=draft, key="1.1").update(number="")
    Obligation.objects.filter(pk=of(draft, "integrity-pledge").pk).update(owner_role="liaison")
    with pytest.raises(ValidationError) as refused:
        enact(draft, on=DAY, by=office, reason=REASON)
    said = "\n".join(refused.value.messages)
    for words in (
        "「年度问题清单」没有选履责方式",
        "「年度责任清单」没有填应完成次",
        "编号 1.1 的条款没有条款号",
        "责任人角色应选",
    ):
        assert words in said
    with pytest.raises(ValidationError, match="草稿没有条款"):
        enact(drafts.draft_from(None, by=office, title="空"), on=DAY, by=office, reason=REASON)


def test_a_plan_that_came_out_otherwise_is_refused(reform, office, people):
    announced = plan_enactment(reform, DAY).fingerprint
    acts.record(people["unit_secretary"], cast.organisation(cast.OURS), "duty-report")
    with pytest.raises(ValidationError, match="预览之后"):
        enact(reform, on=DAY, by=office, reason=REASON, announced=announced)
    assert Regulation.objects.get(pk=reform.pk).is_draft
    enact(reform, on=DAY, by=office, reason=REASON, announced=plan_enactment(reform, DAY).fingerprint)


def test_nothing_is_put_in_force_twice(draft, office):
    enact(draft, on=DAY, by=office, reason=REASON)
    with pytest.raises(ValidationError, match="不能重复施行"):
        enact(draft, on=date(2026, 12, 2), by=office, reason=REASON)


def test_a_reason_is_wanted(draft, office):
    with pytest.raises(ValidationError, match="请写明依据"):
        enact(draft, on=DAY, by=office, reason="可")


def test_a_file_does_not_overlap_with_a_draft(draft, office):
    """A draft has no period; and what is loaded from a file may name support."""
    text = "regulation: {code: old, title: 旧, in_force_from: 2010-01-01, repealed_on: 2011-01-01}\nclauses:\n"
    text += '  - {key: "1", number: 一, summary: 一条, support: 会议, support_path: /meetings/}\n'
    load_regulation(text, by=office)
    assert Clause.objects.get(regulation__code="old").support_path == "/meetings/"
    with pytest.raises(ValidationError, match="support_path"):
        load_regulation(text.replace("support: 会议, ", ""), by=office)
