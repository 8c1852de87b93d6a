"""The sweep of a morning against the cheapest thing it could be: one INSERT … SELECT of the very same rows.

    python -m bench.reminders [--engine sqlite|postgresql] [--duties 1000000] [--notices 100000] [--rounds 5]

A database of its own is made, filled, measured and dropped; with DATABASE_URL that one is taken, which has to be empty, and
left full. Rounds are interleaved, the order within a round changes, and the ratio of a round is of two runs next to one
another: seconds of this thread's processor on SQLite, of the clock on PostgreSQL, which works elsewhere.
"""

import argparse
import gc
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.databases import ENGINES, SERVER, psql

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
FIRST, AGAIN, STATEMENTS = 1.5, 0.4, 10  # the goals
APART = 20  # no obligation is owed so often a year: copies of a duty are its later occurrences
is_postgresql = connection.vendor == "postgresql"
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
    original, day = Duty.objects.count(), "CAST(%s AS date)" if is_postgresql else "%s"
    ReminderRule.objects.update(starts_on=TODAY)
    Duty.objects.update(due_on=SOON)
    per_copy = sweep(TODAY)
    empty()
    run(
        "WITH RECURSIVE copies(copy) AS (SELECT 1 UNION ALL SELECT copy + 1 FROM copies WHERE copy < %s) "
        f"INSERT INTO accountability_duty (number, due_on, occurrence, {copied}) "
        f"SELECT 'B' || row_number() OVER (), CASE WHEN copy < %s THEN {day} ELSE {day} END, {APART} * copy + occurrence, "
        f"{copied} FROM accountability_duty, copies ORDER BY copy LIMIT %s",
        [duties // original + 1, round(notices / per_copy), SOON, FAR, duties - original],
    )
    for table in ("duty", "notice"):
        run(f"ANALYZE accountability_{table}")


def empty() -> None:
    run(
        "TRUNCATE accountability_notice RESTART IDENTITY CASCADE"
        if is_postgresql
        else "DELETE FROM accountability_notice"
    )


def timed(work) -> tuple[float, int]:
    gc.collect()
    clock = time.perf_counter if is_postgresql else time.thread_time
    started = clock()
    with transaction.atomic():
        made = work()
    return clock() - started, made


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
    parser.add_argument("--engine", choices=ENGINES, default="postgresql")
    for name, default in (("duties", 1_000_000), ("notices", 100_000), ("rounds", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    wanted = parser.parse_args()
    if "DATABASE_URL" not in os.environ:
        return in_its_own_database(wanted.engine)
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
    version = f"PostgreSQL {connection.pg_version // 10000}" if is_postgresql else "SQLite"
    print(f"{date.today()} Python {platform.python_version()}, Django {django.get_version()}, {version}, "
          f"load {os.getloadavg()[0]:.1f}")  # fmt: skip
    print(f"{Duty.objects.count():,} open duties, {made:,} notices, {wanted.rounds} rounds\n")
    print("| | seconds, median (least–most) |\n|---|---|")
    for name in ("floor", "sweep", "floor again", "sweep again"):
        print(f"| {name} | {told(measured, name)} |")
    print(f"| sweep ÷ floor (at most {FIRST}) | {first:.2f} |\n| again ÷ sweep (at most {AGAIN}) | {again:.2f} |")
    print(f"| statements (at most {STATEMENTS}) | {statements} |")
    print(f"| peak memory before, after, MB | {before // 1024}, {after // 1024} |")
    return 0 if Notice.objects.count() == made else 1


def in_its_own_database(engine: str) -> int:
    """This again, in a process that has a database of its own."""
    with TemporaryDirectory(prefix="bench-reminders-") as folder:
        name = Path(folder).name.replace("-", "_").lower()
        if engine == "postgresql":
            psql(f'CREATE DATABASE "{name}"')
        address = f"{SERVER}/{name}" if engine == "postgresql" else f"sqlite:///{folder}/reminders.sqlite3"
        try:
            environment = os.environ | {"DATABASE_URL": address, "DATA_DIR": folder}
            return subprocess.run([sys.executable, "-m", "bench.reminders", *sys.argv[1:]], env=environment).returncode
        finally:
            if engine == "postgresql":
                psql(f'DROP DATABASE IF EXISTS "{name}"')


if __name__ == "__main__":
    raise SystemExit(main())
