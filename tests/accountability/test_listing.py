"""列表的查询: written once, they find what statements written anew find, for each reader, and for him as he is today."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Q
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse
from django.utils import timezone
from guardian.models import UserObjectPermission

from accountability import access, statements
from accountability.models import Duty, Person, Post, Tenure
from accountability.services import operations
from accountability.views.listing import Listing
from accountability.views.paging import paged
from bench.lists import ASKED_BY, LISTS
from inspections.models import Round
from meetings.models import Meeting

pytestmark = pytest.mark.django_db
READERS = ("secretary", "unit_secretary")  # and who else is measured (bench.lists)


@pytest.fixture(autouse=True)
def nothing_kept():
    statements.forget()
    yield
    statements.forget()


def address(name: str, asked: str = "") -> str:
    args = [Round.objects.order_by("-pk").first().pk] if name in ("inspection", "progress_round") else []
    return reverse(name, args=args) + (f"?{asked}" if asked else "")


def told(response) -> str:
    """The page without what differs each time."""
    page = response.content.decode()
    return re.sub(
        r'(name="csrfmiddlewaretoken" value|nonce|data-request|hx-headers)="[^"]*"|[0-9a-f]{32}|\d\d:\d\d',
        "",
        page,
    )


THEIR_OWN_PAGES = {"audit"}  # by key (auditing/filter.py); and it counts every look


def test_each_is_shown_what_he_sees_whoever_looked_before(laid, client_of, monkeypatch):
    """Every list as each who may open it: all from one store, where the second look writes nothing, is what an empty one gives."""
    monkeypatch.setattr(operations, "_depth", lambda: 0)  # tests of other processes order things in the same queue
    clients = {username: client_of(username) for username in {*READERS, *ASKED_BY.values()}}
    seen, anew = {}, []
    for name in sorted(LISTS.keys() - THEIR_OWN_PAGES):
        url = address(name, LISTS[name])
        for username in dict.fromkeys((*READERS, ASKED_BY.get(name, READERS[0]))):
            clients[username].get(url)
            with monkeypatch.context() as patched:
                written = []
                patched.setattr(statements, "Watch", lambda: written.append("anew") or Unwatched())  # noqa: B023
                response = clients[username].get(url)
            if response.status_code == 200:
                seen[username, url] = told(response)
                anew += [(username, url)] if written else []
    assert anew == [], "\n".join(map(str, anew))
    assert len(seen) > 80
    for (username, url), page in seen.items():
        statements.forget()
        assert told(clients[username].get(url)) == page, (username, url)


class Unwatched(statements.Watch):
    __enter__, __exit__ = lambda self: self, lambda *_: None


def listing_of(person: Person, url: str = "/ledger/", *shape) -> Listing:
    request = RequestFactory().get(url)
    request.user, request.resolver_match = person, resolve(request.path)
    return Listing(request, *shape)


@pytest.mark.parametrize(("username", "size"), [("office", 4), ("unit_secretary", 3), ("liaison", 200)])
def test_pages_hold_what_plain_pages_hold(people, username, size):
    person, read = people[username], []

    def rows():
        return Duty.objects.visible_to(person).order_by("-due_on", "id")

    whole = list(rows().values_list("pk", flat=True))
    assert len(whole) > 8
    last = -(-len(whole) // size)
    for _ in range(2):
        for number in dict.fromkeys((1, 2, max(1, last - 1), last, last + 9, "0", "last", "x")):
            pager = listing_of(person, f"/ledger/?page={number}").pager(rows, Duty.objects.for_list, size=size)
            plain = paged(RequestFactory().get("/", {"page": number}), rows(), size)
            assert [row.pk for row in pager.page] == [row.pk for row in plain.page], number
            assert (pager.total, pager.first, pager.last) == (plain.total, plain.first, plain.last)
            assert (bool(pager.previous_url), bool(pager.next_url)) == (bool(plain.previous_url), bool(plain.next_url))
            read += [row.owner.organisation.name for row in pager.page]
    assert read


def test_where_nothing_is_found_the_page_is_empty(people):
    pager = listing_of(people["office"]).pager(Duty.objects.none, Duty.objects.for_list)
    assert (pager.total, list(pager.page)) == (0, [])


def test_without_lines_of_its_own_a_list_shows_its_rows(people):
    rows = Meeting.objects.visible_to(people["office"]).for_list()
    shown = listing_of(people["office"]).pager(lambda: rows)
    assert [(row.pk, row.name_then) for row in shown.page] == [(row.pk, row.name_then) for row in rows[:30]]


def test_counts_are_those_of_plain_queries(people):
    person, today = people["unit_secretary"], timezone.localdate()
    late = Q(state=Duty.State.OPEN, due_on__lt=today)
    visible = Duty.objects.visible_to(person)
    for _ in range(2):
        listing = listing_of(person)
        within = listing.counts_within(lambda: Duty.objects.visible_to(person), lambda: {"all": None, "late": late})
        assert within == {"all": visible.count(), "late": visible.filter(late).count()}
        counts = listing.counts({"open": lambda: visible.open(), "none": Duty.objects.none})
        assert counts == {"open": visible.open().count(), "none": 0}
    assert listing.counts_within(Duty.objects.none, lambda: {"all": None, "late": late}, "nothing") == {
        "all": 0,
        "late": 0,
    }


def test_what_was_first_read_while_it_was_written_is_not_kept(people):
    def rows():
        return Post.objects.filter(pk__in=list(Post.objects.values_list("pk", flat=True)[:2]))

    for _ in range(2):
        assert len(statements.rows("posts", lambda: rows().values_list("pk"))) == 2
        assert len(statements.objects("posts", rows)) == 2
    assert not statements._kept and not statements._compilers


def test_a_moment_is_not_kept():
    """``now`` of yesterday would stand in it for ever; a day stands in the key."""
    now, day = timezone.now(), timezone.localdate()
    statements.rows("moment", lambda: Tenure.objects.filter(person__password_changed_at__lt=now).values_list("pk"))
    assert "moment" not in statements._kept
    statements.rows(("day", day), lambda: Tenure.objects.filter(started_on__lt=day).values_list("pk"))
    assert ("day", day) in statements._kept


def test_what_he_is_told_of_is_in_the_key(people):
    person = people["discipline"]
    before = access.shape_of(person)
    person._known_rows = {"duty": {7}}
    assert access.shape_of(person) != before
    person._known_rows = {"duty": {7, 8}}
    assert access.shape_of(person) not in (before, None)
    person._something = object.__new__(type("Unhashable", (), {"__hash__": None}))
    assert access.shape_of(person) is None and listing_of(person).key("rows") is None


def test_a_post_that_ended_is_seen_at_once(people, client_of):
    client = client_of("unit_secretary")
    assert client.get("/ledger/").context["pager"].total > 0
    yesterday = timezone.localdate() - timedelta(days=1)
    Tenure.objects.filter(person__username="unit_secretary").update(ended_on=yesterday)
    UserObjectPermission.objects.filter(user__username="unit_secretary").delete()  # as services.grants does
    assert client.get("/ledger/").context["pager"].total == 0


def test_rows_by_number_keep_their_order_and_leave_out_what_is_gone(people):
    pks = list(Duty.objects.order_by("-pk").values_list("pk", flat=True)[:5])
    asked = [pks[2], 10**9, pks[0], pks[4]]
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            rows = statements.these("duties", Duty.objects.for_list, asked, 30)
        assert [row.pk for row in rows] == [pks[2], pks[0], pks[4]]
        assert len(queries) == 1
    assert statements.these("duties", Duty.objects.for_list, [], 30) == []
    assert len([key for key in statements._compilers if "these" in key]) == 1


def test_rows_share_what_they_are_joined_to(people):
    """One object a unit, a post, a clause, each with what it is joined to in turn: as plain rows have them, word by word."""
    pks = list(Duty.objects.order_by("pk").values_list("pk", flat=True)[:60])
    plain = list(Duty.objects.for_list().filter(pk__in=pks).order_by("pk"))
    rows = statements.these("duties", Duty.objects.for_list, pks, 60)
    for row, other in zip(rows, plain, strict=True):
        for joined in ("clause", "organisation", "owner", "supervisor"):
            one, its = getattr(row, joined), getattr(other, joined)
            assert (one and (one.pk, str(one), vars(one).keys())) == (its and (its.pk, str(its), vars(its).keys()))
        assert row.owner.full_title == other.owner.full_title
    for joined in ("organisation", "owner"):
        assert len({id(getattr(row, joined)) for row in rows}) == len({getattr(row, joined).pk for row in rows}) < 60
