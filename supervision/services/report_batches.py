"""批量生成: the reports of all units or leaders, each a job of its own for whatever worker is free, in one archive (三（三）1).

The row of the batch is the lock under which an item is settled: of all workers one settles the last and orders the archive.
"""

import csv
import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from tempfile import TemporaryFile
from typing import IO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile, File
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accountability import access
from accountability import document_workflow as flow
from accountability.locking import lock_and_read
from accountability.models import DocumentKind, Job, Notice, Person, Post, Role, WorkYear
from accountability.models.history import save_as
from accountability.papers.sheet import render_pdf
from accountability.services import batches, jobs, papers
from accountability.services.notices import notify
from accountability.services.safekeeping import intact_bytes
from supervision.models import Report, ReportBatch, ReportBatchItem
from supervision.report.scope import LEADER, UNIT
from supervision.services import reports

ITEM, ARCHIVE = "report_batch_item", "report_batch_zip"
State = ReportBatchItem.State
FIXED = (1980, 1, 1, 0, 0, 0)  # the day of every file in the archive: the same papers make the same bytes
OF = {UNIT: "duty-report", LEADER: "democratic-life-report"}
ONLY_OFFICE = "批量生成由党委办公室使用。"


def may_order(user: Person) -> bool:
    return access.may_manage_duties(user)


def _refuse_others(user: Person) -> None:
    if not may_order(user):
        raise PermissionDenied(ONLY_OFFICE)


# ── how far it is ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Progress:
    """进度: what is settled of a batch, and what can be done with it now."""

    batch: ReportBatch
    items: list[ReportBatchItem]

    @property
    def total(self) -> int:
        return len(self.items)

    def _count(self, *states: str) -> int:
        return sum(item.state in states for item in self.items)

    @property
    def done(self) -> int:
        return self._count(State.DONE)

    @property
    def refused(self) -> int:
        return self._count(State.REFUSED)

    @property
    def settled(self) -> int:
        return self.total - self._count(State.WAITING)

    @property
    def per_cent(self) -> int:
        return 100 * self.settled // max(self.total, 1)

    @property
    def packing_failed(self) -> str:
        job = self.batch.archive_job
        return job.error if job and job.state == Job.State.FAILED and not self.batch.finished_at else ""

    @property
    def is_packing(self) -> bool:
        return self.batch.is_under_way and self.settled == self.total and not self.packing_failed

    @property
    def is_moving(self) -> bool:
        """Whether a worker will change something of it: also of a cancelled one that ends what it has begun."""
        if self.batch.is_under_way:
            return not self.packing_failed
        return self._count(State.WAITING) > 0

    @property
    def may_cancel(self) -> bool:
        return self.batch.is_under_way and not self.is_packing

    @property
    def may_resume(self) -> bool:
        if self.batch.is_under_way:
            return bool(self.packing_failed)
        return self.batch.cancelled_at is not None or self.done < self.total


def progress_of(batch: ReportBatch) -> Progress:
    return Progress(batch, list(batch.items.for_list()))


# ── order, cancel, go on ─────────────────────────────────────────────────────────────────────


def kind_of(view: str) -> DocumentKind | None:
    """文种 of the units or of the leaders."""
    return DocumentKind.objects.select_related("act").filter(act__code=OF.get(view, "")).first()


@transaction.atomic
def order(kind: DocumentKind, year: int, *, by: Person) -> ReportBatch:
    """下达批量生成 for all who owe one that year; joins the one under way."""
    _refuse_others(by)
    if kind.act.code not in OF.values():
        raise ValidationError(f"{kind}不能批量生成。")
    work_year = WorkYear.objects.filter(year=year).first()
    if work_year is None:
        raise ValidationError(f"{year} 工作年度尚未开启。")
    lines = batches.owed(kind, year)
    if not lines:
        raise ValidationError(f"{year} 年度没有应提交的{kind}。")
    batch = ReportBatch(kind=kind, work_year=work_year, requested_by=by, created_at=timezone.now())
    try:
        with transaction.atomic():
            save_as(batch, by=by, reason="发起批量生成")
    except IntegrityError:
        return ReportBatch.objects.under_way().get(kind=kind, work_year=work_year)
    for position, line in enumerate(lines, 1):
        item = ReportBatchItem(batch=batch, position=position, organisation=line.organisation, post=line.post)
        _queue(item, by=by)
    return batch


