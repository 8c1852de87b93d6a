"""Lays the sample university with its 2026 duties, spreads their due days, and says who should hear of what.

``python -m tests.worker.lay expected.json``. The expectation is worked out duty by duty and day by day,
without the query under test.
"""

import json
import sys
from datetime import date
from pathlib import Path

import django

django.setup()

from accountability.models import Duty, Portfolio, ReminderStep, Tenure  # noqa: E402
from tests.foundation import lay  # noqa: E402

FIRST, SECOND = date(2026, 11, 23), date(2026, 11, 25)
# Due day, and the step reached on each of the two days the worker runs; the 24th is slept through.
PLANS = [
    (date(2026, 11, 30), 10, 10),
    (date(2026, 11, 25), 3, 0),
    (date(2026, 11, 10), -7, -14),
    (date(2026, 11, 26), 3, 3),
    (date(2027, 1, 15), None, None),
]


def holders(**post) -> set[int]:
    return set(Tenure.objects.filter(ended_on=None, **post).values_list("person", flat=True))


def audience(duty: Duty, step: int) -> set[int]:
    """Who hears of it at that step, as the rules that come with the product say it."""
    people = holders(post=duty.owner_id)
    if step > 0:
        return people | holders(post__organisation=duty.organisation_id, post__role="liaison")
    if step <= -7:
        unit = duty.organisation.parent_id if duty.organisation.kind == "branch" else duty.organisation_id
        leaders = Portfolio.objects.filter(organisation=unit, ended_on=None).values("post")
        people |= holders(post__in=leaders) | holders(post__organisation=unit, post__role="unit_secretary")
    if step <= -14:
        people |= holders(post__role="secretary") | holders(post__role="discipline")
    return people


def expectation() -> dict[str, list]:
    days = {FIRST.isoformat(): [], SECOND.isoformat(): []}
    for duty in Duty.objects.select_related("organisation"):
        due_on, first, second = PLANS[duty.pk % len(PLANS)]
        if first is not None:
            days[FIRST.isoformat()] += [
                [person, duty.pk, due_on.isoformat(), first] for person in audience(duty, first)
            ]
        if second != first:
            days[SECOND.isoformat()] += [
                [person, duty.pk, due_on.isoformat(), second] for person in audience(duty, second)
            ]
    return days


if __name__ == "__main__":
    lay()
    ReminderStep.objects.update(paper="")  # papers are another matter
    for number, (due_on, _, _) in enumerate(PLANS):
        pks = [pk for pk in Duty.objects.values_list("pk", flat=True) if pk % len(PLANS) == number]
        Duty.objects.filter(pk__in=pks).update(due_on=due_on)
    Path(sys.argv[1]).write_text(json.dumps(expectation()), encoding="utf-8")
