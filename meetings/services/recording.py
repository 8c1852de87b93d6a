"""记录: minutes while they are written, handed in, confirmed by the chair, closed, corrected (三（一）, 三（三）1)."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accountability import access
from accountability.models import ActKind, Duty, Notice, Organisation, Person, Record
from accountability.models.history import save_as
from accountability.services import records
from accountability.services.notices import notify, people_with
from accountability.services.records import after_decision, credit
from meetings.models import AgendaItem, Meeting, MinutesVersion, Participant
from meetings.services.counting import missing_items, required_items
from meetings.services.papers import freeze_later, minutes_text
from meetings.services.planning import kind_of, locked, may_keep
from meetings.services.resolutions import assign_all, drop_all

# ── one step: a meeting that was held ────────────────────────────────────────────────────────


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
    dealt_with: Iterable | None = None,
    sitting: int = 1,
    late_reason: str = "",
    files: Iterable = (),
    **details,
) -> Meeting:
    """记录会议 that was held, and credit the duties it fulfils. Raises what ``file_record`` raises; writes nothing then.

    ``dealt_with`` are the 必议事项 that were dealt with, all of them when nothing is said; without one it is kept
    and does not count.
    """
    kind = kind_of(act)
    if kind and kind.asks_trigger and not details.get("trigger", "").strip():
        raise ValidationError({"trigger": "请写明召开依据：传达哪次上级会议、哪份文件，或因何事项。"})
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
        files=files,
    )
    meeting = Meeting(
        organisation=organisation,
        act=act,
        work_year=record.work_year,
        title=title,
        day=happened_on,
        chaired_by=chaired_by,
        minutes=minutes,
        stage=Meeting.Stage.FILED,
        record=record,
        created_by=by,
        created_at=timezone.now(),
        **details,
    )
    meeting.full_clean()
    save_as(meeting, by=by, reason="记录会议")
    meeting.counts_for.set(duties)
    _note_items(meeting, dealt_with, by=by)
    _count(meeting, by=by)
    if record.state == Record.State.ACCEPTED:
        _close(meeting, by=by)
    return meeting


def _note_items(meeting: Meeting, dealt_with: Iterable | None, *, by: Person) -> None:
    """必议事项 as agenda items, each dealt with or not."""
    wanted = None if dealt_with is None else {item.pk for item in dealt_with}
    for rank, required in enumerate(required_items(meeting.act_id), 1):
        item = meeting.items.filter(required=required).first() or AgendaItem(
            meeting=meeting, rank=rank, title=required.title, presenter=required.presenter, required=required
        )
        is_dealt_with = wanted is None or required.pk in wanted
        if item.pk and item.is_dealt_with == is_dealt_with:
            continue
        item.is_dealt_with = is_dealt_with
        save_as(item, by=by, reason="记录必议事项")


def _count(meeting: Meeting, *, by: Person) -> None:
    """Credit what the meeting is meant for, unless a required item is missing: then it is kept and does not count."""
    if missing_items(meeting):
        return
    known = set(meeting.record.evidence.values_list("duty", flat=True))
    for duty in meeting.counts_for.exclude(pk__in=known).exclude(state=Duty.State.WAIVED).order_by("pk"):
        credit(duty, by=by, record=meeting.record)


@transaction.atomic
def revise_meeting(
    meeting: Meeting,
    *,
    by: Person,
    title: str,
    happened_on: date,
    minutes: str,
    late_reason: str,
    files,
    dealt_with: Iterable | None = None,
    **details,
) -> Meeting:
    """修改退回的会议记录 and hand it in again; ``details`` are the meeting's own fields."""
    for name, value in details.items():
        setattr(meeting, name, value)
    meeting.title, meeting.day, meeting.minutes = title, happened_on, minutes
    _note_items(meeting, dealt_with, by=by)
    if missing_items(meeting):
        records.uncredit(meeting.record, by=by, reason="缺少必议事项，不计入")
    records.revise(
        meeting.record,
        by=by,
        title=title,
        happened_on=happened_on,
        content=minutes,
        late_reason=late_reason,
        files=files,
    )
    meeting.record.refresh_from_db()
    meeting.full_clean()
    save_as(meeting, by=by, reason="按退回意见修改")
    _count(meeting, by=by)
    return meeting


# ── step by step: minutes of a meeting that was planned ──────────────────────────────────────


def _being_written(meeting: Meeting, *, by: Person) -> Meeting:
    meeting = locked(meeting)
    if not may_keep(by, meeting):
        raise PermissionDenied(f"只有{meeting.organisation.full_name}的会议记录人员可以整理纪要。")
    if not meeting.is_to_come:
        raise ValidationError(f"会议当前是「{meeting.state_words}」，记录不能再直接修改。")
    return meeting


