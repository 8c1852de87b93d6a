"""建章立制: the rules that came out, counted by unit and key area, each figure opening its rows (三（四）3)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accountability.filters import number_in
from accountability.forms import refusals_in
from accountability.timeline import history_of_rows
from accountability.views.downloads import sheet_response
from accountability.views.listing import Listing
from inspections.models import Finding, Measure, Requirement, Rule, Topic
from inspections.models.topics import key_areas
from inspections.research_filters import NO_AREA, RuleFilter
from inspections.research_forms import RuleChangeForm, RuleForm
from inspections.services import rules as verbs
from inspections.services.research_export import rules_table
from inspections.views.research import Figure, business_only, figures_of, list_context

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
    listing = Listing(request, chosen)

    def rows(chosen: RuleFilter = chosen) -> QuerySet:
        return chosen.rows(Rule.objects.visible_to(user), on=today, user=user)

    context = {
        "pager": listing.pager(lambda: rows().for_list(), Rule.objects.for_list),
        "figures": figures_of(listing, chosen.but(view="all"), FIGURES, rows),
        "by_unit": _by_unit(listing, chosen.but(unit=None), rows),
        "by_area": _by_area(listing, chosen.but(area=""), rows),
        "areas": [*key_areas(), NO_AREA],
        "origins": RuleFilter.ORIGINS.items(),
        "may_register": verbs.makers(user).exists(),
        **list_context(listing, chosen, lambda: Rule.objects.visible_to(user).values("organisation")),
    }
    return render(request, "research/rule_list_page.html", context)


def _by_unit(listing: Listing, chosen: RuleFilter, rows) -> list[Figure]:
    def counted() -> QuerySet:
        by_unit = rows(chosen).order_by().values_list("organisation", "organisation__name")
        return by_unit.annotate(n=Count("pk")).order_by("-n", "organisation__rank")

    return [Figure(name, n, chosen.but(unit=pk).url, "done") for pk, name, n, *_ in listing.rows("by unit", counted)]


def _by_area(listing: Listing, chosen: RuleFilter, rows) -> list[Figure]:
    def counted() -> QuerySet:
        return rows(chosen).order_by().values_list("key_area").annotate(n=Count("pk")).order_by("-n")

    found = listing.rows("by area", counted)
    return [Figure(area or NO_AREA, n, chosen.but(area=area or NO_AREA).url, "done") for area, n in found]


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
