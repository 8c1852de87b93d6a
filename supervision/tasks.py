"""Tasks read the clock and call one service."""

from celery import shared_task
from django.utils import timezone

from accountability.services import outbox
from accountability.services.digests import open_digests
from supervision.services import (
    hints,
    report_batches,  # noqa: F401  (importing them registers their jobs)
    report_papers,  # noqa: F401
)
from supervision.services.reminding import remind_on


@shared_task
def remind() -> None:
    """提醒: the day's reminders, then the digests that tell of them; safe to run at any time and twice."""
    now = timezone.now()
    today = timezone.localdate(now)
    remind_on(today)
    open_digests(today, now)
    outbox.wake()


@shared_task
def look_for_hints() -> None:
    """形式主义提示: one look in the night; a second one joins it or finds nothing new."""
    hints.order_nightly()
