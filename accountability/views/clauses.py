"""制度与条款: each clause with what it asks for and how it stands this year (一（二）)."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accountability import access
from accountability.models import Regulation
from accountability.search import tidy
from accountability.views.versions import clause_rows, state_of
from accountability.years import year_in_view


@require_safe
def clause_list(request):
    year, today = year_in_view(request), timezone.localdate()
    q = tidy(request.GET.get("q", ""))
    versions = list(Regulation.objects.visible_to(request.user))
    current = next((each for each in versions if each.is_in_force(today)), None)
    context = {
        "versions": [{"version": each, "state": state_of(each, today)} for each in versions],
        "current": current,
        "coming": [each for each in versions if not each.is_draft and each.in_force_from > today],
        "rows": clause_rows(current, request.user, year, q),
        "q": q,
        "may_draft": access.may_manage_duties(request.user),
        "year": year,
    }
    return render(request, "clauses/clause_list_page.html", context)
