"""健康检查: says which part is down, with 503, and never falls over itself."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError
from django.utils import timezone

from accountability.beating import leave_heartbeat
from accountability.models import Heartbeat
from accountability.tasks import beat_heart

NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@pytest.fixture
def folder(settings, tmp_path) -> Path:
    """The embedded file broker's folder."""
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_in": str(tmp_path)}
    return tmp_path


@pytest.fixture
def alive(db, folder) -> None:
    beat_heart()
    leave_heartbeat("beat")


def test_all_is_well(alive, client):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    seen = {row.name: timezone.localtime(row.beat_at).isoformat() for row in Heartbeat.objects.all()}
    assert answer.json() == {
        "status": "ok",
        **dict.fromkeys(("database", "queue", "worker", "beat"), "ok"),
        "worker_seen": seen["worker"],
        "beat_seen": seen["beat"],
        "queue_depth": 0,
        "jobs": {"queued": 0, "running": 0, "failed": 0},
        "deliveries": {"waiting": 0, "late": 0, "dead": 0},
    }
    assert seen["worker"].endswith("+08:00")
    assert "no-cache" in answer["Cache-Control"] and "no-store" in answer["Cache-Control"]


def test_a_worker_not_heard_of_for_a_minute_is_down(alive, client, clock):
    clock.shift(timedelta(seconds=61))
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert (answer.json()["status"], answer.json()["worker"], answer.json()["database"]) == ("down", "down", "ok")


def test_a_worker_never_heard_of_is_down(db, folder, client):
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert (answer.json()["worker"], answer.json()["worker_seen"]) == ("down", None)


def test_a_dead_beat_is_told_apart_from_a_dead_worker(alive, client):
    Heartbeat.objects.filter(name="beat").delete()
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert (answer.json()["beat"], answer.json()["worker"]) == ("down", "ok")


def test_the_length_of_the_queue_is_told(alive, client, folder):
    for name in ("1.msg", "2.msg"):
        (folder / name).touch()
    assert client.get("/healthz").json()["queue_depth"] == 2


def test_a_folder_that_is_gone_is_a_queue_that_is_down(alive, client, folder):
    shutil.rmtree(folder)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["queue"]) == (503, "down")


def test_a_broker_nobody_answers_for_is_down_within_seconds(alive, client, settings, monkeypatch):
    from kombu import Connection

    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600}
    monkeypatch.setattr(
        "accountability.services.operations.current_app.connection_for_write", lambda: Connection(NOBODY_LISTENS)
    )
    began = timezone.now()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["queue"]) == (503, "down")
    assert timezone.now() - began < timedelta(seconds=5)


def test_a_database_that_is_down_is_told_not_raised(folder, client, monkeypatch, django_db_blocker):
    def refuse(*args, **kwargs):
        raise OperationalError("connection refused")

    # No database is reached at all, not even to open a transaction or to look for a session.
    monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.cursor", refuse)
    monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.ensure_connection", refuse)
    with django_db_blocker.unblock():
        answer = client.get("/healthz")
    assert answer.status_code == 503
    assert (answer.json()["database"], answer.json()["worker"], answer.json()["queue"]) == ("down", "down", "ok")


def test_only_looking_is_allowed(alive, client):
    assert client.head("/healthz").status_code == 200
    assert client.post("/healthz").status_code == 405


def test_it_asks_nobody_who_he_is(alive, login, monkeypatch):
    """A browser that was signed in gets its answer also when the sessions cannot be read."""
    client = login("office")

    def no_sessions(*args):
        raise OperationalError("the database is down")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", no_sessions)
    assert client.get("/healthz").status_code == 200
    with pytest.raises(OperationalError):
        client.get("/")
