"""批量生成: a job per report, one archive, stopped and gone on with; nobody's report twice, no batch without an end."""

import csv
import io
from datetime import timedelta
from hashlib import sha256
from urllib.parse import unquote
from zipfile import ZipFile

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accountability.models import Duty, Job, Notice, Tenure
from accountability.services import documents, jobs
from accountability.services.grants import sync_grants
from supervision.models import Report, ReportBatch, ReportBatchItem
from supervision.services import report_batches as batches
from tests import cast, letters
from tests.accountability.test_races import at_once
from tests.supervision.test_reports import completed, fresh, made

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_papers")]
State = ReportBatchItem.State
FEW = (cast.OURS, cast.THEIRS)


@pytest.fixture
def kind(people):
    """Two units owe a report, so that a test prints no more."""
    found = batches.kind_of("unit")
    Duty.objects.filter(obligation__acts=found.act).exclude(organisation__name__in=FEW).update(state="waived")
    return found


@pytest.fixture
def batch(kind, people) -> ReportBatch:
    return batches.order(kind, cast.YEAR, by=people["office"])


def queued():
    return Job.objects.filter(state=Job.State.QUEUED).order_by("pk")


def work(most: int = 100) -> None:
    """What the workers do, one job after another."""
    while most and (job := queued().first()):
        jobs.run(job.pk)
        most -= 1


def again(batch: ReportBatch) -> ReportBatch:
    return ReportBatch.objects.for_list().get(pk=batch.pk)


def states(batch: ReportBatch) -> list[str]:
    return list(batch.items.order_by("position").values_list("state", flat=True))


def item_of(batch: ReportBatch, unit: str = cast.OURS) -> ReportBatchItem:
    return batch.items.for_list().get(organisation=cast.organisation(unit))


def leases_run_out() -> None:
    Job.objects.filter(state=Job.State.RUNNING).update(lease_until=timezone.now() - timedelta(seconds=1))


def archive_of(batch: ReportBatch) -> ZipFile:
    return ZipFile(io.BytesIO(batches.archive_bytes(again(batch))))


def listed(batch: ReportBatch) -> list[dict]:
    return list(csv.DictReader(io.StringIO(archive_of(batch).read("清单.csv").decode("utf-8-sig"))))


# ── order ────────────────────────────────────────────────────────────────────────────────────


def test_every_report_has_a_job_of_its_own(batch):
    assert queued().filter(kind=batches.ITEM).count() == batch.items.count() == 2
    assert {item.organisation.name for item in batch.items.all()} == set(FEW)
    assert list(batch.items.values_list("position", flat=True)) == [1, 2]
    assert jobs.labels[batches.ITEM] == "批量生成年度报告"


def test_all_units_and_all_leaders_by_rank(people):
    units = batches.order(batches.kind_of("unit"), cast.YEAR, by=people["office"])
    assert units.items.count() == 37  # the 38th has nobody who could owe one
    assert cast.VACANT not in units.items.values_list("organisation__name", flat=True)
    leaders = batches.order(batches.kind_of("leader"), cast.YEAR, by=people["office"])
    assert leaders.items.count() == 21
    assert not leaders.items.filter(post=None).exists()


def test_two_who_order_share_one_batch(batch, kind, people):
    assert batches.order(kind, cast.YEAR, by=people["office"]) == batch
    assert ReportBatch.objects.count() == 1
    assert ReportBatchItem.objects.count() == Job.objects.count() == 2


@pytest.mark.parametrize("who", ["secretary", "discipline", "unit_secretary", "liaison", "sysadmin", "outsider"])
def test_only_the_office_orders_stops_and_goes_on(batch, kind, people, who):
    for verb in (
        lambda: batches.order(kind, cast.YEAR, by=people[who]),
        lambda: batches.cancel(batch, by=people[who]),
        lambda: batches.resume(batch, by=people[who]),
    ):
        with pytest.raises(PermissionDenied, match="党委办公室"):
            verb()


@pytest.mark.parametrize(
    ("act", "year", "words"),
    [
        ("written-report", cast.YEAR, "不能批量生成"),
        ("duty-report", 2031, "尚未开启"),
    ],
)
def test_what_cannot_be_ordered_is_refused(people, act, year, words):
    with pytest.raises(ValidationError, match=words):
        batches.order(letters.kind(act), year, by=people["office"])


