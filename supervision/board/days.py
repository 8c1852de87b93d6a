"""逐日: of the duties of a year, on which day how many are owed and how many were done; months are summed from it (四（三）).

How it stood on a day needs no query of that day: what was done by then and what was overdue then are sums over days.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from datetime import date, timedelta

from django.db.models import CharField, Count, DateField, QuerySet, Value

from accountability import statements
from accountability.ledger import CONDITIONS


class Days:
    """What is owed by a day and what was done on a day; of what was done too late, both days."""

    def __init__(self) -> None:
        self.owed: Counter[date] = Counter()
        self.done_in_time: Counter[date] = Counter()
        self.owed_and_done_in_time: Counter[date] = Counter()
        self.done_late: Counter[tuple[date, date]] = Counter()

    def add(self, due_on: date, fulfilled_on: date | None, number: int) -> None:
        self.owed[due_on] += number
        if fulfilled_on is None:
            return
        if fulfilled_on > due_on:
            self.done_late[due_on, fulfilled_on] += number
        else:
            self.done_in_time[fulfilled_on] += number
            self.owed_and_done_in_time[due_on] += number

    def due(self, since: date, end: date) -> int:
        return _sum(self.owed, lambda day: since <= day <= end)

    def done(self, end: date) -> int:
        return self.in_time(end) + _sum(self.done_late, lambda days: days[1] <= end)

    def in_time(self, end: date) -> int:
        """Done by ``end``, and not after the day it was owed by."""
        return _sum(self.done_in_time, lambda day: day <= end)

    def overdue(self, end: date) -> int:
        """Owed before ``end`` and not done by then."""
        return self._not_done(end, end - date.resolution)

    def overdue_for(self, days: int, end: date) -> int:
        """逾期满 N 日 at ``end``."""
        return self._not_done(end, end - timedelta(days=days))

    def _not_done(self, end: date, last: date) -> int:
        """Owed by ``last``, which is before ``end``: what is done in time of it was done by then."""
        return (
            _sum(self.owed, lambda day: day <= last)
            - _sum(self.owed_and_done_in_time, lambda day: day <= last)
            - _sum(self.done_late, lambda days: days[0] <= last and days[1] <= end)
        )


def _sum(counted: Counter, within: Callable) -> int:
    return sum(number for day, number in counted.items() if within(day))


ALL, JOINT, BEFORE = "all", "joint", "before"


def days_of(duties: QuerySet, year: int, on: date, reader: Hashable = None) -> tuple[Days, Days, Counter[date | None]]:
    """Of the year: all that is owed, 协同事项 of it, and of the year before the days on which things were done."""
    found = {ALL: Days(), JOINT: Days()}
    before: Counter[date | None] = Counter()
    key = reader and ("days", reader, year, on)
    for what, due_on, fulfilled_on, number in _read(statements.rows(key, lambda: _statement(duties, year, on))):
        if what == BEFORE:
            before[fulfilled_on] += number
        else:
            found[what].add(due_on, fulfilled_on, number)
    return found[ALL], found[JOINT], before


def _read(rows: Iterable[tuple]) -> Iterable[tuple]:
    """Days as days: each of them is read once, however many rows name it."""
    read: dict = {None: None}
    for what, due_on, fulfilled_on, number in rows:
        for value in (due_on, fulfilled_on):
            if value not in read:
                read[value] = statements.day(value)
        yield what, read[due_on], read[fulfilled_on], number


def _statement(duties: QuerySet, year: int, on: date) -> QuerySet:
    owed, before = duties.of_year(year).owed().order_by(), duties.of_year(year - 1).owed().order_by()
    joint = owed.filter(CONDITIONS["joint"].meaning(on))
    return _named(ALL, owed.values("due_on", "fulfilled_on")).union(
        _named(JOINT, joint.values("due_on", "fulfilled_on")),
        _named(BEFORE, before.values("fulfilled_on"), due=Value(None, output_field=DateField())),
        all=True,
    )


def _named(name: str, rows: QuerySet, **due) -> QuerySet:
    named = rows.annotate(what=Value(name, output_field=CharField()), number=Count("*"), **due)
    return named.values_list("what", "due" if due else "due_on", "fulfilled_on", "number")
