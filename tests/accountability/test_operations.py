"""运行状况: what stands still is said plainly; jobs with state, progress, error and retry; no business content."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accountability.beating import leave_heartbeat
from accountability.models import Job, Notice
from accountability.services import jobs
from accountability.services.notices import notify
from accountability.tasks import beat_heart
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_in": str(tmp_path)}


@pytest.fixture
def failed(people) -> Job:
    return Job.objects.create(
        kind="report", key="2026", requested_by=people["office"], state="failed", attempts=3, progress=40,
        error="任务未完成：系统出错", step="会计学院", created_at=timezone.now(), finished_at=timezone.now(),
    )  # fmt: skip


def test_no_worker_is_running_said_plainly(login, clock):
    client = login("sysadmin")
    assert "没有后台进程在运行" in client.get("/operations/").content.decode()
    beat_heart()
    page = client.get("/operations/").content.decode()
    assert "没有后台进程在运行" not in page and "没有定时进程在运行" in page
    leave_heartbeat("beat")
    page = client.get("/operations/").content.decode()
    assert "没有定时进程在运行" not in page and "没有后台进程在运行" not in page
    clock.shift(timedelta(seconds=61))
    assert "没有后台进程在运行" in client.get("/operations/").content.decode()


def test_a_job_with_state_progress_error_and_retry(login, failed):
    client = login("sysadmin")
    page = client.get("/operations/").content.decode()
    for words in ("年度报告", "未完成", "40%", "任务未完成：系统出错", "秦文舒"):
        assert words in page
    client.post(f"/operations/jobs/{failed.pk}/retry/")
    failed.refresh_from_db()
    assert (failed.state, failed.attempts, failed.error, failed.finished_at) == ("queued", 0, "", None)
    assert client.post(f"/operations/jobs/{failed.pk}/retry/").status_code == 400


def test_the_office_reads_the_jobs_it_asked_for(login, failed, people):
    other = Job.objects.create(
        kind="hints", key="all", requested_by=people["discipline"], state="failed", created_at=timezone.now()
    )
    client = login("office")
    assert list(client.get("/operations/").context["pager"].page) == [failed]
    assert "无法投递" in client.get("/operations/").content.decode()
    assert client.post(f"/operations/jobs/{other.pk}/retry/").status_code == 404
    assert client.post(f"/operations/jobs/{failed.pk}/retry/").status_code == 302


def test_nobody_else(login, failed, people):
    for who in {part.username for part in cast.PARTS} - {"sysadmin", "office"}:
        assert login(who).get("/operations/").status_code == 403, who
        assert login(who).post(f"/operations/jobs/{failed.pk}/retry/").status_code == 404, who
    with pytest.raises(PermissionDenied):
        jobs.retry(failed, by=people["secretary"])


def test_one_under_way_for_the_same_thing_is_enough(failed, people):
    jobs.queue("report", "2026", by=people["office"])
    with pytest.raises(ValidationError, match="已有任务"):
        jobs.retry(failed, by=people["office"])


def test_every_kind_of_job_has_a_name():
    import supervision.tasks  # noqa: F401  (it brings all that register)

    assert set(jobs._runners) == set(jobs.labels)
    assert all(len(label) < 12 for label in jobs.labels.values())


def test_views_and_odd_addresses(login, failed):
    client = login("sysadmin")
    assert list(client.get("/operations/?view=failed").context["pager"].page) == [failed]
    assert list(client.get("/operations/?view=under_way").context["pager"].page) == []
    assert client.get("/operations/?view=x&page=九").status_code == 200


class TestTheBell:
    def test_204_while_nothing_changed_and_one_query(self, login, people, django_assert_num_queries):
        notify([people["liaison"]], kind=Notice.Kind.ACCEPTED, title="一条")
        client = login("liaison")
        asked = {"headers": {"HX-Request": "true"}}
        with django_assert_num_queries(3):  # session, person, the count
            assert client.get("/notices/unread/?shown=1", **asked).status_code == 204
        page = client.get("/notices/unread/?shown=0", **asked).content.decode()
        assert 'hx-get="/notices/unread/?shown=1"' in page and ">1<" in page

    def test_the_page_asks_for_it(self, login):
        assert 'hx-get="/notices/unread/?shown=0"' in login("liaison").get("/").content.decode()
