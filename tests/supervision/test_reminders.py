"""到期提醒: step reached and not yet sent, each person once, nothing for what is no longer owed."""

import threading
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.models import Delivery, Duty, Notice, Person, Post, Role, Tenure, WorkYear
from accountability.services.duties import move_due_day, waive
from supervision.services.reminders import forecast, sweep
from tests import acts, cast

DUE = date(2026, 11, 30)


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
    """A duty of our college: its secretary answers for it, its liaison drafts."""
    return only(Duty.objects.filter(organisation=cast.organisation(cast.OURS), bearer_post=None).first())


def told() -> list[tuple[str, int]]:
    return sorted(Notice.objects.filter(kind="reminder").values_list("recipient__username", "step"))


def steps() -> set[int]:
    return set(Notice.objects.values_list("step", flat=True))


def test_secretary_and_liaison_are_told_once_each(duty):
    assert sweep(days_before(7)) == 2
    assert told() == [("liaison", 7), ("unit_secretary", 7)]
    notice = Notice.objects.filter(recipient__username="liaison").get()
    assert notice.title == f"剩 7 天：{duty.title}"
    assert notice.body == f"会计学院 · 到期日 2026-11-30 · 条款 {duty.clause.number}"
    assert notice.url == f"/ledger/{duty.pk}/"
    assert notice.due_on == DUE


@pytest.mark.parametrize(
    ("days", "step"),
    [(31, None), (30, 30), (15, 30), (14, 14), (7, 7), (5, 7), (3, 3), (1, 1), (0, 1), (-1, -1), (-90, -1)],
)
def test_only_the_latest_step_reached_is_due(duty, days, step):
    sweep(days_before(days))
    assert steps() == ({step} if step else set())


def test_words_of_the_title(duty):
    for days, words in ((4, "剩 4 天"), (0, "今日到期"), (-3, "已逾期")):
        Notice.objects.all().delete()
        sweep(days_before(days))
        assert set(Notice.objects.values_list("title", flat=True)) == {f"{words}：{duty.title}"}


def test_twice_is_once(duty):
    assert sweep(days_before(7)) == 2
    assert sweep(days_before(7)) == 0
    assert sweep(days_before(6)) == 0
    assert len(told()) == 2


def test_every_day_of_two_months_leaves_six_reminders_each(duty):
    made = sum(sweep(days_before(days)) for days in range(40, -20, -1))
    assert made == 12
    assert steps() == {30, 14, 7, 3, 1, -1}


def test_skipped_days_are_caught_up_with_one(duty):
    sweep(days_before(14))
    assert sweep(days_before(2)) == 2
    assert steps() == {14, 3}, "nothing is told of the step that was slept through"


def test_going_back_a_day_tells_nothing_older(duty):
    sweep(days_before(3))
    assert sweep(days_before(10)) == 0


def test_a_moved_due_day_starts_anew(duty, people):
    sweep(days_before(7))
    move_due_day(duty, to=DUE + timedelta(days=7), by=people["office"], reason="会议改期至下周")
    assert sweep(days_before(7)) == 2
    assert set(Notice.objects.values_list("due_on", "step")) == {(DUE, 7), (DUE + timedelta(days=7), 14)}


def test_a_waived_duty_is_silent(duty, people):
    waive(duty, by=people["office"], reason="上级已另行安排")
    assert sweep(days_before(7)) == 0


def test_a_fulfilled_duty_is_silent(duty):
    Duty.objects.filter(pk=duty.pk).update(state="fulfilled", fulfilled_on=days_before(9))
    assert sweep(days_before(7)) == 0


def test_a_record_silences_the_next_step(people):
    unit = cast.organisation(cast.OURS)
    duty = only(acts.duty_of(unit, "duty-report"))
    assert sweep(days_before(7)) == 2
    acts.record(people["unit_secretary"], unit, "duty-report")
    duty.refresh_from_db()
    assert duty.is_fulfilled
    assert sweep(days_before(3)) == 0


