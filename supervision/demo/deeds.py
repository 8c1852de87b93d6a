"""履责: write many records at once, each with the history the services would have left on the days it was lived.

A year is some seven hundred records; one by one through ``file_record`` they would take minutes. The rows end as that
service leaves them, and tests/supervision/test_demo.py settles every duty again to see that nothing changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import models
from django.utils import timezone

from accountability.models import ActKind, Duty, Evidence, Organisation, Person, Post, Record
from accountability.models.history import create_with_history, update_with_history
from meetings.models import AgendaItem, Meeting
from meetings.services.counting import required_items

BATCH = 200


@dataclass(frozen=True)
class Deed:
    """一次履责: who did what on which day, who entered it when, who confirmed it, and what it counts for."""

    act: ActKind
    organisation: Organisation
    work_year: int
    title: str
    content: str
    happened_on: date
    entered_at: datetime
    entered_by: Person
    post: Post | None = None
    duties: Sequence[Duty] = ()
    late_reason: str = ""
    sitting: int = 1
    # Empty when the responsible person entered it himself: his own word counts at once.
    decided_by: Person | None = None
    decided_at: datetime | None = None
    # The facts of a meeting; empty for every other act.
    meeting: dict = field(default_factory=dict)

    @property
    def counted_by(self) -> Person:
        return self.decided_by or self.entered_by

    @property
    def counted_at(self) -> datetime:
        return self.decided_at or self.entered_at


def write(deeds: Sequence[Deed]) -> list[Record]:
    """Records, decisions, meetings, evidence and the duties they fulfil; the records in the order of ``deeds``."""
    records = [_record(deed) for deed in deeds]
    _create(records)
    pairs = list(zip(deeds, records, strict=True))
    decided = [_decided(deed, record) for deed, record in pairs if deed.decided_by]
    _update(decided, ["state", "decided_by", "decided_at"])
    meetings = [_meeting(deed, record) for deed, record in pairs if deed.meeting]
    _create(meetings)
    _create([item for meeting in meetings for item in _items(meeting)])
    _create([_evidence(deed, record, duty) for deed, record in pairs for duty in deed.duties])
    fulfilled = [_fulfilled(deed, duty) for deed in deeds for duty in deed.duties]
    _update(fulfilled, ["state", "fulfilled_on"])
    return records


def _create(rows: list) -> None:
    create_with_history(rows, by=None, batch_size=BATCH)


def _update(rows: list, columns: list[str]) -> None:
    update_with_history(rows, columns, by=None)


def signed(row: models.Model, by: Person, at: datetime, reason: str) -> models.Model:
    """What simple-history reads when it writes the row's history."""
    row._history_user, row._history_date, row._change_reason = by, at, reason
    return row


def _record(deed: Deed) -> Record:
    record = Record(
        organisation=deed.organisation,
        post=deed.post,
        work_year_id=deed.work_year,
        act=deed.act,
        title=deed.title,
        content=deed.content,
        happened_on=deed.happened_on,
        sitting=deed.sitting,
        late_reason=deed.late_reason,
        entered_at=deed.entered_at,
        entered_on=timezone.localdate(deed.entered_at),
        entered_by=deed.entered_by,
        state=Record.State.SUBMITTED if deed.decided_by else Record.State.ACCEPTED,
    )
    return signed(record, deed.entered_by, deed.entered_at, "录入履责记录")


def _decided(deed: Deed, record: Record) -> Record:
    record.state, record.decided_by, record.decided_at = Record.State.ACCEPTED, deed.decided_by, deed.decided_at
    return signed(record, deed.decided_by, deed.decided_at, "审核通过")


def _meeting(deed: Deed, record: Record) -> Meeting:
    meeting = Meeting(
        record=record,
        organisation=deed.organisation,
        act=deed.act,
        work_year_id=deed.work_year,
        title=deed.title,
        day=deed.happened_on,
        minutes=deed.content,
        stage=Meeting.Stage.FILED,
        created_by=deed.entered_by,
        created_at=deed.entered_at,
        **deed.meeting,
    )
    return signed(meeting, deed.entered_by, deed.entered_at, "记录会议")


def _items(meeting: Meeting) -> list[AgendaItem]:
    """必议事项, all dealt with."""
    return [
        signed(
            AgendaItem(
                meeting=meeting,
                rank=rank,
                title=item.title,
                presenter=item.presenter,
                required=item,
                is_dealt_with=True,
            ),
            meeting.created_by,
            meeting.created_at,
            "记录必议事项",
        )
        for rank, item in enumerate(required_items(meeting.act_id), 1)
    ]


def _evidence(deed: Deed, record: Record, duty: Duty) -> Evidence:
    evidence = Evidence(record=record, duty=duty, obligation=duty.obligation, bearer_post=duty.bearer_post)
    return signed(evidence, deed.entered_by, deed.entered_at, "计入责任")


def _fulfilled(deed: Deed, duty: Duty) -> Duty:
    duty.state, duty.fulfilled_on = Duty.State.FULFILLED, deed.happened_on
    return signed(duty, deed.counted_by, deed.counted_at, "佐证计入，责任完成")
