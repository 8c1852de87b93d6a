"""办理历史 of a meeting: planned, called, postponed, handed in, confirmed, corrected, told in one list of sentences."""

from accountability.models import Record
from accountability.timeline import Change, history_of, history_of_rows
from meetings.models import Meeting, MinutesVersion


def history_of_meeting(meeting: Meeting) -> list[Change]:
    """Newest first; a minute-taker's many savings in a row are one line."""
    changes = [
        *history_of_rows(Meeting.history.filter(id=meeting.pk), _meeting_change),
        *history_of_rows(MinutesVersion.history.filter(meeting=meeting.pk), _version_change),
    ]
    if meeting.record_id:
        changes += history_of(Record.objects.get(pk=meeting.record_id))
    changes.sort(key=lambda change: change.at)
    told: list[Change] = []
    for change in changes:
        if told and not change.change and (told[-1].by, told[-1].what) == (change.by, change.what):
            told.pop()
        told.append(change)
    return told[::-1]


def _meeting_change(before, now) -> str:
    if before is None:
        return f"{now.day}"
    parts = []
    if before.day != now.day:
        parts.append(f"召开日期 {before.day} → {now.day}")
    if before.starts_at != now.starts_at and now.starts_at:
        parts.append(f"开始时间 {now.starts_at:%H:%M}")
    if before.place != now.place:
        parts.append(f"地点 {before.place or '未定'} → {now.place or '未定'}")
    if before.title != now.title:
        parts.append(f"《{before.title}》→《{now.title}》")
    if before.stage != now.stage:
        parts.append(f"{Meeting.Stage(before.stage).label} → {Meeting.Stage(now.stage).label}")
    return "，".join(parts)


def _version_change(before, now) -> str:
    return f"第 {now.number} 版"
