"""办理历史: the history rows of a duty, its evidence and its records, told in one list of plain sentences."""

from dataclasses import dataclass
from datetime import datetime

from accountability.models import Duty, Record


@dataclass(frozen=True)
class Change:
    """One line: when, who, what was done, and what it changed."""

    at: datetime
    by: str
    what: str
    change: str


def changes_of(duty: Duty, limit: int | None = None) -> list[Change]:
    records = list(duty.evidence.values_list("record", flat=True))
    changes = [
        *_told(Duty.history.filter(id=duty.pk), _duty_change),
        *_told(Record.history.filter(id__in=records), _record_change),
    ]
    changes.sort(key=lambda change: change.at, reverse=True)
    return changes[:limit]


def _told(rows, tell) -> list[Change]:
    """History rows oldest first, each told beside the one before it of the same object."""
    before: dict[int, object] = {}
    told = []
    for row in rows.select_related("history_user").order_by("history_date", "history_id"):
        by = row.history_user.name if row.history_user else "系统"
        what = row.history_change_reason or {"+": "新建", "~": "修改", "-": "删除"}[row.history_type]
        told.append(Change(row.history_date, by, what, tell(before.get(row.id), row)))
        before[row.id] = row
    return told


def _duty_change(before, now) -> str:
    if before is None:
        return f"计划日 {now.scheduled_on}"
    parts = []
    if before.due_on != now.due_on:
        parts.append(f"到期日 {before.due_on} → {now.due_on}")
    if before.state != now.state:
        parts.append(f"{Duty.State(before.state).label} → {Duty.State(now.state).label}")
    if before.owner_id != now.owner_id:
        parts.append("责任人变更")
    return "，".join(parts)


def _record_change(before, now) -> str:
    state = Record.State(now.state).label
    if before is None:
        return f"《{now.title}》{state}"
    return f"《{now.title}》{Record.State(before.state).label} → {state}" if before.state != now.state else now.title


def history_of(record: Record) -> list[Change]:
    """办理历史 of one record."""
    changes = _told(Record.history.filter(id=record.pk), _record_change)
    return sorted(changes, key=lambda change: change.at, reverse=True)