def test_nothing_owed_is_nothing_to_order(kind, people):
    Duty.objects.filter(obligation__acts=kind.act).update(state="waived")
    with pytest.raises(ValidationError, match="没有应提交"):
        batches.order(kind, cast.YEAR, by=people["office"])
    assert not ReportBatch.objects.exists()


# ── made ─────────────────────────────────────────────────────────────────────────────────────


def test_reports_are_begun_printed_and_packed(batch, people):
    work()
    batch = again(batch)
    assert batch.finished_at
    assert states(batch) == [State.DONE] * 2
    assert Report.objects.count() == 2
    item = item_of(batch)
    assert item.report.document.organisation.name == cast.OURS
    assert item.said == "草稿，起草中"
    assert item.name == f"{item.position:02} 会计学院2026年度履责报告（草稿）.pdf"
    names = [each.name for each in batch.items.order_by("position")]
    with archive_of(batch) as archive:
        assert archive.namelist() == ["清单.csv", *names]
        for each in batch.items.all():
            content = archive.read(each.name)
            assert content.startswith(b"%PDF")
            assert sha256(content).hexdigest() == each.sha256
    assert [(row["文件名"], row["校验值（SHA-256）"]) for row in listed(batch)] == [
        (each.name, each.sha256) for each in batch.items.order_by("position")
    ]


def test_who_ordered_and_who_goes_on_writing_are_told_once(batch, people, kind):
    work()
    told = Notice.objects.filter(kind=Notice.Kind.REPORT)
    assert [notice.title for notice in told.filter(recipient=people["office"])] == [f"{batch}已完成"]
    for writer in ("unit_secretary", "liaison", "other_secretary", "other_liaison"):
        assert told.get(recipient=people[writer]).title.endswith("已起草")
    batches.order(kind, cast.YEAR, by=people["office"])
    work()
    assert told.filter(recipient=people["liaison"]).count() == 1
    assert Report.objects.count() == 2


def test_the_same_papers_make_the_same_archive(batch):
    work()
    first, second = io.BytesIO(), io.BytesIO()
    for stream in (first, second):
        batches.write_archive(stream, batch.items.for_list())
    assert first.getvalue() == second.getvalue() == batches.archive_bytes(again(batch))


def test_what_is_issued_comes_as_it_was_frozen(kind, people):
    report = completed(
        made(people["unit_secretary"], "duty-report", cast.organisation(cast.OURS)), by=people["unit_secretary"]
    )
    documents.perform(report.document, "submit", by=people["unit_secretary"])
    documents.perform(letters.fresh(report.document), "pass", by=people["office"])
    letters.set_papers()
    version = fresh(report).document.versions.get(number=2)
    batch = batches.order(kind, cast.YEAR, by=people["office"])
    work()
    item = item_of(batch)
    assert item.sha256 == version.pdf_sha256
    assert item.pages == version.pages
    assert item.said.startswith("江经党履〔2026〕1号")
    assert item.name.endswith(" 会计学院2026年度履责报告.pdf")
    assert Report.objects.count() == 2


def test_approved_and_not_yet_frozen_is_a_draft(kind, people):
    report = completed(
        made(people["unit_secretary"], "duty-report", cast.organisation(cast.OURS)), by=people["unit_secretary"]
    )
    documents.perform(report.document, "submit", by=people["unit_secretary"])
    documents.perform(letters.fresh(report.document), "pass", by=people["office"])
    batch = batches.order(kind, cast.YEAR, by=people["office"])
    jobs.run(item_of(batch).job_id)
    assert item_of(batch).said == "草稿，排版中"
    assert item_of(batch).name.endswith("（草稿）.pdf")


# ── refused ──────────────────────────────────────────────────────────────────────────────────


