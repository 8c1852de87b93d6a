"""Rules as a sweep follows them: those in force on a day, or one that is only being considered (预演)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from accountability.models import Matter, ReminderRule, ReminderStep
from accountability.models.reminders import NO_DUTIES
from supervision.reminders.matters import Obligations, duties_of

UNSAVED = 0  # the key of a rule that has no row yet


@dataclass(frozen=True)
class Plan:
    """One rule: its duties, its steps from the latest to the earliest."""

    key: int
    duties: Q
    steps: tuple[ReminderStep, ...]
    is_confidential: bool

    def steps_for(self, capacity: str) -> list[int]:
        return [step.step for step in self.steps if capacity in step.audience]

    def at(self, step: int) -> ReminderStep:
        return next(each for each in self.steps if each.step == step)


def _plan(rule: ReminderRule, steps: Sequence[ReminderStep], obligations: Obligations, others) -> Plan | None:
    if not steps:
        return None
    in_order = tuple(sorted(steps, key=lambda each: each.step))
    is_confidential = rule.matter == Matter.CONFIDENTIAL
    return Plan(rule.pk or UNSAVED, duties_of(rule, obligations, others), in_order, is_confidential)


def plans_on(on: date, *, lock: bool = False) -> list[Plan]:
    """The rules in force that day. Locked, two sweeps at once wait for each other, and an office that switches waits too."""
    rows = ReminderRule.objects.in_force(on).exclude(matter__in=NO_DUTIES).prefetch_related("steps").order_by("pk")
    rules = list(rows.select_for_update(no_key=True) if lock else rows)
    obligations = Obligations()
    # A rule that waits out its quiet period keeps its duties: no other rule speaks for them meanwhile.
    standing = list(ReminderRule.objects.filter(is_active=True, starts_on__lte=on))
    plans = [_plan(rule, rule.steps.all(), obligations, standing) for rule in rules]
    return [plan for plan in plans if plan is not None]


def plan_of(rule: ReminderRule, steps: Sequence[ReminderStep]) -> list[Plan]:
    """预演 of one rule as it stands on a form, beside the others in force."""
    others = list(ReminderRule.objects.filter(is_active=True))
    plan = _plan(rule, steps, Obligations(), others)
    return [] if plan is None else [plan]
