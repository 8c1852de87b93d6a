"""负担计: units by months, one unit's month by kind of entry, and what is asked twice (四（三）)."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accountability import access
from accountability.filters import Span
from accountability.models import Duty, Organisation
from accountability.views.menus import Option
from accountability.years import year_in_view, years_opened
from supervision.burden import asked_twice as repeated
from supervision.burden.meter import BurdenTable, Load, entries_of, told_rates
from supervision.rooms import room, tabs_for


def may_see_burden(user) -> bool:
    """Whoever may look into a unit at all: the whole school for 党办, 纪委 and the secretary, a unit's people their own."""
    return access.sees_any(user, lambda: Organisation.objects.visible_to(user).units(), "units")


room(
    620,
    "负担计",
    "burden",
    "各单位每月填报了多少、估计花了多少时间；同一件事要了两次的，提醒合并",
    icon="wait",
    may=may_see_burden,
)


def _insiders_only(request) -> None:
    if not may_see_burden(request.user):
        raise PermissionDenied("您的岗位没有可以查看的单位。")


def _years(request, year: int, path: str) -> list[Option]:
    return [Option(f"{each} 年度", f"{path}?year={each}", each == year) for each in years_opened(request)]


@require_safe
def burden(request):
    _insiders_only(request)
    year = year_in_view(request)
    table = BurdenTable(request.user, year)
    context = {
        "table": table,
        "rows": table.rows(),
        "sums": table.sum_cells(),
        "rates": told_rates(),
        "twice": len(repeated.asked_twice(request.user, year)),
        "year": year,
        "years": _years(request, year, request.path),
        "room_tabs": tabs_for(request.user, "burden"),
    }
    return render(request, "supervision/burden/burden_page.html", context)


@require_safe
def burden_unit(request, pk: int):
    """One unit: by kind of entry, of one month or of the whole working year."""
    units = Organisation.objects.visible_to(request.user).units().select_related("parent")
    unit, year = get_object_or_404(units, pk=pk), year_in_view(request)
    month = Span.read(request.GET.get("month", ""))
    entries = entries_of(request.user, unit, year, month)
    context = {
        "unit": unit,
        "month": month,
        "entries": entries,
        "total": sum((entry.load for entry in entries), Load()),
        "year": year,
    }
    return render(request, "supervision/burden/unit_page.html", context)


@require_safe
def twice(request):
    """重复要求."""
    _insiders_only(request)
    year, today = year_in_view(request), timezone.localdate()
    pairs = repeated.asked_twice(request.user, year)
    lit = {duty.pk: duty for duty in _lit(pairs, today)}
    context = {
        "pairs": [(pair, lit[pair.first.pk], lit[pair.second.pk]) for pair in pairs],
        "duties": len(lit),
        "year": year,
        "years": _years(request, year, request.path),
        "today": today,
    }
    return render(request, "supervision/burden/twice_page.html", context)


def _lit(pairs, today):
    ids = {duty.pk for pair in pairs for duty in (pair.first, pair.second)}
    return Duty.objects.filter(pk__in=ids).with_light(today).for_list()
