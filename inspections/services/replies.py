"""单位答复: drafted and confirmed by the unit through its records, accepted or sent back by the commission (三（四）3).

An answer counts for the duty from the day the unit gave it; sent back it counts no longer, and the duty is open again.
"""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from accountability import access
from accountability.locking import lock_and_read
from accountability.models import ActKind, Duty, Evidence, Notice, Organisation, Person, Record
from accountability.models.history import save_as
from accountability.services.notices import notify, people_with
from accountability.services.records import after_decision, counting_rule, file_record, held_by_decision, settle
from inspections.models import Reply
from inspections.models.topics import WRITTEN_AT_LEAST
from inspections.research_flow import REPLY_TRANSITIONS
from inspections.services.requirements import ACT

S = Reply.State


def may_answer(user: Person, reply: Reply) -> bool:
    return access.may(user, "keep_record", reply.organisation)


@counting_rule
def refusal_of_other_acts(record: Record, duty: Duty) -> str:
    """A duty to answer is done by answering."""
    if record.act.code == ACT or not Reply.objects.filter(duty=duty).exists():
        return ""
    return "这项责任以答复工作要求的方式完成。"


@transaction.atomic
def answer(
    reply: Reply, *, by: Person, text: str, happened_on: date | None = None, files: Iterable[UploadedFile] = ()
) -> Reply:
    """答复: the liaison's waits for his secretary, the secretary's goes to the commission at once."""
    reply = _locked(reply)
    if not may_answer(by, reply):
        raise PermissionDenied(f"这项要求由{reply.organisation.name}答复。")
    if reply.state not in Reply.TO_WRITE:
        raise ValidationError(f"答复当前是「{reply.get_state_display()}」，不能再写。")
    if reply.duty.state == Duty.State.WAIVED:
        raise ValidationError("这项要求已不再要求答复。")
    if len(text.strip()) < WRITTEN_AT_LEAST:
        raise ValidationError({"text": f"请写明办理情况，至少 {WRITTEN_AT_LEAST} 个字。"})
    on = happened_on or timezone.localdate()
    record = file_record(
        by=by,
        organisation=reply.organisation,
        act=ActKind.objects.get(code=ACT),
        work_year=reply.duty.work_year_id,
        title=f"答复：{reply.requirement.title}"[:120],
        happened_on=on,
        content=text.strip(),
        sitting=_next_sitting(reply, on),
        duties=[reply.duty],
        files=files,
    )
    reply.record, reply.answered_by, reply.answered_on = record, by, on
    reply.state = S.DRAFTED
    save_as(reply, by=by, reason="起草答复")
    return _came_in(reply, by=by) if record.state == Record.State.ACCEPTED else reply


def _locked(reply: Reply) -> Reply:
    rows = Reply.objects.select_related("organisation", "duty", "requirement")
    reply = lock_and_read(rows, reply.pk)
    reply.record = Record.objects.filter(pk=reply.record_id).first()
    return reply


def _next_sitting(reply: Reply, on: date) -> int:
    same = Record.objects.standing().filter(organisation=reply.organisation, post=None, act__code=ACT, happened_on=on)
    number = (same.aggregate(last=Max("sitting"))["last"] or 0) + 1
    if number > 20:
        raise ValidationError("今天已答复 20 项要求，请改日再答复。")
    return number


def _came_in(reply: Reply, *, by: Person) -> Reply:
    """The unit has spoken: the commission is asked to accept."""
    reply.state, reply.lacking = S.ANSWERED, ""
    save_as(reply, by=by, reason="单位答复")
    school = Organisation.objects.get(kind=Organisation.Kind.SCHOOL)
    notify(
        [one for one in people_with("supervise", school) if one != by and not reply.is_own_work_of(one)],
        kind=Notice.Kind.TO_CONFIRM,
        title=f"答复待认可：{reply.organisation.name} · {reply.requirement.title}",
        url=reverse("reply", args=[reply.pk]),
    )
    return reply


def _replies_by(record: Record) -> list[Reply]:
    if record.act.code != ACT:
        return []
    return [_locked(each) for each in Reply.objects.filter(record=record).order_by("pk")]


@held_by_decision
def hold_replies(record: Record) -> None:
    _replies_by(record)


@after_decision
def follow_record(record: Record, by: Person) -> None:
    """审核通过 sends the answer on; an answer that was withdrawn is none."""
    for reply in _replies_by(record):
        if record.state == Record.State.ACCEPTED and reply.state == S.DRAFTED:
            reply.record = record
            _came_in(reply, by=by)
        elif record.state == Record.State.WITHDRAWN and reply.state not in Reply.TO_WRITE:
            _emptied(reply, by=by)


def _emptied(reply: Reply, *, by: Person) -> None:
    reply.state, reply.record = S.WAITING, None
    reply.answered_by = reply.answered_on = reply.accepted_by = reply.accepted_on = None
    save_as(reply, by=by, reason="答复作废，重新待答复")


@transaction.atomic
def perform(reply: Reply, name: str, *, by: Person, reason: str = "", due_on: date | None = None) -> Reply:
    """认可、退回补充. Two at once have one winner; what is sent back counts no longer, with a new day if one is given."""
    transition = REPLY_TRANSITIONS[name]
    reply = _locked(reply)
    reason = transition.checked(reply, by=by, reason=reason)
    reply.state = transition.target
    if name == "accept":
        reply.accepted_by, reply.accepted_on = by, timezone.localdate()
    else:
        reply.lacking, reply.turns = reason[:300], reply.turns + 1
        _uncount(reply, by=by, due_on=due_on)
    reply.full_clean()
    save_as(reply, by=by, reason=f"{transition.label}：{reason}" if reason else transition.label)
    _tell_unit(reply, name, by=by)
    return reply


def _uncount(reply: Reply, *, by: Person, due_on: date | None) -> None:
    """The unit's record stays as it is and counts for nothing; the duty waits for another answer."""
    today = timezone.localdate()
    if due_on is not None and not today < due_on <= date(today.year + 1, 12, 31):
        raise ValidationError({"due_on": f"新的期限须晚于今天，不晚于 {today.year + 1} 年底。"})
    duty = Duty.objects.select_for_update().get(pk=reply.duty_id)
    for evidence in Evidence.objects.filter(duty=duty):
        evidence._history_user, evidence._change_reason = by, "答复退回补充，不再计入"
        evidence.delete()
    settle(duty, by=by)
    if due_on and due_on != duty.due_on:
        duty.due_on = due_on
        save_as(duty, by=by, reason=f"退回补充，答复期限改为 {due_on}")
    reply.duty = duty


def _tell_unit(reply: Reply, name: str, *, by: Person) -> None:
    people = {person.pk: person for person in people_with("keep_record", reply.organisation)}
    is_back = name == "send_back"
    notify(
        [person for person in people.values() if person != by],
        kind=Notice.Kind.RETURNED if is_back else Notice.Kind.ACCEPTED,
        title=f"{'答复退回补充' if is_back else '答复已认可'}：{reply.requirement.title}",
        body=reply.lacking if is_back else "",
        url=reverse("reply", args=[reply.pk]),
    )
