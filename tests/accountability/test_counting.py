"""计数: the frame's numbers come from a statement that is kept, and are the ones a statement written anew would give."""

from datetime import date, datetime, timedelta
from functools import partial
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.models.sql.compiler import SQLCompiler
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accountability import access, counting, statements
from accountability.context_processors import Shell
from accountability.models import Duty, Notice, Person, Post, Record, Tenure
from accountability.views.home import Waits
from tests import cast

EVERYONE = [part.username for part in cast.PARTS]


@pytest.fixture(autouse=True)
def nothing_kept():
    statements.forget()
    yield
    statements.forget()


def found(rows: dict) -> dict:
    return {name: find() for name, find in rows.items()}


def frame_of(username: str) -> Shell:
    request = RequestFactory().get("/")
    request.user = Person.objects.get(username=username)
    request.resolver_match = SimpleNamespace(view_name="home")
    return Shell(request)


@pytest.mark.django_db
def test_what_is_kept_finds_what_is_written_anew(laid):
    """Each of these begins with nothing kept; what lies there takes long to lay."""
    for says_so in (
        assert_the_kept_statement_counts_what_a_new_one_counts,
        assert_nothing_but_the_key_shapes_the_statement,
        assert_the_home_page_counts_as_a_new_statement_would,
        partial(assert_what_is_seen_from_another_scope_is_what_is_seen, Duty),
        partial(assert_what_is_seen_from_another_scope_is_what_is_seen, Record),
    ):
        statements.forget()
        says_so()


def assert_the_kept_statement_counts_what_a_new_one_counts() -> None:
    for username in EVERYONE * 2:
        frame = frame_of(username)
        assert frame.counts == counting.counts_of(found(frame._waiting())), username
    assert len([key for key in statements._kept if key[0] == "frame"]) == len(EVERYONE)


def assert_nothing_but_the_key_shapes_the_statement() -> None:
    """No row is read while it is built, and no day is written into it that its key has not: so it is as true tomorrow."""
    for username in EVERYONE:
        frame = frame_of(username)
        with CaptureQueriesContext(connection) as captured:
            found(frame._waiting())
        assert len(captured) == 0, captured.captured_queries
    kept = [*statements._kept.items(), *((key, one.kept) for key, one in statements._compilers.items() if one)]
    for key, (_, params) in kept:
        assert [value for value in params if isinstance(value, date | datetime) and value not in key] == [], key


def assert_the_home_page_counts_as_a_new_statement_would() -> None:
    for username in EVERYONE * 2:
        user = Person.objects.get(username=username)
        waits = Waits(user, 2026, cast.TODAY)
        with CaptureQueriesContext(connection) as captured:
            rows = found(waits._found())
        assert len(captured) == 0, captured.captured_queries
        assert waits.counts == counting.counts_of(rows), username
        for name, count in waits.counts.items():
            assert len(waits.rows(name, at_most=None) if hasattr(rows[name], "for_list") else rows[name]) == count


@pytest.mark.django_db
def test_numbers_move_with_the_rows(people):
    before = frame_of("liaison").counts["unread"]
    Notice.objects.create(recipient=people["liaison"], kind=Notice.Kind.REPORT, title="新的", created_at=timezone.now())
    assert frame_of("liaison").counts["unread"] == before + 1


@pytest.mark.django_db
def test_a_post_taken_or_given_is_another_key(people):
    person = people["liaison"]
    before = access.standing_of(person)
    Tenure.objects.filter(person=person).update(ended_on=timezone.localdate() - timedelta(days=1))
    after = access.standing_of(Person.objects.get(pk=person.pk))
    assert before != after and after[2] == ()
    assert frame_of("liaison").counts["owed"] == 0


@pytest.mark.django_db
def test_a_second_look_writes_no_statement(login, monkeypatch):
    client = login("liaison")
    client.get("/notices/")
    monkeypatch.setattr(statements, "_written", lambda rows: pytest.fail("written anew"))
    assert client.get("/notices/").status_code == 200


@pytest.mark.django_db
def test_no_more_statements_are_kept_than_agreed(monkeypatch):
    monkeypatch.setattr(statements, "MOST", 2)
    for key in range(5):
        assert counting.counts_again(key, {"posts": Post.objects.all}) == {"posts": Post.objects.count()}
    assert len(statements._kept) <= 2


@pytest.mark.django_db
def test_where_nothing_can_be_found_nothing_is_asked():
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            assert counting.counts_again("none", {"posts": Post.objects.none}) == {"posts": 0}
            assert statements.objects("nobody", Post.objects.none) == []
        assert len(captured) == 0


def assert_what_is_seen_from_another_scope_is_what_is_seen(model) -> None:
    assert model.objects.exists()
    for username in [*EVERYONE, *EVERYONE]:
        user = Person.objects.get(username=username)
        seen = set(model.objects.visible_to(user).values_list("pk", flat=True))
        assert set(model.objects.filter(pk__in=model.objects.ids_visible_to(user)).values_list("pk", flat=True)) == seen
    assert len([key for key in statements._kept if key[0] == model._meta.model_name]) == len(EVERYONE)


@pytest.mark.django_db
def test_objects_found_again_are_those_a_new_statement_finds(people, monkeypatch):
    person, day = people["liaison"], timezone.localdate()

    def find():
        return Post.objects.held_by(person, day).select_related("organisation__parent")

    with CaptureQueriesContext(connection) as first:
        anew = list(find())
    assert statements.objects("posts", find) == anew
    monkeypatch.setattr(SQLCompiler, "as_sql", lambda *_, **__: pytest.fail("written anew"))
    with CaptureQueriesContext(connection) as again:
        (post,) = statements.objects("posts", find)
        assert post.organisation.parent.name == anew[0].organisation.parent.name
    assert [query["sql"] for query in again] == [query["sql"] for query in first]


@pytest.mark.django_db
def test_objects_found_again_are_read_anew(people):
    person, day = people["liaison"], timezone.localdate()
    for title in ("联络员", "新联络员"):
        Post.objects.held_by(person, day).update(title=title)
        (post,) = statements.objects("posts", lambda: Post.objects.held_by(person, day))
        assert post.title == title
