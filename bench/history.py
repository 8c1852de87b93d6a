"""What it costs that a row keeps its history: a save and a bulk update with and without it, simple_history's way beside (P6).

    python -m bench.history [--engine sqlite|postgresql] [--duties 100000] [--rounds 5] [--saves 1000] [--bulk 5000]

On a copy of the benches' database, within one process. Seconds of the processor, on PostgreSQL of the process and its
backend together; rounds are interleaved and their order changes. What is written is rolled back, after PostgreSQL looked at
the foreign keys it defers. "Without" is simple_history's own switch to save a row without its history.
"""

import argparse
import os
import platform
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from bench.databases import ENGINES, copied
from bench.measuring import spread

GOAL = 1.5
SEED = 7
WITHOUT, OURS, THEIRS = "without", "with history", "simple_history's way"
REASON = "测量"


class Clock:
    """Seconds of the processor this connection's work takes, here and in its backend."""

    def __init__(self) -> None:
        from django.db import connection

        self.backend = None
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self.backend = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")

    def __call__(self) -> float:
        return time.process_time() + (int(self.backend.read_text().split()[0]) / 1e9 if self.backend else 0)


@contextmanager
def as_simple_history():
    """Rows of history built in Python and inserted by the ORM, as the library itself does."""
    from accountability.models.history import KeptRecords

    ours = KeptRecords._is_built
    KeptRecords._is_built = lambda self, history_type: True
    try:
        yield
    finally:
        KeptRecords._is_built = ours


# ── what is measured ─────────────────────────────────────────────────────────────────────────


class Saves:
    """Rows of a model saved one by one: made anew, or as they were read."""

    def __init__(self, model, count: int, by, fresh: Callable[[list], list] | None) -> None:
        self.model, self.count, self.by, self.fresh = model, count, by, fresh

    def rows(self) -> list:
        if self.fresh is None:
            numbers = list(self.model.objects.order_by("pk").values_list("pk", flat=True))
            rows = list(self.model.objects.filter(pk__in=random.Random(SEED).sample(numbers, self.count)))
        else:
            rows = self.fresh(self.count)
        for row in rows:
            row._history_user, row._change_reason = self.by, REASON
        return rows

    def run(self, side: str, rows: list) -> None:
        if side == WITHOUT:
            for row in rows:
                row.save_without_historical_record()
        elif side == OURS:
            for row in rows:
                row.save()
        else:
            with as_simple_history():
                for row in rows:
                    row.save()


class Bulk(Saves):
    FIELDS = ("due_on", "state")
    AT_ONCE = 500

    def run(self, side: str, rows: list) -> None:
        from simple_history.utils import bulk_update_with_history

        from accountability.models.history import update_with_history

        for row in rows:
            row.due_on += timedelta(days=1)
        if side == WITHOUT:
            self.model.objects.bulk_update(rows, self.FIELDS, batch_size=self.AT_ONCE)
        elif side == OURS:
            update_with_history(rows, self.FIELDS, by=self.by, reason=REASON)
        else:
            bulk_update_with_history(rows, self.model, self.FIELDS, batch_size=self.AT_ONCE)


def fresh_duties(count: int) -> list:
    from accountability.models import Duty

    rows = list(Duty.objects.order_by("pk")[:count])
    for place, row in enumerate(rows):
        row.pk, row._state.adding = None, True
        row.number = f"M{place}"
        row.obligation_id = None  # no occurrence of anything: those are unique
    return rows


def fresh_cooperations(count: int) -> list:
    from accountability.models import Cooperation, Duty, Organisation

    unit = Organisation.objects.order_by("pk").last()
    duties = Duty.objects.exclude(cooperations__organisation=unit).order_by("pk")
    return [Cooperation(duty=duty, organisation=unit) for duty in duties[:count]]


def works(saves: int, bulk: int, by) -> dict[str, Saves]:
    from accountability.models import Cooperation, Duty

    return {
        f"{saves} duties made": Saves(Duty, saves, by, fresh_duties),
        f"{saves} duties saved": Saves(Duty, saves, by, None),
        f"{saves} cooperations made": Saves(Cooperation, saves, by, fresh_cooperations),
        f"{bulk} duties updated in bulk": Bulk(Duty, bulk, by, None),
    }


# ── measuring ────────────────────────────────────────────────────────────────────────────────


