"""Tasks read the clock and call one service."""

from celery import shared_task
from django.utils import timezone

from supervision.services import annual_report, clue_items  # noqa: F401  (importing annual_report registers the job)
from supervision.services.digests import send_digests
from supervision.services.reminders import sweep


@shared_task
def remind() -> None:
    """提醒: the day's reminders, then the mails about them; safe to run at any time and twice."""
    now = timezone.now()
    today = timezone.localdate(now)
    sweep(today)
    clue_items.remind(today)
    send_digests(today, now)
