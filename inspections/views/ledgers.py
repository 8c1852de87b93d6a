"""整改台账: upload, preview, map units, confirm or drop; export in the same layout (三（四）1)."""

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability.forms import refusals_in
from accountability.views.complaints import told
from accountability.views.imports import answered, ordered, standing
from inspections.finding_filter import FindingFilter
from inspections.forms import LedgerForm, MappingForm
from inspections.models import Finding, LedgerImport
from inspections.models.rounds import manages
from inspections.services import ledger as verbs
from inspections.services.export import workbook_of
from inspections.services.planning import Plan
from inspections.services.rounds import only_managers
from inspections.views.rounds import through_the_door

COMPLAINTS_AT_MOST = 2000
ROWS_AT_MOST, NOTES_AT_MOST = 300, 20


@transaction.non_atomic_requests  # reading takes seconds, and a transaction would keep every other writer waiting
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request, pk: int):
    """导入台账."""
    row = through_the_door(request, pk)
    only_managers(request.user)
    form = LedgerForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form, beside="file"):
            kept, _ = verbs.receive(row, form.cleaned_data["file"], by=request.user)
            return redirect("ledger_import", pk=kept.pk)
    context = {"round": row, "form": form, "imports": list(row.imports.for_list()[:20])}
    return render(request, "inspections/upload_page.html", context, status=400 if form.errors else 200)


def _kept(request, pk: int) -> LedgerImport:
    kept = get_object_or_404(LedgerImport.objects.select_related("round").for_list(), pk=pk)
    through_the_door(request, kept.round_id)
    if not manages(request.user):  # neither the file nor its plan is for others
        raise Http404
    return kept


@transaction.non_atomic_requests  # planning takes seconds, and on SQLite the worker that writes would hold up its own page
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request, pk: int):
    """预览: counts, every complaint, unknown units offered for mapping, then what would be written."""
    kept = _kept(request, pk)
    stands = standing(kept, verbs.plan_of)
    plan = stands["plan"]
    names = list(plan.unknown_units) if plan else []
    form = MappingForm(request.POST or None, names=names, proposals=plan.proposals if plan else None)
    if request.method == "POST" and form.is_valid():
        if chosen := form.chosen():
            verbs.map_units(kept, chosen, by=request.user)
            messages.success(request, f"已选定 {len(chosen)} 个单位，已重新预览。")
            return redirect("ledger_import", pk=kept.pk)
        form.add_error(None, "请至少为一个名称选定单位。")
    status = 400 if form.errors else 200
    return answered(request, "inspections/import_page.html", stands | _shown(plan, form), status)


def _shown(plan: Plan | None, form: MappingForm) -> dict:
    """What the page shows: complaints by row, the rows that would be written, those the file does not speak of."""
    complaints = sorted(plan.complaints, key=lambda one: (one.sheet, one.row)) if plan else []
    notes = plan.notes if plan else []
    absent = plan.absent_measures if plan else []
    changed = [
        (finding, one)
        for finding in (plan.findings if plan else [])
        for number, one in enumerate(finding.measures)
        if one.is_new or one.changes or (finding.changes and number == 0)
    ]
    return {
        "form": form,
        **told(complaints, COMPLAINTS_AT_MOST),
        "notes": notes[:NOTES_AT_MOST],
        "notes_total": len(notes),
        "changed": changed[:ROWS_AT_MOST],
        "changed_total": len(changed),
        "absent": absent[:ROWS_AT_MOST],
        "absent_total": len(absent),
        "units_more": max(len(plan.unknown_units) - MappingForm.AT_ONCE, 0) if plan else 0,
    }


@require_POST
def confirm(request, pk: int):
    return ordered(request, _kept(request, pk))


@require_POST
def drop(request, pk: int):
    kept = verbs.drop(_kept(request, pk), by=request.user)
    messages.success(request, "已放弃，没有写入任何内容。")
    return redirect("ledger_upload", pk=kept.round_id)


@transaction.non_atomic_requests
@require_safe
def export(request, pk: int):
    """导出台账: what the list shows, in the layout that imports again."""
    row, today = through_the_door(request, pk), timezone.localdate()
    visible = Finding.objects.visible_to(request.user).filter(round=row)
    findings = FindingFilter.read(request.GET).rows(visible, on=today, user=request.user)
    return FileResponse(workbook_of(row, findings), as_attachment=True, filename=f"整改台账-{row.number}-{today}.xlsx")
