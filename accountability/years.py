"""工作年度 in view: the year a page speaks of when its address names none."""

from django.utils import timezone

from accountability.models import WorkYear


def year_in_view(request) -> int:
    """``?year=`` when that year was opened, else the newest open year, else this year. One query a request."""
    if not hasattr(request, "_year_in_view"):
        years = {year.year: year for year in WorkYear.objects.all()}
        asked = request.GET.get("year", "")
        if asked.isascii() and asked.isdigit() and int(asked[:5]) in years:
            request._year_in_view = int(asked)
        else:
            current = [year.year for year in years.values() if not year.is_closed]
            request._year_in_view = max(current or years, default=timezone.localdate().year)
        request._years = sorted(years, reverse=True)
    return request._year_in_view


def years_opened(request) -> list[int]:
    year_in_view(request)
    return request._years
