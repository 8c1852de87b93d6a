"""清理痕迹: what served its time goes; every other row of every table stays as it is."""

import hashlib
import os
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accountability.models import Channel, Delivery, Digest, Job, Notice
from accountability.services import audit, clearing
from accountability.tasks import clear_old

pytestmark = pytest.mark.django_db
CLEARED = {"accountability_job", "accountability_delivery", "accountability_digest", "django_session"}


@pytest.fixture
def traces(people, settings, tmp_path, clock):
    """Of each kind something old, something young, and something old that is still needed."""
    now, office = timezone.now(), people["office"]
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()

    def job(key: str, state: str, days: int) -> Job:
        at = now - timedelta(days=days)
        finished = at if state in ("done", "failed") else None
        return Job.objects.create(
            kind="paper", key=key, state=state, requested_by=office, created_at=at, finished_at=finished
        )

    def delivery(state: str, days: int, digest=None) -> Delivery:
        at = now - timedelta(days=days)
        return Delivery.objects.create(
            channel=Channel.objects.mail(), state=state, digest=digest, asked_by=office, next_try_at=at, created_at=at,
            sent_at=at if state == "sent" else None,
        )  # fmt: skip

    def digest(days: int) -> Digest:
        return Digest.objects.create(recipient=office, day=(now - timedelta(days=days)).date())

    told, empty, young = digest(300), digest(301), digest(10)
    notice = Notice.objects.create(
        recipient=office, kind="comment", title="旧", created_at=now - timedelta(days=300), digest=told
    )
    old = [job("1", "done", 91), job("2", "failed", 400), delivery("sent", 181, told), delivery("dropped", 400), empty]
    kept = [job("3", "done", 89), job("4", "queued", 400), job("5", "running", 400), delivery("sent", 179, young)]
    kept += [delivery("dead", 400), delivery("pending", 400), told, young, notice]
    old.append(Session.objects.create(session_key="over", session_data="", expire_date=now - timedelta(minutes=1)))
    kept.append(Session.objects.create(session_key="alive", session_data="", expire_date=now + timedelta(hours=1)))
    clock.move_to(now - timedelta(days=4000))
    kept.append(audit.record("backup", by=office))
    clock.move_to(now)
    return old, kept


def is_there(row) -> bool:
    return type(row)._base_manager.filter(pk=row.pk).exists()


def whole_database() -> dict[str, tuple[int, str]]:
    found = {}
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{name}"')
            rows = sorted(repr(row) for row in cursor.fetchall())
            found[name] = len(rows), hashlib.sha256("".join(rows).encode()).hexdigest()
    return found


def test_what_is_old_goes_and_nothing_else_is_touched(traces):
    old, kept = traces
    before = whole_database()
    gone = clearing.clear_old(timezone.now())
    after = whole_database()
    assert [row for row in old if is_there(row)] == []
    assert [row for row in kept if not is_there(row)] == []
    assert {name for name in before if before[name] != after[name]} == CLEARED
    assert sum(before[name][0] - after[name][0] for name in before) == len(old) == sum(gone.values())


def test_a_notice_that_was_mailed_is_not_waiting_again(traces):
    """Its digest stays: without it the next morning would tell of it once more."""
    clearing.clear_old(timezone.now())
    assert not Notice.objects.waiting().filter(title="旧").exists()


def test_a_dry_run_counts_and_deletes_nothing(traces, capsys):
    before = whole_database()
    call_command("clear_old", "--dry-run")
    assert whole_database() == before
    said = capsys.readouterr().out
    assert "已结束的后台任务：可清理 2" in said
    assert "已过期的会话：可清理 1" in said
    call_command("clear_old")
    assert "已结束的后台任务：已清理 2" in capsys.readouterr().out


def test_a_job_that_a_letter_refers_to_stays(traces):
    """Its foreign key has no name to come back by; the rule finds it all the same."""
    fields = {
        relation.related_model.__name__
        for relation in Job._meta.get_fields(include_hidden=True)
        if relation.auto_created and not relation.concrete
    }
    assert "SupervisionLetter" in fields or any("Letter" in name for name in fields)
    query = str(clearing._jobs(timezone.now()).query)
    assert query.count("EXISTS") >= 3


def test_many_go_in_steps(people, django_assert_max_num_queries, monkeypatch):
    monkeypatch.setattr(clearing, "AT_ONCE", 40)
    at = timezone.now() - timedelta(days=100)
    Job.objects.bulk_create(
        Job(kind="paper", key=f"{n}", state="done", requested_by=people["office"], created_at=at, finished_at=at)
        for n in range(101)
    )
    assert clearing.clear_old(timezone.now())["已结束的后台任务"] == 101
    assert not Job.objects.exists()


@pytest.mark.parametrize("setting", ["KEEP_JOBS_DAYS", "KEEP_DELIVERIES_DAYS"])
def test_zero_days_keep_for_ever(traces, settings, setting):
    setattr(settings, setting, 0)
    gone = clearing.clear_old(timezone.now())
    rows = {"KEEP_JOBS_DAYS": ["已结束的后台任务"], "KEEP_DELIVERIES_DAYS": ["已发出或不必发的投递", "空的每日摘要"]}
    assert [gone[label] for label in rows[setting]] == [0] * len(rows[setting])


def test_uploads_that_never_ended_are_cleared_and_files_are_not(traces, settings):
    media = settings.MEDIA_ROOT / "attachments"
    media.mkdir(parents=True)
    kept, half, young = media / "abc", media / "abc.restoring", settings.FILE_UPLOAD_TEMP_DIR / "young.upload"
    upload = settings.FILE_UPLOAD_TEMP_DIR / "tmp1.upload.pdf"
    ages = {kept: 900, half: 3, upload: 3, young: 1}
    for path, days in ages.items():
        path.write_bytes(b"x")
        at = timezone.now().timestamp() - days * 24 * 3600
        os.utime(path, (at, at))
    assert clearing.clear_old(timezone.now())["上传临时文件"] == 2
    assert [path.exists() for path in ages] == [True, False, False, True]


def test_beat_orders_it_each_night(settings):
    entry = settings.CELERY_BEAT_SCHEDULE["clear"]
    assert entry["task"] == clear_old.name
    assert entry["schedule"].hour == {4}
