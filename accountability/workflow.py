"""流程: states change only through named transitions, declared here as data.

Each says from where to where, who may, whether a second pair of eyes is needed and how many
characters of reason it wants. Services perform them; templates only ask which are open.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone

from accountability import access
from accountability.locking import lock_and_read
from accountability.models import Person, Record
from accountability.models.history import save_as


@dataclass(frozen=True)
class Transition:
    """办理: one named change of state."""

    name: str
    label: str
    sources: tuple[str, ...]
    target: str
    may: Callable[[Person, models.Model], bool]
    who: str | Callable[[models.Model], str]
    four_eyes: bool = False
    reason_at_least: int = 0
    is_primary: bool = False
    has_own_page: bool = False
    # What its words are called when they are no reason: an opinion, a note.
    asks: str = ""

    def refusal(self, row: models.Model, user: Person) -> str:
        """Why ``user`` cannot do this to ``row`` now; empty when he can."""
        if row.state not in self.sources:
            return f"当前状态是「{row.get_state_display()}」，不能{self.label}。"
        if self.four_eyes and row.is_own_work_of(user):
            return f"{row.AUTHOR}不能{self.label}自己的{row.THING}，请{self.who_for(row)}办理。"
        if not self.may(user, row):
            return f"只有{self.who_for(row)}可以{self.label}。"
        return ""

    def who_for(self, row: models.Model) -> str:
        return self.who(row) if callable(self.who) else self.who

    def checked(self, row: models.Model, *, by: Person, reason: str) -> str:
        """The reason, trimmed, once ``by`` may do this to the locked ``row``; raises in Chinese otherwise."""
        if refusal := self.refusal(row, by):
            if row.state not in self.sources:
                raise ValidationError(refusal)
            raise PermissionDenied(refusal)
        reason = reason.strip()
        if len(reason) < self.reason_at_least:
            words = self.asks or f"{self.label}的原因"
            raise ValidationError(f"请写明{words}，至少 {self.reason_at_least} 个字。")
        return reason


@dataclass(frozen=True)
class Choice:
    """One transition as a page shows it: open, or closed with the reason."""

    transition: Transition
    refusal: str

    @property
    def is_open(self) -> bool:
        return not self.refusal


def _may_confirm(user: Person, record: Record) -> bool:
    if record.confirmer_id and record.confirmer.is_active:
        return record.confirmer_id == user.pk
    return access.may(user, "confirm_record", record.organisation)


def _who_confirms(record: Record) -> str:
    return f"{record.confirmer}本人" if record.confirmer_id and record.confirmer.is_active else "本单位党组织书记"


def _is_author(user: Person, record: Record) -> bool:
    return record.entered_by_id == user.pk


def _may_withdraw(user: Person, record: Record) -> bool:
    by_post = access.may(user, "confirm_record", record.organisation)
    return _is_author(user, record) or _may_confirm(user, record) or by_post


RECORD_TRANSITIONS = {
    transition.name: transition
    for transition in (
        Transition(
            "accept",
            "审核通过",
            (Record.State.SUBMITTED,),
            Record.State.ACCEPTED,
            _may_confirm,
            _who_confirms,
            four_eyes=True,
            is_primary=True,
        ),
        Transition(
            "return",
            "退回",
            (Record.State.SUBMITTED,),
            Record.State.RETURNED,
            _may_confirm,
            _who_confirms,
            four_eyes=True,
            reason_at_least=4,
        ),
        Transition(
            "resubmit",
            "修改后重新提交",
            (Record.State.RETURNED,),
            Record.State.SUBMITTED,
            _is_author,
            "录入人",
            is_primary=True,
            has_own_page=True,
        ),
        Transition(
            "withdraw",
            "作废",
            (Record.State.SUBMITTED, Record.State.RETURNED, Record.State.ACCEPTED),
            Record.State.WITHDRAWN,
            _may_withdraw,
            "录入人或本单位党组织书记",
            reason_at_least=4,
        ),
    )
}


def choices_for(record: Record, user: Person) -> list[Choice]:
    """What ``user`` could do to ``record``: open ones, and closed ones worth explaining."""
    return [
        Choice(transition, transition.refusal(record, user))
        for transition in RECORD_TRANSITIONS.values()
        if record.state in transition.sources
    ]


@transaction.atomic
def perform(record: Record, name: str, *, by: Person, reason: str = "") -> Record:
    """办理: lock → check → write. Raises ValidationError or PermissionDenied in Chinese; writes nothing then."""
    transition = RECORD_TRANSITIONS[name]
    record = lock_and_read(Record.objects.select_related("confirmer"), record.pk)
    reason = transition.checked(record, by=by, reason=reason)
    record.state = transition.target
    if transition.target == Record.State.SUBMITTED:  # nobody has decided yet
        record.decided_by, record.decided_at, record.decision_reason = None, None, ""
    else:
        record.decided_by, record.decided_at, record.decision_reason = by, timezone.now(), reason[:200]
    save_as(record, by=by, reason=f"{transition.label}：{reason}" if reason else transition.label)
    return record
