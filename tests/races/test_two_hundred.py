"""Two hundred pairs who want different things of one row at the same moment: one wins, one is told, nothing hangs.

Needs PostgreSQL, where writers wait for one another; the rules themselves are tested kind by kind in the other files.
"""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction

from accountability.models import Duty, Person, Record
from accountability.services import jobs, records
from accountability.services.records import file_record
from tests import acts, cast
from tests.races import in_turn, pairs
from tests.waiting import needs_postgresql

pytestmark = [pytest.mark.django_db(transaction=True), needs_postgresql]


class Two:
    """Two threads with a connection each, kept for all pairs; both begin at the same moment."""

    def __enter__(self):
        self.pool, self.barrier = ThreadPoolExecutor(2), Barrier(2)
        return self

    def __exit__(self, *_):
        list(self.pool.map(self._leave, range(2)))
        self.pool.shutdown()

    def run(self, deeds) -> list:
        """What each got, a refusal as its exception; anything else, a deadlock for one, is raised."""
        return list(self.pool.map(self._do, deeds))

    def _do(self, deed):
        self.barrier.wait(30)
        try:
            with transaction.atomic():
                return deed()
        except (ValidationError, PermissionDenied) as refusal:
            return refusal

    def _leave(self, _):
        self.barrier.wait(30)
        connection.close()


def winners(results: list) -> int:
    return sum(not isinstance(result, Exception) for result in results)


def test_two_hundred_pairs_have_one_winner_each(people, monkeypatch):
    monkeypatch.setattr(jobs, "wake", lambda job_id: None)
    made = [pair for kind, count in pairs.KINDS for pair in kind(people, count)]
    assert len(made) >= 200
    wrong = []
    with Two() as two:
        for number, pair in enumerate(made):
            results = two.run(pair.deeds if number % 2 else pair.deeds[::-1])
            if (winners(results), pair.outcomes()) != (1, 1):
                wrong.append((pair.kind, number, [str(result) for result in results], pair.outcomes()))
    assert wrong == []
    assert left_behind() == ([], [])


def test_deeds_that_may_follow_one_another_do_what_they_say_and_do_not_hang(people, monkeypatch):
    """Who comes second may still come: then both are there; who is refused is told, and nothing of his is."""
    monkeypatch.setattr(jobs, "wake", lambda job_id: None)
    made = [pair for kind, count in in_turn.KINDS for pair in kind(people, count)]
    wrong = []
    with Two() as two:
        for number, pair in enumerate(made):
            results = two.run(pair.deeds if number % 2 else pair.deeds[::-1])
            if not winners(results) == pair.outcomes() >= 1:
                wrong.append((pair.kind, number, [str(result) for result in results], pair.outcomes()))
    assert wrong == []
    assert left_behind() == ([], [])


def left_behind() -> tuple[list, list]:
    """Whoever still waits for a lock, and whoever holds a transaction open, but for this test."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_locks WHERE NOT granted")
        waiting = cursor.fetchall()
        cursor.execute(
            "SELECT pid, state FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND state LIKE 'idle in transaction%%'"
        )
        return waiting, cursor.fetchall()


def fresh(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


def test_who_lock_two_things_in_opposite_order_do_not_hang(people):
    """Records that count for the same two duties, told in opposite order, and taken back at once."""
    unit, by = cast.organisation(cast.OURS), people["unit_secretary"]
    act = acts.duty_of(unit, "duty-report").obligation.acts.get(code="duty-report")
    office = people["office"]
    from accountability.services.duties import assign

    facts = {"organisation": unit, "owner": unit.posts.get(role="unit_secretary"), "work_year": cast.YEAR, "by": office}
    one, other = (assign(title=f"专项任务{number}", due_on=cast.TODAY.replace(month=12), **facts) for number in (1, 2))

    def filed(number: int, duties: list[Duty]):
        return file_record(
            by=fresh(by),
            organisation=unit,
            act=act,
            work_year=cast.YEAR,
            title=f"一次履责{number}",
            happened_on=cast.TODAY,
            sitting=number,
            duties=duties,
        )

    with Two() as two:
        for turn in range(8):
            first, second = 2 * turn + 1, 2 * turn + 2
            rows = two.run([lambda: filed(first, [one, other]), lambda: filed(second, [other, one])])  # noqa: B023
            assert winners(rows) == 2, rows
            deeds = [
                lambda row=row: records.decide(row, "withdraw", by=fresh(by), reason="重复录入，予以作废")
                for row in rows
            ]
            assert winners(two.run(deeds)) == 2
    assert Record.objects.filter(state="withdrawn", evidence__duty=one).count() == 16
    assert {acts.state(one), acts.state(other)} == {"open"}
    assert left_behind() == ([], [])


def test_reading_checking_and_saving_without_a_lock_has_two_winners(people):
    """The control: what the house forbids loses one of two in the very same hands."""
    unit, by = cast.organisation(cast.OURS), people["unit_secretary"]
    row = acts.record(people["liaison"], unit, "duty-report", credit=False)
    read = Barrier(2)

    def careless(state: str):
        found = Record.objects.get(pk=row.pk)
        if found.state != Record.State.SUBMITTED:
            raise ValidationError("已经办理。")
        read.wait(30)
        found.state, found.decided_by = state, by
        found._history_user, found._change_reason = by, "不上锁"
        found.save()
        return found

    with Two() as two:
        results = two.run([lambda: careless("accepted"), lambda: careless("returned")])
    assert winners(results) == 2
    assert pairs.became(Record, row.pk, state=("accepted", "returned"))() == 2
