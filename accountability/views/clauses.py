"""制度与条款: each clause with what it asks for and how it stands this year (一（二）)."""

from django.db.models import Count, Prefetch, Q
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accountability.ledger import LedgerFilter
from accountability.models import Clause, Duty, Obligation, Regulation
from accountability.years import year_in_view


@require_safe
def clause_list(request):
    year, today = year_in_view(request), timezone.localdate()
    regulations = list(Regulation.objects.all())
    current = next((each for each in regulations if each.is_in_force(today)), None)
    counts = dict(
        Duty.objects.visible_to(request.user)
        .of_year(year)
        .owed()
        .order_by()
        .values_list("obligation")
        .annotate(Count("pk"))
    )
    context = {
        "regulations": regulations,
        "current": current,
        "clauses": _clauses(current, counts, year),
        "year": year,
        "today": today,
    }
    return render(request, "clauses/clause_list_page.html", context)


def _clauses(regulation: Regulation | None, counts: dict, year: int) -> list[dict]:
    obligations = Obligation.objects.annotate(times=Count("occurrences", filter=Q(is_open_ended=False)))
    clauses = Clause.objects.filter(regulation=regulation).prefetch_related(Prefetch("obligations", obligations))
    return [
        {
            "clause": clause,
            "obligations": [
                {
                    "obligation": obligation,
                    "count": counts.get(obligation.pk, 0),
                    "url": LedgerFilter(year=year, obligation=obligation.pk).url,
                }
                for obligation in clause.obligations.all()
            ],
        }
        for clause in clauses
    ]