def test_a_closed_year_is_silent(duty):
    year = WorkYear.objects.get(year=cast.YEAR)
    year.closed_on = days_before(20)
    year.save()
    assert sweep(days_before(7)) == 0


def test_a_vacant_post_is_silent(duty):
    Tenure.objects.filter(post__organisation=duty.organisation).update(ended_on=days_before(8))
    assert sweep(days_before(7)) == 0


def test_the_successor_is_told_not_the_predecessor(duty, people):
    Tenure.objects.filter(post=duty.owner).update(ended_on=days_before(8))
    Tenure.objects.create(post=duty.owner, person=people["outsider"], started_on=days_before(7))
    sweep(days_before(7))
    assert told() == [("liaison", 7), ("outsider", 7)]


def test_a_disabled_account_is_not_told(duty):
    Person.objects.filter(username="liaison").update(is_active=False)
    sweep(days_before(7))
    assert told() == [("unit_secretary", 7)]


def test_two_posts_one_person_once(duty, people):
    second = Post.objects.create(organisation=duty.organisation, title="联络员（兼）", role=Role.LIAISON)
    for post in (second, Post.objects.get(organisation=duty.organisation, title="联络员")):
        Tenure.objects.create(post=post, person=people["unit_secretary"], started_on=date(2026, 1, 1))
    assert sweep(days_before(7)) == 2
    assert told() == [("liaison", 7), ("unit_secretary", 7)]


def test_liaisons_of_other_units_hear_nothing(duty):
    sweep(days_before(7))
    assert not Notice.objects.filter(recipient__username__startswith="other_").exists()


def test_a_sweep_of_the_whole_school_costs_a_few_queries_per_batch(people):
    Duty.objects.update(due_on=DUE)
    with CaptureQueriesContext(connection) as captured:
        made = sweep(days_before(7))
    assert made > 300
    batches = -(-made // 500)
    asked = [query for query in captured.captured_queries if query["sql"].startswith("SELECT")]
    assert len(asked) <= 3 * batches + 1  # SQLite cuts the inserts into narrow ones, so they are not counted


def test_several_batches_miss_nobody(people, monkeypatch):
    Duty.objects.update(due_on=DUE)
    expected = forecast(days_before(7))
    monkeypatch.setattr("supervision.services.reminders.BATCH", 7)
    assert sweep(days_before(7)) == expected.notices == Notice.objects.count()
    assert Notice.objects.values("recipient").distinct().count() == expected.people


def test_steps_are_settings(duty, settings):
    settings.REMINDER_STEPS = [5]
    assert [sweep(days_before(days)) for days in (6, 5, 0, -4)] == [0, 2, 0, 0]
    settings.REMINDER_STEPS = []
    assert sweep(days_before(1)) == 0


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_tell_each_person_once(people):
    """On PostgreSQL the second waits for the first batch's lock and finds nothing left; on SQLite they queue."""
    Duty.objects.update(due_on=DUE)
    expected = forecast(days_before(7)).notices
    made, start = [], threading.Barrier(3)

    def run() -> None:
        start.wait()
        try:
            made.append(sweep(days_before(7)))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == expected == Notice.objects.count()


class TestCommand:
    """manage.py remind."""

    def run(self, *args: str) -> str:
        out = StringIO()
        call_command("remind", *args, stdout=out)
        return out.getvalue()

    def test_dry_run_tells_the_number_and_writes_nothing(self, duty):
        assert "将向 2 人发出提醒 2 条" in self.run("--on", "2026-11-23", "--dry-run")
        assert not Notice.objects.exists()

    def test_run_by_hand(self, duty):
        assert "向 2 人发出提醒 2 条，生成摘要 2 份" in self.run("--on", "2026-11-23")
        assert Delivery.objects.filter(state="pending").count() == 2

    def test_a_bad_day_is_refused_in_words(self, db):
        with pytest.raises(CommandError, match="不是日期"):
            self.run("--on", "昨天")
