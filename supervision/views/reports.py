"""年度报告: the years, what is being made, what can be downloaded; and each figure with its rows."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accountability import access
from accountability.services.operations import worker_is_alive
from accountability.years import years_opened
from supervision.models import AnnualReport
from supervision.services import annual_report


def _only_whole_school(request) -> None:
    if not access.may_see_whole_school(request.user):
        raise PermissionDenied("年度报告涉及全校，由党委书记、党委办公室和纪委查看。")


@require_safe
def report_list(request):
    _only_whole_school(request)
    reports = list(AnnualReport.objects.visible_to(request.user).select_related("job", "requested_by")[:30])
    context = {
        "years": years_opened(request),
        "under_way": [report for report in reports if report.job and report.job.is_under_way],
        "failed": [report for report in reports if report.job and report.job.state == report.job.State.FAILED],
        "made": [report for report in reports if report.file],
        "may_make": annual_report.may_request(request.user),
        "worker_is_alive": worker_is_alive(),
    }
    template = "reports/_report_list.html" if request.htmx else "reports/report_list_page.html"
    return render(request, template, context)


@require_POST
def make(request):
    _only_whole_school(request)
    year = request.POST.get("year", "")
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        raise ValidationError("请选择要生成报告的年度。")
    annual_report.request(int(year), by=request.user)
    messages.success(request, f"{year} 年度报告开始生成，可以离开本页，完成后会通知您。")
    return redirect("reports")


def _through_the_door(request, pk: int) -> AnnualReport:
    return get_object_or_404(AnnualReport.objects.visible_to(request.user).select_related("requested_by"), pk=pk)


@require_safe
def report(request, pk: int):
    """Every figure of the report, with the rows behind it and where they are seen today."""
    report = _through_the_door(request, pk)
    figures = list(report.figures.get("figures", {}).values())
    return render(request, "reports/report_page.html", {"report": report, "figures": figures})


@require_safe
def download(request, pk: int):
    report = get_object_or_404(AnnualReport.objects.visible_to(request.user).made(), pk=pk)
    name = f"{settings.UNIVERSITY_NAME}{report.work_year_id}年度四责协同运行情况报告.pdf"
    return FileResponse(report.file.open("rb"), as_attachment=True, filename=name, content_type="application/pdf")
