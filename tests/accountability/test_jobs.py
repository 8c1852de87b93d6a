"""后台任务: claimed by one, resumed after a crash, failed in words; the broker only wakes a worker."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accountability.models import Heartbeat, Job
from accountability.services import jobs, outbox
from accountability.tasks import beat_heart


@pytest.fixture
def kind():
    """A kind of job whose function the test chooses by ``kind.does``."""

    class Kind:
        name = "test-kind"
        seen: list[int] = []

        @staticmethod
        def does(run) -> None:
            Kind.seen.append(run.job.pk)

    Kind.seen = []
    jobs.runs(Kind.name, "试验任务")(lambda run: Kind.does(run))
    yield Kind
    del jobs._runners[Kind.name], jobs.labels[Kind.name]


@pytest.fixture
def job(people, kind) -> Job:
    return jobs.queue(kind.name, "2026", by=people["office"])[0]


def test_asking_twice_joins_the_job_under_way(job, people, kind):
    again, is_new = jobs.queue(kind.name, "2026", by=people["secretary"])
    assert (again.pk, is_new) == (job.pk, False)
    other, is_new = jobs.queue(kind.name, "2025", by=people["office"])
    assert is_new and other.pk != job.pk


def test_a_finished_job_can_be_asked_for_again(job, people, kind):
    jobs.run(job.pk)
    assert jobs.queue(kind.name, "2026", by=people["office"])[1]


def test_the_database_allows_one_under_way(job, people, kind):
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(kind=kind.name, key="2026", requested_by=people["office"], created_at=timezone.now())


def test_run_does_it_once(job, kind):
    jobs.run(job.pk)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert kind.seen == [job.pk]
    assert (job.state, job.progress, job.attempts, job.lease_until) == ("done", 100, 1, None)
    assert job.started_at <= job.finished_at


def test_a_claimed_job_is_not_claimed_again(job):
    assert jobs.claim(job.pk).pk == job.pk
    assert jobs.claim(job.pk) is None


def test_a_lease_that_ran_out_is_taken_over(job, clock):
    jobs.claim(job.pk)
    clock.shift(jobs.LEASE + timedelta(seconds=1))
    assert job.pk in jobs.resumable().values_list("pk", flat=True)
    assert jobs.claim(job.pk).attempts == 2


def test_telling_progress_keeps_the_lease(job, kind, clock):
    run = jobs.Run(jobs.claim(job.pk))
    clock.shift(jobs.LEASE - timedelta(seconds=10))
    run.tell(40, "生成正文")
    clock.shift(timedelta(seconds=20))
    job.refresh_from_db()
    assert (job.progress, job.step) == (40, "生成正文")
    assert jobs.claim(job.pk) is None


def test_a_lost_message_is_found(job, clock):
    assert not jobs.resumable().exists()
    clock.shift(timedelta(seconds=16))
    assert jobs.resumable().get() == job


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValidationError("模板缺少一节"), "任务未完成：模板缺少一节"),
        (
            ZeroDivisionError("division by zero"),
            "任务未完成：系统出错，已记入运行日志。请重试一次；仍不成功请联系系统管理员。",
        ),
    ],
)
def test_a_failure_is_written_in_words(job, kind, error, words):
    def fail(run):
        raise error

    kind.does = staticmethod(fail)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", words)


def test_a_job_that_kills_its_worker_is_given_up(job, kind, clock):
    for _ in range(jobs.ATTEMPTS):
        jobs.claim(job.pk)
        clock.shift(jobs.LEASE + timedelta(seconds=1))
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert "已尝试 3 次" in job.error
    assert kind.seen == []


def test_a_worker_that_lost_its_lease_cannot_finish_the_job(job, clock):
    slow = jobs.claim(job.pk)
    clock.shift(jobs.LEASE + timedelta(seconds=1))
    jobs.claim(job.pk)
    jobs._finish(slow, Job.State.FAILED, error="too late")
    job.refresh_from_db()
    assert job.state == "running"


def test_a_broker_that_is_down_only_delays(people, kind, monkeypatch, django_capture_on_commit_callbacks):
    def unreachable(*args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("accountability.services.jobs.current_app.send_task", unreachable)
    with django_capture_on_commit_callbacks(execute=True):
        job, _ = jobs.queue(kind.name, "2026", by=people["office"])
    assert job.state == "queued"


def test_the_heart_beats_in_one_row(db):
    beat_heart()
    beat_heart()
    assert Heartbeat.objects.count() == 1


def test_a_refusal_of_a_right_is_told_in_its_own_words(job, kind):
    def refuse(run):
        raise PermissionDenied("由党委办公室办理。")

    kind.does = refuse
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.FAILED, "任务未完成：由党委办公室办理。")


@pytest.mark.django_db(transaction=True)
def test_what_is_told_inside_a_transaction_is_seen_before_it_ends(job, kind):
    """Only where there is more than one writer; SQLite shows it when the transaction ends."""
    seen = []

    def work(run):
        run.tell(10, "before")
        with transaction.atomic():
            run.tell(60, "inside")
            with ThreadPoolExecutor(1) as pool:
                seen.append(pool.submit(elsewhere).result(timeout=30))

    def elsewhere():
        try:
            return Job.objects.get(pk=job.pk).step
        finally:
            connection.close()

    kind.does = work
    jobs.run(job.pk)
    assert seen == ["inside" if connection.vendor == "postgresql" else "before"]


@pytest.mark.parametrize("send", [lambda: jobs.wake(1), outbox._send_word], ids=["job", "delivery"])
def test_a_broker_that_is_gone_stops_nobody(send, monkeypatch):
    """The row waits for ``resume_jobs``; a page whose rows are written must not fall over the message about them."""
    from celery import Celery, current_app

    gone = Celery(broker="redis://127.0.0.1:1/0", set_as_current=False)
    gone.conf.broker_connection_retry = False
    gone.conf.task_publish_retry = False
    monkeypatch.setattr(current_app._get_current_object(), "send_task", gone.send_task)
    send()
