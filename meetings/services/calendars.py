"""日历: meetings as entries of calendar files and feeds, and who or what is booked twice (RFC 5545)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.urls import reverse

from accountability import access
from accountability.calendars import BACK, MOST, Entry, entries_of, ics
from accountability.models import Organisation, Person
from meetings.models import AgendaItem, Meeting

ZONE = ZoneInfo("Asia/Shanghai")
LENGTH = timedelta(hours=2)  # of a meeting whose end nobody has said
STATUS = {Meeting.Stage.PLANNED: "TENTATIVE", Meeting.Stage.CANCELLED: "CANCELLED"}


def calendar_file(meetings: list[Meeting], reader: Person) -> bytes:
    """The meetings as one .ics."""
    return ics(entries(meetings, reader))


def entries(meetings: list[Meeting], reader: Person) -> list[Entry]:
    """A 限知事项 is named only to ``reader`` if he may see it."""
    items: dict[int, list[str]] = {}
    seen = AgendaItem.objects.visible_to(reader).filter(meeting__in=meetings).order_by("rank", "pk")
    for item in seen:
        items.setdefault(item.meeting_id, []).append(item.title)
    return [_entry(meeting, items.get(meeting.pk, [])) for meeting in meetings]


def _entry(meeting: Meeting, items: list[str]) -> Entry:
    lines = [f"主持：{meeting.chaired_by}"] if meeting.chaired_by else []
    lines += [f"变更原因：{meeting.change_reason}"] if meeting.change_reason else []
    lines += [f"{number}. {title}" for number, title in enumerate(items, 1)]
    starts, ends = _hours_of(meeting)
    return Entry(
        uid=f"meeting-{meeting.pk}",
        summary=f"{'（已取消）' if meeting.is_cancelled else ''}{meeting.title}",
        starts=starts,
        ends=ends,
        place=meeting.place,
        description="\n".join(lines),
        category=meeting.act.name,
        url=reverse("meeting", args=[meeting.pk]),
        status=STATUS.get(meeting.stage, "CONFIRMED"),
        sequence=meeting.sequence,
    )


def _hours_of(meeting: Meeting) -> tuple[date, date] | tuple[datetime, datetime]:
    if not meeting.starts_at:
        return meeting.day, meeting.day + timedelta(days=1)
    starts = datetime.combine(meeting.day, meeting.starts_at, tzinfo=ZONE)
    ends = datetime.combine(meeting.day, meeting.ends_at, tzinfo=ZONE) if meeting.ends_at else starts + LENGTH
    return starts, ends


def own_meetings(person: Person) -> QuerySet:
    """本人的会议: he is on the list of one that was called, chairs it, or keeps it for his organisation."""
    kept = access.organisations_where(person, "keep_record")
    called = Q(participants__person=person) & ~Q(stage=Meeting.Stage.PLANNED)
    mine = called | Q(chair=person) | Q(organisation__in=kept)
    return Meeting.objects.visible_to(person).filter(mine).distinct()


@entries_of("meetings")
def subscribed(person: Person, unit: Organisation | None, on: date) -> list[Entry]:
    """会议 in a feed: one's own, or those of a unit and below that he may see."""
    rows = own_meetings(person)
    if unit is not None:
        rows = Meeting.objects.visible_to(person).filter(organisation__path__startswith=unit.path)
    rows = rows.filter(day__gte=on - BACK).for_list().order_by("day", "pk")[:MOST]
    return entries(list(rows), person)


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
