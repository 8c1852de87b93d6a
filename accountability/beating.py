"""定时进程: Celery's scheduler that leaves a heartbeat of its own, so that a page can tell a dead beat from a dead worker."""

import logging
import time

from celery.beat import PersistentScheduler
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

log = logging.getLogger(__name__)
EVERY_SECONDS = 15


class Scheduler(PersistentScheduler):
    max_interval = EVERY_SECONDS
    _beaten_at = float("-inf")

    def tick(self, *args, **kwargs) -> float:
        pause = super().tick(*args, **kwargs)
        if time.monotonic() - self._beaten_at >= EVERY_SECONDS:
            self._beaten_at = time.monotonic()
            close_old_connections()  # beat lives for months, a connection does not
            leave_heartbeat("beat")
        return min(pause, EVERY_SECONDS)


def leave_heartbeat(name: str) -> None:
    """Written where the database answers; where it does not, beat goes on, and the page says what is down."""
    from accountability.models import Heartbeat  # models can be imported only once Django is set up

    try:
        Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": timezone.now()})
    except DatabaseError:
        log.warning("no heartbeat: the database does not answer")
