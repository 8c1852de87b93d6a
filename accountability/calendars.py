"""日历: entries that calendar programs read (RFC 5545); every app says by registry what it has for a person or a unit.

``entries_of("meetings")`` registers a function of (person, unit or None, day); it asks ``visible_to`` each time.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from icalendar import Calendar, Event

from accountability.models import Duty, Organisation, Person

ICS = "text/calendar; charset=utf-8"
ZONE, UTC = ZoneInfo("Asia/Shanghai"), ZoneInfo("UTC")
BACK = timedelta(days=180)  # how far a feed looks back
MOST = 500  # entries of one kind
CONFIDENTIAL = "限知事项（登录后查看）"


@dataclass(frozen=True)
class Entry:
    """One event; ``starts`` and ``ends`` are days (the second exclusive) or moments."""

    uid: str
    summary: str
    starts: date | datetime
    ends: date | datetime
    place: str = ""
    description: str = ""
    category: str = ""
    url: str = ""
    status: str = "CONFIRMED"
    sequence: int = 0


_kinds: dict[str, Callable[[Person, Organisation | None, date], list[Entry]]] = {}


def entries_of(kind: str):
    """登记 what a feed shows of this kind."""

    def register(function):
        _kinds[kind] = function
        return function

    return register


def subscribed(person: Person, unit: Organisation | None, on: date) -> list[Entry]:
    """Everything a feed shows: of the person himself, or of the unit as far as he may see it."""
    return [entry for function in _kinds.values() for entry in function(person, unit, on)]


@entries_of("duties")
def _duties(person: Person, unit: Organisation | None, on: date) -> list[Entry]:
    """责任到期日: whole days. Of a confidential duty only that there is one, and in no unit's feed (限定知悉)."""
    rows = Duty.objects.visible_to(person, on).owed().filter(due_on__gte=on - BACK)
    rows = rows.ordinary().filter(organisation__path__startswith=unit.path) if unit else rows.owed_by(person)
    rows = rows.select_related("organisation__parent", "clause").order_by("due_on", "pk")[:MOST]
    return [_duty(row) for row in rows]


def _duty(duty: Duty) -> Entry:
    days = {"uid": f"duty-{duty.pk}", "starts": duty.due_on, "ends": duty.due_on + timedelta(days=1)}
    if duty.is_confidential:
        return Entry(summary=CONFIDENTIAL, **days)
    lines = [duty.organisation.full_name, f"编号 {duty.number}"]
    lines += [f"条款 {duty.clause.number}"] if duty.clause else []
    return Entry(
        summary=f"{'已完成' if duty.is_fulfilled else '到期'}：{duty.title}",
        description="\n".join(lines),
        category="责任到期",
        url=f"/ledger/{duty.pk}/",
        **days,
    )


# ── the file ──────────────────────────────────────────────────────────────────────────────────


def etag_of(entries: list[Entry], name: str) -> str:
    """The same entries, the same tag: the moment at which the file is made is no part of it."""
    return hashlib.sha256(repr((name, entries)).encode()).hexdigest()[:32]


def ics(entries: list[Entry], name: str = "") -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//四责协同//日历//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    if name:
        calendar.add("x-wr-calname", name)
        calendar.add("x-wr-timezone", str(ZONE))
    now = datetime.now(tz=UTC)
    for entry in entries:
        calendar.add_component(_event(entry, now))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _event(entry: Entry, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{entry.uid}@four-responsibilities")
    event.add("sequence", entry.sequence)
    event.add("status", entry.status)
    event.add("dtstamp", now)
    event.add("summary", entry.summary)
    event.add("dtstart", entry.starts)
    event.add("dtend", entry.ends)
    if not isinstance(entry.starts, datetime):
        event.add("transp", "TRANSPARENT")  # a day on which something is due is not a day one is busy
    if entry.place:
        event.add("location", entry.place)
    if entry.description:
        event.add("description", entry.description)
    if entry.category:
        event.add("categories", [entry.category])
    if entry.url:
        event.add("url", settings.SITE_ADDRESS.rstrip("/") + entry.url)
    return event
