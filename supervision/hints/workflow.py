"""提示的办理: who reads the hints, and the transitions of one as data (四（三）)."""

from accountability import access
from accountability.models import Person
from accountability.workflow import Choice, Transition
from supervision.models import Hint

S = Hint.State
REASON_AT_LEAST = 4
COMMISSION = "纪委"


def may_read_hints(user: Person) -> bool:
    """纪委; and the office, which reads without judging."""
    return access.may_supervise(user) or access.may_manage_duties(user)


def may_judge(user: Person) -> bool:
    return access.may_supervise(user)


def _judges(user: Person, hint: Hint) -> bool:
    return may_judge(user)


TRANSITIONS = {
    each.name: each
    for each in (
        Transition(
            "dismiss",
            "排除",
            (S.OPEN,),
            S.DISMISSED,
            _judges,
            COMMISSION,
            four_eyes=True,
            reason_at_least=REASON_AT_LEAST,
            asks="排除的理由",
        ),
        Transition(
            "confirm",
            "确认",
            (S.OPEN,),
            S.CONFIRMED,
            _judges,
            COMMISSION,
            four_eyes=True,
            reason_at_least=REASON_AT_LEAST,
            is_primary=True,
            asks="核实的情况",
        ),
        Transition(
            "reopen",
            "重新查看",
            (S.DISMISSED, S.CONFIRMED),
            S.OPEN,
            _judges,
            COMMISSION,
            reason_at_least=REASON_AT_LEAST,
            asks="重新查看的原因",
        ),
    )
}


def choices_for(hint: Hint, user: Person) -> list[Choice]:
    """What ``user`` could do to ``hint``; who only reads is offered nothing."""
    if not may_judge(user):
        return []
    return [Choice(each, each.refusal(hint, user)) for each in TRANSITIONS.values() if hint.state in each.sources]
