"""事务: what writes does so whole; what reads holds up nobody, and whatever it writes all the same has a transaction of its own."""

import re
import threading
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

import pytest
from django.db import connection, models
from django.http import Http404
from django.test import RequestFactory
from django.urls import URLResolver, get_resolver, path

from accountability.models import Notice, Person
from accountability.transactions import READING, where_they_write
from tests.matrix import drawing

WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
# One statement each, whole by itself, of the frame around every call or of a trace that has no history.
ALONE = re.compile(
    r"django_session|accountability_(loginsession|ratecount|auditevent|auditseal)\b|calendarfeed. SET .used_at. ="
)


def depth() -> int:
    return len(connection.savepoint_ids)


@contextmanager
def bare_writes(own: int = 0):
    """Statements that write, and locks that are taken, outside every transaction but so many that the test will open."""
    found, bottom = [], depth() + own

    def heard(execute, sql, params, many, context):
        if depth() == bottom and WRITES.match(sql) and not ALONE.search(sql):
            found.append(sql[:120])
        return execute(sql, params, many, context)

    take = models.QuerySet.select_for_update

    def locked(self, *args, **kwargs):
        if depth() == bottom:
            found.append(f"lock on {self.model.__name__}")
        return take(self, *args, **kwargs)

    with ExitStack() as stack:
        stack.enter_context(connection.execute_wrapper(heard))
        stack.enter_context(patch.object(models.QuerySet, "select_for_update", locked))
        yield found


def test_every_address_is_told_apart():
    """A view is wrapped here, or says itself that it wants no transaction."""
    views = list(callbacks(get_resolver()))
    assert len(views) > 300
    assert [pattern for pattern in views if not hasattr(pattern.callback, "_non_atomic_requests")] == []


def callbacks(resolver):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from callbacks(pattern)
        else:
            yield pattern


@pytest.mark.once
@pytest.mark.django_db
def test_what_reading_writes_has_a_transaction_of_its_own(laid, people):
    told = {}
    with drawing.pages_unwritten():
        for role in ("secretary", "discipline", "liaison", "office", "sysadmin", "auditor"):
            visitor = drawing.Visitor(role, people)
            for _, address, at in drawing.asked_for(laid):
                with bare_writes(own=1) as found:
                    visitor.ask("GET", at)
                if found:
                    told[role, address.name] = found
    assert told == {}


def test_that_is_heard(db):
    with bare_writes() as found:
        Person.objects.filter(pk=0).update(name="谁")
        list(Person.objects.select_for_update().filter(pk=0))
    assert [words.split()[0] for words in found] == ["UPDATE", "lock"]


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT"])
def test_a_call_that_writes_leaves_nothing_when_it_fails(people, method):
    def view(request):
        Notice.objects.filter(pk__gt=0).update(title="改过")
        raise Http404

    notice = people["liaison"].notices.create(kind=Notice.Kind.REPORT, title="原来", created_at="2026-11-23T01:00Z")
    (pattern,) = where_they_write([path("x/", view)])
    with pytest.raises(Http404):
        pattern.callback(RequestFactory().generic(method, "/x/"))
    notice.refresh_from_db()
    assert notice.title == ("改过" if method in READING else "原来")


@pytest.mark.django_db(transaction=True)
def test_a_page_does_not_wait_for_who_writes(people, client_of):
    """On SQLite a page that began as a writer would wait here for half a minute, and be refused."""
    from django.db import connections, transaction

    writing, done = threading.Event(), threading.Event()

    def write():
        try:
            with transaction.atomic():
                Person.objects.filter(username="liaison").update(name="叶清和")
                writing.set()
                done.wait(20)
        finally:
            connections.close_all()

    reader = client_of("liaison")
    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert writing.wait(10)
        answers = [reader.get(at).status_code for at in ("/notices/", "/ledger/", "/meetings/")]
        assert not done.is_set() and answers == [200] * 3
    finally:
        done.set()
        writer.join()
