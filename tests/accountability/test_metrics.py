"""指标: numbers for the monitor alone, counted right, without a word of content."""

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from accountability.backups import BACKUP
from accountability.beating import leave_heartbeat
from accountability.metrics.standing import Standing
from accountability.models import Channel, Delivery, Job, Notice
from accountability.services import audit

TOKEN = "a-token-of-the-tests"
pytestmark = pytest.mark.django_db


@pytest.fixture
def monitor(settings, client):
    """Asks as a monitor does and reads the numbers: by name and labels."""
    settings.METRICS_TOKEN = TOKEN

    def ask() -> dict[tuple, float]:
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/plain")
        return {
            (sample.name, *sorted(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(answer.content.decode())
            for sample in family.samples
        }

    return ask


@pytest.mark.parametrize("given", [None, "", "Bearer ", f"Bearer {TOKEN}x", TOKEN, f"Basic {TOKEN}"])
def test_without_the_token_there_is_no_such_page(settings, client, given):
    headers = {} if given is None else {"Authorization": given}
    for token in ("", TOKEN):
        settings.METRICS_TOKEN = token
        assert client.get("/metrics", headers=headers).status_code == 404


def test_a_system_administrator_without_the_token_gets_nothing_either(settings, login):
    settings.METRICS_TOKEN = TOKEN
    assert login("sysadmin").get("/metrics").status_code == 404


def test_requests_are_counted_by_name_method_and_class(monitor, client):
    def number(name: str, method: str, status: str) -> float:
        return now.get(("four_requests_total", ("method", method), ("name", name), ("status", status)), 0)

    now = monitor()
    before = [number("login", "GET", "2xx"), number("ledger", "GET", "3xx"), number("none", "GET", "4xx")]
    times = now.get(("four_request_seconds_count", ("name", "login")), 0)
    client.get("/login/")
    client.get("/login/?next=/ledger/1/")
    client.get("/ledger/?q=顾怀远")
    client.get("/media/nothing-here/")
    now = monitor()
    after = [number("login", "GET", "2xx"), number("ledger", "GET", "3xx"), number("none", "GET", "4xx")]
    assert [new - old for old, new in zip(before, after, strict=True)] == [2, 1, 1]
    assert now[("four_request_seconds_count", ("name", "login"))] == times + 2


def test_a_made_up_method_adds_no_line_of_its_own(monitor, client):
    for method in ("BREW", "顾怀远"):
        client.generic(method, "/login/")
    lines = {dict(key[1:])["method"] for key in monitor() if key[0] == "four_requests_total"}
    assert lines <= {"GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "OTHER"}
    assert "OTHER" in lines


def test_a_refused_login_is_counted(monitor, client):
    before = monitor()[("four_login_failures_total",)]
    client.post(reverse("login"), {"username": "office", "password": "wrong"})
    assert monitor()[("four_login_failures_total",)] == before + 1


def test_jobs_deliveries_hearts_and_sessions_stand_as_they_are(monitor, people, clock):
    now, office = timezone.now(), people["office"]
    for key, state, minutes in (("1", "queued", 5), ("2", "queued", 3), ("3", "failed", 9)):
        Job.objects.create(
            kind="paper", key=key, state=state, requested_by=office, created_at=now - timedelta(minutes=minutes)
        )
    Delivery.objects.create(
        channel=Channel.objects.mail(), asked_by=office, next_try_at=now, created_at=now - timedelta(hours=1)
    )
    leave_heartbeat("beat")
    Session.objects.create(session_key="alive", session_data="", expire_date=now + timedelta(hours=1))
    Session.objects.create(session_key="over", session_data="", expire_date=now - timedelta(hours=1))
    clock.shift(timedelta(seconds=30))
    found = monitor()
    assert found[("four_database_up",)] == 1
    assert [found[("four_jobs", ("state", state))] for state in ("queued", "running", "done", "failed")] == [2, 0, 0, 1]
    assert found[("four_job_oldest_queued_seconds",)] == pytest.approx(330, abs=20)
    assert found[("four_deliveries", ("state", "pending"))] == 1
    assert found[("four_delivery_oldest_seconds",)] == pytest.approx(3630, abs=20)
    assert found[("four_heartbeat_age_seconds", ("process", "beat"))] == pytest.approx(30, abs=20)
    assert found[("four_sessions",)] == 1
    assert found[("four_database_bytes",)] > 100_000


def test_the_age_of_the_last_verified_backup(monitor, people, clock):
    assert ("four_backup_age_seconds",) not in monitor()
    audit.record(BACKUP, by=people["office"], size=12345, missing=2)
    audit.record(BACKUP, by=people["office"], result=audit.FAILED)
    clock.shift(timedelta(hours=30))
    found = monitor()
    assert found[("four_backup_age_seconds",)] == pytest.approx(30 * 3600, abs=60)
    assert (found[("four_backup_bytes",)], found[("four_backup_missing_files",)]) == (12345, 2)


def test_a_database_that_does_not_answer_is_a_number(monitor, monkeypatch):
    def gone(*_):
        raise OperationalError("gone")

    monkeypatch.setattr(Standing, "_all", gone)
    found = monitor()
    assert found[("four_database_up",)] == 0
    assert ("four_login_failures_total",) in found


def test_no_content_and_no_name_is_in_the_numbers(settings, client, login, people):
    settings.METRICS_TOKEN = TOKEN
    Notice.objects.create(recipient=people["office"], kind="comment", title="不可外传", created_at=timezone.now())
    login("office").get("/search/?q=不可外传")
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    assert text.isascii()
    assert not re.search(r"\b(office|secretary|liaison)\b\"", text.replace('name="office', ""))
