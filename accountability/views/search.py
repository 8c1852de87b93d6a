"""全局搜索: one box on every page, one page of what was found, kind by kind."""

from urllib.parse import urlencode

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accountability.search import LEAST, Query, search, tidy
from accountability.views.menus import Option
from accountability.years import year_in_view, years_opened


@require_safe
def search_page(request):
    words, year = tidy(request.GET.get("q", "")), year_in_view(request)
    results = search(Query(request.user, words, year, timezone.localdate()))
    years = [
        Option(f"{each} 年度", f"?{urlencode({'q': words, 'year': each})}", each == year)
        for each in years_opened(request)
    ]
    context = {
        "q": words,
        "results": results,
        "is_short": 0 < len(words) < LEAST,
        "least": LEAST,
        "year": year,
        "years": years,
    }
    return render(request, "search/search_page.html", context)