def _queue(item: ReportBatchItem, *, by: Person) -> None:
    """A new job each time: the one before may just be ending."""
    if item.pk is None:
        item.save()
    item.job, _ = jobs.queue(ITEM, f"{item.pk}-{item.job_id or 0}", by=by)
    item.state, item.said = State.WAITING, ""
    item.save()


def _locked(batch: ReportBatch) -> ReportBatch:
    return lock_and_read(ReportBatch.objects.for_list(), batch.pk)


@transaction.atomic
def cancel(batch: ReportBatch, *, by: Person) -> ReportBatch:
    """取消: what has not begun is not made; what is being made is made and stays."""
    _refuse_others(by)
    batch = _locked(batch)
    progress = progress_of(batch)
    if not batch.is_under_way:
        raise ValidationError("这一批已经结束，不需要取消。" if batch.finished_at else "这一批已经取消。")
    if progress.is_packing:
        raise ValidationError("各份都已办完，正在打包，不能取消。")
    batch.cancelled_at, batch.cancelled_by = timezone.now(), by
    save_as(batch, by=by, reason="取消批量生成")
    for item in progress.items:
        if item.state == State.WAITING and item.job.state == Job.State.QUEUED:
            item.state = State.CANCELLED
            item.save()
    return batch


@transaction.atomic
def resume(batch: ReportBatch, *, by: Person) -> ReportBatch:
    """继续: what is missing is queued anew; what is done stays."""
    _refuse_others(by)
    batch = _locked(batch)
    progress = progress_of(batch)
    if not progress.may_resume:
        raise ValidationError("这一批正在进行。" if batch.is_under_way else "这一批已全部生成，不需要继续。")
    batch.cancelled_at = batch.cancelled_by = batch.finished_at = None
    try:
        with transaction.atomic():
            save_as(batch, by=by, reason="继续批量生成")
    except IntegrityError as error:
        raise ValidationError("这一年度的另一批正在进行，请等它完成或先取消它。") from error
    for item in progress.items:
        if item.state in (State.REFUSED, State.CANCELLED):
            _queue(item, by=by)
    _order_archive_of_settled(batch, by=by)
    return batch


# ── one of them ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Printed:
    """What is kept of one: the paper in official form, what it is called in the archive and what is said of it."""

    report: Report
    content: bytes
    sha256: str
    pages: int
    name: str
    said: str


def give_up(job: Job, why: str) -> None:
    """The job failed: of an error, or its worker was killed each time. The item is refused and the batch goes on."""
    if item := ReportBatchItem.objects.select_related("batch").filter(job=job).first():
        _settle(item, job, State.REFUSED, said=why)


@jobs.runs(ITEM, "批量生成年度报告", given_up=give_up)
def make_one(run: jobs.Run) -> None:
    """In the worker. What a killed one had begun is found; what another has settled meanwhile stays as it is."""
    item = _taken_up(run.job)
    if item is None:
        return
    run.tell(5, f"正在生成{item.whose}的报告")
    try:
        report = _begun(item, by=run.job.requested_by, tell=run.tell)
        run.tell(90, f"正在排版{item.whose}的报告")
        printed = _printed(item, report)
    except (ValidationError, PermissionDenied) as error:
        _settle(item, run.job, State.REFUSED, said=_in_words(error))
    else:
        _settle(item, run.job, State.DONE, printed)


