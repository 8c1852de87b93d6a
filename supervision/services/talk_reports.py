"""落实情况: the talked-to person reports what he did, who holds the talk finds it met or sends it back (二（三）)."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accountability.models import Person
from accountability.models.history import save_as
from supervision.models import FollowUp, Talk
from supervision.services.talks import locked, refusal_of_day, tell
from supervision.talks.workflow import REPORT_TRANSITIONS, WRITTEN_AT_LEAST


def _checked(talk: Talk, name: str, *, by: Person, reason: str = "") -> tuple[FollowUp, str]:
    """The talk is the lock of its report too."""
    talk = locked(talk)
    if talk.report is None:
        raise ValidationError("这次谈话没有要求报告落实情况。")
    # Read again: who waited for the lock was handed the row as it stood before.
    row = FollowUp.objects.get(talk=talk)
    row.talk = talk
    return row, REPORT_TRANSITIONS[name].checked(row, by=by, reason=reason)


@transaction.atomic
def report(talk: Talk, *, by: Person, words: str) -> FollowUp:
    """报告落实情况."""
    row, _ = _checked(talk, "report", by=by)
    if row.talk.state != Talk.State.CONFIRMED:
        raise ValidationError("请先确认谈话记录，再报告落实情况。")
    if len(words.strip()) < WRITTEN_AT_LEAST:
        raise ValidationError({"words": f"请写明做了什么、结果如何，至少 {WRITTEN_AT_LEAST} 个字。"})
    row.state, row.words, row.reported_on, row.lacking = (
        FollowUp.State.REPORTED,
        words.strip(),
        timezone.localdate(),
        "",
    )
    row.full_clean()
    save_as(row, by=by, reason="报告落实情况")
    tell([row.talk.talker, row.talk.leader], row.talk, by=by)
    return row


@transaction.atomic
def accept(talk: Talk, *, by: Person) -> FollowUp:
    """认可."""
    row, _ = _checked(talk, "accept", by=by)
    row.state, row.judged_by, row.judged_on = FollowUp.State.ACCEPTED, by, timezone.localdate()
    row.full_clean()
    save_as(row, by=by, reason="认可落实情况")
    tell([row.owed_by, row.talk.leader], row.talk, by=by)
    return row


@transaction.atomic
def send_back(talk: Talk, *, by: Person, reason: str, report_by: date | None = None) -> FollowUp:
    """退回补充, under the same day or a new one."""
    row, reason = _checked(talk, "send_back", by=by, reason=reason)
    if errors := refusal_of_day(report_by, after=timezone.localdate()):
        raise ValidationError(errors)
    row.state, row.lacking, row.turns, row.judged_by = FollowUp.State.SENT_BACK, reason[:300], row.turns + 1, by
    row.due_on = report_by or row.due_on
    row.full_clean()
    save_as(row, by=by, reason=f"退回补充：{reason}")
    tell([row.owed_by], row.talk, by=by)
    return row
