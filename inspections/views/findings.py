"""一个问题: its measures, its proof, what may be done to it; and one measure's own page (三（四）1)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability.forms import refusals_in
from accountability.models import Duty, Record
from accountability.timeline import history_of_row
from inspections.closing import TRANSITIONS, choices_for
from inspections.forms import ActForm, CompleteForm, ExtensionForm, ProgressForm
from inspections.models import Extension, Finding, Measure, RecheckItem, Withholding
from inspections.models.rounds import manages
from inspections.progress_forms import WithholdForm
from inspections.services import closing
from inspections.services import measures as verbs
from inspections.services.drafting import may_plan, may_revise
from inspections.views.long_term import reviews_of


def through_the_door(request, pk: int) -> Finding:
    rows = (
        Finding.objects.visible_to(request.user)
        .for_list()
        .select_related("predecessor__round", "applied_by", "reviewed_by", "verified_by", "approved_by")
    )
    return get_object_or_404(rows, pk=pk)


@require_safe
def finding(request, pk: int):
    return _page(request, through_the_door(request, pk))


def _page(request, row: Finding, *, status: int = 200, **more):
    user, today = request.user, timezone.localdate()
    measures = list(
        row.measures.select_related(
            "lead", "leader__organisation", "owner__organisation__parent", "duty"
        ).prefetch_related("results", "extensions__asked_by")
    )
    duties = Duty.objects.visible_to(user).with_light(today).filter(measure__finding=row)
    lights = {duty.pk: duty for duty in duties}
    proofs: dict[int, list[Record]] = {}
    records = Record.objects.visible_to(user).standing().filter(evidence__duty__measure__finding=row)
    for record in records.select_related("entered_by").prefetch_related("evidence", "attachments"):
        for evidence in record.evidence.all():
            proofs.setdefault(evidence.duty_id, []).append(record)
    for measure in measures:
        measure.seen_duty = lights.get(measure.duty_id)
        measure.proofs = proofs.get(measure.duty_id, [])
        measure.may_work = row.state == Finding.State.WORKING and verbs.may_work_on(user, measure)
        measure.pending = next((one for one in measure.extensions.all() if one.state == Extension.State.ASKED), None)
    context = {
        "finding": row,
        "measures": measures,
        "choices": choices_for(row, user),
        "lacking": closing.lacking_for_closing(row) if row.state == Finding.State.WORKING else [],
        "successor": Finding.objects.visible_to(user).filter(predecessor=row).select_related("round").first(),
        "manages": manages(user),
        "may_plan": may_plan(user, row),
        "may_revise": may_revise(user, row),
        "withholdings": list(Withholding.objects.visible_to(user).filter(finding=row).select_related("set_by")),
        "withhold_form": WithholdForm(initial={"scopes": ["public"]}),
        "rechecks": list(RecheckItem.objects.visible_to(user).filter(finding=row).for_list()),
        "reviews": reviews_of(row, user),
        "changes": history_of_row(row),
        "today": today,
        "refused": "",
        "refusals": [],
        "typed": {"reason": "", "review_on": ""},
        **more,
    }
    return render(request, "inspections/finding_page.html", context, status=status)


@require_POST
def act(request, pk: int):
    """办理 one named transition."""
    row = through_the_door(request, pk)
    name = request.POST.get("act", "")
    if name not in TRANSITIONS:
        raise ValidationError("没有这种办理，请返回问题页面重新选择。")
    form = ActForm(request.POST)
    refusals: list[str] = []
    if form.is_valid():
        data = form.cleaned_data
        try:
            done = closing.perform(row, name, by=request.user, reason=data["reason"], review_on=data["review_on"])
        except ValidationError as error:
            refusals = error.messages
        else:
            messages.success(request, f"已{TRANSITIONS[name].label}。")
            return redirect("finding", pk=done.pk)
    else:
        refusals = [str(error) for errors in form.errors.values() for error in errors]
    typed = {"reason": request.POST.get("reason", ""), "review_on": request.POST.get("review_on", "")}
    return _page(request, row, status=400, refused=name, refusals=refusals, typed=typed)


def _measure(request, pk: int) -> Measure:
    visible = Finding.objects.visible_to(request.user)
    rows = Measure.objects.filter(finding__in=visible).select_related(
        "finding__round", "finding__organisation", "lead", "owner__organisation__parent", "duty"
    )
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def measure(request, pk: int):
    """一条措施: report progress, complete it with proof, ask for more time. ``act`` says which form is sent."""
    row = _measure(request, pk)
    if not verbs.may_work_on(request.user, row):
        raise PermissionDenied(f"这项措施由牵头单位{row.lead.name}办理。")
    sent = request.POST.get("act", "") if request.method == "POST" else ""
    forms = {
        "progress": ProgressForm(request.POST if sent == "progress" else None, initial={"progress": row.progress}),
        "complete": CompleteForm(
            *((request.POST, request.FILES) if sent == "complete" else ()),
            kinds=row.kind_list,
            initial={"progress": row.progress, "happened_on": timezone.localdate()},
        ),
        "extend": ExtensionForm(request.POST if sent == "extend" else None),
    }
    form = forms.get(sent)
    if request.method == "POST" and form is None:
        raise ValidationError("没有这种办理，请返回措施页面重新选择。")
    if form is not None and form.is_valid():
        with refusals_in(form):
            said = _do(request.user, row, sent, form)
            messages.success(request, said)
            return redirect("finding", pk=row.finding_id)
    context = {
        "measure": row,
        "forms": forms,
        "sent": sent,
        "can_extend": row.due_on is not None and not row.extensions.filter(state=Extension.State.ASKED).exists(),
        "today": timezone.localdate(),
    }
    status = 400 if form is not None and form.errors else 200
    return render(request, "inspections/measure_page.html", context, status=status)


def _do(user, row: Measure, sent: str, form) -> str:
    data = form.cleaned_data
    if sent == "progress":
        verbs.report_progress(row, by=user, progress=data["progress"], is_mostly_done=data["is_mostly_done"])
        return "进展已填报。"
    if sent == "extend":
        verbs.ask_extension(row, by=user, to=data["to_on"], reason=data["reason"])
        return "延期申请已提交，等巡察办或纪委审批。"
    record = verbs.complete(
        row,
        by=user,
        progress=data["progress"],
        happened_on=data["happened_on"],
        results=form.results,
        files=data["files"],
    )
    waits = record.state == Record.State.SUBMITTED
    return "已完成，佐证等本单位党组织书记审核。" if waits else "已完成，佐证已计入。"


@require_POST
def extension_decide(request, pk: int, extension: int):
    """审批延期."""
    row = get_object_or_404(Extension, measure=_measure(request, pk), pk=extension)
    grants = request.POST.get("act") == "grant"
    verbs.decide_extension(row, by=request.user, grants=grants, opinion=request.POST.get("opinion", ""))
    messages.success(request, "已同意延期。" if grants else "未同意延期。")
    return redirect("finding", pk=row.measure.finding_id)
