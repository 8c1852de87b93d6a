"""日历: a month of meetings, one meeting as a calendar file, the personal feed."""

from calendar import Calendar as Months
from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accountability.views.downloads import download
from accountability.views.menus import Option
from meetings.models import CalendarFeed, Meeting
from meetings.services import calendars
from meetings.views.one import through_the_door

SCOPES = {"mine": "我的会议", "all": "可查看的全部"}
ICS = "text/calendar; charset=utf-8"


@require_safe
def month(request):
    """月历与清单: own meetings, or all he may see."""
    today = timezone.localdate()
    first = _month(request.GET.get("month", "")) or today.replace(day=1)
    scope = request.GET.get("scope") if request.GET.get("scope") in SCOPES else "mine"
    rows = calendars.own_meetings(request.user) if scope == "mine" else Meeting.objects.visible_to(request.user)
    rows = rows.filter(day__year=first.year, day__month=first.month).for_list().order_by("day", "starts_at", "pk")
    meetings = list(rows[: calendars.MOST])
    by_day: dict[date, list[Meeting]] = {}
    for meeting in meetings:
        by_day.setdefault(meeting.day, []).append(meeting)
    weeks = [
        [{"day": day, "is_out": day.month != first.month, "meetings": by_day.get(day, [])} for day in week]
        for week in Months().monthdatescalendar(first.year, first.month)
    ]
    feed = CalendarFeed.objects.filter(person=request.user, revoked_at=None).first()
    context = {
        "first": first,
        "today": today,
        "weeks": weeks,
        "meetings": meetings,
        "tabs": [Option(label, f"?scope={key}&month={first:%Y-%m}", key == scope) for key, label in SCOPES.items()],
        "before": f"?scope={scope}&month={_shifted(first, -1):%Y-%m}",
        "after": f"?scope={scope}&month={_shifted(first, 1):%Y-%m}",
        "this": f"?scope={scope}",
        "feed_url": request.build_absolute_uri(reverse("meeting_feed", args=[feed.pk, feed.code])) if feed else "",
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


@require_POST
def feed_open(request):
    if "revoke" in request.POST:
        calendars.revoke_feed(request.user)
        messages.success(request, "订阅已停用，原地址不能再读取。")
    else:
        calendars.open_feed(request.user)
        messages.success(request, "订阅地址已生成；以前的地址同时失效。")
    return redirect("meeting_calendar")


@login_not_required
@require_safe
def feed(request, pk: int, code: str):
    """订阅: what a calendar program reads; no sign-in, an unknown or revoked address is 404."""
    reader = calendars.reader_of(pk, code)
    if reader is None:
        raise Http404("没有这个订阅地址，可能已经停用。")
    return HttpResponse(calendars.feed_of(reader, timezone.localdate()), content_type=ICS)
