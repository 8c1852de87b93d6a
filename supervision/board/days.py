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
        self.done_late: Counter[date] = Counter()
        self.owed_and_done_late: Counter[tuple[date, date]] = Counter()

    def add(self, due_on: date, fulfilled_on: date | None, number: int) -> None:
        self.owed[due_on] += number
        if fulfilled_on is None:
            return
        if fulfilled_on > due_on:
            self.done_late[fulfilled_on] += number
            self.owed_and_done_late[due_on, fulfilled_on] += number
        else:
            self.done_in_time[fulfilled_on] += number
            self.owed_and_done_in_time[due_on] += number

    def due(self, since: date, end: date) -> int:
        return _sum(self.owed, lambda day: since <= day <= end)

    def done(self, end: date) -> int:
        return self.in_time(end) + _sum(self.done_late, lambda day: day <= end)

    def in_time(self, end: date) -> int:
        """Done by ``end``, and not after the day it was owed by."""
        return _sum(self.done_in_time, lambda day: day <= end)

    def overdue(self, end: date) -> int:
        """Owed before ``end`` and not done by then; what is done too late was owed before the day it was done."""
        return self._not_done_in_time(end - date.resolution) - _sum(self.done_late, lambda day: day <= end)

    def overdue_for(self, days: int, end: date) -> int:
        """逾期满 N 日 at ``end``."""
        last = end - timedelta(days=days)
        done = _sum(self.owed_and_done_late, lambda pair: pair[0] <= last and pair[1] <= end)
        return self._not_done_in_time(last) - done

    def _not_done_in_time(self, last: date) -> int:
        """Of what is owed by ``last``."""
        owed, in_time = (_sum(each, lambda day: day <= last) for each in (self.owed, self.owed_and_done_in_time))
        return owed - in_time


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
