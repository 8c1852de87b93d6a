"""日历: a meeting as a calendar file, a person's meetings as a feed, and who or what is booked twice (RFC 5545)."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from icalendar import Calendar, Event

from accountability import access
from accountability.models import Person
from accountability.models.history import save_as
from meetings.models import AgendaItem, CalendarFeed, Meeting

ZONE = ZoneInfo("Asia/Shanghai")
LENGTH = timedelta(hours=2)  # of a meeting whose end nobody has said
BACK = timedelta(days=180)  # how far a feed looks back
MOST = 500
STATUS = {Meeting.Stage.PLANNED: "TENTATIVE", Meeting.Stage.CANCELLED: "CANCELLED"}


def calendar_file(meetings: list[Meeting], reader: Person, name: str = "") -> bytes:
    """The meetings as one .ics. A 限知事项 is named only to ``reader`` if he may see it."""
    calendar = Calendar()
    calendar.add("prodid", "-//四责协同//会议//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    if name:
        calendar.add("x-wr-calname", name)
        calendar.add("x-wr-timezone", str(ZONE))
    items: dict[int, list[str]] = {}
    seen = AgendaItem.objects.visible_to(reader).filter(meeting__in=meetings).order_by("rank", "pk")
    for item in seen:
        items.setdefault(item.meeting_id, []).append(item.title)
    for meeting in meetings:
        calendar.add_component(_event(meeting, items.get(meeting.pk, [])))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _event(meeting: Meeting, items: list[str]) -> Event:
    event = Event()
    event.add("uid", f"meeting-{meeting.pk}@four-responsibilities")
    event.add("sequence", meeting.sequence)
    event.add("status", STATUS.get(meeting.stage, "CONFIRMED"))
    event.add("dtstamp", datetime.now(tz=ZoneInfo("UTC")))
    event.add("created", meeting.created_at.astimezone(ZoneInfo("UTC")))
    cancelled = "（已取消）" if meeting.is_cancelled else ""
    event.add("summary", f"{cancelled}{meeting.title}")
    if meeting.starts_at:
        starts = datetime.combine(meeting.day, meeting.starts_at, tzinfo=ZONE)
        ends = datetime.combine(meeting.day, meeting.ends_at, tzinfo=ZONE) if meeting.ends_at else starts + LENGTH
        event.add("dtstart", starts)
        event.add("dtend", ends)
    else:
        event.add("dtstart", meeting.day)
        event.add("dtend", meeting.day + timedelta(days=1))
    if meeting.place:
        event.add("location", meeting.place)
    lines = [f"主持：{meeting.chaired_by}"] if meeting.chaired_by else []
    lines += [f"变更原因：{meeting.change_reason}"] if meeting.change_reason else []
    lines += [f"{number}. {title}" for number, title in enumerate(items, 1)]
    event.add("description", "\n".join(lines))
    event.add("categories", [meeting.act.name])
    return event


# ── the personal feed ────────────────────────────────────────────────────────────────────────


def own_meetings(person: Person):
    """本人的会议: he is on the list of one that was called, chairs it, or keeps it for his organisation."""
    kept = access.organisations_where(person, "keep_record")
    called = Q(participants__person=person) & ~Q(stage=Meeting.Stage.PLANNED)
    mine = called | Q(chair=person) | Q(organisation__in=kept)
    return Meeting.objects.visible_to(person).filter(mine).distinct()


def feed_of(person: Person, on: date) -> bytes:
    rows = own_meetings(person).filter(day__gte=on - BACK).for_list().order_by("day", "pk")[:MOST]
    return calendar_file(list(rows), person, name=f"{settings.UNIVERSITY_NAME}会议 · {person.name}")


@transaction.atomic
def open_feed(person: Person) -> CalendarFeed:
    """开通订阅, or give a new address in place of the old one."""
    revoke_feed(person)
    feed = CalendarFeed(person=person, nonce=secrets.token_urlsafe(24), created_at=timezone.now())
    save_as(feed, by=person, reason="开通日历订阅")
    return feed


@transaction.atomic
def revoke_feed(person: Person) -> bool:
    """停用订阅: from this moment the address answers 404."""
    Person.objects.select_for_update().get(pk=person.pk)
    feed = CalendarFeed.objects.filter(person=person, revoked_at=None).first()
    if feed is None:
        return False
    feed.revoked_at = timezone.now()
    save_as(feed, by=person, reason="停用日历订阅")
    return True


def reader_of(pk: int, code: str) -> Person | None:
    """Whose feed this address is; nobody's when it was revoked, or its person left."""
    feed = CalendarFeed.objects.filter(pk=pk, revoked_at=None, person__is_active=True).select_related("person").first()
    return feed.person if feed and constant_time_compare(feed.code, code) else None


# ── booked twice ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Conflict:
    """冲突: what is booked twice; the other meeting only where the reader may see it."""

    words: str
    other: Meeting | None


def conflicts(meeting: Meeting, reader: Person) -> list[Conflict]:
    """时间冲突: the same place, or people on both lists, in hours that overlap."""
    if meeting.starts_at is None or not meeting.is_to_come:
        return []
    others = Meeting.objects.to_come().filter(day=meeting.day, starts_at__isnull=False).exclude(pk=meeting.pk)
    others = [other for other in others.select_related("organisation__parent") if _overlap(meeting, other)]
    visible = set(Meeting.objects.visible_to(reader).filter(pk__in=[o.pk for o in others]).values_list("pk", flat=True))
    mine = dict(meeting.participants.exclude(person=None).values_list("person", "name"))
    found = []
    for other in others:
        shown = other if other.pk in visible else None
        if meeting.place and other.place.strip() == meeting.place.strip():
            found.append(Conflict(f"{meeting.place}在 {_hours(other)} 已安排另一次会议", shown))
        both = [
            mine[pk]
            for pk in other.participants.filter(person__in=mine).order_by("rank").values_list("person", flat=True)
        ]
        if both:
            more = f"等 {len(both)} 人" if len(both) > 5 else ""
            found.append(Conflict(f"{'、'.join(both[:5])}{more}在 {_hours(other)} 另有会议", shown))
    return found


def _ends(meeting: Meeting) -> datetime:
    start = datetime.combine(meeting.day, meeting.starts_at)
    return datetime.combine(meeting.day, meeting.ends_at) if meeting.ends_at else start + LENGTH


def _overlap(one: Meeting, other: Meeting) -> bool:
    starts = [datetime.combine(each.day, each.starts_at) for each in (one, other)]
    return starts[0] < _ends(other) and starts[1] < _ends(one)


def _hours(meeting: Meeting) -> str:
    return f"{meeting.starts_at:%H:%M}—{_ends(meeting):%H:%M}"
