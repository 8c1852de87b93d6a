"""Tasks read the clock and call one service."""

from celery import shared_task
from celery.signals import worker_ready
from django.utils import timezone

from accountability.models import Heartbeat
from accountability.services import grants, jobs


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
