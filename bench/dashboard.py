"""The dashboard's matrix of a year against reading a rollup table of the same cells, and the whole page against the anchor (P4).

    python -m bench.dashboard [--engine sqlite|postgresql] [--duties 100000 1000000] [--rounds 5] [--without-pages]

The rollup is a temporary table of the connection: of every year one row for each unit, obligation, subject and light, with
how many and the first day, as it would be kept by whoever kept one; it is right on the day it is made. Both sides are read
by the same hands: the bare rows (statement), the lights of every cell (cells), and the matrix as the template is given it
(matrix). Rounds are interleaved, the order changes; the ratio of a round is of readings next to one another. Milliseconds
are of the processor: this thread's and PostgreSQL's backend's.
"""

import argparse
import json
import logging
import os
import platform
import statistics
import sys
import time
from collections import defaultdict
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from bench.databases import ENGINES, run, served
from bench.measuring import Backends, NoBackends, Page, Server, cost, spread

YEAR, TODAY = 2026, date(2026, 11, 30)  # of the generator
READER, ADDRESS = "discipline", "/supervision/"
GOAL, READINGS = 3.0, 5
WAYS = ("statement", "cells", "matrix")

ROLLUP = """
CREATE TEMPORARY TABLE rollup AS
SELECT work_year_id AS year, organisation_id AS organisation, obligation_id AS obligation, subject,
       CASE WHEN state = 'fulfilled' THEN 'done' WHEN due_on < '{today}' THEN 'late'
            WHEN due_on <= '{soon}' THEN 'soon' ELSE 'idle' END AS light,
       COUNT(*) AS number, MIN(due_on) AS first_due
FROM accountability_duty WHERE state <> 'waived' AND ({visible}) GROUP BY 1, 2, 3, 4, 5
"""
READ = "SELECT organisation, obligation, subject, light, number, first_due FROM rollup WHERE year = 2026"


# ── in the process that has the database ─────────────────────────────────────────────────────


def inside(rounds: int) -> dict:
    import django

    django.setup()
    logging.disable()
    from django.db import connection

    from bench.visitors import client_of, visit
    from supervision.board.dashboard import board_for

    readings = Readings(connection)
    found: dict[str, dict[str, list[float]]] = {way: {"live": [], "rollup": []} for way in WAYS}
    for number in range(-1, rounds):  # the first warms
        for way in WAYS:
            for side in ("live", "rollup") if number % 2 else ("rollup", "live"):
                took = readings.timed(getattr(readings, f"{side}_{way}"))
                if number >= 0:
                    found[way][side].append(took)
    assert readings.live_matrix() == readings.rollup_matrix()
    rows = len(board_for(readings.reader, YEAR, TODAY).groups)
    return {
        "took": found, "rows": rows, "rollup_rows": len(readings.rollup_statement()),
        "owed": readings.owed, "visit": visit(client_of(READER), ADDRESS),
    }  # fmt: skip


class Readings:
    """Both sides, each read in three ways."""

    def __init__(self, connection) -> None:
        from datetime import timedelta

        from django.conf import settings

        from accountability.models import Duty, Person

        self.connection = connection
        self.reader = Person.objects.get(username=READER)
        visible = Duty.objects.visible_to(self.reader)
        self.owed = visible.of_year(YEAR).owed().count()
        hidden = "NOT is_confidential"
        assert visible.count() == Duty.objects.ordinary().count(), "the reader of the bench is told of nothing more"
        soon = TODAY + timedelta(days=settings.SOON_DAYS)
        with connection.cursor() as cursor:
            cursor.execute(ROLLUP.format(today=TODAY, soon=soon, visible=hidden))
            cursor.execute("CREATE INDEX rollup_by_year ON rollup (year)")
            cursor.execute("ANALYZE rollup" if connection.vendor == "postgresql" else "ANALYZE temp.rollup")
        self.backend = _backend_of(connection)

    def clock(self) -> float:
        """Seconds of this thread's processor, and of the backend that works for it."""
        there = int(self.backend.read_text().split()[0]) / 1e9 if self.backend else 0.0
        return time.thread_time() + there

    def timed(self, read) -> float:
        """Milliseconds, the median of some readings."""
        found = []
        for _ in range(READINGS):
            began = self.clock()
            read()
            found.append((self.clock() - began) * 1000)
        return statistics.median(found)

    def live_statement(self) -> list[tuple]:
        from accountability import statements
        from accountability.models import Duty
        from supervision.board.cells import _statement

        duties = Duty.objects.visible_to(self.reader).of_year(YEAR).order_by()
        return statements.rows(("bench",), lambda: _statement(duties, TODAY))

    def rollup_statement(self) -> list[tuple]:
        with self.connection.cursor() as cursor:
            cursor.execute(READ)
            return cursor.fetchall()

    def live_cells(self) -> dict:
        from supervision.board.cells import Counted

        return _cells(map(Counted._make, self.live_statement()))

    def rollup_cells(self) -> dict:
        return _cells(self._rolled())

    def live_matrix(self) -> dict:
        return self._board(None).matrix()

    def rollup_matrix(self) -> dict:
        return self._board(list(self._rolled())).matrix()

    def _rolled(self):
        """Rows of the rollup in the form the dashboard counts by."""
        from supervision.board.cells import Counted

        for organisation, obligation, subject, light, number, first_due in self.rollup_statement():
            is_done, is_late, is_soon = (light == one for one in ("done", "late", "soon"))
            day = None if is_done else first_due
            yield Counted(
                organisation, obligation, subject, number, number * is_done, number * is_late, number * is_soon, day
            )

    def _board(self, rows):
        from unittest.mock import patch

        from supervision.board import dashboard

        if rows is None:
            return dashboard.board_for(self.reader, YEAR, TODAY)
        with patch.object(dashboard, "counted", lambda *_: rows):
            return dashboard.board_for(self.reader, YEAR, TODAY)


