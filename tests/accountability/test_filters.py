"""筛选: every list's filter, whatever it asks: an address read and written again says the same, nonsense says nothing."""

from dataclasses import MISSING, fields
from urllib.parse import urlsplit

import pytest
from django.http import QueryDict
from django.urls import get_resolver

from accountability.filters import Filter, Span, number_in, year_in
from tests import cast

get_resolver().url_patterns  # noqa: B018  every app's pages, and with them their filters
FILTERS = sorted(Filter.__subclasses__(), key=lambda each: each.__name__)
ASKED = (
    "view={view}&state=open&q=%E5%BB%89%E6%B4%81&unit=3&organisation=4&year=2025&kind=talk&level=2&form=1"
    "&month=2026-03&from_on=2026-01-02&area=招生&act=a&act=b&result=false&barred=yes&change=raised&since=2026-01-02"
)
NONSENSE = "view=x&state=x&unit=x&organisation=-1&year=99999&level=77&form=%C2%B2&month=2026-13&from_on=x&result=x"


def _given(kind: type[Filter]) -> dict:
    """The year, where a list is of one year."""
    return {"year": cast.YEAR} if any(one.default is MISSING for one in fields(kind)) else {}


def test_the_filters_of_all_apps_are_known():
    assert len(FILTERS) > 25


@pytest.mark.parametrize("kind", FILTERS)
def test_what_an_address_says_is_said_again(kind):
    views = list(kind.VIEWS) or [""]
    for view in views:
        chosen = kind.read(QueryDict(ASKED.format(view=view)), **_given(kind))
        address = chosen.url if kind.ADDRESS else chosen.in_round(1)
        assert kind.read(QueryDict(urlsplit(address).query), **_given(kind)) == chosen
        assert chosen.narrows


@pytest.mark.parametrize("kind", FILTERS)
def test_nonsense_in_an_address_says_nothing(kind):
    chosen = kind.read(QueryDict(NONSENSE), **_given(kind))
    assert chosen == kind(**_given(kind))
    assert not chosen.narrows


@pytest.mark.parametrize("kind", [each for each in FILTERS if each.EXPORT])
def test_an_export_is_asked_for_under_the_same_conditions(kind):
    chosen = kind.read(QueryDict(ASKED.format(view="mine")), **_given(kind))
    assert urlsplit(chosen.export_url).query == urlsplit(chosen.url).query


@pytest.mark.parametrize("text", ["", "-1", "1.0", "²", "9" * 30, "１", "x", "\x00"])
def test_a_number_is_typed_by_hand(text):
    assert number_in({"unit": text}, "unit") is None


@pytest.mark.parametrize(("text", "year"), [("2026", 2026), ("1999", None), ("2101", None), ("0", None)])
def test_a_calendar_has_no_year_99999(text, year):
    assert year_in({"year": text}) == year


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2024-02-29", "2024-02-29", "2024-02-29"),
    ],
)
def test_a_span_has_a_first_and_a_last_day(text, first, last):
    span = Span.read(text)
    assert (str(span), str(span.first), str(span.last)) == (text, first, last)
