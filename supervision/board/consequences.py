"""追究: what answers a duty that failed, told by the rooms that answer: letters, accountability measures (三（二）2, 四（三）).

Only what the whole of the supervisors may know is told here; a talk or a measure on a person is nobody's proof.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet


@dataclass(frozen=True)
class Source:
    """Rows that answer duties: which of their fields names the duty, and which the day."""

    rows: Callable[[], QuerySet]
    duty: str
    on: str


_sources: list[Source] = []


def consequence(*, duty: str, on: str):
    """登记: the function gives the rows; ``duty`` and ``on`` are the names of their fields."""

    def register(rows: Callable[[], QuerySet]):
        _sources.append(Source(rows, duty, on))
        return rows

    return register


def pursued() -> Q:
    """已督办或问责, as a condition over duties; false where no room tells of any."""
    asked = Q(pk__in=[])
    for source in _sources:
        answered = source.rows().filter(**{f"{source.duty}__isnull": False})
        asked |= Q(pk__in=answered.order_by().values_list(source.duty, flat=True))
    return asked


@dataclass(frozen=True)
class FirstAnswer:
    """Of a duty that was answered: the first day, and the days of the duty itself."""

    on: date
    due_on: date
    fulfilled_on: date | None


def first_answers(duties: QuerySet) -> list[FirstAnswer]:
    """One query, however many rooms tell of answers."""
    told = [
        source.rows()
        .filter(**{f"{source.duty}__in": duties.values("pk")})
        .order_by()
        .values_list(source.duty, source.on, f"{source.duty}__due_on", f"{source.duty}__fulfilled_on")
        for source in _sources
    ]
    found: dict[int, FirstAnswer] = {}
    for duty, on, due_on, fulfilled_on in told[0].union(*told[1:]) if told else ():
        if duty not in found or on < found[duty].on:
            found[duty] = FirstAnswer(on, due_on, fulfilled_on)
    return list(found.values())
