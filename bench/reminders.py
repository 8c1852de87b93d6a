"""The sweep of a morning against the cheapest thing it could be: one INSERT … SELECT of the very same rows.

    DATABASE_URL=postgres://…/an-empty-database python -m bench.reminders [--duties 1000000] [--notices 100000] [--rounds 5]

The database is filled, measured and left full: give it one of its own and drop it afterwards. Rounds are interleaved, the
order within a round changes, and the ratio of a round is of two runs next to one another.
"""

import argparse
import gc
import os
import platform
import resource
import statistics
import time
from datetime import date, timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.unmigrated")
os.environ.setdefault("DEBUG", "1")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections, reset_queries, transaction  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from accountability.models import Duty, Notice, ReminderRule, WorkYear  # noqa: E402
from supervision.services.reminders import sweep  # noqa: E402
from tests.foundation import lay  # noqa: E402

TODAY = date(2026, 11, 23)
SOON, FAR = TODAY + timedelta(days=10), TODAY + timedelta(days=200)
THRESHOLD = 3.0
APART = 20  # no obligation is owed so often a year: copies of a duty are its later occurrences
COLUMNS = "recipient_id, kind, duty_id, due_on, step, rule_id, capacity, title, body, url, at_once, created_at"


def run(sql: str, params=()) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount


def fill(duties: int, notices: int) -> None:
    """Copies of the sample university's duties: as many reach a step today as make the notices, the rest are far off."""
    call_command("migrate", run_syncdb=True, verbosity=0)
    lay()
    kept = ("id", "number", "due_on", "occurrence")
    copied = ", ".join(field.column for field in Duty._meta.concrete_fields if field.column not in kept)
    original = Duty.objects.count()
    ReminderRule.objects.update(starts_on=TODAY)
    Duty.objects.update(due_on=SOON)
    per_copy = sweep(TODAY)
    empty()
    run(
        f"INSERT INTO accountability_duty (number, due_on, occurrence, {copied}) "
        f"SELECT 'B' || row_number() OVER (), CASE WHEN copy < %s THEN %s ELSE %s END, {APART} * copy + occurrence, {copied} "
        "FROM accountability_duty, generate_series(1, %s) AS copy ORDER BY copy LIMIT %s",
        [round(notices / per_copy), SOON, FAR, duties // original + 1, duties - original],
    )
    for table in ("duty", "notice"):
        run(f"ANALYZE accountability_{table}")


def empty() -> None:
    run("TRUNCATE accountability_notice RESTART IDENTITY CASCADE")


def timed(work) -> tuple[float, int]:
    gc.collect()
    started = time.perf_counter()
    with transaction.atomic():
        made = work()
    return time.perf_counter() - started, made


def floor() -> int:
    return run(
        f"INSERT INTO accountability_notice ({COLUMNS}) SELECT {COLUMNS} FROM bench_rows WHERE due_on = %s "
        "ON CONFLICT DO NOTHING",
        [SOON],
    )


def measure(rounds: int) -> list[dict[str, float]]:
    measured = []
    for number in range(rounds):
        found = {}
        for name in ("sweep", "floor") if number % 2 else ("floor", "sweep"):
            empty()
            found[name], made = timed(floor if name == "floor" else lambda: sweep(TODAY))
            found[f"{name} rows"] = made
            found[f"{name} again"], _ = timed(floor if name == "floor" else lambda: sweep(TODAY))
        assert found["floor rows"] == found["sweep rows"], found
        measured.append(found)
    return measured


def told(measured: list[dict[str, float]], name: str) -> str:
    values = [found[name] for found in measured]
    return f"{statistics.median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def ratio(measured: list[dict[str, float]], above: str, below: str) -> float:
    return statistics.median(found[above] / found[below] for found in measured)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("duties", 1_000_000), ("notices", 100_000), ("rounds", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    wanted = parser.parse_args()
    if connection.vendor != "postgresql":
        parser.error("DATABASE_URL must name an empty PostgreSQL database")
    if "accountability_duty" not in connection.introspection.table_names():
        fill(wanted.duties, wanted.notices)
    assert WorkYear.objects.filter(closed_on=None).exists()

    empty()
    settings.DEBUG = False  # the log of queries would grow with them
    with CaptureQueriesContext(connection) as captured:
        made = sweep(TODAY)
    statements = len(captured)
    reset_queries()
    run("DROP TABLE IF EXISTS bench_rows")
    run(f"CREATE TABLE bench_rows AS SELECT {COLUMNS} FROM accountability_notice")
    run("ANALYZE bench_rows")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    measured = measure(wanted.rounds)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run("DROP TABLE bench_rows")
    connections.close_all()

    first, again = ratio(measured, "sweep", "floor"), ratio(measured, "sweep again", "sweep")
    print(f"{date.today()} Python {platform.python_version()}, Django {django.get_version()}, "
          f"PostgreSQL {connection.pg_version // 10000}, load {os.getloadavg()[0]:.1f}")  # fmt: skip
    print(f"{Duty.objects.count():,} open duties, {made:,} notices, {statements} statements, {wanted.rounds} rounds")
    for name in ("floor", "sweep", "floor again", "sweep again"):
        print(f"  {name:12} {told(measured, name)} s")
    print(f"  sweep ÷ floor {first:.2f} (at most {THRESHOLD}); again ÷ sweep {again:.2f}")
    print(f"  peak memory before {before // 1024} MB, after {after // 1024} MB")
    return 0 if first <= THRESHOLD and Notice.objects.count() == made else 1


if __name__ == "__main__":
    raise SystemExit(main())
