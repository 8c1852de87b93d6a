"""What comparing reports costs; not collected with the suite, run by hand (docs/performance.md):

    .venv/bin/python -m pytest tests/supervision/measure_hints.py -q -s

Seconds are of the processor, so that a busy machine can be measured at all. Sizes by SIZES, rounds by ROUNDS.
"""

import os
import resource
import time
from datetime import timedelta
from statistics import median

import pytest
from django.db import connection
from django.utils import timezone

from accountability.models import ActKind, Organisation, Record
from supervision.hints.similarity import compare
from supervision.models import Hint
from supervision.services import hints
from tests import cast
from tests.supervision.reports import many

SIZES = [int(size) for size in os.environ.get("SIZES", "1000,5000").split(",")]
ROUNDS = int(os.environ.get("ROUNDS", "3"))
COPIES = 50


def told(name: str, size: int, seconds: list[float], capsys) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with capsys.disabled():
        spread = f"{min(seconds):.1f}–{max(seconds):.1f}"
        print(
            f"\n{name}, {size} reports: {median(seconds):.1f} s ({spread}), load {os.getloadavg()[0]:.1f}, {peak:.0f} MB"
        )


@pytest.mark.parametrize("size", SIZES)
def test_comparing(size, capsys):
    texts, sources = many(size, COPIES)
    seconds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        found = compare(texts)
        seconds.append(time.process_time() - start)
    assert {one.later: one.earlier for one in found} == sources, "every copy, and nothing else"
    told("compare", size, seconds, capsys)


@pytest.mark.django_db
@pytest.mark.parametrize("size", SIZES)
def test_the_whole_look(people, size, capsys):
    """From the database and back: all finders, the hints written."""
    units = list(Organisation.objects.units())
    act, now, by = ActKind.objects.get(code="duty-report"), timezone.now(), people["office"]
    texts, _ = many(size, COPIES)
    days = [cast.TODAY - timedelta(days=back) for back in range(50)]
    rows = [
        Record(
            organisation=units[text.bearer % len(units)],
            work_year_id=cast.YEAR,
            act=act,
            title=f"报告 {number}",
            content=text.words,
            # One act a unit and day and sitting: forty units, fifty days, twenty sittings.
            happened_on=days[number // 40 % 50],
            sitting=1 + number // 2000 + 5 * (text.bearer >= len(units)),
            entered_at=now + timedelta(seconds=number),
            entered_on=cast.TODAY,
            entered_by=by,
            state=Record.State.ACCEPTED,
        )
        for number, text in enumerate(texts)
    ]
    Record._base_manager.bulk_create(rows, ignore_conflicts=True)
    stored = Record.objects.count()
    start = time.process_time()
    hints.look(by=people["discipline"])
    told(f"look on {connection.vendor}", stored, [time.process_time() - start], capsys)
    assert Hint.objects.filter(kind__in=Hint.TEXTS).exists()
