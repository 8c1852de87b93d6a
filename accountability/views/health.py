"""健康检查: can the product do its work just now? For load balancers, monitors and the start script."""

import os
from datetime import timedelta
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error as DatabaseError
from django.db import connection, transaction
from django.http import JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from accountability.models import Heartbeat

BROKER_SECONDS = 2


@never_cache
@login_not_required
@transaction.non_atomic_requests  # opening a transaction would fail before we could say what is down
@require_safe
def healthz(request):
    database = _database_answers()
    seen = _worker_seen() if database else None
    parts = {"database": database, "queue": _queue_answers(), "worker": _is_fresh(seen)}
    answer = {name: "ok" if well else "down" for name, well in parts.items()}
    well = all(parts.values())
    body = {"status": "ok" if well else "down", **answer, "worker_seen": seen and timezone.localtime(seen).isoformat()}
    return JsonResponse(body, status=200 if well else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _worker_seen():
    try:
        return Heartbeat.objects.filter(name="worker").values_list("beat_at", flat=True).first()
    except DatabaseError:  # reachable, but not migrated yet
        return None


def _is_fresh(seen) -> bool:
    return seen is not None and timezone.now() - seen < timedelta(seconds=settings.HEARTBEAT_SECONDS)


def _queue_answers() -> bool:
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    if "data_folder_in" in options:
        folder = Path(options["data_folder_in"])
        return folder.is_dir() and os.access(folder, os.W_OK)
    return _broker_answers()


def _broker_answers() -> bool:
    with current_app.connection_for_write() as broker:
        broker.transport_options = broker.transport_options | {
            "socket_connect_timeout": BROKER_SECONDS,
            "socket_timeout": BROKER_SECONDS,
        }
        try:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=BROKER_SECONDS)
        except (OperationalError, OSError):
            return False
    return True