def test_what_is_refused_says_why_and_the_rest_goes_on(batch, kind, people):
    jobs.run(item_of(batch).job_id)
    Tenure.objects.filter(person=people["office"]).update(ended_on=cast.TODAY - timedelta(days=1))
    sync_grants(cast.TODAY)
    work()
    batch = again(batch)
    assert sorted(states(batch)) == [State.DONE, State.REFUSED]
    assert "您不能为法学院起草" in item_of(batch, cast.THEIRS).said
    assert batch.finished_at
    assert len(archive_of(batch).namelist()) == 2
    assert [row["结果"] for row in listed(batch)].count("未生成") == 1
    assert "1 份未生成" in Notice.objects.get(recipient=people["office"]).body


def test_a_partly_refused_batch_goes_on_with_what_is_missing(batch, people):
    failed = item_of(batch, cast.THEIRS)
    jobs._finish(jobs.claim(failed.job_id), Job.State.FAILED, error="系统出错")
    work()
    kept, before = item_of(batch), again(batch)
    assert before.finished_at
    assert item_of(batch, cast.THEIRS).said == "系统出错"
    with pytest.raises(ValidationError, match="继续"):  # 重试 of the job alone would change what is packed already
        batches.make_one(jobs.Run(failed.job))
    batches.resume(batch, by=people["office"])
    assert queued().filter(kind=batches.ITEM).count() == 1
    work()
    assert states(batch) == [State.DONE] * 2
    after = item_of(batch)
    assert (after.sha256, after.file.name, after.job_id) == (kept.sha256, kept.file.name, kept.job_id)
    assert again(batch).sha256 != before.sha256
    assert len(archive_of(batch).namelist()) == 3


def test_a_damaged_paper_is_not_packed_and_packing_can_be_tried_again(batch, people, settings):
    work(2)
    item = item_of(batch)
    content = item.file.read()
    path = settings.MEDIA_ROOT / item.file.name
    path.write_bytes(content[:-1] + b"x")
    work()
    progress = batches.progress_of(again(batch))
    assert "与登记的校验值不符" in progress.packing_failed
    assert not progress.is_moving
    assert progress.may_resume
    assert Notice.objects.get(recipient=people["office"]).title == f"{batch}没有打包成"
    path.write_bytes(content)
    batches.resume(batch, by=people["office"])
    work()
    assert again(batch).finished_at
    assert len(archive_of(batch).namelist()) == 3


# ── killed ───────────────────────────────────────────────────────────────────────────────────


def test_a_killed_worker_leaves_its_report_to_another(batch):
    job = item_of(batch).job_id
    jobs.claim(job)  # and killed before anything was done
    work()
    assert states(batch).count(State.DONE) == 1
    assert not again(batch).finished_at
    leases_run_out()
    assert job in jobs.resumable().values_list("pk", flat=True)
    jobs.run(job)
    work()
    assert states(batch) == [State.DONE] * 2
    assert again(batch).finished_at


def test_killed_between_report_and_paper_nothing_is_doubled(batch, people):
    item = item_of(batch)
    jobs.claim(item.job_id)
    batches._begun(item, by=people["office"], tell=jobs.silent)
    leases_run_out()
    jobs.run(item.job_id)
    assert item_of(batch).state == State.DONE
    assert Report.objects.count() == 1
    assert Notice.objects.filter(recipient=people["liaison"], kind=Notice.Kind.REPORT).count() == 1


def test_killed_three_times_is_refused_and_the_batch_ends(batch, people):
    item = item_of(batch)
    for _ in range(jobs.ATTEMPTS):
        jobs.claim(item.job_id)
        leases_run_out()
    work()
    assert not again(batch).finished_at
    jobs.run(item.job_id)
    assert item_of(batch).state == State.REFUSED
    assert item_of(batch).said.startswith("已尝试 3 次仍未完成")
    work()
    assert again(batch).finished_at


def test_one_whose_lease_ran_out_while_it_worked_changes_nothing(batch):
    item = item_of(batch)
    slow = jobs.claim(item.job_id)
    leases_run_out()
    jobs.run(item.job_id)
    quick = item_of(batch)
    batches.make_one(jobs.Run(slow))
    batches._settle(item, slow, State.REFUSED, said="晚了")
    assert item_of(batch).state == State.DONE
    assert item_of(batch).file.name == quick.file.name
    work()
    assert Job.objects.filter(kind=batches.ARCHIVE).count() == 1


