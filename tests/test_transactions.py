"""事务: what writes does so whole; what reads holds up nobody.

That whatever reading writes all the same has a transaction of its own is heard while tests/matrix asks for everything.
"""

import threading

import pytest
from django.http import Http404
from django.test import RequestFactory
from django.urls import URLResolver, get_resolver, path

from accountability.models import Notice, Person
from accountability.transactions import READING, where_they_write
from tests.bare_writes import bare_writes


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
