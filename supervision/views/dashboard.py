from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accountability import access
from accountability.ledger import LedgerFilter
from accountability.years import year_in_view, years_opened
from supervision.chart import trend_chart
from supervision.dashboard import board_for


@require_safe
def dashboard(request):
    """监督看板, for those who see the whole school."""
    if not access.may_see_whole_school(request.user):
        raise PermissionDenied("监督看板由纪委、党委书记和党委办公室使用。")
    today, year = timezone.localdate(), year_in_view(request)
    board = board_for(request.user, year, today)
    only_late = request.GET.get("late") == "1"
    months = board.trend()
    *subjects, extension = board.bands()
    context = {
        "year": year,
        "years": years_opened(request),
        "now": timezone.localtime(),
        "total": board.total(),
        "total_url": LedgerFilter(year=year).url,
        "subjects": subjects,
        "extension": extension,
        "matrix": board.matrix(only_late),
        "only_late": only_late,
        "months": months,
        "chart": trend_chart(months),
    }
    return render(request, "supervision/dashboard_page.html", context)
