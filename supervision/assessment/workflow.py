"""考核流程: scheme and assessment change only through named transitions, declared here as data (四（四）)."""

from accountability.models import Person
from accountability.workflow import Choice, Transition
from supervision.assessment.access import approves, prepares
from supervision.models import Assessment, Scheme

COMMISSION, SECRETARY = "纪委", "党委书记"
REASON_AT_LEAST = 4


def _prepares(user: Person, row) -> bool:
    return prepares(user)


def _approves(user: Person, row) -> bool:
    return approves(user)


def _either(user: Person, row) -> bool:
    return prepares(user) or approves(user)


S = Scheme.State
SCHEME_TRANSITIONS = {
    each.name: each
    for each in (
        Transition("propose", "送审", (S.DRAFT,), S.PROPOSED, _prepares, COMMISSION, is_primary=True),
        Transition("approve", "审定", (S.PROPOSED,), S.APPROVED, _approves, SECRETARY, four_eyes=True, is_primary=True),
        Transition(
            "send_back",
            "退回修改",
            (S.PROPOSED, S.APPROVED),
            S.DRAFT,
            _either,
            f"{SECRETARY}或{COMMISSION}",
            reason_at_least=REASON_AT_LEAST,
            asks="退回修改的原因",
        ),
    )
}

A = Assessment.State
TRANSITIONS = {
    each.name: each
    for each in (
        Transition("review", "转入评议", (A.OPEN,), A.REVIEW, _prepares, COMMISSION, is_primary=True),
        Transition("publish", "公示", (A.REVIEW,), A.PUBLISHED, _prepares, COMMISSION, is_primary=True),
        Transition("propose", "提请审定", (A.PUBLISHED,), A.PROPOSED, _prepares, COMMISSION, is_primary=True),
        Transition("approve", "审定", (A.PROPOSED,), A.FROZEN, _approves, SECRETARY, four_eyes=True, is_primary=True),
        Transition(
            "send_back",
            "退回",
            (A.PROPOSED,),
            A.PUBLISHED,
            _either,
            f"{SECRETARY}或{COMMISSION}",
            reason_at_least=REASON_AT_LEAST,
            asks="退回的原因",
        ),
    )
}


def choices_for(row: Scheme | Assessment, user: Person) -> list[Choice]:
    """What ``user`` could do: open ones, and the next step closed with its reason for those who work here."""
    transitions = SCHEME_TRANSITIONS if isinstance(row, Scheme) else TRANSITIONS
    choices = [Choice(each, each.refusal(row, user)) for each in transitions.values() if row.state in each.sources]
    works_here = prepares(user) or approves(user)
    return [choice for choice in choices if choice.is_open or (choice.transition.is_primary and works_here)]
