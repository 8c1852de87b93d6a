"""频率限制: who asks too often waits, is told how long, and stands once in the audit; others are not held up (0026)."""

import hashlib
import re
import threading
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as ours
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from accountability import rates
from accountability.models import AuditEvent, RateCount
from config import limits
from tests.test_house import ROUTES

NOON = 1_796_000_400.0


@pytest.fixture(autouse=True)
def counted_in_the_table(settings):
    """As on a machine without Redis; the tests of Redis ask for it."""
    settings.REDIS_URL = ""


@pytest.fixture
def limited(settings):
    def to(**kinds):
        settings.RATE_LIMITS = kinds

    return to


@pytest.mark.django_db
def test_the_fourth_search_waits_and_the_answer_says_how_long(login, limited):
    limited(search=(3, 0, 3600))
    client = login("liaison")
    assert [client.get("/search/?q=会议").status_code for _ in range(3)] == [200] * 3
    answer = client.get("/search/?q=会议")
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 3600
    page = answer.content.decode()
    assert "短时间内搜索的次数太多" in page and answer["Retry-After"] in page


@pytest.mark.django_db
def test_another_person_at_the_same_address_goes_on(login, limited):
    limited(search=(1, 100, 3600))
    client = login("liaison")
    assert [client.get("/search/").status_code for _ in range(2)] == [200, 429]
    assert login("office").get("/search/").status_code == 200


@pytest.mark.django_db
def test_an_address_is_limited_over_all_its_people(login, limited):
    limited(search=(0, 2, 3600))
    assert [login(who).get("/search/").status_code for who in ("liaison", "office", "member")] == [200, 200, 429]


@pytest.mark.django_db
def test_guesses_at_the_door_end_while_looking_at_it_does_not(client, limited):
    limited(login=(0, 2, 3600))
    guess = {"username": "office", "password": "wrong"}
    assert [client.post("/login/", guess).status_code for _ in range(3)] == [200, 200, 429]
    assert client.get("/login/").status_code == 200


@pytest.mark.django_db
def test_the_door_of_the_administration_leads_to_the_one_that_is_limited(client, limited):
    limited(login=(0, 1, 3600))
    client.post("/login/", {})
    assert client.post("/admin/login/", {})["Location"].startswith("/login/")
    assert client.post("/login/", {}).status_code == 429


@pytest.mark.django_db
def test_a_calendar_program_that_guesses_addresses_is_stopped(client, limited):
    limited(feed=(0, 2, 3600))
    assert [client.get(f"/calendar/guess{number}.ics").status_code for number in range(3)] == [404, 404, 429]


@pytest.mark.django_db
def test_every_body_that_could_bring_a_file_counts_as_an_upload(login, limited):
    limited(upload=(1, 0, 3600))
    client = login("liaison")
    assert client.post("/records/new/", {}).status_code != 429
    assert client.post("/records/new/", {}).status_code == 429
    assert client.post("/records/new/", "a=1", content_type="application/x-www-form-urlencoded").status_code != 429


@pytest.mark.django_db
def test_the_audit_is_told_once_in_a_window(login, people, limited):
    limited(search=(1, 0, 3600))
    client = login("liaison")
    for _ in range(5):
        client.get("/search/?q=谁也不该在审计里读到")
    (event,) = AuditEvent.objects.filter(kind=rates.LIMITED)
    assert event.person == people["liaison"] and event.result == "refused"
    assert event.detail == {"limit": "search", "per": "person"}


@pytest.mark.django_db
def test_a_page_without_limit_costs_no_query_more(login, settings):
    client = login("liaison")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/notices/").status_code == 200
        return len(captured)

    queries()
    without = queries()
    settings.RATE_LIMITS = dict(limits.DEFAULTS)
    assert queries() == without


@pytest.mark.django_db
def test_a_limited_page_costs_one_statement_for_the_person_and_one_for_the_address(login, limited):
    client = login("liaison")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/search/").status_code == 200
        return len(captured)

    queries()
    without = queries()
    limited(search=(60, 600, 3600))
    assert queries() == without + 2


@pytest.mark.django_db
def test_a_new_window_begins_at_one():
    assert [rates.counted("x", 60, NOON + at) for at in (0, 1, 59)] == [1, 2, 3]
    assert rates.counted("x", 60, NOON + 60) == 1
    assert RateCount.objects.count() == 1


