"""整改台账导入 as a job: queued once, told on its page, written whole by the worker or not at all (三（四）1)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection

from accountability.models import Heartbeat, Job, Notice, Tenure
from accountability.services import imports, jobs
from accountability.services.grants import sync_grants
from accountability.tasks import beat_heart
from inspections.models import Finding, LedgerImport, Measure
from inspections.services import ledger
from tests import cast
from tests.accountability.test_races import at_once
from tests.importing import confirmed, work_off
from tests.inspections.rounds import SAMPLE, fed_back, inspection_officer

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def kept(people) -> LedgerImport:
    """The sample, uploaded and planned."""
    file = SimpleUploadedFile("整改台账.xlsx", SAMPLE.read_bytes())
    return ledger.receive(fed_back(people["discipline"]), file, by=people["discipline"])[0]


@pytest.fixture
def page(kept) -> str:
    return kept.get_absolute_url()


def words(client, page: str, **headers) -> str:
    return client.get(page, headers=headers).content.decode()


def test_confirmed_it_waits_for_the_worker_and_is_then_written_in_the_name_of_who_confirmed(login, people, page, kept):
    client = login("discipline")
    assert client.post(f"{page}confirm/")["Location"] == page
    assert not Finding.objects.exists(), "nothing within the request"
    seen = words(client, page)
    assert "正在导入" in seen and "排队中 0%" in seen and "没有后台进程在运行" in seen
    assert "确定导入" not in seen and "将写入" not in seen
    assert "排队中" in words(client, f"/inspections/{kept.round_id}/import/")
    beat_heart()
    assert "没有后台进程在运行" not in words(client, page, **HTMX)
    job = work_off()
    assert (job.state, job.requested_by, job.kind, job.key) == (
        "done",
        people["discipline"],
        "ledger_import",
        f"{kept.pk}",
    )
    assert Measure.objects.count() == 115
    assert {one.history.get().history_user for one in Measure.objects.all()} == {people["discipline"]}
    assert "已导入：新增 115 条，更新 0 条，0 条不变。" in words(client, page)
    notice = Notice.objects.get(kind=Notice.Kind.IMPORT)
    assert (notice.recipient, notice.url, notice.at_once) == (people["discipline"], page, False)
    assert "已导入" in notice.title and "新增 115 条" in notice.body
    assert client.get(page, headers=HTMX)["HX-Refresh"] == "true"


def test_the_page_asks_for_itself_only_while_it_is_under_way(login, page):
    client = login("discipline")
    assert "hx-trigger" not in words(client, page).partition('id="import-state"')[2].partition(">")[0]
    client.post(f"{page}confirm/")
    Job.objects.update(state="running", progress=40, step="核对无误，正在写入：新增 115 条")
    seen = words(client, page, **HTMX)
    assert "<html" not in seen and f'hx-get="{page}"' in seen
    assert "进行中 40%" in seen and "核对无误，正在写入" in seen


def test_asked_twice_it_is_one_job_and_nobody_drops_or_changes_it_meanwhile(login, people, page, kept):
    client = login("discipline")
    client.post(f"{page}confirm/")
    officer = inspection_officer()
    assert imports.order(kept, by=officer).requested_by == people["discipline"], "joined"
    assert Job.objects.count() == 1
    assert client.post(f"{page}drop/").status_code == 400
    with pytest.raises(ValidationError, match="正在导入"):
        ledger.map_units(kept, {"宣传处": cast.organisation(cast.OURS)}, by=officer)
    work_off()
    assert client.post(f"{page}confirm/").status_code == 400, "it is imported"
    assert Job.objects.count() == 1


def test_what_changed_meanwhile_is_refused_on_the_page_and_can_be_confirmed_again(login, people, page, kept):
    client = login("discipline")
    client.post(f"{page}confirm/")
    LedgerImport.objects.update(fingerprint="0" * 64)  # as if another had written since the preview
    assert work_off().state == Job.State.FAILED
    seen = words(client, page)
    assert "上次导入没有写入任何内容" in seen and "预览之后系统里的台账有了变化" in seen
    assert "确定导入" in seen and "将写入 115 行" in seen
    assert "未完成" in words(client, f"/inspections/{kept.round_id}/import/")
    assert not Finding.objects.exists()
    assert "没有导入" in Notice.objects.get(kind=Notice.Kind.IMPORT).title
    LedgerImport.objects.update(fingerprint=kept.fingerprint)
    assert "已导入" in confirmed(client, page)
    assert Measure.objects.count() == 115


def test_whoever_may_no_longer_is_refused_in_the_worker(people, kept, login, page):
    officer = inspection_officer()
    imports.order(kept, by=officer)
    Tenure.objects.filter(person=officer).update(ended_on=cast.TODAY.replace(month=1, day=31))
    sync_grants(cast.TODAY)
    job = work_off()
    assert (job.state, job.error) == (Job.State.FAILED, "任务未完成：巡察轮次由巡察办或纪委办理。")
    assert not Finding.objects.exists()
    assert "由巡察办或纪委办理" in words(login("discipline"), page)


def test_a_round_that_was_closed_meanwhile_is_told_and_the_file_can_be_dropped(login, people, page, kept):
    imports.order(kept, by=people["discipline"])
    type(kept.round).objects.update(stage="closed")
    assert work_off().state == Job.State.FAILED
    client = login("discipline")
    seen = words(client, page)
    assert "现在不能导入" in seen and "已经结束，不能导入整改台账" in seen and "确定导入" not in seen
    assert client.post(f"{page}drop/").status_code == 302
    assert "已放弃" in words(client, page)


def test_a_failure_half_way_leaves_nothing_and_its_retry_writes_all(login, people, page, kept, monkeypatch):
    def fail(*_, **__):
        raise IntegrityError

    imports.order(kept, by=people["discipline"])
    with monkeypatch.context() as broken:
        broken.setattr("inspections.services.writing.keep", fail)  # the last step: everything else is written by then
        job = work_off()
    assert (job.state, Finding.objects.count(), Measure.objects.count()) == (Job.State.FAILED, 0, 0)
    assert "与他人的修改冲突" in words(login("discipline"), page)
    assert login("sysadmin").post(f"/operations/jobs/{job.pk}/retry/").status_code == 302
    assert "正在导入" in words(login("discipline"), page)
    work_off()
    assert Measure.objects.count() == 115
    assert {one.history.get().history_user for one in Measure.objects.all()} == {people["discipline"]}, (
        "not the retrier"
    )


def test_killed_after_it_was_written_it_is_not_written_again(people, kept, clock):
    job = imports.order(kept, by=people["discipline"])
    assert jobs.claim(job.pk)
    ledger.confirm(kept, by=people["discipline"])  # and the worker dies before it can say so
    clock.shift(jobs.LEASE * 2)
    assert work_off().state == Job.State.DONE
    assert (Measure.objects.count(), Measure.history.count()) == (115, 115)


def test_a_stranger_orders_nothing(login, people, page, kept):
    assert login("unit_secretary").post(f"{page}confirm/").status_code == 404
    assert not Job.objects.exists()
    assert not Heartbeat.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_write_it_once(people, kept):
    """The lease of the one ran out while it was writing."""
    job = imports.order(kept, by=people["discipline"])
    Job.objects.update(state=Job.State.RUNNING)

    def work(_):
        try:
            return imports._work(jobs.Run(Job.objects.get(pk=job.pk)))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, range(2))) == [None, None]
    assert (Measure.objects.count(), Measure.history.count()) == (115, 115)
    assert Notice.objects.filter(kind=Notice.Kind.IMPORT).count() == 1


@pytest.mark.django_db(transaction=True)
def test_confirmed_and_dropped_at_once_has_one_outcome(people, kept):
    verbs = (imports.order, ledger.drop)
    told = at_once(lambda number: verbs[number](kept, by=people["discipline"]))
    assert [isinstance(one, ValidationError) for one in told].count(True) == 1
    kept.refresh_from_db()
    assert Job.objects.filter(kind=kept.KIND).exists() == (kept.state == LedgerImport.State.WAITING)
