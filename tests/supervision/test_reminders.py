"""到期提醒: step reached and not yet sent, each person once, up the chain, nothing for what is no longer owed."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.models import (
    Duty,
    Notice,
    Organisation,
    Person,
    Portfolio,
    Post,
    ReminderRule,
    Role,
    Tenure,
    WorkdayOverride,
    WorkYear,
)
from accountability.services.duties import assign, move_due_day, waive
from accountability.services.grants import sync_grants
from supervision.services.reminders import forecast, sweep
from tests import acts, cast

DUE = date(2026, 11, 30)  # a Monday; so are the days of its escalation


def days_before(days: int) -> date:
    return DUE - timedelta(days=days)


def only(duty: Duty) -> Duty:
    """Nothing else is owed, so that every notice is about ``duty``."""
    Duty.objects.exclude(pk=duty.pk).update(state=Duty.State.WAIVED)
    Duty.objects.filter(pk=duty.pk).update(due_on=DUE, state=Duty.State.OPEN, fulfilled_on=None)
    duty.refresh_from_db()
    return duty


@pytest.fixture
def duty(people) -> Duty:
    """A duty of our college: its secretary answers for it, its liaison drafts, 陆知行 leads."""
    return only(acts.duty_of(cast.organisation(cast.OURS), "implementing-measures"))


def told() -> list[tuple[str, int]]:
    return sorted(Notice.objects.filter(kind="reminder").values_list("recipient__username", "step"))


def steps() -> set[int]:
    return set(Notice.objects.values_list("step", flat=True))


def capacities() -> dict[str, str]:
    return dict(Notice.objects.values_list("recipient__username", "capacity"))


class TestWords:
    def test_secretary_and_liaison_are_told_once_each(self, duty):
        assert sweep(days_before(10)) == 2
        assert told() == [("liaison", 10), ("unit_secretary", 10)]
        notice = Notice.objects.get(recipient__username="liaison")
        assert notice.title == f"剩 10 天：{duty.title}"
        assert notice.body == f"会计学院 · 责任人 党委书记 · 到期日 2026-11-30 · 条款 {duty.clause.number}"
        assert notice.url == f"/ledger/{duty.pk}/"
        assert notice.due_on == DUE
        assert notice.why == "您是联络员，按「制度责任提醒」到期前 10 天提醒"

    @pytest.mark.parametrize(("days", "words"), [(5, "剩 5 天"), (0, "今日到期"), (-3, "已逾期")])
    def test_words_of_the_title(self, duty, days, words):
        sweep(days_before(days))
        assert set(Notice.objects.values_list("title", flat=True)) == {f"{words}：{duty.title}"}

    def test_a_branch_is_named_with_its_unit(self, people):
        branch = cast.organisation(f"{cast.OURS}/第一党支部")
        only(Duty.objects.filter(organisation=branch).first())
        sweep(days_before(-7))
        bodies = set(Notice.objects.values_list("body", flat=True))
        assert [body.split(" · ")[0] for body in bodies] == ["会计学院第一党支部"]
        assert capacities() == {"branch": "owner", "unit_secretary": "unit_secretary", "member": "leader"}


class TestSteps:
    @pytest.mark.parametrize(
        ("days", "step"),
        [(21, None), (20, 20), (12, 20), (10, 10), (5, 10), (3, 3), (0, 0), (-4, 0), (-7, -7), (-14, -14), (-88, -14)],
    )
    def test_only_the_latest_step_reached_is_due(self, duty, days, step):
        sweep(days_before(days))
        assert steps() == ({step} if step is not None else set())

    def test_forms_are_asked_for_fifteen_days_ahead(self, people):
        only(acts.duty_of(cast.organisation(cast.OURS), "duty-report"))
        assert [sweep(days_before(days)) for days in (20, 17, 14)] == [0, 0, 2]
        assert steps() == {15}

    def test_twice_is_once(self, duty):
        assert [sweep(days_before(days)) for days in (10, 10, 7)] == [2, 0, 0]

    def test_every_day_of_three_months_leaves_each_step_once(self, duty):
        made = sum(sweep(days_before(days)) for days in range(40, -50, -1))
        told_at = Notice.objects.order_by("-step").values_list("step", "capacity")
        assert made == len(told_at)
        assert [(step, capacity) for step, capacity in told_at if capacity == "owner"] == [
            (step, "owner") for step in (20, 10, 3, 0, -7, -14)
        ]
        assert [step for step, capacity in told_at if capacity == "liaison"] == [20, 10, 3]

    def test_skipped_days_are_caught_up_with_one(self, duty):
        sweep(days_before(12))
        assert sweep(days_before(3)) == 2
        assert steps() == {20, 3}, "nothing is told of the step that was slept through"

    def test_going_back_a_day_tells_nothing_older(self, duty):
        sweep(days_before(3))
        assert sweep(days_before(10)) == 0

    def test_a_moved_due_day_starts_anew(self, duty, people):
        sweep(days_before(10))
        move_due_day(duty, to=DUE + timedelta(days=7), by=people["office"], reason="会议改期至下周")
        assert sweep(days_before(3)) == 2
        assert set(Notice.objects.values_list("due_on", "step")) == {(DUE, 10), (DUE + timedelta(days=7), 10)}


class TestDaysOff:
    def test_a_step_waits_for_the_next_working_day(self, duty):
        Duty.objects.update(due_on=date(2026, 12, 1))
        saturday = date(2026, 11, 21)
        assert sweep(saturday) == 0
        assert forecast(saturday).notices == 0
        assert sweep(saturday + timedelta(days=2)) == 2
        assert steps() == {10}

    def test_the_schools_own_word_comes_first(self, duty, people):
        WorkdayOverride.objects.create(day=days_before(10), is_workday=False, reason="校庆放假")
        assert sweep(days_before(10)) == 0

    def test_a_worked_saturday_is_a_working_day(self, duty):
        """2026-10-10 is worked for the holiday of October."""
        Duty.objects.update(due_on=date(2026, 10, 20))
        assert sweep(date(2026, 10, 10)) == 2


class TestChain:
    """责任人 → 分管校领导、单位党组织书记 → 学校党委书记、纪委 (一（二）)."""

    def test_the_leader_in_charge_hears_a_week_late(self, duty):
        sweep(days_before(-7))
        assert capacities() == {"unit_secretary": "owner", "member": "leader"}

    def test_secretary_and_commission_hear_two_weeks_late(self, duty):
        sweep(days_before(-14))
        higher = {name: capacity for name, capacity in capacities().items() if not name.startswith("extra")}
        assert higher == {
            "unit_secretary": "owner",
            "member": "leader",
            "secretary": "secretary",
            "discipline": "commission",
        }
        assert Notice.objects.get(recipient__username="secretary").why == (
            "您是学校党委书记，按「制度责任提醒」逾期第 14 天提醒"
        )

    def test_who_stands_in_two_places_hears_once_as_what_comes_first(self, people):
        leader = Post.objects.get(title="分管财务副校长")
        only(Duty.objects.filter(bearer_post=leader, obligation__occurrences__isnull=False).distinct().first())
        Portfolio.objects.create(
            post=leader, organisation=Organisation.objects.get(kind="school"), kind="charge", started_on=cast.TODAY
        )
        sweep(days_before(-14))
        assert list(Notice.objects.filter(recipient=people["member"]).values_list("capacity", flat=True)) == ["owner"]

    def test_a_portfolio_that_ended_tells_no_longer(self, duty):
        Portfolio.objects.filter(organisation=duty.organisation).update(ended_on=cast.TODAY)
        sweep(days_before(-7))
        assert "leader" not in capacities().values()

    def test_everybody_told_may_open_the_duty(self, people):
        Duty.objects.update(due_on=DUE)
        sync_grants(days_before(-14))
        sweep(days_before(-14))
        of: dict[int, set[int]] = {}
        for recipient, duty in Notice.objects.values_list("recipient", "duty"):
            of.setdefault(recipient, set()).add(duty)
        assert len(of) > 150
        for person in Person.objects.filter(pk__in=of):
            seen = Duty.objects.visible_to(person).filter(pk__in=of[person.pk])
            assert set(seen.values_list("pk", flat=True)) == of[person.pk], person.username


class TestConfidential:
    """限定知悉: told to nobody who is not told of it, whatever the rule says."""

    @pytest.fixture
    def secret(self, people) -> Duty:
        from tests.supervision import letter_acts as deeds

        letter = deeds.informed(people)
        duty = only(deeds.duty_of(letter))
        rule = ReminderRule.objects.get(matter="confidential")
        rule.steps.filter(step=-14).update(audience=["owner", "liaison", "leader", "secretary", "commission"])
        return duty

    def test_only_who_knows_of_it_is_told(self, secret, people):
        sweep(days_before(-14))
        assert {Person.objects.get(username=name).pk for name in capacities()} <= {
            person.pk for person in Person.objects.all() if Duty.objects.visible_to(person).filter(pk=secret.pk)
        }
        assert "unit_secretary" in capacities()
        assert not {"liaison", "member", "office"} & set(capacities())

    def test_the_forecast_says_nothing_of_it(self, secret):
        assert forecast(days_before(-14)).notices == 0


class TestSilence:
    def test_a_waived_duty(self, duty, people):
        waive(duty, by=people["office"], reason="上级已另行安排")
        assert sweep(days_before(10)) == 0

    def test_a_fulfilled_duty(self, duty):
        Duty.objects.filter(pk=duty.pk).update(state="fulfilled", fulfilled_on=days_before(12))
        assert sweep(days_before(10)) == 0

    def test_a_record_silences_the_next_step(self, people):
        unit = cast.organisation(cast.OURS)
        duty = only(acts.duty_of(unit, "duty-report"))
        assert sweep(days_before(10)) == 2
        acts.record(people["unit_secretary"], unit, "duty-report")
        duty.refresh_from_db()
        assert duty.is_fulfilled
        assert sweep(days_before(3)) == 0

    def test_a_closed_year(self, duty):
        year = WorkYear.objects.get(year=cast.YEAR)
        year.closed_on = days_before(20)
        year.save()
        assert sweep(days_before(10)) == 0

    def test_a_vacant_post(self, duty):
        Tenure.objects.filter(post__organisation=duty.organisation).update(ended_on=days_before(11))
        assert sweep(days_before(10)) == 0

    def test_the_successor_is_told_not_the_predecessor(self, duty, people):
        sweep(days_before(20))
        Tenure.objects.filter(post=duty.owner).update(ended_on=days_before(19))
        Tenure.objects.create(post=duty.owner, person=people["outsider"], started_on=days_before(18))
        sweep(days_before(17))
        assert told() == [("liaison", 20), ("outsider", 20), ("unit_secretary", 20)]
        sweep(days_before(10))
        assert [name for name, step in told() if step == 10] == ["liaison", "outsider"]

    def test_a_disabled_account(self, duty):
        Person.objects.filter(username="liaison").update(is_active=False)
        sweep(days_before(10))
        assert told() == [("unit_secretary", 10)]

    def test_two_posts_one_person_once(self, duty, people):
        second = Post.objects.create(organisation=duty.organisation, title="联络员（兼）", role=Role.LIAISON)
        for post in (second, Post.objects.get(organisation=duty.organisation, title="联络员")):
            Tenure.objects.create(post=post, person=people["unit_secretary"], started_on=date(2026, 1, 1))
        assert sweep(days_before(10)) == 2
        assert told() == [("liaison", 10), ("unit_secretary", 10)]

    def test_liaisons_of_other_units(self, duty):
        sweep(days_before(10))
        assert not Notice.objects.filter(recipient__username__startswith="other_").exists()


class TestCost:
    def test_statements_do_not_grow_with_what_is_owed(self, people):
        def cost() -> tuple[int, int]:
            with CaptureQueriesContext(connection) as captured:
                made = sweep(days_before(10))
            return made, len(captured)

        only(acts.duty_of(cast.organisation(cast.OURS), "implementing-measures"))
        few, statements = cost()
        Notice.objects.all().delete()
        Duty.objects.update(due_on=DUE, state="open", fulfilled_on=None)
        many, as_many = cost()
        assert (few, statements) == (2, as_many)
        assert many > 500
        assert statements <= 10

    def test_forecast_and_sweep_agree(self, people):
        Duty.objects.update(due_on=DUE)
        for days in (10, -7, -14):
            expected = forecast(days_before(days))
            before = Notice.objects.count()
            assert sweep(days_before(days)) == expected.notices == Notice.objects.count() - before
            people_told = Notice.objects.filter(step=days).values("recipient").distinct().count()
            assert people_told == expected.people

    @pytest.mark.django_db(transaction=True)
    def test_sweeps_at_once_tell_each_person_once(self, people):
        """On PostgreSQL the others wait for the rules' rows and find nothing left; on SQLite they queue."""
        Duty.objects.update(due_on=DUE)
        expected = forecast(days_before(10)).notices
        made, start = [], threading.Barrier(3)

        def run() -> None:
            start.wait()
            try:
                made.append(sweep(days_before(10)))
            finally:
                connection.close()

        threads = [threading.Thread(target=run) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(made) == [0, 0, expected]
        assert Notice.objects.count() == expected


def test_an_assigned_duty_follows_the_rule_for_such(people):
    unit = cast.organisation(cast.OURS)
    only(
        assign(
            title="报送整改材料",
            organisation=unit,
            owner=unit.posts.get(role="unit_secretary"),
            work_year=cast.YEAR,
            due_on=DUE,
            by=people["office"],
        )
    )
    sweep(days_before(10))
    assert set(Notice.objects.values_list("rule__matter", flat=True)) == {"ad_hoc"}
