"""日历: a month of meetings, one meeting as a calendar file."""

from calendar import Calendar as Months
from datetime import date

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accountability.calendars import ICS, MOST
from accountability.views.downloads import download
from accountability.views.menus import Option
from meetings.models import Meeting
from meetings.services import calendars
from meetings.views.one import through_the_door

SCOPES = {"mine": "我的会议", "all": "可查看的全部"}


@require_safe
def month(request):
    """月历与清单: own meetings, or all he may see."""
    today = timezone.localdate()
    first = _month(request.GET.get("month", "")) or today.replace(day=1)
    scope = request.GET.get("scope") if request.GET.get("scope") in SCOPES else "mine"
    rows = calendars.own_meetings(request.user) if scope == "mine" else Meeting.objects.visible_to(request.user)
    rows = rows.filter(day__year=first.year, day__month=first.month).for_list().order_by("day", "starts_at", "pk")
    meetings = list(rows[:MOST])
    by_day: dict[date, list[Meeting]] = {}
    for meeting in meetings:
        by_day.setdefault(meeting.day, []).append(meeting)
    weeks = [
        [{"day": day, "is_out": day.month != first.month, "meetings": by_day.get(day, [])} for day in week]
        for week in Months().monthdatescalendar(first.year, first.month)
    ]
    context = {
        "first": first,
        "today": today,
        "weeks": weeks,
        "meetings": meetings,
        "tabs": [Option(label, f"?scope={key}&month={first:%Y-%m}", key == scope) for key, label in SCOPES.items()],
        "before": f"?scope={scope}&month={_shifted(first, -1):%Y-%m}",
        "after": f"?scope={scope}&month={_shifted(first, 1):%Y-%m}",
        "this": f"?scope={scope}",
    }
    return render(request, "meetings/calendar_page.html", context)


def _month(text: str) -> date | None:
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None


def _shifted(first: date, by: int) -> date:
    months = first.year * 12 + first.month - 1 + by
    return date(months // 12, months % 12 + 1, 1)


@require_safe
def ics(request, pk: int):
    """日历文件 of one meeting."""
    meeting = through_the_door(request, pk)
    return download(calendars.calendar_file([meeting], request.user), ICS, f"{meeting.title}.ics")
