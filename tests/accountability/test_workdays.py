"""工作日: the school's word, the official calendar with 调休, the statutory fallback."""

from datetime import date

import pytest

from accountability.models import WorkdayOverride
from accountability.services.workdays import is_estimated, is_workday, next_workday, roll

pytestmark = pytest.mark.django_db


def close(*days: date, is_workday: bool = False) -> None:
    for day in days:
        WorkdayOverride.objects.create(day=day, is_workday=is_workday, reason="校历")


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 23), True),  # a Monday
        (date(2026, 11, 22), False),  # a Sunday
        (date(2026, 10, 1), False),  # 国庆节
        (date(2026, 2, 14), True),  # a Saturday worked for 春节 (调休)
        (date(2026, 10, 10), True),  # a Saturday worked for 国庆节 (调休)
    ],
)
def test_the_official_calendar_knows_make_up_days(day, expected):
    assert is_workday(day) is expected


def test_the_schools_own_word_comes_first():
    close(date(2026, 11, 23))
    close(date(2026, 11, 22), is_workday=True)
    assert not is_workday(date(2026, 11, 23))
    assert is_workday(date(2026, 11, 22))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2030, 10, 1), False),  # 国庆节, a Tuesday
        (date(2030, 5, 1), False),  # 劳动节, a Wednesday
        (date(2030, 11, 25), True),  # an ordinary Monday
        (date(2030, 11, 24), False),  # a Sunday
    ],
)
def test_an_unpublished_year_falls_back_on_the_statutory_holidays(day, expected):
    assert is_workday(day) is expected


@pytest.mark.parametrize("year", [2000, 2003, 2027, 2050, 2100, 2101])
def test_no_year_within_range_fails(year):
    assert isinstance(roll(date(year, 1, 31), within_year=True), date)
    assert isinstance(roll(date(year, 12, 31), within_year=True), date)


def test_estimated_years_are_those_without_an_official_calendar():
    assert not is_estimated(2026)
    assert is_estimated(2027)
    assert is_estimated(2003)


def test_a_day_off_rolls_on_to_the_next_working_day():
    assert roll(date(2026, 10, 31), within_year=True) == date(2026, 11, 2)
    assert roll(date(2026, 11, 23), within_year=True) == date(2026, 11, 23)


def test_a_day_never_leaves_its_year():
    assert next_workday(date(2028, 12, 31)) == date(2029, 1, 2)
    assert roll(date(2028, 12, 31), within_year=True) == date(2028, 12, 29)
    assert roll(date(2028, 12, 31), within_year=False) == date(2029, 1, 2)


def test_a_school_that_never_works_does_not_hang_the_calendar():
    close(*(date.fromordinal(date(2026, 1, 1).toordinal() + count) for count in range(150)))
    assert next_workday(date(2026, 1, 10)) == date(2026, 1, 10)
