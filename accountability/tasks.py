"""Tasks read the clock and call one service."""

from celery import shared_task
from celery.signals import worker_ready
from django.utils import timezone

from accountability.models import Heartbeat, Person
from accountability.services import (
    batches,  # noqa: F401  (importing it registers the job)
    grants,
    jobs,
    papers,  # noqa: F401  (importing it registers the job)
    scanning,
)


@shared_task
def beat_heart() -> None:
    Heartbeat.objects.update_or_create(name="worker", defaults={"beat_at": timezone.now()})


@worker_ready.connect
def first_heartbeat(**_) -> None:
    """A worker that has just started is alive before beat first says so."""
    beat_heart.delay()


@shared_task
def run_job(job_id: int) -> None:
    jobs.run(job_id)


@shared_task
def resume_jobs() -> None:
    for job_id in jobs.resumable().values_list("pk", flat=True)[:20]:
        run_job.delay(job_id)


@shared_task
def sync_grants() -> None:
    grants.sync_grants(timezone.localdate())


@shared_task
def scan_missed() -> None:
    scanning.scan_missed(by=Person.objects.system())
