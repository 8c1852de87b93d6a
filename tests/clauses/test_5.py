"""五: the version of 2021 is in force, the trial version of 2019 repealed on that day."""

from datetime import date

import pytest

from accountability.models import Regulation

pytestmark = pytest.mark.django_db


def test_versions_have_periods(people):
    trial, current = Regulation.objects.order_by("in_force_from")
    assert trial.repealed_on == current.in_force_from == date(2021, 11, 26)
    assert list(Regulation.objects.in_force(date(2021, 11, 25))) == [trial]
    assert list(Regulation.objects.in_force(date(2021, 11, 26))) == [current]


def test_the_page_says_so(login):
    page = login("liaison").get("/clauses/").content.decode()
    assert "2021-11-26 起施行" in page
    assert "2021-11-26 废止" in page


def test_the_administrator_edits_it_without_code(login):
    assert login("sysadmin").get("/admin/accountability/regulation/").status_code == 200
    assert login("office").get("/admin/accountability/regulation/").status_code == 302
