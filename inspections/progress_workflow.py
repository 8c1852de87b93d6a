"""通报流程: draft → proposed → approved by another → issued; named transitions as data (三（四）1)."""

from accountability.models import Person
from accountability.workflow import Choice, Transition
from inspections.models import ProgressNotice
from inspections.models.rounds import manages

S = ProgressNotice.State
OFFICE = "巡察办或纪委"
ANOTHER = "巡察办或纪委的另一人"
REASON_AT_LEAST = 4


def _manages(user: Person, notice: ProgressNotice) -> bool:
    return manages(user)


TRANSITIONS = {
    each.name: each
    for each in (
        Transition("propose", "送审", (S.DRAFT,), S.PROPOSED, _manages, OFFICE, is_primary=True),
        Transition("approve", "审定", (S.PROPOSED,), S.APPROVED, _manages, ANOTHER, four_eyes=True, is_primary=True),
        Transition(
            "send_back",
            "退回修改",
            (S.PROPOSED, S.APPROVED),
            S.DRAFT,
            _manages,
            OFFICE,
            reason_at_least=REASON_AT_LEAST,
            asks="退回修改的原因",
        ),
        Transition("issue", "印发", (S.APPROVED,), S.ISSUED, _manages, OFFICE, is_primary=True),
        Transition(
            "withdraw",
            "作废",
            (S.DRAFT, S.PROPOSED, S.APPROVED),
            S.WITHDRAWN,
            _manages,
            OFFICE,
            reason_at_least=REASON_AT_LEAST,
            asks="作废的原因",
        ),
    )
}


def choices_for(notice: ProgressNotice, user: Person) -> list[Choice]:
    choices = [
        Choice(each, each.refusal(notice, user)) for each in TRANSITIONS.values() if notice.state in each.sources
    ]
    return [choice for choice in choices if choice.is_open or (choice.transition.is_primary and manages(user))]
