"""Tasks read the clock and call one service."""

import logging
from datetime import timedelta

from celery import shared_task
from celery.signals import worker_ready
from django.utils import timezone

from accountability import rates
from accountability.beating import EVERY_SECONDS
from accountability.models import Heartbeat, Person
from accountability.services import (
    accounts,
    audit_check,
    batches,  # noqa: F401  (importing it registers the job)
    clearing,
    deliveries,
    grants,
    jobs,
    lockouts,
    papers,  # noqa: F401  (importing it registers the job)
    roster,  # noqa: F401  (importing it registers the job)
    scanning,
    sealing,
    sessions,
    table_statistics,
)

log = logging.getLogger(__name__)


@shared_task
def beat_heart() -> None:
    """Run by a worker, so it proves broker, worker and database at once."""
    Heartbeat.objects.update_or_create(name="worker", defaults={"beat_at": timezone.now()})


@worker_ready.connect
def keep_beating(sender=None, **_) -> None:
    """A worker asks itself for a heartbeat, now and every few seconds: beat may be dead while it lives."""
    beat_heart.delay()
    sender.timer.call_repeatedly(EVERY_SECONDS, beat_heart.apply_async, kwargs={"expires": 2 * EVERY_SECONDS})


@shared_task
def run_job(job_id: int) -> None:
    jobs.run(job_id)


@shared_task
def resume_jobs() -> None:
    for job_id in jobs.resumable().values_list("pk", flat=True)[:20]:
        run_job.delay(job_id)


@shared_task
def deliver_due() -> None:
    """投递: one task per channel with something due, so that a slow one holds up no other."""
    for channel_id in deliveries.waiting_channels(timezone.now()):
        deliver.delay(channel_id)


@shared_task
def deliver(channel_id: int) -> None:
    """What is due on a channel; a round that was cut off for its length goes on at once."""
    if deliveries.deliver(channel_id) and channel_id in deliveries.waiting_channels(timezone.now()):
        deliver.delay(channel_id)


@shared_task
def sync_grants() -> None:
    grants.sync_grants(timezone.localdate())


@shared_task
def review_accounts() -> None:
    """账号核查; grants follow, and what logins left behind is put away."""
    accounts.review(timezone.localdate())
    grants.sync_grants(timezone.localdate())
    sessions.tidy(timezone.now())
    lockouts.forget(timezone.now())


@shared_task
def scan_missed() -> None:
    scanning.scan_missed(by=Person.objects.system())


@shared_task
def seal_events() -> None:
    """封存 what was missed right after its commit."""
    sealing.seal_missed()


@shared_task
def verify_audit() -> None:
    """校验 the whole chain; the auditor's page says how it went."""
    sealing.seal_everything()
    audit_check.check_and_tell(by=Person.objects.system())


@shared_task
def clear_old() -> None:
    """清理: what went is said in the log."""
    log.info("cleared: %s", clearing.clear_old(timezone.now()))


@shared_task
def sweep_rates() -> None:
    rates.sweep(timezone.now() - timedelta(days=1))


@shared_task
def gather_statistics() -> None:
    table_statistics.gather()
