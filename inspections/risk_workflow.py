"""风险点流程: who confirms, returns, takes back; named transitions as data (三（三）2)."""

from accountability import access
from accountability.models import Person
from accountability.workflow import Choice, Transition
from inspections.models import RiskChange, RiskPoint

REASON_AT_LEAST = 4
P, C = RiskPoint.State, RiskChange.State


def may_draft(user: Person, organisation) -> bool:
    """拟写: whoever keeps the records of this unit."""
    return organisation.is_unit and organisation.abolished_on is None and access.may(user, "keep_record", organisation)


def is_own_word(user: Person, organisation) -> bool:
    """The secretary's own entry counts at once."""
    return access.may(user, "confirm_record", organisation)


def _confirms(user: Person, point: RiskPoint) -> bool:
    return is_own_word(user, point.organisation)


def _confirms_change(user: Person, change: RiskChange) -> bool:
    return is_own_word(user, change.point.organisation)


def _keeps(user: Person, point: RiskPoint) -> bool:
    return access.may(user, "keep_record", point.organisation)


def _secretary(point: RiskPoint) -> str:
    return f"{point.organisation.name}的党组织书记"


def _unit(point: RiskPoint) -> str:
    return f"{point.organisation.name}的经办人员"


POINT_TRANSITIONS = {
    each.name: each
    for each in (
        Transition(
            "confirm", "确认启用", (P.PROPOSED,), P.IN_USE, _confirms, _secretary, four_eyes=True, is_primary=True
        ),
        Transition(
            "return",
            "退回修改",
            (P.PROPOSED,),
            P.RETURNED,
            _confirms,
            _secretary,
            four_eyes=True,
            reason_at_least=REASON_AT_LEAST,
            asks="退回原因",
        ),
        Transition(
            "withdraw",
            "撤回",
            (P.PROPOSED, P.RETURNED),
            P.WITHDRAWN,
            _keeps,
            _unit,
            reason_at_least=REASON_AT_LEAST,
            asks="撤回原因",
        ),
    )
}
CHANGE_TRANSITIONS = {
    each.name: each
    for each in (
        Transition(
            "confirm",
            "同意变更",
            (C.ASKED,),
            C.CONFIRMED,
            _confirms_change,
            lambda change: _secretary(change.point),
            four_eyes=True,
            is_primary=True,
        ),
        Transition(
            "refuse",
            "不同意变更",
            (C.ASKED,),
            C.REFUSED,
            _confirms_change,
            lambda change: _secretary(change.point),
            four_eyes=True,
            reason_at_least=REASON_AT_LEAST,
            asks="不同意的理由",
        ),
    )
}


def choices_for(row: RiskPoint | RiskChange, user: Person) -> list[Choice]:
    """What ``user`` could do to it; the main step also when it is another's, so that he sees whose turn it is."""
    table = POINT_TRANSITIONS if isinstance(row, RiskPoint) else CHANGE_TRANSITIONS
    choices = [Choice(each, each.refusal(row, user)) for each in table.values() if row.state in each.sources]
    return [choice for choice in choices if choice.is_open or choice.transition.is_primary]