def _backend_of(connection) -> Path | None:
    """Where the kernel tells how long PostgreSQL's backend ran, in nanoseconds; it gets no helpers, who would be told elsewhere."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        cursor.execute("SELECT pg_backend_pid()")
        return Path(f"/proc/{cursor.fetchone()[0]}/schedstat")


def _cells(rows) -> dict:
    from supervision.board.cells import Lights

    cells: dict = defaultdict(Lights)
    for row in rows:
        cells[row.organisation, row.obligation].add(row)
    return cells


# ── the page ─────────────────────────────────────────────────────────────────────────────────


def pages(engine: str, told: dict[int, dict], rounds: int) -> dict[int, dict[str, list[float]]]:
    """Of each size: milliseconds, and their ratio to the anchor measured before and after."""
    from bench.pages import _anchors

    found = {size: {"ms": [], "ratio": []} for size in told}
    backends = Backends() if engine == "postgresql" else NoBackends()
    with ExitStack() as stack:
        anchor, _ = _anchors(stack, engine)
        asked = {}
        for size, one in told.items():
            server = stack.enter_context(Server("config.wsgi", served(engine, size)))
            asked[size] = Page(server, one["visit"]["url"], one["visit"]["cookie"])
        for number in range(-1, rounds):
            before = cost(anchor, backends, seconds=0.6, least=8).milliseconds
            for size, page in asked.items():
                took = cost(page, backends, seconds=1.0, least=4).milliseconds
                after = cost(anchor, backends, seconds=0.6, least=8).milliseconds
                if number >= 0:
                    found[size]["ms"].append(took)
                    found[size]["ratio"].append(took / ((before + after) / 2))
                before = after
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    parser.add_argument("--duties", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--without-pages", action="store_true", help="in this process alone, without servers")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.inside:
        json.dump(inside(wanted.rounds), sys.stdout)
        return 0
    told = {}
    for size in wanted.duties:
        flags = ("--inside", "--rounds", str(wanted.rounds))
        told[size] = json.loads(run("bench.dashboard", *flags, **served(wanted.engine, size)))
    print(f"{date.today()}, {wanted.engine}, Python {platform.python_version()}, {wanted.rounds} rounds, "
          f"load {os.getloadavg()[0]:.1f}\n")  # fmt: skip
    print("| duties | owed in the year | read | live, ms | rollup, ms | live ÷ rollup (≤ 3) |\n|" + "---|" * 6)
    for size, one in told.items():
        for way in WAYS:
            live, rollup = one["took"][way]["live"], one["took"][way]["rollup"]
            ratios = [a / b for a, b in zip(live, rollup, strict=True)]
            what = f"{way}, {one['rows']} and {one['rollup_rows']} rows" if way == "statement" else way
            print(
                f"| {size:,} | {one['owed']:,} | {what} | {spread(live, 1)} | {spread(rollup, 1)} | {spread(ratios)} |"
            )
    if not wanted.without_pages:
        print("\n| duties | queries | bytes | whole page, ms | × anchor |\n|" + "---|" * 5)
        for size, one in pages(wanted.engine, told, wanted.rounds).items():
            visit = told[size]["visit"]
            print(
                f"| {size:,} | {visit['queries']} | {visit['bytes']:,} | {spread(one['ms'], 0)} | {spread(one['ratio'], 1)} |"
            )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
