"""Where the time of a list goes: in this process, part by part.

    python -m bench.profile [--engine sqlite|postgresql] [--duties 100000] [--calls 25] [ledger records …]

Milliseconds, medians of some requests, each part without the parts within it, but the frame whole: the database's own work, Django's making of
SQL and objects, the frame around every page, rendering, and all else. On SQLite of this thread's processor; on PostgreSQL
of the clock, since the database works elsewhere. ``--calls`` adds so many lines of cProfile.
"""

import argparse
import cProfile
import logging
import os
import pstats
import statistics
import sys
import time
from collections import defaultdict
from contextlib import ExitStack, contextmanager
from unittest.mock import patch
from urllib.parse import urlencode

from bench.databases import ENGINES, served

PARTS = ("database", "orm", "frame", "template", "other")
REQUESTS = 5


class Clock:
    """Time by part: a part stops while one within it runs."""

    def __init__(self, now) -> None:
        self.now = now
        self.spent: dict[str, float] = defaultdict(float)
        self.within = ["other"]
        self.since = self.now()

    def turn(self) -> None:
        now = self.now()
        self.spent[self.within[-1]] += now - self.since
        self.since = now

    @contextmanager
    def part(self, name: str):
        """The frame is told whole: what it asks of the database is its own."""
        self.turn()
        self.within.append("frame" if self.within[-1] == "frame" else name)
        try:
            yield
        finally:
            self.turn()
            self.within.pop()


def timed(clock: Clock, name: str, function):
    def timed_function(*args, **kwargs):
        with clock.part(name):
            return function(*args, **kwargs)

    return timed_function


def patched(clock: Clock) -> ExitStack:
    """Django's own seams: where statements are executed, where they are made, where a template is rendered."""
    from django.db.backends.utils import CursorWrapper
    from django.db.models.query import QuerySet
    from django.db.models.sql.compiler import SQLCompiler
    from django.template.base import Template

    from accountability import context_processors

    stack = ExitStack()
    for owner, attribute, name in (
        (CursorWrapper, "execute", "database"),
        (CursorWrapper, "fetchmany", "database"),
        (SQLCompiler, "execute_sql", "orm"),
        (QuerySet, "_fetch_all", "orm"),
        (QuerySet, "_filter_or_exclude", "orm"),
        (QuerySet, "aggregate", "orm"),
        (QuerySet, "count", "orm"),
        (context_processors.Shell, "__init__", "frame"),
        (Template, "render", "template"),
    ):
        if hasattr(owner, attribute):
            stack.enter_context(patch.object(owner, attribute, timed(clock, name, getattr(owner, attribute))))
    return stack


def parts_of(client, url: str) -> dict[str, float]:
    from django.db import connection

    clock = Clock(time.thread_time if connection.vendor == "sqlite" else time.perf_counter)
    with patched(clock):
        clock.since = clock.now()
        client.get(url)
        clock.turn()
    return {name: clock.spent[name] * 1000 for name in PARTS}


def profiled(client, url: str, lines: int) -> None:
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(REQUESTS):
        client.get(url)
    profile.disable()
    for order in ("cumulative", "tottime"):
        pstats.Stats(profile, stream=sys.stdout).sort_stats(order).print_stats(lines)


def inside(names: list[str], calls: int) -> None:
    import django

    django.setup()
    logging.disable()
    from django.urls import reverse

    from bench.lists import ASKED_BY, LISTS
    from bench.visitors import TENTH, arguments, client_of

    print("| list | " + " | ".join(PARTS) + " | all, ms | queries, ms each |\n|" + "---|" * (len(PARTS) + 3))
    for name in names or LISTS:
        client = client_of(ASKED_BY.get(name, TENTH))
        url = (
            reverse(name, args=arguments(name))
            + f"?{urlencode(dict(pair.split('=') for pair in LISTS[name].split('&') if pair))}"
        )
        client.get(url)
        found = [parts_of(client, url) for _ in range(REQUESTS)]
        medians = [statistics.median(one[part] for one in found) for part in PARTS]
        whole = statistics.median(sum(one.values()) for one in found)
        print(
            f"| {name} | "
            + " | ".join(f"{value:.1f}" for value in medians)
            + f" | {whole:.1f} | {slowest(client, url)} |"
        )
        if calls:
            profiled(client, url, calls)


def slowest(client, url: str) -> str:
    """The dearest statements of the page, by time and by what table they begin with."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    dear = sorted(queries, key=lambda query: -float(query["time"]))[:3]
    return f"{len(queries)}: " + ", ".join(f"{float(query['time']) * 1000:.0f}" for query in dear)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    parser.add_argument("--duties", type=int, default=100_000)
    parser.add_argument("--calls", type=int, default=0)
    wanted = parser.parse_args()
    os.environ |= served(wanted.engine, wanted.duties)
    inside(wanted.names, wanted.calls)


if __name__ == "__main__":
    main()
