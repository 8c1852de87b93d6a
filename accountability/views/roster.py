"""花名册: export, upload, preview, confirm; for the office alone."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability import access
from accountability.forms import WorkbookField, refusals_in
from accountability.models import RosterImport
from accountability.services import roster as verbs
from accountability.views.complaints import told
from accountability.views.downloads import XLSX, download
from accountability.views.imports import answered, ordered, standing


class RosterForm(forms.Form):
    file = WorkbookField(label="花名册文件", help_text="用导出的花名册修改后上传；只收 .xlsx。")


def _only_office(request) -> None:
    if not access.may_manage_duties(request.user):
        raise PermissionDenied("花名册由党委办公室导入导出。")


@require_http_methods(["GET", "HEAD", "POST"])
def roster(request):
    _only_office(request)
    form = RosterForm(request.POST or None, request.FILES or None)
    complaints = []
    if request.method == "POST" and form.is_valid():
        with refusals_in(form, beside="file"):
            row, plan = verbs.receive(form.cleaned_data["file"], by=request.user)
            if row is not None:
                return redirect("roster_import", pk=row.pk)
            complaints = plan.book.complaints
    context = {
        "form": form,
        **told(complaints),
        "imports": list(RosterImport.objects.for_list().select_related("decided_by")[:20]),
    }
    return render(request, "roster/roster_page.html", context, status=400 if form.errors or complaints else 200)


@require_safe
def export(request):
    _only_office(request)
    return download(verbs.workbook_of(), XLSX, f"花名册-{timezone.localdate()}.xlsx")


def _through_the_door(request, pk: int) -> RosterImport:
    if not access.may_manage_duties(request.user):
        # to anybody else there is no such thing
        return get_object_or_404(RosterImport.objects.none(), pk=pk)
    return get_object_or_404(RosterImport.objects.for_list().select_related("decided_by"), pk=pk)


@transaction.non_atomic_requests  # as of a ledger: on SQLite the worker that writes would hold up its own page
@require_safe
def roster_import(request, pk: int):
    return answered(request, "roster/import_page.html", standing(_through_the_door(request, pk), verbs.plan_of))


@require_POST
def confirm(request, pk: int):
    return ordered(request, _through_the_door(request, pk))


@require_POST
def drop(request, pk: int):
    verbs.drop(_through_the_door(request, pk), by=request.user)
    messages.success(request, "已放弃，没有写入任何内容。")
    return redirect("roster")
