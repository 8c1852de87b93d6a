"""会议: record a meeting that was held; the act counts through its record (三（一）1)."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction

from accountability.models import ActKind, Duty, Organisation, Person
from accountability.models.history import save_as
from accountability.services import records
from meetings.models import Meeting


@transaction.atomic
def record_meeting(
    *,
    by: Person,
    organisation: Organisation,
    act: ActKind,
    work_year: int,
    title: str,
    happened_on: date,
    chaired_by: str,
    duties: Sequence[Duty] = (),
    minutes: str = "",
    place: str = "",
    expected_count: int | None = None,
    present_count: int | None = None,
    attendance: str = "",
    absence: str = "",
    resolutions: str = "",
    sitting: int = 1,
    late_reason: str = "",
    files: Iterable = (),
) -> Meeting:
    """记录会议 and credit the duties it fulfils. Raises what ``file_record`` raises; writes nothing then."""
    record = records.file_record(
        by=by,
        organisation=organisation,
        act=act,
        work_year=work_year,
        title=title,
        happened_on=happened_on,
        content=minutes,
        sitting=sitting,
        late_reason=late_reason,
        duties=duties,
        files=files,
    )
    meeting = Meeting(
        record=record,
        place=place,
        chaired_by=chaired_by,
        expected_count=expected_count,
        present_count=present_count,
        attendance=attendance,
        absence=absence,
        resolutions=resolutions,
    )
    meeting.full_clean()
    save_as(meeting, by=by, reason="记录会议")
    return meeting


@transaction.atomic
def revise_meeting(
    meeting: Meeting, *, by: Person, title: str, happened_on: date, minutes: str, late_reason: str, files, **details
) -> Meeting:
    """修改退回的会议记录 and hand it in again; ``details`` are the meeting's own fields."""
    records.revise(
        meeting.record,
        by=by,
        title=title,
        happened_on=happened_on,
        content=minutes,
        late_reason=late_reason,
        files=files,
    )
    for name, value in details.items():
        setattr(meeting, name, value)
    meeting.full_clean()
    save_as(meeting, by=by, reason="按退回意见修改")
    return meeting