@transaction.atomic
def _taken_up(job: Job) -> ReportBatchItem | None:
    """The item of this job, unless it is settled or its batch cancelled before it was begun."""
    item = ReportBatchItem.objects.select_related("batch").filter(job=job).first()
    if item is None:
        return None  # queued anew since, by a job of its own
    batch = _locked(item.batch)
    item = batch.items.for_list().get(pk=item.pk)
    if item.job_id != job.pk:
        return None
    if item.state == State.REFUSED:
        raise ValidationError("这一份已记为未生成，请在批量生成页上“继续”。")
    if item.state != State.WAITING:
        return None
    if batch.cancelled_at:
        item.state = State.CANCELLED
        item.save()
        return None
    return item


def _begun(item: ReportBatchItem, *, by: Person, tell: jobs.Tell) -> Report:
    """The report that exists, or a new one, of which those who go on writing it are told."""
    place = item.batch.kind, item.organisation, item.post, item.batch.work_year_id
    if report := reports.standing(*place):
        return report
    try:
        with transaction.atomic():
            report = reports.make_now(*place, by=by, tell=tell)
            notify(
                _writers(item),
                kind=Notice.Kind.REPORT,
                title=f"{report} 已起草",
                body="党委办公室已按台账填好数字，请核对、补写后送审。",
                url=reverse("report", args=[report.pk]),
            )
    except ValidationError:
        if report := reports.standing(*place):  # begun by its own people at the same moment
            return report
        raise
    return report


def _writers(item: ReportBatchItem) -> list[Person]:
    """书记和联络员 of a unit; the leader himself."""
    posts = [item.post]
    if item.post is None:
        roles = (Role.UNIT_SECRETARY, Role.DEPARTMENT, Role.LIAISON)
        posts = Post.objects.filter(organisation=item.organisation, role__in=roles, abolished_on=None)
    today = timezone.localdate()
    return [person for post in posts for person in flow.holders(post, today)]


def _printed(item: ReportBatchItem, report: Report) -> Printed:
    """The frozen paper as it is; of what is not frozen the version kept last, marked 草稿."""
    document = report.document
    version = document.versions.get(number=document.latest)
    state = document.get_state_display()
    if version.is_frozen:
        content = papers.frozen_bytes(version)
        said = f"{document.number_text}，{state}"
        return Printed(report, content, version.pdf_sha256, version.pages, _name_of(item), said)
    paper = render_pdf(replace(papers.sheet_of(document, version), is_draft=True))
    said = f"草稿，{state}"
    if paper.missing:
        said += f"；这些字没有可用的字形：{'、'.join(paper.missing[:10])}"
    return Printed(report, paper.content, paper.sha256, paper.pages, _name_of(item, "（草稿）"), said)


def _name_of(item: ReportBatchItem, mark: str = "") -> str:
    """01 会计学院2025年度履责报告.pdf, with no sign that a folder's name cannot have."""
    words = f"{item.position:02} {item.whose}{item.batch.work_year_id}年度{item.batch.kind.act.name}{mark}"
    return "".join("_" if sign in '/\\:*?"<>|' else sign for sign in words)[:150] + ".pdf"


def _in_words(error: ValidationError | PermissionDenied) -> str:
    return "；".join(error.messages) if isinstance(error, ValidationError) else str(error)


@transaction.atomic
def _settle(item: ReportBatchItem, job: Job, state: str, printed: Printed | None = None, said: str = "") -> None:
    """记结果, once: of two who did the same, one after the other's lease ran out, the first counts."""
    batch = _locked(item.batch)
    item = batch.items.for_list().get(pk=item.pk)
    if item.job_id != job.pk or item.state != State.WAITING:
        return
    item.state, item.said = state, said[:200]
    if printed:
        item.report, item.said = printed.report, printed.said[:200]
        item.name, item.sha256, item.pages = printed.name, printed.sha256, printed.pages
        item.file.save(f"{printed.sha256}.pdf", ContentFile(printed.content), save=False)
    item.full_clean(validate_constraints=False)
    item.save()
    _order_archive_of_settled(batch, by=job.requested_by)


