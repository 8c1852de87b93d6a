"""工作日: the school's own word first, then the official calendar with 调休, then the statutory holidays."""

from calendar import monthrange
from datetime import date, timedelta
from functools import cache

import chinese_calendar
import holidays

from accountability.models import WorkdayOverride

# Shown wherever days of an unpublished year appear.
ESTIMATED = "该年度放假安排尚未公布，按法定节假日推算"
# No holiday is longer; an override that closed a whole year must not hang the opening of it.
LONGEST_BREAK = 60
SATURDAY = 5


@cache
def is_estimated(year: int) -> bool:
    """Whether the official calendar of ``year`` (放假安排) is unknown, so that its days are worked out."""
    try:
        chinese_calendar.is_workday(date(year, 7, 1))
    except NotImplementedError:
        return True
    return False


@cache
def _statutory(year: int) -> frozenset[date]:
    """法定节假日 of a year without an official calendar: no 调休, since nobody has announced any."""
    return frozenset(holidays.country_holidays("CN", years=year, observed=False))


def own_days(first: date, last: date) -> dict[date, bool]:
    """The school's own words on the days of a span, for who asks of many of them."""
    return dict(WorkdayOverride.objects.filter(day__range=(first, last)).values_list("day", "is_workday"))


def is_workday(day: date, own: dict[date, bool] | None = None) -> bool:
    own = own_days(day, day) if own is None else own
    if day in own:
        return own[day]
    if is_estimated(day.year):
        return day.weekday() < SATURDAY and day not in _statutory(day.year)
    return chinese_calendar.is_workday(day)


def next_workday(day: date) -> date:
    """The first working day on or after ``day``."""
    return _first_workday(day, timedelta(days=1))


def after_workdays(day: date, count: int) -> date:
    """The ``count``-th working day after ``day``."""
    for _ in range(count):
        day = next_workday(day + timedelta(days=1))
    return day


def roll(day: date, *, within_year: bool = True) -> date:
    """顺延: on to the next working day; one that would leave its year goes back to the last working day instead.

    What is owed within a year is never due after it: 12-31 on a Sunday means the Friday before.
    """
    later = next_workday(day)
    if within_year and later.year != day.year:
        return _first_workday(day, timedelta(days=-1))
    return later


def last_workday_of(month: date) -> date:
    """The last working day of the month ``month`` lies in."""
    last = month.replace(day=monthrange(month.year, month.month)[1])
    return _first_workday(last, timedelta(days=-1))


def _first_workday(day: date, step: timedelta) -> date:
    candidates = (day + step * count for count in range(LONGEST_BREAK))
    return next((candidate for candidate in candidates if is_workday(candidate)), day)
