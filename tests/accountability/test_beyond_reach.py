"""Numbers beyond every column and characters no database takes: a clear Chinese page, never a crash."""

import pytest

from accountability.models import Duty, Organisation
from accountability.services.roster.reading import _day
from meetings.services import backlog
from tests.accountability.test_bad_input import GOOD

pytestmark = pytest.mark.django_db
HUGE = ["9" * 19, "9" * 30, "-" + "9" * 30]


@pytest.mark.parametrize("number", HUGE)
def test_a_huge_number_is_in_no_list(number):
    every = Duty.objects.count()
    some = Duty.objects.first()
    assert not Duty.objects.filter(pk__in=[int(number)]).exists()
    assert Duty.objects.filter(pk__in=[some.pk, int(number)]).get() == some
    assert not Duty.objects.filter(organisation__in=[int(number)]).exists()
    assert Organisation.objects.filter(pk__in=[int(number)]).count() == 0
    assert Duty.objects.exclude(pk__in=[int(number)]).count() == every


@pytest.mark.parametrize("number", HUGE)
def test_a_ticked_duty_of_a_huge_number_is_refused_by_the_form(login, number):
    answer = login("office").post("/meetings/new/?kind=warning-meeting", GOOD | {"duties": [number]})
    assert answer.status_code == 400
    assert "选择" in answer.content.decode()


@pytest.mark.parametrize(
    "question",
    ["id__in={}", "id__exact={}", "organisation__id__in=1,{}", "id__gt={}", "id={}", "id__range=1,{}", "p={}"],
)
@pytest.mark.parametrize("number", ["9" * 22, "1e400", "\0", "\ud800"])
def test_the_admin_asked_for_a_number_beyond_reach(login, question, number):
    asked = question.format(number.encode("utf-8", "surrogatepass").decode("latin-1"))
    client = login("sysadmin")
    client.raise_request_exception = False
    for page in ("post", "organisation"):
        answer = client.get(f"/admin/accountability/{page}/?{asked}")
        assert answer.status_code in (200, 302, 400), (page, answer.status_code)


@pytest.mark.parametrize(
    "page", ["accountability/post", "accountability/tenure", "accountability/obligation", "meetings/meetingkind"]
)
@pytest.mark.parametrize("typed", ["甲", "9" * 30, "\0", "-1"])
def test_the_admins_choosers_given_what_is_no_number(login, page, typed):
    client = login("secadmin" if page.endswith("tenure") else "sysadmin")
    client.raise_request_exception = False
    names = ("organisation", "post", "person", "act", "acts", "clause", "bearer")
    answer = client.post(f"/admin/{page}/add/", dict.fromkeys(names, typed))
    assert answer.status_code in (200, 400), answer.status_code
    assert answer.status_code == 200 or "不能识别的编号或数值" in answer.content.decode()


@pytest.mark.parametrize("year", ["02026", "020261", "20260", "2026" * 2000, "２０２６", "1999", "\0"])
@pytest.mark.parametrize("page", ["/ledger/", "/meetings/", "/documents/", "/supervision/"])
def test_a_year_written_oddly_is_the_current_one(login, page, year):
    assert login("office").get(page, {"year": year}).status_code == 200


@pytest.mark.parametrize(
    "address", ["/records/new/?act=%00", "/meetings/?kind=%00", "/meetings/new/?kind=%00", "/verify/?code=%00"]
)
def test_an_address_with_a_nul(login, address):
    answer = login("office").get(address)
    assert answer.status_code in (200, 400)
    assert answer.status_code == 200 or "看不见的控制字符" in answer.content.decode()


@pytest.mark.parametrize(
    "address", ["/nowhere/", "/ledger/", "/ledger/99999999/", "/admin/accountability/post/", "/lists/archive/"]
)
def test_an_address_with_a_thousand_questions(login, address):
    client = login("office")
    client.raise_request_exception = False
    answer = client.get(f"{address}?{'&'.join(['a=1'] * 1001)}")
    assert answer.status_code == 400
    assert "无法处理这个请求" in answer.content.decode()


def test_a_reason_with_a_nul_is_refused_or_cleaned(login, people):
    from tests import acts, cast

    record = acts.record(people["liaison"], cast.organisation(cast.OURS), "duty-report")
    answer = login("unit_secretary").post(
        f"/records/{record.pk}/decide/", {"transition": "return", "reason": "一\0二三四五"}
    )
    assert answer.status_code in (302, 400)


def test_a_day_of_five_thousand_digits_is_no_day():
    assert _day("9" * 5000) is None
    assert _day("46000").year == 2025


def test_a_number_of_people_of_five_thousand_digits_is_complained_of():
    told = []

    class Book:
        def complain(self, *what):
            told.append(what)

    class Plan:
        book = Book()

    planner = backlog.Planner.__new__(backlog.Planner) if hasattr(backlog, "Planner") else None
    assert planner is not None
    planner.plan = Plan()
    assert planner._count({"应到": "9" * 5000}, "应到") is None
    assert told
