"""巡察规划与覆盖: the plan of a term year by year, and what of it has been carried out (三（四）1)."""

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability.forms import refusals_in
from accountability.timeline import history_of_rows
from accountability.views.menus import Option
from inspections.coverage import VIEWS, Coverage
from inspections.models import PlannedInspection, Round, Term
from inspections.models.rounds import manages
from inspections.models.terms import sees_plans
from inspections.services import terms as verbs
from inspections.services.rounds import only_managers
from inspections.term_forms import PlannedForm, TermForm
from inspections.views.cards import Figure

NOTES = {
    "inspected": ("已巡察", "done", "至少进驻过一轮"),
    "never": ("未巡察", "soon", "还没有进驻过"),
    "behind": ("逾期未巡察", "late", "过了计划年度仍未进驻"),
    "unplanned": ("未列入规划", "soon", "未巡察，也没有计划年度"),
}


def _chosen_term(request) -> tuple[Term | None, list[Term]]:
    """The term asked for by its id, 全部 by ``term=all``, else the one we are in; of those with rounds in sight."""
    seen = Round.objects.visible_to(request.user).exclude(term=None).values("term")
    terms = list(Term.objects.all() if sees_plans(request.user) else Term.objects.filter(pk__in=seen))
    asked = request.GET.get("term", "")
    if asked == "all":
        return None, terms
    today = timezone.localdate()
    now = next((term for term in terms if term.starts_on <= today <= term.ends_on), None)
    return next((term for term in terms if str(term.pk) == asked), now), terms


def _query(term: Term | None, view: str = "all") -> str:
    query = QueryDict(mutable=True)
    query["term"] = str(term.pk) if term else "all"
    if view != "all":
        query["show"] = view
    return f"?{query.urlencode()}"


@require_safe
def coverage(request):
    """覆盖情况 of units and key areas; every figure is a view of the rows below."""
    term, terms = _chosen_term(request)
    found = Coverage(request.user, term, on=timezone.localdate())
    asked = request.GET.get("show")
    shown = asked if asked in found.views else "all"
    figures = [
        Figure(label, len(found.units_of(view)), _query(term, view), state, note)
        for view, (label, state, note) in NOTES.items()
        if view in found.views
    ]
    context = {
        "coverage": found,
        "units": found.units_of(shown),
        "areas": found.areas_of(shown),
        "term": term,
        "terms": terms,
        "shown": shown,
        "figures": figures,
        "tabs": [Option(label, _query(term, view), view == shown) for view, label in found.views.items()],
        "label": VIEWS[shown],
        "sees_plans": found.shows_plans,
        "whole_url": _query(term),
        "manages": manages(request.user),
    }
    return render(request, "inspections/coverage_page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def term_new(request):
    """登记届次."""
    only_managers(request.user)
    form = TermForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            term = verbs.plan_term(by=request.user, **form.cleaned_data)
            messages.success(request, f"已登记{term.name}，请逐年列入单位和重点领域。")
            return redirect("term", pk=term.pk)
    return render(request, "inspections/term_form_page.html", {"form": form}, status=400 if form.errors else 200)


def _term(request, pk: int) -> Term:
    return get_object_or_404(Term.objects.visible_to(request.user), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def term(request, pk: int):
    """巡察规划: year by year; what is added here is planned, not yet carried out."""
    row, today = _term(request, pk), timezone.localdate()
    year = today.year if today.year in row.years else row.years[0]
    form = PlannedForm(request.POST or None, term=row, initial={"year": year})
    if request.method == "POST":
        only_managers(request.user)
        if form.is_valid():
            with refusals_in(form):
                added = verbs.plan_inspections(row, by=request.user, **form.cleaned_data)
                messages.success(request, f"已列入 {len(added)} 项。")
                return redirect("term", pk=row.pk)
    found = Coverage(request.user, row, on=today)
    by_year: dict[int, list[PlannedInspection]] = {each: [] for each in row.years}
    for one in row.planned.standing().select_related("organisation__parent"):
        one.is_done = found.has_met(one)
        one.is_behind = not one.is_done and one.year < today.year
        by_year.setdefault(one.year, []).append(one)
    context = {
        "term": row,
        "years": [(each, ones, _round_url(row, each, ones)) for each, ones in by_year.items()],
        "form": form,
        "manages": manages(request.user),
        "left": len(found.units_of("unplanned")),
        "left_url": reverse("inspection_coverage") + _query(row, "unplanned"),
        "changes": history_of_rows(_planned_history(row), _change)[::-1],
    }
    return render(request, "inspections/term_page.html", context, status=400 if form.errors else 200)


def _planned_history(row: Term):
    return PlannedInspection.history.filter(term=row.pk).select_related("organisation")


def _round_url(term: Term, year: int, ones: list[PlannedInspection]) -> str:
    """登记轮次 with what the year still plans, filled in."""
    units = [str(one.organisation_id) for one in ones if one.organisation_id and not one.is_done]
    if not units:
        return ""
    query = QueryDict(mutable=True)
    query["term"] = str(term.pk)
    query.setlist("units", units)
    return f"{reverse('inspection_new')}?{query.urlencode()}"


def _change(before, now) -> str:
    where = now.organisation.name if now.organisation_id else now.key_area
    return f"{now.year} 年 {where}：{'调出' if now.withdrawn_on else '列入'}"


@require_POST
def planned_withdraw(request, pk: int, planned: int):
    row = get_object_or_404(PlannedInspection.objects.visible_to(request.user), term=_term(request, pk), pk=planned)
    verbs.withdraw_planned(row, by=request.user, reason=request.POST.get("reason", ""))
    messages.success(request, f"{row.subject}已调出 {row.year} 年规划。")
    return redirect("term", pk=pk)
