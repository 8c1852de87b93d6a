"""失责追究: which duties were answered by something, so that one failed and left without an answer shows (三（二）2).

``answers_duties`` registers a function that gives the ids of duties answered by one kind of consequence, as a queryset of
ids or any collection; measures are registered here, letters and talks register themselves.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from django.conf import settings
from django.db.models import QuerySet

from accountability.models import Duty

_answers: list[Callable[[int], Iterable[int]]] = []


def answers_duties(find: Callable[[int], Iterable[int]]):
    """登记: the function takes a working year and gives the ids of duties that were answered."""
    _answers.append(find)
    return find


def unanswered(duties: QuerySet, year: int, on: date) -> QuerySet:
    """失责未追究: of ``duties``, which come scoped, those late for longer than the setting allows and answered by nothing."""
    long_late = duties.of_year(year).late(on - timedelta(days=settings.UNANSWERED_AFTER_DAYS))
    for find in _answers:
        found = find(year)
        long_late = long_late.exclude(pk__in=found if isinstance(found, QuerySet) else list(found))
    return long_late


@answers_duties
def answered_by_measures(year: int) -> QuerySet:
    from supervision.models import AccountabilityMeasure

    standing = AccountabilityMeasure.objects.standing().filter(duty__work_year=year)
    return standing.values("duty")


def is_long_late(duty: Duty, on: date) -> bool:
    return duty.is_open and duty.due_on < on - timedelta(days=settings.UNANSWERED_AFTER_DAYS)
