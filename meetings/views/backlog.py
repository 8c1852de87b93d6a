"""会议表: export, upload, preview, confirm; for whoever keeps meetings, over what he keeps."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability.forms import WorkbookField, refusals_in
from accountability.views.complaints import told
from accountability.views.downloads import XLSX, download
from accountability.views.imports import answered, ordered, standing
from accountability.years import year_in_view
from meetings.models import MeetingImport
from meetings.services import backlog as verbs


class BacklogForm(forms.Form):
    file = WorkbookField(label="会议表", help_text="用导出的会议表填写后上传；只收 .xlsx。")


@require_http_methods(["GET", "HEAD", "POST"])
def backlog(request):
    """补录一年的会议."""
    if not verbs.may_import(request.user):
        raise PermissionDenied("您的岗位没有记录会议的权限。")
    year = year_in_view(request)
    form = BacklogForm(request.POST or None, request.FILES or None)
    complaints = []
    if request.method == "POST" and form.is_valid():
        with refusals_in(form, beside="file"):
            row, plan = verbs.receive(form.cleaned_data["file"], by=request.user, work_year=year)
            if row is not None:
                return redirect("meeting_import", pk=row.pk)
            complaints = plan.book.complaints
    context = {
        "form": form,
        "year": year,
        **told(complaints),
        "imports": list(MeetingImport.objects.for_list().filter(uploaded_by=request.user, work_year=year)[:20]),
    }
    return render(request, "meetings/backlog_page.html", context, status=400 if form.errors or complaints else 200)


@require_safe
def export(request):
    year = year_in_view(request)
    return download(verbs.workbook_of(request.user, year), XLSX, f"会议表-{year}.xlsx")


def _own(request, pk: int) -> MeetingImport:
    return get_object_or_404(MeetingImport.objects.for_list(), pk=pk, uploaded_by=request.user)


@transaction.non_atomic_requests  # as of a ledger: on SQLite the worker that writes would hold up its own page
@require_safe
def preview(request, pk: int):
    return answered(request, "meetings/import_page.html", standing(_own(request, pk), verbs.plan_of))


@require_POST
def confirm(request, pk: int):
    return ordered(request, _own(request, pk))


@require_POST
def drop(request, pk: int):
    verbs.drop(_own(request, pk), by=request.user)
    messages.success(request, "已放弃，没有写入任何内容。")
    return redirect("meeting_backlog")
