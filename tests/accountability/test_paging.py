"""分页: of many rows the numbers are found first; the pages are the same, row by row, with all that a row shows."""

import pytest
from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import OuterRef
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accountability.counting import number_of
from accountability.models import Duty, Evidence, Person, Record
from accountability.views import paging
from inspections.models import Finding, Measure
from meetings.models import Meeting
from tests.accountability.test_listing import listing_of

pytestmark = pytest.mark.django_db


def duties(user):
    proofs = number_of(Evidence.objects.filter(duty=OuterRef("pk")))
    rows = Duty.objects.visible_to(user).with_light(timezone.localdate()).for_list().annotate(proofs=proofs)
    return rows.prefetch_related("helpers").order_by("-due_on", "id")


LISTS = {
    "duties": duties,
    "records": lambda user: Record.objects.visible_to(user).for_list().prefetch_related("attachments"),
    "meetings": lambda user: Meeting.objects.visible_to(user).for_list(),
    "joined": lambda user: Meeting.objects.visible_to(user).filter(participants__person=user).for_list(),
    "findings": lambda user: Finding.objects.visible_to(user).for_list(),
    "measures": lambda user: Measure.objects.visible_to(user).select_related("finding__round").order_by("-rank", "pk"),
}


def shown(row) -> dict:
    return {name: value for name, value in vars(row).items() if name not in ("_state", "_prefetched_objects_cache")}


def test_pages_hold_what_plain_pages_hold(laid, people):
    assert [name for name, rows in LISTS.items() if not rows(people["office"]) and name != "joined"] == []
    for rows in LISTS.values():
        for username in ("office", "liaison", "unit_secretary"):
            assert_pages_are_plain_pages(people[username], rows)


def page_of(number: int | str, user: Person, rows) -> Page:
    """As a view makes it that shows the rows it asks for."""
    return listing_of(user, f"/ledger/?page={number}", rows).pager(lambda: rows(user), size=4).page


def assert_pages_are_plain_pages(user: Person, find) -> None:
    read: list[int] = []
    rows = find(user)
    plain = Paginator(rows, 4)
    pages = plain.page_range
    for number in (*pages[:4], *pages[4:][-3:]):
        page, expected = page_of(number, user, find), list(plain.page(number))
        assert [shown(row) for row in page] == [shown(row) for row in expected]
        for mine, theirs in zip(page, expected, strict=True):
            for relation in ("organisation", "round", "finding", "act"):
                if hasattr(theirs, relation):
                    assert getattr(mine, relation) == getattr(theirs, relation)
        read += [row.pk for row in page]
    assert len(set(read)) == len(read)
    assert len(pages) > 7 or sorted(read) == sorted(rows.values_list("pk", flat=True))


def test_a_page_is_three_queries_and_what_it_prefetches(people, django_assert_num_queries):
    page_of(2, people["office"], duties)  # his posts and grants are read
    with django_assert_num_queries(5):  # the year; the count with the first page, this page's numbers, rows, helpers
        page = page_of(2, people["office"], duties)
        assert len([row.helpers.all() for row in page]) == 4


def test_who_sees_a_part_has_any_page_counted_in_its_own_reading(people, django_assert_num_queries):
    page_of(2, people["liaison"], duties)
    with django_assert_num_queries(4):  # the year; this page's numbers and how many there are, rows, helpers
        page = page_of(2, people["liaison"], duties)
        assert len([row.helpers.all() for row in page]) == 4
    assert page.paginator.count == duties(people["liaison"]).count() > 8


@pytest.mark.parametrize(
    ("asked", "shown"),
    [("", "first"), ("0", "last"), ("-1", "last"), ("x", "first"), ("²", "first"), ("2.0", "first"), ("٢", "second")]
    + [("999", "last"), ("9999999", "last"), ("10000000", "last"), ("9" * 30, "last"), ("9" * 5000, "first")],
)  # fmt: skip
@pytest.mark.parametrize("username", ["office", "liaison"])
def test_whatever_page_is_asked_for_there_is_one(people, username, asked, shown):
    plain = Paginator(duties(people[username]), 4)
    number = {"first": 1, "second": 2, "last": plain.num_pages}[shown]
    assert plain.num_pages > 2
    page = page_of(asked, people[username], duties)
    assert (page.number, list(page), page.paginator.count) == (number, list(plain.page(number)), plain.count)


def test_of_nothing_there_is_one_empty_page(people):
    for username, number in (("office", 1), ("office", 3), ("liaison", 1), ("liaison", 3)):
        page = page_of(number, people[username], lambda user: duties(user).filter(number="-"))
        assert (page.number, list(page), page.paginator.count) == (1, [], 0)


@pytest.mark.parametrize("asked", ["", "state=done", "state=late&state=done", "state=waived", "mine=1", "is=no_proof"])
def test_the_ledger_counts_its_rows(login, people, asked):
    some = Duty.objects.filter(work_year=2026, state=Duty.State.OPEN)[:2]
    Duty.objects.filter(pk__in=[row.pk for row in some]).update(state=Duty.State.WAIVED)
    for username in ("office", "liaison"):
        pager = login(username).get(f"/ledger/?{asked}").context["pager"]
        assert pager.total == pager.page.paginator.rows().count()


def test_what_is_worked_out_in_python_is_cut_into_pages_too():
    pager = paging.paged(RequestFactory().get("/?page=999&q=a"), list(range(12)), 5)
    assert (list(pager.page), pager.first, pager.last, pager.total) == ([10, 11], 11, 12, 12)
    assert (pager.previous_url, pager.next_url) == ("?q=a&page=2", "")
    assert list(paging.paged(RequestFactory().get("/?page=x"), list(range(12)), 5).page) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("order", "passes_over"), [(("due_on", "id"), False), (("due_on",), True)])
def test_the_last_page_is_read_from_the_end_where_no_two_rows_are_alike(people, order, passes_over):
    def rows(user):
        return duties(user).order_by(*order)

    last = Paginator(rows(people["office"]), 4).num_pages
    with CaptureQueriesContext(connection) as captured:
        page_of(last, people["office"], rows)
    _, numbers = [query["sql"] for query in captured if "LIMIT 4" in query["sql"] or "OFFSET" in query["sql"]]
    assert ("OFFSET" in numbers) is passes_over
