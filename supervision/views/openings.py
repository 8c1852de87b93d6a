"""查阅: the register of openings, requests to open, and who must keep apart (二（二）)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability.forms import refusals_in
from accountability.timeline import history_of_row
from accountability.views.downloads import sheet_response
from accountability.views.listing import Listing
from accountability.views.menus import tabs_of
from supervision.access import secrets_of
from supervision.archives.access import KEEPERS, finds_archives, is_keeper, may_ask_to_open
from supervision.archives.filters import OpeningFilter
from supervision.archives.forms import AskForm, DecideForm, KinshipForm, ReasonForm
from supervision.archives.workflow import REQUEST_TRANSITIONS, choices_for
from supervision.models import Archive, ArchiveOpening, Kinship, OpeningRequest
from supervision.services import openings as verbs
from supervision.services.archive_sheets import openings_table
from supervision.views.archives import only_keepers

EXPORTED_AT_MOST = 5000


def _openings(request):
    rows = ArchiveOpening.objects.visible_to(request.user).select_related("opened_by", "person", "archive")
    chosen = OpeningFilter.read(request.GET)
    return chosen, chosen.rows(rows)


@require_safe
def opening_list(request):
    """查阅登记."""
    only_keepers(request)
    chosen, rows = _openings(request)
    whose = None
    if chosen.archive:
        whose = Archive.objects.visible_to(request.user).filter(pk=chosen.archive).select_related("person").first()
    context = {
        "pager": Listing(request, chosen, secrets_of(request.user)).pager(lambda: rows),
        "chosen": chosen,
        "whose": whose,
        "all_url": OpeningFilter().url,
        "tabs": tabs_of(chosen),
    }
    return render(request, "supervision/archives/opening_list_page.html", context)


@require_safe
def opening_list_export(request):
    only_keepers(request)
    _, rows = _openings(request)
    title = f"廉政档案查阅登记（{timezone.localdate()}）"
    return sheet_response(title, openings_table(title, rows[:EXPORTED_AT_MOST]), reader=request.user)


# ── 申请 ─────────────────────────────────────────────────────────────────────────────────────


@require_safe
def request_list(request):
    """查阅申请: one's own, and those one decides."""
    user = request.user
    if not finds_archives(user):
        raise PermissionDenied(KEEPERS)
    rows = OpeningRequest.objects.visible_to(user).select_related("person", "asked_by", "decided_by")
    context = {
        "pager": Listing(request, secrets_of(user)).pager(lambda: rows),
        "may_ask": may_ask_to_open(user),
        "keeps": is_keeper(user),
        "today": timezone.localdate(),
    }
    return render(request, "supervision/archives/request_list_page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def request_new(request):
    """申请查阅."""
    if not may_ask_to_open(request.user):
        raise PermissionDenied("查阅廉政档案由职能部门、党委办公室或校领导申请；管档的同志直接打开档案。")
    form = AskForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            row = verbs.ask(by=request.user, **form.cleaned_data)
            messages.success(request, "已提交，由党委书记或管档的同志批准。")
            return redirect("opening_request", pk=row.pk)
    status = 400 if form.errors else 200
    return render(request, "supervision/archives/request_form_page.html", {"form": form}, status=status)


def _request(request, pk: int) -> OpeningRequest:
    rows = OpeningRequest.objects.visible_to(request.user).select_related("person", "archive", "asked_by", "decided_by")
    return get_object_or_404(rows, pk=pk)


@require_safe
def request_page(request, pk: int):
    return _request_page(request, _request(request, pk))


def _request_page(request, row: OpeningRequest, *, status: int = 200, refused: str = "", form=None):
    granted = OpeningRequest.objects.granted(timezone.localdate()).filter(pk=row.pk, asked_by=request.user.pk)
    context = {
        "row": row,
        "choices": choices_for(row, REQUEST_TRANSITIONS, request.user),
        "may_open": granted.exists(),
        "refused": refused,
        "form": form or DecideForm(),
        "changes": history_of_row(row),
        "today": timezone.localdate(),
    }
    return render(request, "supervision/archives/request_page.html", context, status=status)


@require_POST
def request_act(request, pk: int):
    """批准、不予批准、撤回."""
    row, form, name = _request(request, pk), DecideForm(request.POST), request.POST.get("act", "")
    if name not in REQUEST_TRANSITIONS:
        raise ValidationError("没有这种办理，请返回申请页面重新选择。")
    if form.is_valid():
        with refusals_in(form):
            verbs.decide(row, name, by=request.user, **form.cleaned_data)
            messages.success(request, f"已{REQUEST_TRANSITIONS[name].label}。")
            return redirect("opening_request", pk=row.pk)
    return _request_page(request, row, status=400, refused=name, form=form)


# ── 回避关系 ─────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
def kinships(request):
    """回避关系: those that stand, and a form for the next."""
    only_keepers(request)
    form = KinshipForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            verbs.declare(by=request.user, **form.cleaned_data)
            messages.success(request, "已登记，双方从现在起互相回避。")
            return redirect("kinships")
    return _kinship_page(request, status=400 if form.errors else 200, form=form)


def _kinship_page(request, *, status: int = 200, form=None, refused: int = 0, reason_form=None):
    rows = Kinship.objects.visible_to(request.user).select_related("person", "relative", "declared_by", "ended_by")
    context = {
        "pager": Listing(request, secrets_of(request.user)).pager(lambda: rows.standing()),
        "ended": list(rows.exclude(ended_on=None)[:50]),
        "form": form or KinshipForm(),
        "refused": refused,
        "reason_form": reason_form or ReasonForm(),
    }
    return render(request, "supervision/archives/kinship_page.html", context, status=status)


@require_POST
def kinship_end(request, pk: int):
    row = get_object_or_404(Kinship.objects.visible_to(request.user), pk=pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            verbs.end_kinship(row, by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, "已解除。")
            return redirect("kinships")
    return _kinship_page(request, status=400, refused=row.pk, reason_form=form)