@pytest.mark.django_db
def test_old_counts_are_swept_up():
    from datetime import timedelta

    from django.utils import timezone

    rates.counted("x", 60, NOON)
    assert rates.sweep(timezone.now() - timedelta(days=1)) == 0
    assert rates.sweep(timezone.now() + timedelta(seconds=1)) == 1


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_get_eight_numbers():
    got, gate = [], threading.Barrier(8)

    def ask() -> None:
        gate.wait()
        got.extend(rates.counted("x", 3600, NOON) for _ in range(5))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(got) == list(range(1, 41))


@pytest.mark.django_db(transaction=True)
def test_what_a_refused_or_broken_view_was_asked_stays_counted(login, limited):
    limited(making=(0, 1, 3600))
    client = login("liaison")
    assert client.post("/documents/batch/", {"action": "none"}).status_code in (400, 403, 404)
    assert client.post("/documents/batch/", {"action": "none"}).status_code == 429


@pytest.mark.django_db
def test_redis_counts_where_there_is_one(settings):
    if not ours.REDIS_URL and not _a_redis_runs():
        pytest.skip("no Redis here")
    settings.REDIS_URL = _address()
    rates._redis.cache_clear()
    who = f"test:{uuid4()}"
    try:
        assert [rates.counted(who, 60, NOON) for _ in range(3)] == [1, 2, 3]
        assert rates.counted(who, 60, NOON + 60) == 1
        assert not RateCount.objects.exists()
        keys = _keys(who)  # others count in the same Redis meanwhile, in windows of theirs
        assert len(keys) == 2 and all(0 < rates._redis().ttl(key) <= 60 for key in keys)
    finally:
        for key in _keys(who):
            rates._redis().delete(key)
        rates._redis.cache_clear()


def _keys(who: str) -> list[bytes]:
    return list(rates._redis().scan_iter(f"rate:{hashlib.sha256(who.encode()).hexdigest()}:*"))


def _address() -> str:
    import os

    return os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379/14"


def _a_redis_runs() -> bool:
    from redis import Redis, RedisError

    try:
        return Redis.from_url(_address(), socket_connect_timeout=1).ping()
    except RedisError:
        return False


@pytest.mark.django_db
def test_a_dead_redis_stops_nobody_and_lifts_no_limit(login, limited, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    rates._redis.cache_clear()
    limited(search=(1, 0, 3600))
    client = login("liaison")
    assert [client.get("/search/").status_code for _ in range(2)] == [200, 429]
    rates._redis.cache_clear()


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("", "unknown"),
        ("<script>", "unknown"),
    ],
)
def test_a_caller_is_one_network(address, network):
    assert rates.network_of(address) == network


def test_the_limits_name_addresses_that_exist():
    names = {name for name, _ in ROUTES} | {"admin:login"}
    assert {name for _, name in limits.LIMITED} <= names
    assert set(limits.BRINGS_NO_FILE) <= names
    assert set(limits.LIMITED.values()) | {"upload"} == set(limits.DEFAULTS) == set(limits.LABELS)


def test_every_address_that_gives_a_file_has_a_limit():
    """By what their views call: a new export without a line in config/limits.py fails here."""
    gives = re.compile(r"\b(sheet_response|download|kept_response|kept_paper|FileResponse|disposition|_inline)\(")
    root, missing = Path(ours.BASE_DIR), []
    for pattern in _patterns(get_resolver()):
        view = pattern.callback
        module = getattr(view, "__module__", "")
        if not module.startswith(("accountability", "meetings", "inspections", "supervision")):
            continue
        source = root / (module.replace(".", "/") + ".py")
        source = source if source.exists() else root / module.replace(".", "/") / "__init__.py"
        body = re.search(
            rf"^def {view.__name__}\(.*?(?=^def |^@|\Z)", source.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
        )
        if body and gives.search(body[0]) and ("GET", pattern.name) not in limits.LIMITED:
            missing.append(pattern.name)
    assert sorted(set(missing) - {"attachment_thumbnail"}) == []  # twenty of them stand on one page


def _patterns(resolver):
    for each in resolver.url_patterns:
        if hasattr(each, "url_patterns"):
            if not str(each.pattern).startswith("admin/"):
                yield from _patterns(each)
        else:
            yield each


@pytest.mark.parametrize("text", ["", "60", "60/600", "a/b/c", "-1/5/60", "5/5/0"])
def test_a_limit_that_is_none_is_refused_at_the_start(text):
    with pytest.raises(ValueError):
        limits.parsed(text)
