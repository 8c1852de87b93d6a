"""批量生成: order the reports of a year for all units or leaders, see how far they are, stop, go on, take the archive."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability.services import batches as owing
from accountability.services.operations import worker_is_alive
from accountability.views.downloads import download
from accountability.views.menus import Option
from accountability.years import year_in_view, years_opened
from supervision.models import ReportBatch
from supervision.report.scope import KIND_OF_ACT, LEADER, UNIT
from supervision.services import report_batches as verbs

VIEWS = {UNIT: "二级单位", LEADER: "班子成员"}
ZIP = "application/zip"
MOST = 8  # batches of a year that the page names


def _only_office(request) -> None:
    if not verbs.may_order(request.user):
        raise PermissionDenied(verbs.ONLY_OFFICE)


@require_http_methods(["GET", "HEAD", "POST"])
def batches(request):
    """The last batch of a kind and a year; a press orders the next."""
    _only_office(request)
    year = year_in_view(request)
    view = request.GET.get("view", "")
    view = view if view in VIEWS else UNIT
    kind = verbs.kind_of(view)
    if kind is None:
        raise ValidationError("还没有装载文种，请系统管理员执行 load_documents。")
    if request.method == "POST":
        batch = verbs.order(kind, year, by=request.user)
        messages.success(request, "正在生成，可以离开本页，完成后会通知您。")
        return redirect("report_batch", pk=batch.pk)
    last = ReportBatch.objects.for_list().filter(kind=kind, work_year=year).first()
    return _page(request, view, year, last)


@require_safe
def batch(request, pk: int):
    """One of them; while it is under way its progress replaces itself."""
    batch = _through_the_door(request, pk)
    if request.htmx:
        return render(request, "reports/_batch.html", _told(batch))
    return _page(request, KIND_OF_ACT[batch.kind.act.code], batch.work_year_id, batch)


def _through_the_door(request, pk: int) -> ReportBatch:
    return get_object_or_404(ReportBatch.objects.visible_to(request.user).for_list(), pk=pk)


def _told(batch: ReportBatch) -> dict:
    return {"batch": batch, "progress": verbs.progress_of(batch), "worker_is_alive": worker_is_alive()}


def _page(request, view: str, year: int, batch: ReportBatch | None) -> HttpResponse:
    kind = verbs.kind_of(view)
    rows = list(ReportBatch.objects.for_list().filter(kind=kind, work_year=year)[:MOST])
    context = {
        "kind": kind,
        "year": year,
        "years": [Option(f"{each} 年度", _list_url(each, view), each == year) for each in years_opened(request)],
        "tabs": [Option(label, _list_url(year, one), one == view) for one, label in VIEWS.items()],
        "here": _list_url(year, view),
        "view": view,
        "owed": len(owing.owed(kind, year)),
        "others": [row for row in rows if batch and row.pk != batch.pk],
        "may_order": not any(row.is_under_way for row in rows),
        **(_told(batch) if batch else {"batch": None}),
    }
    return render(request, "reports/batch_list_page.html", context)


def _list_url(year: int, view: str) -> str:
    return f"{reverse('report_batches')}?year={year}&view={view}"


@require_POST
def cancel(request, pk: int):
    verbs.cancel(_through_the_door(request, pk), by=request.user)
    messages.success(request, "已取消，已生成的保留，可以随时继续。")
    return redirect("report_batch", pk=pk)


@require_POST
def resume(request, pk: int):
    verbs.resume(_through_the_door(request, pk), by=request.user)
    messages.success(request, "继续生成，完成后会通知您。")
    return redirect("report_batch", pk=pk)


@require_safe
def archive(request, pk: int):
    """下载压缩包 of a finished batch."""
    batch = _through_the_door(request, pk)
    if not batch.finished_at:
        raise Http404
    name = f"{batch.work_year_id}年度{batch.kind.act.name}（{VIEWS[KIND_OF_ACT[batch.kind.act.code]]}）.zip"
    return download(verbs.archive_bytes(batch), ZIP, name)