class Overwritten(ValidationError):
    """Somebody else saved the minutes meanwhile."""


@transaction.atomic
def save_minutes(
    meeting: Meeting, *, by: Person, revision: int, minutes: str, items: dict[int, dict] | None = None
) -> Meeting:
    """保存记录, typed or by itself. What another recorder saved meanwhile is never overwritten."""
    meeting = _being_written(meeting, by=by)
    if revision != meeting.revision:
        saved = timezone.localtime(meeting.saved_at)
        raise Overwritten(
            f"{meeting.saved_by} 已于 {saved:%H:%M} 保存过这份记录，您的内容没有保存。请先复制您写的内容，刷新后合并。"
        )
    meeting.minutes, meeting.revision = minutes, meeting.revision + 1
    meeting.saved_by, meeting.saved_at = by, timezone.now()
    meeting.full_clean()
    save_as(meeting, by=by, reason="保存会议记录")
    visible = {item.pk: item for item in AgendaItem.objects.visible_to(by).filter(meeting=meeting)}
    for pk, facts in (items or {}).items():
        item = visible.get(pk)
        if item is None or all(getattr(item, name) == value for name, value in facts.items()):
            continue
        for name, value in facts.items():
            setattr(item, name, value)
        item.full_clean()
        save_as(item, by=by, reason="记录议题")
    return meeting


def refusal_to_hand_in(meeting: Meeting) -> list[str]:
    """提交前还差什么; empty when nothing is."""
    lacking = []
    if meeting.day > timezone.localdate():
        lacking.append("会议还没有到召开日期")
    if not meeting.chaired_by:
        lacking.append("主持人")
    if not meeting.minutes.strip():
        lacking.append("会议记录")
    people = list(meeting.participants.all())
    if people and not any(row.is_there for row in people):
        lacking.append("到会情况")
    return lacking


@transaction.atomic
def hand_in(meeting: Meeting, *, by: Person, late_reason: str = "", files: Iterable = (), sitting: int = 1) -> Meeting:
    """提交纪要 for the chair to confirm. A chair who kept the minutes himself gives his word with them."""
    meeting = _being_written(meeting, by=by)
    if lacking := refusal_to_hand_in(meeting):
        raise ValidationError(f"还不能提交，请先补充：{'、'.join(lacking)}。")
    _sum_up_attendance(meeting, by=by)
    record = records.file_record(
        by=by,
        organisation=meeting.organisation,
        act=meeting.act,
        work_year=meeting.work_year_id,
        title=meeting.title,
        happened_on=meeting.day,
        content=meeting.minutes,
        late_reason=late_reason,
        sitting=sitting,
        files=files,
        confirmer=meeting.chair if meeting.chair and meeting.chair.is_active else None,
    )
    meeting.record, meeting.stage = record, Meeting.Stage.FILED
    meeting.full_clean()
    save_as(meeting, by=by, reason="提交会议纪要")
    _count(meeting, by=by)
    if record.state == Record.State.ACCEPTED:
        _close(meeting, by=by)
    return meeting


def _sum_up_attendance(meeting: Meeting, *, by: Person) -> None:
    """出席、列席、缺席及原因 in words, and the figures, from the list; without a list they stay as typed."""
    people = list(meeting.participants.all())
    if not people:
        return
    silent = [row for row in people if row.answer == Participant.Answer.EXPECTED]
    seats = {seat: [row for row in people if row.seat == seat] for seat in Participant.Seat.values}
    lines = []
    for seat, rows in seats.items():
        there = [f"{row.name}（{row.substitute}代）" if row.substitute else row.name for row in rows if row.is_there]
        if there:
            lines.append(f"{Participant.Seat(seat).label}：{'、'.join(there)}")
    away = [
        f"{row.name}，{row.get_answer_display()}，{row.reason}" for row in people if row.reason and not row.is_there
    ]
    away += [f"{row.name}，未签到" for row in silent]
    attending = seats[Participant.Seat.ATTENDS]
    meeting.attendance, meeting.absence = "\n".join(lines), "；".join(away)
    meeting.expected_count = len(attending)
    meeting.present_count = sum(row.is_there for row in attending)


# ── closed ───────────────────────────────────────────────────────────────────────────────────


@after_decision
def follow_decision(record: Record, by: Person) -> None:
    """确认、作废 of a meeting's record: close it, or take back what came of it."""
    meeting = Meeting.objects.filter(record=record).select_related("organisation__parent", "act", "chair").first()
    if meeting is None:
        return
    meeting.record = record
    if record.state == Record.State.ACCEPTED:
        _close(meeting, by=by)
    elif record.state == Record.State.WITHDRAWN:
        drop_all(meeting, by=by, reason=record.decision_reason)


