"""专项检查的流程: planned → running → concluded as a record, or dropped; named transitions as data (三（二）1)."""

from accountability import access
from accountability.models import Person
from accountability.workflow import Choice, Transition
from supervision.models import SpecialCheck

S = SpecialCheck.State


def _commission(user: Person, check: SpecialCheck) -> bool:
    return access.may_supervise(user)


TRANSITIONS = {
    each.name: each
    for each in (
        Transition("begin", "开始检查", (S.PLANNED,), S.RUNNING, _commission, "纪委", is_primary=True),
        Transition(
            "conclude", "办结", (S.RUNNING,), S.CONCLUDED, _commission, "纪委", is_primary=True, has_own_page=True
        ),
        Transition(
            "drop",
            "撤销",
            (S.PLANNED, S.RUNNING),
            S.DROPPED,
            _commission,
            "纪委",
            reason_at_least=10,
            asks="撤销的原因",
        ),
    )
}


def choices_for(check: SpecialCheck, user: Person) -> list[Choice]:
    """Open ones; concluding has a form of its own."""
    found = [Choice(each, each.refusal(check, user)) for each in TRANSITIONS.values() if check.state in each.sources]
    return [choice for choice in found if choice.is_open and not choice.transition.has_own_page]
