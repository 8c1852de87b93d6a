"""整改数字: units with their figures, and the lists every figure opens: findings and measures of all rounds (三（四）1)."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accountability.filters import number_in, year_in
from accountability.models import Organisation
from accountability.sheets import Table
from accountability.views.downloads import sheet_response
from accountability.views.listing import Listing
from accountability.views.menus import Option, tabs_of
from inspections.figures import COLUMNS, INDICATORS, RATE, RATE_FORMULA, Scope, lines_by_unit
from inspections.finding_filter import FindingFilter
from inspections.measure_filter import MeasureFilter
from inspections.models import Finding, Measure, Round


@require_safe
def finding_list(request):
    """各轮次的问题: what a figure over several rounds opens."""
    user, today = request.user, timezone.localdate()
    chosen = FindingFilter.read(request.GET)
    listing = Listing(request, chosen)
    context = {
        "pager": listing.pager(
            lambda: chosen.rows(Finding.objects.visible_to(user), on=today, user=user).for_list(),
            Finding.objects.for_list,
        ),
        "chosen": chosen,
        "conditions": _conditions(user, chosen),
        "tabs": tabs_of(chosen, chosen.tabs),
        "all_url": FindingFilter().url,
        "today": today,
    }
    return render(request, "inspections/figures/finding_list_page.html", context)


@require_safe
def measure_list(request):
    """整改措施: what a figure of measures opens."""
    chosen = MeasureFilter.read(request.GET)
    in_order = ("finding__round", "finding__serial", "finding__turn", "rank")
    context = {
        "pager": Listing(request, chosen).pager(
            lambda: chosen.rows(Measure.objects.visible_to(request.user)).order_by(*in_order),
            lambda: Measure.objects.select_related("finding__round", "lead", "duty"),
        ),
        "chosen": chosen,
        "conditions": _conditions(request.user, chosen),
        "tabs": tabs_of(chosen),
        "all_url": MeasureFilter().url,
    }
    return render(request, "inspections/figures/measure_list_page.html", context)


def _conditions(user, chosen) -> list[str]:
    """What narrows the list besides its view, in words; a round one cannot see is not named."""
    words = []
    if chosen.round:
        row = Round.objects.visible_to(user).filter(pk=chosen.round).first()
        words.append(row.name if row else "没有这一轮")
    if chosen.year:
        words.append(f"{chosen.year} 年度的轮次")
    if chosen.organisation:
        unit = Organisation.objects.filter(pk=chosen.organisation).select_related("parent").first()
        words.append(unit.full_name if unit else "没有这个单位")
    return words


def _scope(request) -> tuple[Scope, list]:
    """``?year=`` or ``?round=``, of what the user sees."""
    rounds = list(Round.objects.visible_to(request.user))
    chosen = number_in(request.GET, "round")
    row = next((row for row in rounds if row.pk == chosen), None)
    scope = Scope(
        on=timezone.localdate(),
        user=request.user,
        round=row.pk if row else None,
        year=year_in(request.GET),
    )
    return scope, rounds


@require_safe
def units(request):
    """各单位整改情况: every figure opens its rows."""
    scope, rounds = _scope(request)
    here = request.path
    lines, total = lines_by_unit(scope)
    context = {
        "scope": scope,
        "lines": lines,
        "total": total,
        "rounds": [Option("全部轮次", here, not scope.round)]
        + [Option(row.number, f"{here}?round={row.pk}", row.pk == scope.round) for row in rounds[:12]],
        "round": next((row for row in rounds if row.pk == scope.round), None),
        "formula": RATE_FORMULA,
        "query": request.GET.urlencode(),
    }
    return render(request, "inspections/figures/units_page.html", context)


@require_safe
def units_export(request):
    """导出各单位整改情况: the same lines as the page."""
    scope, _ = _scope(request)
    heads = (("单位", 28), *((INDICATORS[key].label, 12) for key in COLUMNS), (RATE, 14))
    lines, total = lines_by_unit(scope)
    rows = [(line.name, *(cell.value for cell in line.cells), line.rate) for line in (*lines, total)]
    return sheet_response(f"各单位整改情况-{scope.on}", Table("各单位整改情况", heads, rows, fixed_columns=1))
