"""工作年度 in view: the year a page speaks of when its address names none."""

from django.utils import timezone

from accountability import statements
from accountability.models import WorkYear


def year_in_view(request) -> int:
    """``?year=`` when that year was opened, else the year people work in now. One query a request."""
    if not hasattr(request, "_year_in_view"):
        years = {year.year: year for year in statements.objects("years", WorkYear.objects.all)}
        asked = request.GET.get("year", "")
        if asked.isascii() and asked.isdigit() and len(asked) == 4 and int(asked) in years:
            request._year_in_view = int(asked)
        else:
            request._year_in_view = _current(years)
        request._years = sorted(years, reverse=True)
    return request._year_in_view


def _current(years: dict[int, WorkYear]) -> int:
    """The newest open year that has begun: next year's, opened in November, does not take over before January."""
    this_year = timezone.localdate().year
    begun = [year for year, row in years.items() if year <= this_year and not row.is_closed]
    return max(begun) if begun else max(years, default=this_year)


def years_opened(request) -> list[int]:
    year_in_view(request)
    return request._years
