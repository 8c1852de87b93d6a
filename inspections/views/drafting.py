"""立账与拟定方案: a finding by hand, its plan (三（四）1)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accountability.forms import refusals_in
from inspections.forms import FindingEditForm, FindingForm, GoalForm, MeasureForm
from inspections.models import Measure
from inspections.services import drafting as verbs
from inspections.views import findings, rounds


@require_http_methods(["GET", "HEAD", "POST"])
def finding_new(request, pk: int):
    """登记问题."""
    row = rounds.through_the_door(request, pk)
    if not verbs.may_enter(request.user, row):
        raise PermissionDenied("问题由巡察办、纪委或在组的巡察组成员，在进驻和整改期间登记。")
    form = FindingForm(request.POST or None, units=list(row.units.values_list("organisation", flat=True)))
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            finding = verbs.enter_finding(row, by=request.user, **form.cleaned_data)
            messages.success(request, f"已登记，编号 {finding.number}；责任单位已收到拟定方案的通知。")
            return redirect("finding", pk=finding.pk)
    context = {"form": form, "round": row}
    return render(request, "inspections/finding_form_page.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def finding_edit(request, pk: int):
    """修改问题."""
    finding = findings.through_the_door(request, pk)
    if not verbs.may_revise(request.user, finding):
        raise PermissionDenied("问题由巡察办、纪委在销号申请之前修改；方案拟定阶段，在组的巡察组成员也可以修改。")
    names = ("organisation", "category", "sub_category", "text", "symptoms", "implementation")
    initial = {name: getattr(finding, name) for name in names} | {"is_focus": "1" if finding.is_focus else ""}
    units = list(finding.round.units.values_list("organisation", flat=True))
    form = FindingEditForm(request.POST or None, units=units and [*units, finding.organisation_id], initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            verbs.revise_finding(finding, by=request.user, **form.cleaned_data)
            messages.success(request, "已修改。")
            return redirect("finding", pk=finding.pk)
    context = {"form": form, "finding": finding}
    return render(request, "inspections/finding_edit_page.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def plan(request, pk: int):
    """拟定方案: the goal, then measure by measure; ``act`` says which form is sent."""
    finding = findings.through_the_door(request, pk)
    if not verbs.may_plan(request.user, finding):
        raise PermissionDenied(f"整改方案由{finding.organisation.name}的经办人员在方案拟定阶段填写。")
    sent = request.POST.get("act", "") if request.method == "POST" else ""
    goal = GoalForm(request.POST if sent == "goal" else None, initial={"goal": finding.goal})
    measure = MeasureForm(request.POST if sent == "measure" else None, initial={"lead": finding.organisation})
    form = {"goal": goal, "measure": measure}.get(sent)
    if request.method == "POST" and form is None:
        raise ValidationError("没有这种办理，请返回方案页面重新选择。")
    if form is not None and form.is_valid():
        verb = verbs.set_goal if sent == "goal" else verbs.add_measure
        with refusals_in(form):
            verb(finding, by=request.user, **form.cleaned_data)
            messages.success(request, "已保存。")
            return redirect("finding_plan", pk=finding.pk)
    context = {
        "finding": finding,
        "goal_form": goal,
        "measure_form": measure,
        "sent": sent,
        "measures": list(finding.measures.select_related("lead", "owner__organisation__parent")),
    }
    status = 400 if form is not None and form.errors else 200
    return render(request, "inspections/plan_page.html", context, status=status)


@require_POST
def measure_drop(request, pk: int, measure: int):
    finding = findings.through_the_door(request, pk)
    row = get_object_or_404(Measure.objects.select_related("finding"), finding=finding, pk=measure)
    verbs.drop_measure(row, by=request.user)
    messages.success(request, "已删去这条措施。")
    return redirect("finding_plan", pk=finding.pk)