def measure(work: Saves, rounds: int, clock: Clock) -> dict[str, list[tuple[float, float]]]:
    """Seconds of the processor and of the clock, each side in each round; the first round of all is thrown away."""
    measured, sides = defaultdict(list), [WITHOUT, OURS, THEIRS]
    for number in range(rounds + 1):
        for side in sides[number % 3 :] + sides[: number % 3]:
            found = once(work, side, clock)
            if number:
                measured[side].append(found)
    return measured


def once(work: Saves, side: str, clock: Clock) -> tuple[float, float]:
    from django.db import connection, transaction

    history = work.model.history.model
    with transaction.atomic():
        rows, before = work.rows(), history.objects.count()
        used, began = clock(), time.perf_counter()
        work.run(side, rows)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        took = clock() - used, time.perf_counter() - began
        kept = history.objects.count() - before
        if kept != (0 if side == WITHOUT else len(rows)):
            raise RuntimeError(f"{side}: {kept} rows of history for {len(rows)} rows")
        transaction.set_rollback(True)
    return took


def ratios(measured: dict, side: str, place: int) -> list[float]:
    return [with_[place] / without[place] for with_, without in zip(measured[side], measured[WITHOUT], strict=True)]


def tell(measured: dict[str, dict], counts: dict[str, int]) -> bool:
    print("| | without, µs | with history, µs | × processor | × clock | simple_history's way, × | goal |")
    print("|---|---|---|---|---|---|---|")
    reached = True
    for name, found in measured.items():
        each = {
            side: statistics.median(took for took, _ in found[side]) / counts[name] * 1e6 for side in (WITHOUT, OURS)
        }
        ours = ratios(found, OURS, 0)
        met = statistics.median(ours) <= GOAL
        reached &= met
        print(
            f"| {name} | {each[WITHOUT]:.0f} | {each[OURS]:.0f} | {spread(ours)} | {spread(ratios(found, OURS, 1))} "
            f"| {spread(ratios(found, THEIRS, 0))} | at most {GOAL}: {'met' if met else 'missed'} |"
        )
    return reached


# ── what we add ourselves ────────────────────────────────────────────────────────────────────


def profile(by, saves: int, clock: Clock) -> None:
    """A request's one save, part by part: history, marks of secrecy, the event of the audit log, its seal."""
    from django.db import transaction

    from accountability import acting
    from accountability.models import Duty
    from accountability.models.history import save_as
    from accountability.services import sealing

    rows = Saves(Duty, saves, by, None).rows()

    def plain(row) -> None:
        row.save_without_historical_record()

    def kept(row) -> None:
        row.save()

    def unmarked(row) -> None:
        save_as(row, by=by, reason=REASON)

    def told(row) -> None:
        with acting.acting(acting.Act("duty", person=by)):
            unmarked(row)

    parts = {"save and commit": plain, "history": kept, "marks refused": unmarked, "event of the audit log": told}
    found, seal = defaultdict(list), "its seal, after the commit"
    for place, row in enumerate(rows):
        turn = place % len(parts)  # who comes first reads the row's pages
        for name, part in [*parts.items()][turn:] + [*parts.items()][:turn]:
            used = clock()
            with transaction.atomic():
                part(row)
            found[name].append(clock() - used)
        used = clock()
        sealing.seal_soon()
        found[seal].append(clock() - used)
    print("\n| a request's save | µs, median | of it for this part |\n|---|---|---|")
    before = 0.0
    for name in [*parts, seal]:
        median = statistics.median(found[name]) * 1e6
        alone = name == seal
        print(f"| {name} | {median:.0f} | {median if alone else median - before:.0f} |")
        before = median


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    for option, default in (("duties", 100_000), ("rounds", 5), ("saves", 1000), ("bulk", 5000)):
        parser.add_argument(f"--{option}", type=int, default=default)
    wanted = parser.parse_args()
    with copied(wanted.engine, wanted.duties) as copy:
        os.environ.update(DATABASE_URL=copy, DJANGO_SETTINGS_MODULE="bench.served")
        import django

        django.setup()
        from django.db import connection

        from accountability.models import Person

        by, clock = Person.objects.system(), Clock()
        works_ = works(wanted.saves, wanted.bulk, by)
        measured = {name: measure(work, wanted.rounds, clock) for name, work in works_.items()}
        print(
            f"{connection.vendor}, {wanted.duties} duties, {wanted.rounds} rounds, Python {platform.python_version()}, "
            f"Django {django.get_version()}\n"
        )
        reached = tell(measured, {name: work.count for name, work in works_.items()})
        profile(by, min(wanted.saves, 300), clock)
        connection.close()
    return 0 if reached else 1


if __name__ == "__main__":
    raise SystemExit(main())
