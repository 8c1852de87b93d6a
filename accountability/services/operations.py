"""运行状况: worker, beat, queue, jobs and deliveries as they stand; states and counts, no content."""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from accountability.models import Delivery, Heartbeat, Job

BROKER_SECONDS = 2
QUEUE = "celery"
STUCK = timedelta(minutes=30)  # a delivery that waits longer is worth a look


@dataclass(frozen=True)
class Life:
    """心跳 of one process."""

    name: str
    label: str
    seen_at: datetime | None

    @property
    def is_alive(self) -> bool:
        fresh = timedelta(seconds=settings.HEARTBEAT_SECONDS)
        return self.seen_at is not None and timezone.now() - self.seen_at < fresh


@dataclass(frozen=True)
class Condition:
    """运行状况 at one moment."""

    database: bool
    queue: bool
    depth: int | None
    worker: Life
    beat: Life
    jobs: dict[str, int]
    deliveries: dict[str, int]

    @property
    def is_well(self) -> bool:
        return self.database and self.queue and self.worker.is_alive and self.beat.is_alive


def condition() -> Condition:
    database = _database_answers()
    seen = _heartbeats() if database else {}
    queue = _queue_answers()
    return Condition(
        database=database,
        queue=queue,
        depth=_depth() if queue else None,
        worker=Life("worker", "后台进程（worker）", seen.get("worker")),
        beat=Life("beat", "定时进程（beat）", seen.get("beat")),
        jobs=_jobs() if database else {},
        deliveries=_deliveries() if database else {},
    )


def worker_is_alive() -> bool:
    return Life("worker", "", _heartbeats().get("worker")).is_alive


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _heartbeats() -> dict[str, datetime]:
    try:
        return dict(Heartbeat.objects.values_list("name", "beat_at"))
    except DatabaseError:  # reachable, but not migrated yet
        return {}


def _jobs() -> dict[str, int]:
    state = Job.State
    try:
        return Job.objects.aggregate(
            queued=Count("pk", filter=Q(state=state.QUEUED)),
            running=Count("pk", filter=Q(state=state.RUNNING)),
            failed=Count("pk", filter=Q(state=state.FAILED)),
        )
    except DatabaseError:
        return {}


def _deliveries() -> dict[str, int]:
    now = timezone.now()
    unfinished = Q(state__in=Delivery.UNFINISHED)
    try:
        return Delivery.objects.filter(unfinished | Q(state=Delivery.State.DEAD)).aggregate(
            waiting=Count("pk", filter=unfinished),
            late=Count("pk", filter=unfinished & Q(created_at__lt=now - STUCK)),
            dead=Count("pk", filter=Q(state=Delivery.State.DEAD)),
        )
    except DatabaseError:
        return {}


# ── the broker ────────────────────────────────────────────────────────────────────────────────


def _folder() -> Path | None:
    """The embedded file broker's queue; none when a real broker is in use."""
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    return Path(options["data_folder_in"]) if "data_folder_in" in options else None


def _queue_answers() -> bool:
    if (folder := _folder()) is not None:
        return folder.is_dir() and os.access(folder, os.W_OK)
    with _broker() as broker:
        try:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=BROKER_SECONDS)
        except (OperationalError, OSError):
            return False
    return True


def _depth() -> int | None:
    """队列长度: messages nobody has taken yet; rows are the truth, this shows whether workers keep up."""
    if (folder := _folder()) is not None:
        return sum(1 for _ in folder.glob("*.msg"))
    with _broker() as broker:
        try:
            return broker.default_channel._size(QUEUE)
        except Exception:  # a broker that counts differently, or went away just now
            return None


def _broker():
    broker = current_app.connection_for_write()
    broker.transport_options = broker.transport_options | {
        "socket_connect_timeout": BROKER_SECONDS,
        "socket_timeout": BROKER_SECONDS,
    }
    return broker