def test_a_killed_packer_leaves_its_archive_to_another(batch, people):
    work(2)
    job = queued().get(kind=batches.ARCHIVE)
    jobs.claim(job.pk)
    batches.pack(jobs.Run(Job.objects.get(pk=job.pk)))  # packed, and killed before it said so
    sha = again(batch).sha256
    leases_run_out()
    jobs.run(job.pk)
    assert again(batch).sha256 == sha
    assert Notice.objects.filter(recipient=people["office"]).count() == 1


# ── stopped and gone on with ─────────────────────────────────────────────────────────────────


def test_cancelled_before_they_begin_they_are_not_made(batch, people):
    work(1)
    batches.cancel(batch, by=people["office"])
    assert sorted(states(batch)) == [State.CANCELLED, State.DONE]
    work()
    assert Report.objects.count() == 1
    assert not again(batch).finished_at
    assert not Job.objects.filter(kind=batches.ARCHIVE).exists()


def test_what_is_being_made_is_made_and_stays(batch, people):
    item = item_of(batch)
    run = jobs.Run(jobs.claim(item.job_id))
    begun = batches._taken_up(run.job)
    batches.cancel(batch, by=people["office"])
    assert item_of(batch).state == State.WAITING
    assert batches.progress_of(again(batch)).is_moving
    printed = batches._printed(begun, batches._begun(begun, by=people["office"], tell=run.tell))
    batches._settle(begun, run.job, State.DONE, printed)
    assert item_of(batch).state == State.DONE
    assert not batches.progress_of(again(batch)).is_moving


def test_claimed_and_not_yet_begun_is_cancelled_when_its_job_comes_up(batch, people):
    job = jobs.claim(item_of(batch).job_id)
    batches.cancel(batch, by=people["office"])
    batches.make_one(jobs.Run(job))
    assert item_of(batch).state == State.CANCELLED
    assert not Report.objects.exists()


def test_gone_on_with_while_the_old_jobs_still_wait(batch, people):
    work(1)
    batches.cancel(batch, by=people["office"])
    batches.resume(batch, by=people["office"])
    work()
    assert states(batch) == [State.DONE] * 2
    assert again(batch).finished_at
    assert again(batch).cancelled_at is None
    assert Report.objects.count() == 2
    assert batch.history.values_list("history_change_reason", flat=True)[::-1][:3] == [
        "发起批量生成", "取消批量生成", "继续批量生成",
    ]  # fmt: skip


def test_cancelled_when_all_but_the_archive_is_there_it_is_packed_on_resuming(batch, people):
    claimed = [jobs.claim(item.job_id) for item in batch.items.all()]
    batches.cancel(batch, by=people["office"])
    batches.resume(batch, by=people["office"])
    assert states(batch) == [State.WAITING] * 2  # still in the hands of their workers
    for job in claimed:
        batches.make_one(jobs.Run(job))
    work()
    assert again(batch).finished_at


def test_what_does_not_fit_is_refused(batch, people):
    with pytest.raises(ValidationError, match="正在进行"):
        batches.resume(batch, by=people["office"])
    work(2)
    with pytest.raises(ValidationError, match="正在打包"):
        batches.cancel(batch, by=people["office"])
    work()
    with pytest.raises(ValidationError, match="已经结束"):
        batches.cancel(batch, by=people["office"])
    with pytest.raises(ValidationError, match="已全部生成"):
        batches.resume(batch, by=people["office"])


def test_one_under_way_keeps_an_older_one_from_going_on(batch, kind, people):
    batches.cancel(batch, by=people["office"])
    other = batches.order(kind, cast.YEAR, by=people["office"])
    assert other != batch
    with pytest.raises(ValidationError, match="另一批正在进行"):
        batches.resume(batch, by=people["office"])
    with pytest.raises(ValidationError, match="已经取消"):
        batches.cancel(batch, by=people["office"])


@pytest.mark.django_db(transaction=True)
def test_two_who_settle_the_last_at_once_order_one_archive(people):
    Duty.objects.filter(obligation__acts__code="duty-report").exclude(organisation__name__in=FEW).update(state="waived")
    batch = batches.order(batches.kind_of("unit"), cast.YEAR, by=people["office"])
    claimed = [(item, jobs.claim(item.job_id)) for item in batch.items.for_list()]
    at_once(lambda number: batches._settle(*claimed[number], State.REFUSED, said="不成"))
    assert states(batch) == [State.REFUSED] * 2
    assert Job.objects.filter(kind=batches.ARCHIVE).count() == 1


