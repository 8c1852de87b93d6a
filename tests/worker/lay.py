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

from accountability.models import Duty, Tenure  # noqa: E402
from tests.foundation import lay  # noqa: E402

FIRST, SECOND = date(2026, 11, 23), date(2026, 11, 25)
# Due day, and the step reached on each of the two days the worker runs; the 24th is slept through.
PLANS = [
    (date(2026, 11, 30), 7, 7),
    (date(2026, 11, 24), 1, -1),
    (date(2026, 11, 10), -1, -1),
    (date(2026, 11, 26), 3, 1),
    (date(2027, 1, 15), None, None),
]


def holders(**post) -> set[int]:
    return set(Tenure.objects.filter(ended_on=None, **post).values_list("person", flat=True))


def expectation() -> dict[str, list]:
    days = {FIRST.isoformat(): [], SECOND.isoformat(): []}
    for duty in Duty.objects.all():
        due_on, first, second = PLANS[duty.pk % len(PLANS)]
        people = holders(post=duty.owner_id) | holders(post__organisation=duty.organisation_id, post__role="liaison")
        for person in people:
            if first is not None:
                days[FIRST.isoformat()].append([person, duty.pk, due_on.isoformat(), first])
            if second != first:
                days[SECOND.isoformat()].append([person, duty.pk, due_on.isoformat(), second])
    return days


if __name__ == "__main__":
    lay()
    for number, (due_on, _, _) in enumerate(PLANS):
        pks = [pk for pk in Duty.objects.values_list("pk", flat=True) if pk % len(PLANS) == number]
        Duty.objects.filter(pk__in=pks).update(due_on=due_on)
    Path(sys.argv[1]).write_text(json.dumps(expectation()), encoding="utf-8")
