"""监督看板, for those who see the whole school; the same on the screen, in Excel and on paper (三（二）1)."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accountability import access
from accountability.ledger import LedgerFilter
from accountability.views.downloads import sheet_response
from accountability.years import year_in_view, years_opened
from supervision.board.chart import spark, trend_chart
from supervision.board.dashboard import board_for
from supervision.board.indicators import figures_of
from supervision.board.missing import gaps
from supervision.board.papers import paper_of, tables_of
from supervision.board.work import work


@require_safe
def dashboard(request):
    return render(request, "supervision/dashboard_page.html", _told(request))


@require_safe
def export(request):
    """导出: what the page shows, sheet by sheet."""
    told = _told(request)
    return sheet_response(f"监督看板-{told['year']}-{told['today']}", *tables_of(told))


@require_safe
def paper(request):
    """打印: what the page shows, on paper."""
    told = _told(request)
    answer = HttpResponse(paper_of(told).content, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="dashboard-{told["year"]}-{told["today"]}.pdf"'
    return answer


def _told(request) -> dict:
    if not access.may_see_whole_school(request.user):
        raise PermissionDenied("监督看板由纪委、党委书记和党委办公室使用。")
    today, year = timezone.localdate(), year_in_view(request)
    told = figures_of(request.user, year, today)
    board = board_for(request.user, year, today, told)
    only_late = request.GET.get("late") == "1"
    months = board.trend()
    *subjects, extension = board.bands()
    return {
        "year": year,
        "years": years_opened(request),
        "now": timezone.localtime(),
        "today": today,
        "total": board.total(),
        "total_url": LedgerFilter(year=year).url,
        "subjects": subjects,
        "extension": extension,
        "questions": [{"answer": one, "spark": spark(one.months)} for one in board.questions()],
        "gaps": gaps(told),
        "work": work(told),
        "matrix": board.matrix(only_late),
        "only_late": only_late,
        "query": f"year={year}" + ("&late=1" if only_late else ""),
        "months": months,
        "chart": trend_chart(months),
    }
