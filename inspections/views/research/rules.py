"""建章立制: the rules that came out, counted by unit and key area, each figure opening its rows (三（四）3)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accountability.filters import number_in
from accountability.forms import refusals_in
from accountability.timeline import history_of_rows
from accountability.views.downloads import sheet_response
from accountability.views.paging import paged
from inspections.models import Finding, Measure, Requirement, Rule, Topic
from inspections.models.topics import key_areas
from inspections.research_filters import NO_AREA, RuleFilter
from inspections.research_forms import RuleChangeForm, RuleForm
from inspections.services import rules as verbs
from inspections.services.research_export import rules_table
from inspections.views.research import Figure, business_only, figure, list_context

FIGURES = (
    ("all", "制度成果", "done"),
    ("new", "新立", "done"),
    ("amended", "修订", "done"),
    ("repealed", "废止", "idle"),
)
FIELDS = (
    "title", "document_number", "organisation", "key_area", "status", "in_force_on", "repealed_on", "summary",
    "topic", "requirement", "measure",
)  # fmt: skip


@require_safe
@business_only
def rule_list(request):
    user, today, chosen = request.user, timezone.localdate(), RuleFilter.read(request.GET)
    visible = Rule.objects.visible_to(user)
    here = {"on": today, "user": user}
    whole = chosen.but(view="all")
    context = {
        "pager": paged(request, chosen.rows(visible, **here).for_list()),
        "figures": [figure(label, whole.but(view=view), visible, state, **here) for view, label, state in FIGURES],
        "by_unit": _by_unit(chosen.but(unit=None), visible, here),
        "by_area": _by_area(chosen.but(area=""), visible, here),
        "areas": [*key_areas(), NO_AREA],
        "origins": RuleFilter.ORIGINS.items(),
        "may_register": verbs.makers(user).exists(),
        **list_context(request, chosen, visible.values("organisation")),
    }
    return render(request, "research/rule_list_page.html", context)


def _by_unit(chosen: RuleFilter, visible, here: dict) -> list[Figure]:
    rows = chosen.rows(visible, **here).order_by().values("organisation", "organisation__name")
    counted = rows.annotate(n=Count("pk")).order_by("-n", "organisation__rank")
    return [
        Figure(row["organisation__name"], row["n"], chosen.but(unit=row["organisation"]).url, "done") for row in counted
    ]


def _by_area(chosen: RuleFilter, visible, here: dict) -> list[Figure]:
    counted = chosen.rows(visible, **here).order_by().values("key_area").annotate(n=Count("pk")).order_by("-n")
    return [
        Figure(row["key_area"] or NO_AREA, row["n"], chosen.but(area=row["key_area"] or NO_AREA).url, "done")
        for row in counted
    ]


@require_safe
@business_only
def export(request):
    user, today = request.user, timezone.localdate()
    rows = RuleFilter.read(request.GET).rows(Rule.objects.visible_to(user), on=today, user=user)
    return sheet_response(f"制度成果-{today}", rules_table(rows.for_list()))


def through_the_door(request, pk: int) -> Rule:
    return get_object_or_404(Rule.objects.visible_to(request.user).for_list().select_related("entered_by"), pk=pk)


@require_safe
def rule(request, pk: int):
    row, user = through_the_door(request, pk), request.user
    findings = Finding.objects.visible_to(user)
    context = {
        "rule": row,
        "topic": Topic.objects.visible_to(user).filter(pk=row.topic_id).first(),
        "requirement": Requirement.objects.visible_to(user).filter(pk=row.requirement_id).first(),
        "finding": findings.filter(measures=row.measure_id).first() if row.measure_id else None,
        "may_change": verbs.may_change(user, row),
        "changes": history_of_rows(Rule.history.filter(id=row.pk), _change)[::-1],
    }
    return render(request, "research/rule_page.html", context)


def _change(before, now) -> str:
    status = now.get_status_display()
    if before is None:
        return f"{status}，{now.in_force_on} 起施行"
    parts = [f"{before.get_status_display()} → {status}"] if before.status != now.status else []
    if before.title != now.title:
        parts.append(f"《{before.title}》→《{now.title}》")
    if before.document_number != now.document_number:
        parts.append(f"文号 {before.document_number or '无'} → {now.document_number or '无'}")
    if before.in_force_on != now.in_force_on:
        parts.append(f"施行日期 {before.in_force_on} → {now.in_force_on}")
    return "，".join(parts)


def _choices(user) -> dict:
    return {
        "units": verbs.makers(user),
        "topics": verbs.topics_to_name(user),
        "requirements": Requirement.objects.visible_to(user),
        "measures": verbs.measures_to_name(user),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@business_only
def rule_new(request):
    """登记制度成果. ``?topic=``, ``?requirement=``, ``?measure=``, ``?unit=`` preselect."""
    choices = _choices(request.user)
    if not choices["units"].exists():
        raise PermissionDenied("制度成果由制定单位、纪委或党委办公室登记。")
    initial = {name: number_in(request.GET, name) for name in ("topic", "requirement", "measure")}
    initial["organisation"] = number_in(request.GET, "unit") or (
        choices["units"].get().pk if choices["units"].count() == 1 else None
    )
    form = RuleForm(request.POST or None, initial=initial, **choices)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            made = verbs.register(by=request.user, **form.facts)
            messages.success(request, "已登记。")
            return redirect("rule", pk=made.pk)
    return render(request, "research/rule_form_page.html", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def rule_edit(request, pk: int):
    """更正、修订、废止."""
    row = through_the_door(request, pk)
    if not verbs.may_change(request.user, row):
        raise PermissionDenied("制度成果由制定单位、纪委或党委办公室更改。")
    initial = {name: getattr(row, name) for name in FIELDS}
    form = RuleChangeForm(request.POST or None, initial=initial, **_with_present(_choices(request.user), row))
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            verbs.change(row, by=request.user, reason=form.cleaned_data["reason"], **form.facts)
            messages.success(request, "已更改，原来的内容留在历史里。")
            return redirect("rule", pk=row.pk)
    context = {"form": form, "rule": row}
    return render(request, "research/rule_form_page.html", context, status=400 if form.errors else 200)


def _with_present(choices: dict, row: Rule) -> dict:
    """What it came out of stays a choice, though whoever changes the rule may not see that himself."""
    present = {
        "topics": Topic.objects.filter(pk=row.topic_id),
        "requirements": Requirement.objects.filter(pk=row.requirement_id),
        "measures": Measure.objects.filter(pk=row.measure_id),
    }
    return choices | {name: choices[name] | rows for name, rows in present.items()}