# ── the archive ──────────────────────────────────────────────────────────────────────────────


def _order_archive_of_settled(batch: ReportBatch, *, by: Person) -> None:
    """打包 once all are settled. Whoever calls this holds the batch's lock, so that one finds the last settled."""
    if not batch.is_under_way or batch.items.filter(state=State.WAITING).exists():
        return
    batch.archive_job, _ = jobs.queue(ARCHIVE, f"{batch.pk}-{batch.archive_job_id or 0}", by=by)
    save_as(batch, by=by, reason="各份办完，打包")


def give_up_packing(job: Job, why: str) -> None:
    if batch := ReportBatch.objects.for_list().filter(archive_job=job).first():
        _tell(batch, job, f"{batch}没有打包成", f"{why}可在批量生成页上“继续”。")


@jobs.runs(ARCHIVE, "批量报告打包", given_up=give_up_packing)
def pack(run: jobs.Run) -> None:
    """In the worker. The papers are read one after another; the archive never lies in memory."""
    batch = ReportBatch.objects.for_list().filter(archive_job=run.job).first()
    if batch is None or not batch.is_under_way:
        return
    items = list(batch.items.for_list())
    with TemporaryFile() as stream:
        write_archive(stream, items, run.tell)
        _keep(batch, run.job, items, stream)


def write_archive(stream: IO[bytes], items: Iterable[ReportBatchItem], tell: jobs.Tell = jobs.silent) -> None:
    """The papers in their order and 清单.csv; the same papers make the same bytes."""
    items = list(items)
    with ZipFile(stream, "w", ZIP_STORED) as archive:
        archive.writestr(ZipInfo("清单.csv", FIXED), listed(items))
        for number, item in enumerate(items, 1):
            if item.state != State.DONE:
                continue
            tell(95 * number // len(items), f"正在打包 {number} / {len(items)}")
            archive.writestr(ZipInfo(item.name, FIXED), intact_bytes(item.file, item.sha256, item.name))


def listed(items: Iterable[ReportBatchItem]) -> bytes:
    """清单 with the mark by which Excel and WPS know that it is UTF-8."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["序号", "单位或岗位", "结果", "说明", "文件名", "页数", "校验值（SHA-256）"])
    for item in items:
        rows.writerow(
            [item.position, item.whose, item.get_state_display(), item.said, item.name, item.pages or "", item.sha256]
        )
    return text.getvalue().encode("utf-8-sig")


@transaction.atomic
def _keep(batch: ReportBatch, job: Job, items: list[ReportBatchItem], stream: IO[bytes]) -> None:
    batch = _locked(batch)
    if batch.archive_job_id != job.pk or not batch.is_under_way:
        return  # another worker was quicker
    before = batch.file.name
    stream.seek(0)
    batch.sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    stream.seek(0, io.SEEK_END)
    batch.size, batch.finished_at = stream.tell(), timezone.now()
    batch.file.save(f"{batch.pk}-{batch.sha256[:16]}.zip", File(stream), save=False)
    save_as(batch, by=job.requested_by, reason="批量生成完成")
    if before and before != batch.file.name:
        transaction.on_commit(lambda: batch.file.storage.delete(before))
    done = sum(item.state == State.DONE for item in items)
    refused = f"，{len(items) - done} 份未生成，可在批量生成页上查看原因" if done < len(items) else ""
    _tell(batch, job, f"{batch}已完成", f"{done} 份已生成{refused}。")


def _tell(batch: ReportBatch, job: Job, title: str, body: str) -> None:
    notify(
        {batch.requested_by, job.requested_by},
        kind=Notice.Kind.REPORT,
        title=title,
        body=body,
        url=reverse("report_batch", args=[batch.pk]),
    )


def archive_bytes(batch: ReportBatch) -> bytes:
    return intact_bytes(batch.file, batch.sha256, "压缩包")