# ── what the database holds ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("report_batch_item_done_has_file", lambda batch: batch.items.update(state=State.DONE)),
        ("report_batch_item_once", lambda batch: batch.items.update(position=1)),
        ("report_batch_cancelled_by_somebody", lambda batch: ReportBatch.objects.update(cancelled_at=timezone.now())),
    ],
)
def test_the_database_refuses(batch, name, change):
    constraints = [*ReportBatch._meta.constraints, *ReportBatchItem._meta.constraints]
    assert name in {constraint.name for constraint in constraints}
    with pytest.raises(IntegrityError), transaction.atomic():
        change(batch)


# ── the page ─────────────────────────────────────────────────────────────────────────────────


def test_the_page_from_nothing_to_the_archive(kind, login):
    client = login("office")
    address = f"{reverse('report_batches')}?year={cast.YEAR}&view=unit"
    page = client.get(address).content.decode()
    assert "还没有批量生成过" in page
    assert "生成全部 2 份" in page
    answer = client.post(address)
    batch = ReportBatch.objects.get()
    assert answer["Location"] == reverse("report_batch", args=[batch.pk])
    page = client.get(answer["Location"]).content.decode()
    assert "正在生成 0 / 2" in page
    assert f'hx-get="{answer["Location"]}" hx-trigger="every 1500ms"' in page
    assert client.get(reverse("report_batch_archive", args=[batch.pk])).status_code == 404
    work(1)
    fragment = client.get(answer["Location"], headers={"HX-Request": "true"}).content.decode()
    assert "正在生成 1 / 2" in fragment
    assert "<html" not in fragment
    assert reverse("report", args=[Report.objects.get().pk]) in fragment
    work(1)
    assert "正在打包 2 / 2" in client.get(address).content.decode()
    work()
    page = client.get(address).content.decode()
    assert "已完成 2 / 2" in page
    assert "hx-get" not in page.split('id="batch"')[1]
    answer = client.get(reverse("report_batch_archive", args=[batch.pk]))
    assert answer["Content-Type"] == "application/zip"
    assert "2026年度履责报告（二级单位）.zip" in unquote(answer["Content-Disposition"])
    assert ZipFile(io.BytesIO(answer.content)).testzip() is None


def test_stopped_and_gone_on_with_on_the_page(batch, login):
    client = login("office")
    here = reverse("report_batch", args=[batch.pk])
    page = client.post(reverse("report_batch_cancel", args=[batch.pk]), follow=True).content.decode()
    assert "已取消 2 / 2" in page
    assert reverse("report_batch_resume", args=[batch.pk]) in page
    client.post(reverse("report_batch_resume", args=[batch.pk]))
    page = client.get(here).content.decode()
    assert "正在生成 0 / 2" in page
    assert reverse("report_batch_cancel", args=[batch.pk]) in page


@pytest.mark.parametrize("who", ["secretary", "discipline", "member", "unit_secretary", "sysadmin", "auditor"])
def test_nobody_else_sees_it(batch, login, who):
    client = login(who)
    for name in ("report_batch", "report_batch_archive"):
        assert client.get(reverse(name, args=[batch.pk])).status_code == 404
    for name in ("report_batch_cancel", "report_batch_resume"):
        assert client.post(reverse(name, args=[batch.pk])).status_code == 404
    answer = client.get(reverse("report_batches"))
    assert answer.status_code == 403
    assert "批量生成由党委办公室使用" in answer.content.decode()


def test_its_page_costs_the_same_for_few_and_many(batch, people, login, django_assert_max_num_queries):
    client = login("office")
    address = reverse("report_batch", args=[batch.pk])
    client.get(address)
    with django_assert_max_num_queries(3) as few:
        batches.progress_of(batch)
    Duty.objects.filter(state="waived").update(state="open")
    batches.cancel(batch, by=people["office"])
    many = batches.order(batch.kind, cast.YEAR, by=people["office"])
    assert many.items.count() > 30
    with django_assert_max_num_queries(len(few)):
        batches.progress_of(many)
