"""Two at the same moment: exactly one wins, the other is told. SQLite serialises writers; PostgreSQL shows races."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from accountability.models import Duty, Evidence, Job, Person, Record
from accountability.services import jobs, records
from tests import acts, cast

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(verb, count: int = 2) -> list:
    """Run ``verb`` in ``count`` threads that start together; a refusal comes back as its exception."""
    barrier = Barrier(count)

    def run(number: int):
        barrier.wait()
        try:
            with transaction.atomic():
                return verb(number)
        except ValidationError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def winners(results: list) -> list:
    return [result for result in results if not isinstance(result, Exception)]


def test_the_same_meeting_recorded_by_two_counts_once(people):
    school = cast.organisation("学校党委")
    office = people["office"]
    results = at_once(lambda _: acts.record(office, school, "warning-meeting", on=date(2026, 3, 1)), count=4)
    assert len(winners(results)) == 1
    assert all("只计一次" in str(each) for each in results if isinstance(each, Exception))
    assert Duty.objects.filter(obligation__code="warning-meetings", state="fulfilled").count() == 1


def test_accepted_and_returned_at_once_has_one_outcome(people):
    record = acts.record(people["liaison"], cast.organisation(cast.OURS), "duty-report")
    deeds = ("accept", "return")
    results = at_once(
        lambda number: records.decide(record, deeds[number], by=people["unit_secretary"], reason="请补充措施")
    )
    assert len(winners(results)) == 1
    record.refresh_from_db()
    duty = Duty.objects.get(evidence__record=record)
    assert (record.state, duty.state) in {("accepted", "fulfilled"), ("returned", "open")}
    assert record.history.filter(state__in=("accepted", "returned")).count() == 1


def test_two_records_for_one_duty_settle_it_once(people):
    school = cast.organisation("学校党委")
    at_once(lambda number: acts.record(people["office"], school, "problem-list", on=date(2026, 3, 1 + number)))
    duty = acts.duty_of(school, "problem-list")
    assert duty.state == "fulfilled"
    assert duty.fulfilled_on == min(Record.objects.filter(evidence__duty=duty).values_list("happened_on", flat=True))
    assert Evidence.objects.filter(duty=duty).count() in (1, 2)


def test_one_job_is_queued_and_claimed_once(people, monkeypatch):
    monkeypatch.setattr(jobs, "wake", lambda job_id: None)
    office = people["office"]
    queued = at_once(lambda _: jobs.queue("annual_report", "2026", by=Person.objects.get(pk=office.pk)), count=4)
    assert len({job.pk for job, _ in queued}) == 1
    assert sum(new for _, new in queued) == 1
    claimed = at_once(lambda _: jobs.claim(Job.objects.get().pk), count=4)
    assert len([job for job in claimed if job is not None]) == 1
