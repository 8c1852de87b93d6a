"""年度报告: ask for one, take its figures, print it; frozen with its rows and its hash (三（三）1, 四（三）)."""

import json
from datetime import date
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accountability import access
from accountability.frozen import FrozenPaper, frozen_papers
from accountability.models import Notice, Person, Role, WorkYear
from accountability.models.history import save_as
from accountability.services import jobs
from accountability.services.notices import notify
from supervision.models import AnnualReport
from supervision.report.figures import figures_sha256, take

if TYPE_CHECKING:
    from accountability.papers.printing import Paper

KIND = "annual_report"


def may_request(user: Person) -> bool:
    """Who speaks for the whole school: the secretary, his office and the commission."""
    return access.may_see_whole_school(user) and access.holds(user, Role.SECRETARY, Role.OFFICE, Role.DISCIPLINE)


@transaction.atomic
def request(year: int, *, by: Person) -> AnnualReport:
    """生成报告: queue it, or join the one under way for the same year."""
    if not may_request(by):
        raise PermissionDenied("年度报告由党委书记、党委办公室或纪委生成。")
    work_year = WorkYear.objects.filter(year=year).first()
    if work_year is None:
        raise ValidationError(f"{year} 工作年度尚未开启，不能生成报告。")
    job, is_new = jobs.queue(KIND, str(year), by=by)
    if not is_new and (under_way := AnnualReport.objects.filter(job=job).first()):
        return under_way
    report = AnnualReport(work_year=work_year, job=job, requested_by=by, created_at=timezone.now())
    save_as(report, by=by, reason="生成年度报告")
    return report


def compile_report(year: int, on: date, tell=lambda progress, step: None) -> tuple[dict, "Paper"]:
    """Figures as plain data, and the paper printed from exactly these."""
    from supervision.report.rendering import render  # 50 MB that no web process should carry

    with transaction.atomic():
        taken = take(year, on, tell)
    taken = json.loads(json.dumps(taken, cls=DjangoJSONEncoder, ensure_ascii=False))
    tell(75, "正在排版")
    return taken, render(taken)


@jobs.runs(KIND, "年度报告")
def make(run: jobs.Run) -> None:
    """In the worker. What is finished is never made again or overwritten."""
    report = AnnualReport.objects.get(job=run.job)
    if report.file:
        return
    taken, paper = compile_report(report.work_year_id, timezone.localdate(), run.tell)
    run.tell(95, "正在保存")
    _freeze(report, taken, paper)


@transaction.atomic
def _freeze(report: AnnualReport, taken: dict, paper: "Paper") -> None:
    report.figures, report.figures_sha256 = taken, figures_sha256(taken)
    report.taken_at = timezone.now()
    report.file_sha256, report.size, report.pages = paper.sha256, len(paper.content), paper.pages
    name = f"{report.work_year_id}-{report.pk}.pdf"
    report.file.save(name, ContentFile(paper.content), save=False)
    save_as(report, by=report.requested_by, reason="年度报告生成完毕")
    notify(
        [report.requested_by],
        kind=Notice.Kind.REPORT,
        title=f"{report} 已生成",
        body=f"共 {report.pages} 页，可以下载。",
        url=reverse("report", args=[report.pk]),
    )


@frozen_papers
def made_report(sha256: str, user: Person) -> FrozenPaper | None:
    """核验: a report by the hash of its PDF."""
    report = AnnualReport.objects.made().filter(file_sha256=sha256).first()
    if report is None:
        return None
    may_open = AnnualReport.objects.visible_to(user).filter(pk=report.pk).exists()
    url = reverse("report", args=[report.pk]) if may_open else ""
    return FrozenPaper(f"{report}", "", timezone.localdate(report.taken_at), url)
