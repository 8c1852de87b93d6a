"""追究: what answers a duty that failed, told by the rooms that answer: letters, accountability measures (三（二）2, 四（三）).

Only what the whole of the supervisors may know is told here; a talk or a measure on a person is nobody's proof.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

_sources: list[Callable[[], QuerySet]] = []


def consequence(rows: Callable[[], QuerySet]):
    """登记: rows with ``duty`` (its foreign key) and ``on`` (annotated: the day on which it was answered)."""
    _sources.append(rows)
    return rows


def pursued() -> Q:
    """已督办或问责, as a condition over duties; false where no room tells of any."""
    asked = Q(pk__in=[])
    for rows in _sources:
        asked |= Q(pk__in=rows().values_list("duty", flat=True))
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
        rows()
        .filter(duty__in=duties.values("pk"))
        .order_by()
        .values_list("duty", "on", "duty__due_on", "duty__fulfilled_on")
        for rows in _sources
    ]
    found: dict[int, FirstAnswer] = {}
    for duty, on, due_on, fulfilled_on in told[0].union(*told[1:]) if told else ():
        if duty not in found or on < found[duty].on:
            found[duty] = FirstAnswer(on, due_on, fulfilled_on)
    return list(found.values())
