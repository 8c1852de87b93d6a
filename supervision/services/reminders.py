"""到期提醒: who must hear of which duty today, and has not yet (一（二）, 四（一）).

The rule is "step reached and not yet sent", never "due in exactly 7 days": a missed day is caught up with one reminder of
the latest step, a second run adds none, a moved due day starts anew. On days off nothing is written: the step waits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from accountability.models import Capacity, Duty, Notice, Person, ReminderRule, ReminderStep, step_words
from accountability.services.workdays import is_workday
from supervision.reminders.plans import Plan, plan_of, plans_on
from supervision.reminders.telling import Telling, Told

SHOWN = 10


@dataclass(frozen=True)
class Forecast:
    """预演: what a sweep would write, with the first of it."""

    notices: int
    people: int
    first: Sequence[Told] = ()


@dataclass(frozen=True)
class ForecastLine:
    """One of the first rows of a forecast, in words."""

    name: str
    capacity: str
    step: str
    title: str
    url: str


@transaction.atomic
def sweep(on: date) -> int:
    """提醒: write every reminder reached on ``on`` and not yet written; returns how many are new."""
    if not is_workday(on):
        return 0
    plans = plans_on(on, lock=True)
    made = Telling(_ordinary(plans), on).write(timezone.now())
    return made + _tell_of_the_confidential(plans, on)


def forecast(on: date) -> Forecast:
    """What ``sweep`` would write now, without writing it; of confidential duties nothing is said."""
    return _forecast(plans_on(on), on) if is_workday(on) else Forecast(0, 0)


def forecast_of(rule: ReminderRule, steps: Sequence[ReminderStep], on: date) -> Forecast:
    """预演 of one rule, saved or not, as if it were in force on ``on``."""
    return _forecast(plan_of(rule, steps), on)


def _forecast(plans: Iterable[Plan], on: date) -> Forecast:
    telling = Telling(_ordinary(plans), on)
    return Forecast(*telling.count(), telling.rows(SHOWN))


def lines_of(expected: Forecast) -> list[ForecastLine]:
    """The first of a forecast with the names of the people."""
    names = dict(Person.objects.filter(pk__in=[told.recipient_id for told in expected.first]).values_list("pk", "name"))
    return [
        ForecastLine(
            names[told.recipient_id], Capacity(told.capacity).label, step_words(told.step), told.title, told.url
        )
        for told in expected.first
    ]


def _ordinary(plans: Iterable[Plan]) -> list[Plan]:
    return [plan for plan in plans if not plan.is_confidential]


def _tell_of_the_confidential(plans: Iterable[Plan], on: date) -> int:
    """限定知悉: of those the rule names only who is told of the duty anyway; they are few, so each is asked about."""
    of: dict[int, list[Told]] = {}
    for told in Telling([plan for plan in plans if plan.is_confidential], on).rows():
        of.setdefault(told.recipient_id, []).append(told)
    now, rows = timezone.now(), []
    for person in Person.objects.filter(pk__in=of):
        mine = of[person.pk]
        known = Duty.objects.filter(pk__in=[told.duty_id for told in mine]).visible_to(person, on)
        knows = set(known.values_list("pk", flat=True))
        rows += [_notice(told, now) for told in mine if told.duty_id in knows]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _notice(told: Told, now) -> Notice:
    return Notice(kind=Notice.Kind.REMINDER, created_at=now, **vars(told))
