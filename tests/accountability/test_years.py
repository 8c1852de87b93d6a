"""工作年度 in view, and the page that opens one."""

from datetime import date

import pytest

from accountability.models import Duty, WorkYear
from tests import cast

pytestmark = pytest.mark.django_db


def test_next_years_opening_does_not_move_this_years_pages(login):
    client = login("office")
    assert client.post("/years/open/", {"year": 2027}).status_code == 302
    assert client.get("/").context["year"] == 2026
    assert client.get("/ledger/").context["chosen"].year == 2026
    assert client.get("/ledger/?year=2027").context["chosen"].year == 2027


def test_in_january_the_old_year_stays_until_the_new_is_opened(login, clock):
    clock.move_to(date(2027, 1, 15))
    client = login("office")
    assert client.get("/").context["year"] == 2026
    client.post("/years/open/", {"year": 2027})
    assert client.get("/").context["year"] == 2027


def test_a_closed_year_is_left_behind(login):
    WorkYear.objects.filter(year=2026).update(closed_on=date(2026, 11, 1))
    assert login("office").get("/").context["year"] == 2026  # the only one there is


@pytest.mark.parametrize("year", ["2031", "0", "abc", "２０２６", "9" * 30])
def test_a_year_nobody_opened_shows_the_current(login, year):
    assert login("office").get(f"/ledger/?year={year}").context["chosen"].year == 2026


def test_the_preview_writes_nothing_and_opening_twice_makes_none(login):
    client = login("office")
    plan = client.get("/years/?open=2027").context["plan"]
    assert len(plan.duties) > 500
    assert not Duty.objects.of_year(2027).exists()
    client.post("/years/open/", {"year": 2027})
    assert Duty.objects.of_year(2027).count() == len(plan.duties)
    answer = client.post("/years/open/", {"year": 2027}, follow=True)
    assert "没有需要补充的责任" in answer.content.decode()
    assert Duty.objects.of_year(2027).count() == len(plan.duties)


@pytest.mark.parametrize("who", ["discipline", "secretary", "liaison", "sysadmin"])
def test_only_the_office_opens_years(login, who):
    client = login(who)
    assert client.get("/years/").status_code == 403
    assert client.post("/years/open/", {"year": 2027}).status_code == 403
    assert not WorkYear.objects.filter(year=2027).exists()


def test_a_gap_is_told_once_with_all_it_leaves_open(login):
    gaps = login("office").get("/years/?open=2027").context["plan"].by_gap()
    vacant = [gap for gap in gaps if gap.whom == cast.VACANT]
    assert len(vacant) == 1
    assert "责任书" in vacant[0].titles