def _close(meeting: Meeting, *, by: Person) -> None:
    """归档: the first version of the minutes, its paper ordered, the resolutions handed out as duties."""
    if not meeting.versions.exists():
        version = MinutesVersion(
            meeting=meeting,
            number=1,
            text=minutes_text(meeting),
            full_text=minutes_text(meeting, full=True) if meeting.items.filter(is_confidential=True).exists() else "",
            minutes=meeting.minutes,
            made_by=meeting.record.entered_by,
            made_at=timezone.now(),
            confirmed_by=by,
            confirmed_at=timezone.now(),
        )
        save_as(version, by=by, reason="会议纪要归档")
        freeze_later(version, by=by)
    assign_all(meeting, by=by)


def may_confirm_correction(user: Person, meeting: Meeting, version: MinutesVersion) -> bool:
    """更正由主持人确认; where he has no account, by who confirms for the organisation; never by its author."""
    if version.made_by_id == user.pk:
        return False
    if meeting.chair and meeting.chair.is_active and meeting.chair_id != version.made_by_id:
        return meeting.chair_id == user.pk
    return access.may(user, "confirm_record", meeting.organisation)


@transaction.atomic
def propose_correction(meeting: Meeting, *, by: Person, minutes: str, reason: str) -> MinutesVersion:
    """更正: a new version that says why; the old one stays as it is, and in force until the new one is confirmed."""
    meeting = locked(meeting)
    if not may_keep(by, meeting):
        raise PermissionDenied(f"只有{meeting.organisation.full_name}的会议记录人员可以提出更正。")
    if not meeting.is_closed:
        raise ValidationError(f"会议当前是「{meeting.state_words}」，归档之后才用更正。")
    latest = meeting.versions.order_by("-number").first()
    if latest.is_pending:
        raise ValidationError(f"第 {latest.number} 版更正还在等待确认，请先办结。")
    reason = reason.strip()
    if len(reason) < 4:
        raise ValidationError({"reason": "请写明更正的原因，至少 4 个字。"})
    if minutes.strip() == meeting.minutes.strip():
        raise ValidationError({"minutes": "会议记录没有改动，不需要更正。"})
    version = MinutesVersion(
        meeting=meeting,
        number=latest.number + 1,
        text=minutes_text(meeting, minutes=minutes, correction=(latest.number + 1, reason)),
        full_text=minutes_text(meeting, full=True, minutes=minutes, correction=(latest.number + 1, reason))
        if latest.full_text
        else "",
        minutes=minutes,
        reason=reason[:200],
        made_by=by,
        made_at=timezone.now(),
    )
    version.full_clean(exclude=("pdf", "full_pdf"))
    save_as(version, by=by, reason=f"提出更正：{reason}")
    who = [meeting.chair] if meeting.chair else people_with("confirm_record", meeting.organisation)
    who = [person for person in who if may_confirm_correction(person, meeting, version)]
    url = reverse("meeting", args=[meeting.pk])
    notify(who, kind=Notice.Kind.TO_CONFIRM, title=f"待确认更正：{meeting.title}", body=reason, url=url)
    return version


@transaction.atomic
def decide_correction(version: MinutesVersion, *, by: Person, accept: bool, reason: str = "") -> MinutesVersion:
    """确认更正, or refuse it with a reason."""
    meeting = locked(version.meeting)
    version = MinutesVersion.objects.select_for_update(of=("self",)).get(pk=version.pk)
    if not version.is_pending:
        raise ValidationError("这次更正刚刚已经办结，请刷新页面查看。")
    if not may_confirm_correction(by, meeting, version):
        raise PermissionDenied("更正由会议主持人确认，提出人不能确认自己的更正。")
    if not accept:
        if len(reason.strip()) < 4:
            raise ValidationError({"reason": "请写明不同意的原因，至少 4 个字。"})
        version.refused_reason = reason.strip()[:200]
        save_as(version, by=by, reason=f"退回更正：{version.refused_reason}")
    else:
        version.confirmed_by, version.confirmed_at = by, timezone.now()
        save_as(version, by=by, reason="确认更正")
        meeting.minutes = version.minutes
        save_as(meeting, by=by, reason=f"第 {version.number} 版更正：{version.reason}")
        freeze_later(version, by=by)
    told = Notice.Kind.ACCEPTED if accept else Notice.Kind.RETURNED
    words = "已确认" if accept else "未同意"
    url = reverse("meeting", args=[meeting.pk])
    notify([version.made_by], kind=told, title=f"更正{words}：{meeting.title}", body=version.refused_reason, url=url)
    return version
