"""后台任务: queue, claim, report progress, finish. The row is the truth; the broker only wakes a worker."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from celery import current_app
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import F, Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from accountability import access
from accountability.models import Job, Person

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=120)
ATTEMPTS = 3
RUN_JOB = "accountability.tasks.run_job"  # by name: the task imports this module
Tell = Callable[[int, str], None]  # per cent and step, as ``Run.tell`` takes them
GivenUp = Callable[[Job, str], None]  # the job and why
_runners: dict[str, Callable[["Run"], None]] = {}
_given_up: dict[str, GivenUp] = {}
labels: dict[str, str] = {}


def runs(kind: str, label: str, given_up: GivenUp | None = None):
    """Register the function that does jobs of this kind, and its name; upper apps tell this one by registering.

    ``given_up`` is called in the transaction in which a job fails, so that what waits for it does not wait for ever.
    """

    def register(function):
        _runners[kind], labels[kind] = function, label
        if given_up:
            _given_up[kind] = given_up
        return function

    return register


class Run:
    """One attempt at a job, as its function sees it: it tells how far it is, and so keeps the lease."""

    def __init__(self, job: Job):
        self.job, self.is_apart = job, not connection.in_atomic_block
        self._told_beside_at = 0.0

    def tell(self, progress: int, step: str) -> None:
        with self._told_at_once() as alias:
            if alias is None:
                return
            Job.objects.using(alias).filter(pk=self.job.pk, state=Job.State.RUNNING).update(
                progress=progress, step=step[:80], lease_until=timezone.now() + LEASE
            )

    @contextmanager
    def _told_at_once(self) -> Iterator[str | None]:
        """Out of a transaction of the job by a connection beside it, or nobody would read it before the end.

        A connection costs more than what is told is worth: a second's silence is kept between two, and nothing is yielded.
        SQLite has one writer: there it is read when the transaction ends; so it is where the whole run stands in one.
        """
        if connection.vendor == "sqlite" or not self.is_apart or not connection.in_atomic_block:
            yield connection.alias
            return
        if time.monotonic() - self._told_beside_at < 1:
            yield None
            return
        self._told_beside_at = time.monotonic()
        connections["beside"] = connection.copy("beside")
        try:
            yield "beside"
        finally:
            connections["beside"].close()
            del connections["beside"]


def silent(progress: int, step: str) -> None:
    """Nobody watches: a command, a test."""


@transaction.atomic
def queue(kind: str, key: str, *, by: Person) -> tuple[Job, bool]:
    """排队: one job under way per kind and key; asking again joins it. Returns (job, whether it is new)."""
    try:
        with transaction.atomic():
            job = Job.objects.create(kind=kind, key=key, requested_by=by, created_at=timezone.now())
    except IntegrityError:
        return Job.objects.get(kind=kind, key=key, state__in=(Job.State.QUEUED, Job.State.RUNNING)), False
    transaction.on_commit(lambda: wake(job.pk))
    return job, True


def wake(job_id: int) -> None:
    """Send the number to a worker. A lost message is no loss: ``resumable`` finds the row."""
    try:
        current_app.send_task(RUN_JOB, [job_id])
    except (OSError, OperationalError) as error:  # the file broker's, Redis'
        log.warning("job %s waits: the broker cannot be reached (%s)", job_id, error)


@transaction.atomic
def retry(job: Job, *, by: Person) -> None:
    """重试 what failed: who asked for it, or the system administrator; one under way for the same thing is enough."""
    job = Job.objects.select_for_update().get(pk=job.pk)
    if by.pk != job.requested_by_id and not access.may_operate(by):
        raise PermissionDenied("只有发起人和系统管理员可以重试。")
    if job.state != Job.State.FAILED:
        raise ValidationError("这项任务没有失败，不需要重试。")
    if Job.objects.filter(kind=job.kind, key=job.key, state__in=(Job.State.QUEUED, Job.State.RUNNING)).exists():
        raise ValidationError("同一件事已有任务在办理。")
    job.state, job.attempts, job.progress, job.step, job.error = Job.State.QUEUED, 0, 0, "", ""
    job.created_at, job.finished_at = timezone.now(), None
    job.save()
    transaction.on_commit(lambda: wake(job.pk))


def resumable():
    """Queued for a while, or running with a lease that ran out: its message or its worker is gone."""
    now = timezone.now()
    return Job.objects.filter(
        Q(state=Job.State.QUEUED, created_at__lt=now - timedelta(seconds=15))
        | Q(state=Job.State.RUNNING, lease_until__lt=now)
    )


def claim(job_id: int) -> Job | None:
    """领取 by one conditional update: of several workers exactly one gets it."""
    now = timezone.now()
    free = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, lease_until__lt=now)
    won = Job.objects.filter(free, pk=job_id).update(
        state=Job.State.RUNNING, attempts=F("attempts") + 1, started_at=now, lease_until=now + LEASE, error=""
    )
    return Job.objects.get(pk=job_id) if won else None


def run(job_id: int) -> None:
    """Claim and do the job. A failure is written on the row in words; a crash leaves the lease to run out."""
    job = claim(job_id)
    if job is None:
        return
    if job.attempts > ATTEMPTS:
        _finish(job, Job.State.FAILED, error=f"已尝试 {ATTEMPTS} 次仍未完成，请联系管理员查看运行日志。")
        return
    try:
        _runners[job.kind](Run(job))
    except Exception as error:
        log.exception("job %s failed", job_id)
        _finish(job, Job.State.FAILED, error=in_words(error)[:300])
    else:
        _finish(job, Job.State.DONE)


def in_words(error: Exception) -> str:
    """A refusal in its own Chinese words; anything else is for the log, not for the reader."""
    if isinstance(error, ValidationError):
        return "任务未完成：" + "；".join(error.messages)
    if isinstance(error, PermissionDenied):
        return f"任务未完成：{error}"
    return "任务未完成：系统出错，已记入运行日志。请重试一次；仍不成功请联系系统管理员。"


@transaction.atomic
def _finish(job: Job, state: str, error: str = "") -> None:
    fields = {"state": state, "error": error, "finished_at": timezone.now(), "lease_until": None}
    if state == Job.State.DONE:
        fields |= {"progress": 100, "step": "已完成"}
    ended = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts).update(**fields)
    if ended and state == Job.State.FAILED and job.kind in _given_up:
        _given_up[job.kind](job, error)
