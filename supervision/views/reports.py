"""年度报告: whose reports there are, one with its text, charts and figures, each figure with its rows, and its way up."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability import access
from accountability import document_workflow as flow
from accountability.filters import number_in, whole_number
from accountability.forms import ReasonForm, refusals_in
from accountability.models import Document, DocumentKind, Job, Organisation, Person, Post
from accountability.offers import Line, Panel, panels
from accountability.services.operations import worker_is_alive
from accountability.services.prefill import unfilled
from accountability.services.safekeeping import opened
from accountability.views.documents import steps_ahead, text_of
from accountability.views.downloads import PDF, disposition, download, sheet_response
from accountability.views.menus import Option
from accountability.years import year_in_view, years_opened
from supervision.models import Dispatch, FigureSet, Report
from supervision.report.forms import AddresseesForm, ReceiptForm, SendForm
from supervision.report.scope import KIND_OF_ACT
from supervision.report.shown import Shown, rows_of
from supervision.report.statistics import tables_of
from supervision.report.tracing import untraced
from supervision.services import report_papers, report_sending, reports

VIEWS = {"school": "学校党委", "commission": "学校纪委", "leader": "班子成员", "unit": "二级单位"}
JOBS = (reports.REFRESH, report_papers.PREVIEW, report_papers.PRINT, report_papers.REPRODUCE)


# ── whose there are ──────────────────────────────────────────────────────────────────────────


@require_safe
def report_list(request):
    year = year_in_view(request)
    owed = reports.owed_to(request.user, year)
    if not owed and not access.may_see_whole_school(request.user):
        raise PermissionDenied("您的岗位没有需要提交或查看的年度报告。")
    by_view = {view: [row for row in owed if KIND_OF_ACT[row.kind.act.code] == view] for view in VIEWS}
    views = [view for view in VIEWS if by_view[view]]
    view = request.GET.get("view", "")
    view = view if view in views else (views[0] if views else "")
    rows = by_view.get(view, [])
    context = {
        "year": year,
        "years": [Option(f"{each} 年度", f"?year={each}&view={view}", each == year) for each in years_opened(request)],
        "tabs": [Option(VIEWS[one], f"?year={year}&view={one}", one == view, len(by_view[one])) for one in views],
        "rows": [(row, reports.may_begin(request.user, row.kind, row.organisation, row.post)) for row in rows],
        "begun": sum(row.report is not None for row in rows),
        "under_way": any(row.job for row in rows),
        "failed": _failed(request.user, rows),
        "worker_is_alive": worker_is_alive(),
        "view": view,
        "address": request.get_full_path(),
        "may_batch": access.may_manage_duties(request.user) and view in ("unit", "leader"),
    }
    template = "reports/_report_list.html" if request.htmx else "reports/report_list_page.html"
    return render(request, template, context)


def _failed(user: Person, rows: list[reports.Owed]) -> list[Job]:
    """What the reader asked for last and did not get."""
    last: dict[str, Job] = {}
    keys = [row.key for row in rows if row.report is None and row.job is None]
    for job in Job.objects.filter(kind=reports.BEGIN, key__in=keys, requested_by=user).order_by("pk"):
        last[job.key] = job
    return [job for job in last.values() if job.state == Job.State.FAILED]


@require_http_methods(["GET", "HEAD", "POST"])
def new(request):
    """生成: whose, which year; then a worker takes the figures."""
    asked = request.POST if request.method == "POST" else request.GET
    if "kind" not in asked:
        return redirect("reports")
    kinds = DocumentKind.objects.filter(act__code__in=KIND_OF_ACT).select_related("act")
    kind = get_object_or_404(kinds, pk=whole_number(asked.get("kind", "")))
    visible = Organisation.objects.visible_to(request.user) | Organisation.objects.filter(
        pk__in=[post.organisation_id for post in access.posts_held(request.user)]
    )
    organisation = get_object_or_404(
        visible.distinct().select_related("parent"), pk=whole_number(asked.get("organisation", ""))
    )
    post = None
    if asked.get("post"):
        posts = Post.objects.filter(organisation=organisation).select_related("organisation__parent")
        post = get_object_or_404(posts, pk=whole_number(asked["post"]))
    year = whole_number(asked.get("year", "")) or year_in_view(request)
    if not reports.may_begin(request.user, kind, organisation, post):
        raise PermissionDenied(f"您不能为{post.full_title if post else organisation.full_name}生成{kind}。")
    if report := reports.standing(kind, organisation, post, year):
        return redirect("report", pk=report.pk)
    if request.method == "POST":
        reports.begin(kind, organisation, post, year, by=request.user)
        messages.success(request, "开始生成，可以离开本页，完成后会通知您。")
        return redirect(f"{reverse('reports')}?year={year}&view={KIND_OF_ACT[kind.act.code]}")
    whose = post.full_title if post else organisation.full_name
    context = {"kind": kind, "organisation": organisation, "post": post, "year": year, "whose": whose}
    return render(request, "reports/report_new_page.html", context)


# ── one report ───────────────────────────────────────────────────────────────────────────────


def _through_the_door(request, pk: int) -> Report:
    rows = Report.objects.visible_to(request.user).for_list()
    return get_object_or_404(rows.select_related("document__submitted_by", "document__work_year"), pk=pk)


@require_safe
def report(request, pk: int):
    report = _through_the_door(request, pk)
    if request.htmx:
        return _progress(request, report)
    return _page(request, report)


def _under_way(report: Report) -> list[Job]:
    version = report_papers.frozen_version(report)
    keys = [str(report.pk), str(version.pk) if version else ""]
    found = Job.objects.filter(kind__in=JOBS, key__in=keys, state__in=(Job.State.QUEUED, Job.State.RUNNING))
    kind_of = {report_papers.PRINT: keys[1], report_papers.REPRODUCE: keys[1]}
    return [job for job in found if job.key == kind_of.get(job.kind, keys[0])]


def _progress(request, report: Report) -> HttpResponse:
    jobs = _under_way(report)
    response = render(request, "reports/_progress.html", _told_of_jobs(report, jobs))
    if not jobs:
        response["HX-Refresh"] = "true"
    return response


def _told_of_jobs(report: Report, jobs: list[Job]) -> dict:
    from accountability.services.jobs import labels

    return {
        "report": report,
        "jobs": [{"job": job, "label": labels.get(job.kind, "后台任务")} for job in jobs],
        "worker_is_alive": worker_is_alive(),
    }


def _page(request, report: Report, *, status: int = 200, **more) -> HttpResponse:
    user, document = request.user, report.document
    version = document.versions.get(number=document.latest)
    text = text_of(document, version, user)
    figure_set = reports.latest_figures(report) if document.may_change else reports.figures_of(version)
    frozen = report_papers.frozen_version(report)
    shown = Shown(report, figure_set)
    may_edit = not flow.DOCUMENT_TRANSITIONS["submit"].refusal(document, user)
    context = {
        "report": report,
        "document": document,
        "version": version,
        "figure_set": figure_set,
        "blocks": shown.blocks(text),
        "annexes": shown.annexes(),
        "series": shown.series(),
        "count": len(figure_set.figures["figures"]),
        "contradictions": reports.contradictions(text, figure_set.figures) if document.may_change else [],
        "untraced": untraced(text) if may_edit or document.state == Document.State.IN_REVIEW else [],
        "unfilled": unfilled(text) if may_edit else [],
        "frozen": frozen,
        "paper": getattr(frozen, "report_paper", None) if frozen else None,
        "setting_failed": flow.setting_failed(document) if document.state == Document.State.APPROVED else None,
        "choices": flow.choices_for(document, user),
        "reason_form": ReasonForm(),
        "may_edit": may_edit,
        "steps": steps_ahead(document, user),
        "dispatches": [(row, report_sending.refusal_to_receive(row, user)) for row in _dispatches(report)],
        "may_send": not report_sending.refusal_to_send(report, user),
        "send_form": SendForm(report=report),
        "receipt_form": ReceiptForm(),
        "addressees_form": AddresseesForm(initial={"addressee": report.addressee, "copies_to": report.copies_to}),
        "signatures": list(document.signatures.select_related("person", "version")),
        "signed_version": version.number,
        **_told_of_jobs(report, _under_way(report)),
        **more,
    }
    return render(request, "reports/report_page.html", context, status=status)


def _dispatches(report: Report) -> list[Dispatch]:
    return list(report.dispatches.select_related("version", "sent_by", "report__document__kind__act"))


@require_safe
def figure(request, pk: int, code: str):
    """一个数字: its rows as they were when it was taken."""
    report = _through_the_door(request, pk)
    figure_set = _figure_set(request, report)
    told = figure_set.figures["figures"].get(code)
    if told is None:
        raise Http404
    context = {"report": report, "figure_set": figure_set, "figure": told, "parts": [], "table": None}
    if told["model"] == "rate":
        context["parts"] = [figure_set.figures["figures"][part] for part in told["parts"]]
    else:
        context["table"] = rows_of(figure_set, told)
    return render(request, "reports/figure_page.html", context)


def _figure_set(request, report: Report) -> FigureSet:
    """The one asked for by ``?set=``, else that of the text in view."""
    if number := number_in(request.GET, "set"):
        return get_object_or_404(report.figure_sets, number=number)
    document = report.document
    if document.may_change:
        return reports.latest_figures(report)
    return reports.figures_of(document.versions.get(number=document.latest))


@require_POST
def refresh(request, pk: int):
    report = _through_the_door(request, pk)
    reports.order_refresh(report, by=request.user)
    messages.success(request, "正在重新读取台账，完成后正文里的数字随之更新。")
    return redirect("report", pk=pk)


@require_POST
def addressees(request, pk: int):
    report = _through_the_door(request, pk)
    form = AddresseesForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            reports.set_addressees(report, by=request.user, **form.cleaned_data)
            messages.success(request, "已改。")
            return redirect("report", pk=pk)
    return _page(request, _through_the_door(request, pk), addressees_form=form, status=400)


# ── papers ───────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
def preview(request, pk: int):
    """预览图文版: ordered by a press, fetched by a link."""
    report = _through_the_door(request, pk)
    if request.method == "POST":
        report_papers.order_preview(report, by=request.user)
        messages.success(request, "正在排版预览，完成后在本页下载。")
        return redirect("report", pk=pk)
    if not report.preview:
        raise Http404
    with opened(report.preview, "预览") as stream:
        return _inline(stream.read(), f"{report}（图文版草稿）.pdf")


@require_safe
def illustrated(request, pk: int):
    """图文版 of the newest frozen version."""
    report = _through_the_door(request, pk)
    frozen = report_papers.frozen_version(report)
    row = getattr(frozen, "report_paper", None) if frozen else None
    if row is None or not row.file:
        raise Http404
    return download(report_papers.illustrated_bytes(row), PDF, f"{report}（图文版）.pdf")


def _inline(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=PDF, headers={"Content-Disposition": disposition(name).replace("attachment", "inline")}
    )


@require_safe
def statistics(request, pk: int):
    """统计表: the figures of the report as a workbook, sheet by sheet."""
    report = _through_the_door(request, pk)
    figure_set = _figure_set(request, report)
    return sheet_response(f"{report.year}年度统计表-{report.document.whose}", *tables_of(figure_set))


@require_POST
def reproduce(request, pk: int):
    """重印比对."""
    report = _through_the_door(request, pk)
    if report_papers.frozen_version(report) is None:
        raise Http404
    report_papers.order_reproduction(report, by=request.user)
    messages.success(request, "正在按当时的排版源重印并逐字节比对，结果会通知您。")
    return redirect("report", pk=pk)


# ── upward ───────────────────────────────────────────────────────────────────────────────────


@require_POST
def send(request, pk: int):
    report = _through_the_door(request, pk)
    form = SendForm(request.POST, report=report)
    if form.is_valid():
        with refusals_in(form):
            row = report_sending.send(report, by=request.user, **form.cleaned_data)
            messages.success(request, f"已登记报送{row.to}。")
            return redirect("report", pk=pk)
    return _page(request, _through_the_door(request, pk), send_form=form, status=400)


@require_POST
def receive(request, pk: int):
    """登记回执, or 签收."""
    rows = Dispatch.objects.filter(report__in=Report.objects.visible_to(request.user).values("pk"))
    row = get_object_or_404(rows.select_related("report"), pk=pk)
    form = ReceiptForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            report_sending.receive(row, by=request.user, **form.cleaned_data)
            messages.success(request, "回执已登记。")
            return redirect("report", pk=row.report_id)
    return _page(request, _through_the_door(request, row.report_id), receipt_form=form, receiving=row.pk, status=400)


# ── beside the document ──────────────────────────────────────────────────────────────────────


@panels("document")
def report_beside(user: Person, document: Document) -> list[Panel]:
    """On the page of the document: where figures, charts, the paper for the meeting and its way upward are."""
    report = Report.objects.filter(document=document).first()
    if report is None:
        return []
    figure_set = reports.latest_figures(report)
    taken = timezone.localtime(figure_set.taken_at)
    line = Line(
        "打开报告页",
        url=reverse("report", args=[report.pk]),
        meta=f"{len(figure_set.figures['figures'])} 个数字，{taken:%Y-%m-%d %H:%M} 读取",
        text="数字的依据、图表、图文版、统计表和报送在报告页。",
    )
    return [Panel("年度报告", [line])]


@panels("document_draft")
def figures_to_write(user: Person, document: Document) -> list[Panel]:
    """On the page where it is written: every figure as it is typed, with its code."""
    report = Report.objects.filter(document=document).first()
    if report is None:
        return []
    figures = reports.latest_figures(report).figures["figures"].values()
    named = [each for each in figures if each["code"].startswith(("F", "Y"))]
    return [
        Panel(
            "可引用的数字",
            [Line(f"{each['value']}〔{each['code']}〕", meta=f"{each['unit']}　{each['label']}") for each in named],
        )
    ]
