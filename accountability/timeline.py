"""办理历史: the history rows of a duty, its evidence and its records, told in one list of plain sentences."""

from dataclasses import dataclass
from datetime import datetime

from accountability.models import Comment, Document, Duty, HandOver, Record, Regulation, Signature


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
    if before.title != now.title:
        parts.append(f"《{before.title}》→《{now.title}》")
    if before.requirement != now.requirement:
        parts.append(f"完成条件 {before.requirement or '无'} → {now.requirement or '无'}")
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


def _document_change(before, now) -> str:
    state = Document.State(now.state).label
    if before is None or before.state == now.state:
        return f"第 {now.latest} 版" if now.latest else state
    return f"{Document.State(before.state).label} → {state}"


def history_of_document(document: Document) -> list[Change]:
    """办理历史 of a document: its states, its signatures and its comments, newest first."""
    changes = [
        *_told(Document.history.filter(id=document.pk), _document_change),
        *_told(Signature.history.filter(document=document.pk), lambda before, now: now.post_title),
        *_told(Comment.history.filter(document=document.pk), lambda before, now: now.text[:40]),
    ]
    return sorted(changes, key=lambda change: change.at, reverse=True)


def history_of_version(regulation: Regulation) -> list[Change]:
    """办理历史 of one version: drafted, renamed, put in force, repealed."""
    changes = _told(Regulation.history.filter(id=regulation.pk), _version_change)
    return sorted(changes, key=lambda change: change.at, reverse=True)


def _version_change(before, now) -> str:
    if before is None:
        return f"《{now.title}》"
    parts = [f"《{before.title}》→《{now.title}》"] if before.title != now.title else []
    if before.in_force_from != now.in_force_from:
        parts.append(f"{now.in_force_from} 起施行")
    if before.repealed_on != now.repealed_on:
        parts.append(f"{now.repealed_on} 废止")
    return "，".join(parts)


def history_of_handover(sheet: HandOver) -> list[Change]:
    """办理历史 of a hand-over sheet: made, signed by each, or closed."""
    changes = _told(HandOver.history.filter(id=sheet.pk), lambda before, now: "" if before else f"{now.on} 交接")
    return sorted(changes, key=lambda change: change.at, reverse=True)


def history_of_rows(rows, tell) -> list[Change]:
    """History rows of an upper app's model, oldest first; ``tell(before, now)`` says what each changed."""
    return _told(rows, tell)


def history_of_row(row) -> list[Change]:
    """办理历史 of any one row that has a state: what was done, and from which state to which."""
    return _told(type(row).history.filter(id=row.pk), _state_change)[::-1]


def _state_change(before, now) -> str:
    if before is None or before.state == now.state:
        return now.get_state_display()
    return f"{before.get_state_display()} → {now.get_state_display()}"
