"""决议: who carries out what by which day, as duties of the ledger; read out at the next meeting (三（一）3, 督办上次会议)."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accountability.models import Duty, Person, Post, Role, Subject
from accountability.models.history import save_as
from accountability.services.duties import assign, ways_of
from meetings.models import AgendaItem, Meeting, Resolution
from meetings.services.planning import locked, may_keep

ACT = "meeting-resolution"
PERSONAL = {Role.SECRETARY: Subject.SECRETARY, Role.MEMBER: Subject.MEMBER}
CONFIDENTIAL_TITLE = "落实会议决议（限知事项）"


def _open(meeting: Meeting, *, by: Person) -> Meeting:
    meeting = locked(meeting)
    if not may_keep(by, meeting):
        raise PermissionDenied(f"只有{meeting.organisation.full_name}的会议记录人员可以登记决议。")
    is_returned = meeting.record is not None and meeting.record.state == meeting.record.State.RETURNED
    if not meeting.is_to_come and not is_returned:
        raise ValidationError(f"会议当前是「{meeting.state_words}」，决议不能再改。")
    return meeting


@transaction.atomic
def add_resolution(
    meeting: Meeting, *, by: Person, text: str, owner: Post, due_on: date, item: AgendaItem | None = None
) -> Resolution:
    """登记决议. It becomes a duty when the minutes are confirmed."""
    meeting = _open(meeting, by=by)
    if due_on < meeting.day:
        raise ValidationError({"due_on": f"完成日期不能早于会议召开日 {meeting.day}。"})
    if due_on > date(meeting.work_year_id + 1, 12, 31):
        raise ValidationError({"due_on": f"完成日期须在 {meeting.work_year_id + 1} 年底以前。"})
    last = meeting.decided.order_by("-rank").first()
    row = Resolution(
        meeting=meeting, item=item, rank=(last.rank if last else 0) + 1, text=text, owner=owner, due_on=due_on
    )
    row.full_clean()
    save_as(row, by=by, reason="登记决议")
    return row


@transaction.atomic
def drop_resolution(row: Resolution, *, by: Person) -> None:
    """删去决议 while the minutes are written; its history stays."""
    meeting = _open(row.meeting, by=by)
    row = Resolution.objects.get(pk=row.pk, meeting=meeting)
    row._history_user, row._change_reason = by, "删去决议"
    row.delete()


def assign_all(meeting: Meeting, *, by: Person) -> None:
    """决议列入台账: each a duty of its owner, once."""
    for row in meeting.decided.filter(duty=None).select_related("owner__organisation", "item"):
        post = row.owner
        is_confidential = row.item is not None and row.item.is_confidential
        row.duty = assign(
            title=CONFIDENTIAL_TITLE if is_confidential else row.text[:120],
            organisation=post.organisation,
            owner=post,
            bearer_post=post if post.role in PERSONAL else None,
            work_year=meeting.work_year_id,
            due_on=row.due_on,
            subject=PERSONAL.get(post.role, ""),
            requirement="" if is_confidential else f"会议决议：{meeting.title}（{meeting.day}）"[:200],
            by=by,
        )
        save_as(row, by=by, reason="决议列入台账")


def drop_all(meeting: Meeting, *, by: Person, reason: str) -> None:
    """The meeting's record was withdrawn: what is not yet done is no longer required."""
    open_duties = Duty.objects.open().filter(resolution__meeting=meeting)
    for duty in open_duties.select_for_update(of=("self",)).order_by("pk"):
        duty.state = Duty.State.WAIVED
        save_as(duty, by=by, reason=f"不再要求：会议记录作废，{reason}")


@ways_of
def ways_to_carry_out(duty: Duty) -> list[str]:
    return [ACT] if Resolution.objects.filter(duty=duty).exists() else []


def former_resolutions(meeting: Meeting, user: Person, on: date) -> list[Resolution]:
    """督办上次会议: what the last closed meeting of this kind decided, with how each stands."""
    former = (
        Meeting.objects.held()
        .filter(organisation=meeting.organisation, act=meeting.act, day__lt=meeting.day)
        .exclude(pk=meeting.pk)
        .filter(decided__isnull=False)
        .order_by("-day", "-pk")
        .first()
    )
    if former is None:
        return []
    rows = Resolution.objects.visible_to(user).filter(meeting=former)
    rows = list(rows.select_related("owner__organisation__parent", "meeting"))
    lights = {duty.pk: duty for duty in Duty.objects.with_light(on).filter(pk__in=[row.duty_id for row in rows])}
    for row in rows:
        row.shown_duty = lights.get(row.duty_id)
    return rows
