"""What reports cost: ours against WeasyPrint alone, the memory of a worker, two workers against one.

    DATABASE_URL=postgres://…/an-empty-database python -m bench.reports [--rounds 5] [--batch-rounds 3] [--pages 50]

The demo university is laid in the database and left there: give it one of its own and drop it afterwards; a batch works on
copies of it. Rounds are interleaved, the order within a round changes, and a ratio is of two runs next to one another.
"""

import argparse
import gc
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")

import django

django.setup()

import psycopg2  # noqa: E402
import weasyprint  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from accountability.models import DocumentKind, DocumentVersion, Organisation  # noqa: E402
from accountability.papers.printing import Paper  # noqa: E402
from accountability.services import papers  # noqa: E402
from bench.report_worker import office  # noqa: E402
from supervision.demo.university import PAST, found  # noqa: E402
from supervision.services import report_papers, reports  # noqa: E402

PROBE = 60  # paragraphs more, to see how many pages they take
ROOT = Path(__file__).parent.parent
OWN_TIMES, MEMORY, SPEED_UP = 1.3, 500, 1.7
TABLE = "\n".join(["表　逐项落实情况", *(f"| 第{row}项 | 已按分工落实并留存记录 | {row}月 |" for row in range(1, 41))])


# ── ours against WeasyPrint alone ────────────────────────────────────────────────────────────


class Alone:
    """WeasyPrint in a process of its own, warm."""

    def __init__(self):
        command = [sys.executable, ROOT / "bench" / "weasyprint_alone.py", settings.FONT_DIR]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def seconds(self, page: Path) -> float:
        self.process.stdin.write(f"{page}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline().split()[0])

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def timed(work: Callable[[], Paper]) -> float:
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def lengthened(version: DocumentVersion, printed: Callable[[], Paper], pages: int) -> Paper:
    """The paper of about this many pages: its own paragraphs once more, and a table of forty rows."""
    text = version.text
    paragraphs = [line for line in text.split("\n") if len(line) > 30]

    def with_more(count: int) -> Paper:
        again = (paragraphs[number % len(paragraphs)] for number in range(count))
        version.text = "\n".join([text, TABLE, *again])
        return printed()

    fewest, probed = with_more(0), with_more(PROBE)
    if fewest.pages >= pages:
        return with_more(0)
    return with_more(PROBE * (pages - fewest.pages) // max(1, probed.pages - fewest.pages))


def against_weasyprint(rounds: int, pages: int) -> dict[str, tuple[int, list[tuple[float, float]]]]:
    """Seconds of ours and of WeasyPrint for each form; nothing of it is kept in the database."""
    measured, alone = {}, Alone()
    with transaction.atomic():
        kind = DocumentKind.objects.select_related("act").get(act__code="written-report")
        school = Organisation.objects.get(kind=Organisation.Kind.SCHOOL)
        document = reports.make_now(kind, school, None, PAST, by=office()).document
        version = document.versions.get()
        plain = version.text
        forms = {
            "formal": lambda: papers.render(document, version),
            "illustrated": lambda: report_papers.illustrated(document, version, version.text),
        }
        for form, printed in forms.items():
            version.text = plain
            paper = lengthened(version, printed, pages)
            page = Path(os.environ["DATA_DIR"]) / f"{form}.html"
            page.write_text(paper.source, encoding="utf-8")
            alone.seconds(page)
            pairs = []
            for number in range(rounds):
                if number % 2:
                    ours, own = timed(printed), alone.seconds(page)
                else:
                    own, ours = alone.seconds(page), timed(printed)
                pairs.append((ours, own))
            measured[form] = paper.pages, pairs
        transaction.set_rollback(True)
    alone.close()
    return measured


# ── workers ──────────────────────────────────────────────────────────────────────────────────


def server() -> str:
    return os.environ["DATABASE_URL"].rsplit("/", 1)[0]


@contextmanager
def copy(name: str) -> Iterator[dict[str, str]]:
    """A copy of the database, as an environment for workers."""
    connections.close_all()
    admin = psycopg2.connect(f"{server()}/postgres")
    admin.autocommit = True
    source = connection.settings_dict["NAME"]
    admin.cursor().execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    try:
        yield os.environ | {"DATABASE_URL": f"{server()}/{name}"}
    finally:
        admin.cursor().execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        admin.close()


def started(environment: dict[str, str], *words: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "bench.report_worker", *words]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def said(process: subprocess.Popen) -> list[str]:
    words, _ = process.communicate()
    if process.returncode:
        raise SystemExit("a worker failed")
    return words.split()


def memory() -> tuple[int, int, int]:
    """Pages of the illustrated and of the formal paper, and the most memory of the worker that made them, in MB."""
    with copy("four_bench_memory") as environment:
        return tuple(map(int, said(started(environment, "school", str(PAST)))[:3]))


class Run(NamedTuple):
    """One batch: from the first report to the archive, and the processor time of the worker that had most to do."""

    seconds: float
    processor: float
    reports: int
    begun: int
    memory: int


def batch(processes: int) -> Run:
    with copy(f"four_bench_{processes}") as environment:
        pk, count, begun = map(int, said(started(environment, "order", str(PAST)))[:3])
        workers = [started(environment, "work", str(pk)) for _ in range(processes)]
        for worker in workers:
            worker.stdout.readline()
        began = time.perf_counter()
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        told = [said(worker) for worker in workers]
        seconds = time.perf_counter() - began
        return Run(seconds, max(float(words[1]) for words in told), count, begun, max(int(words[0]) for words in told))


def batches(rounds: int) -> list[dict[int, Run]]:
    return [
        {processes: batch(processes) for processes in ((1, 2) if number % 2 == 0 else (2, 1))}
        for number in range(rounds)
    ]


# ── told ─────────────────────────────────────────────────────────────────────────────────────


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} s ({min(values):.2f}–{max(values):.2f})"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("rounds", 5), ("batch-rounds", 3), ("pages", 50)):
        parser.add_argument(f"--{name}", type=int, default=default)
    wanted = parser.parse_args()
    if connection.vendor != "postgresql":
        parser.error("DATABASE_URL must name an empty PostgreSQL database")
    settings.DEBUG = False  # the log of queries would grow with them
    if "accountability_duty" not in connection.introspection.table_names():
        call_command("migrate", run_syncdb=True, verbosity=0)
        found(timezone.localdate())
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    print(f"{date.today()} Python {platform.python_version()}, Django {django.get_version()}, "
          f"WeasyPrint {weasyprint.__version__}, PostgreSQL {connection.pg_version // 10000}, "
          f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)  # fmt: skip
    missed = []
    for form, (pages, pairs) in against_weasyprint(wanted.rounds, wanted.pages).items():
        ratio = statistics.median(ours / own for ours, own in pairs)
        ours, own = ([pair[at] for pair in pairs] for at in (0, 1))
        print(f"  {form}, {pages} pages: ours {spread(ours)}, WeasyPrint alone {spread(own)}, "
              f"ratio {ratio:.2f} (at most {OWN_TIMES})", flush=True)  # fmt: skip
        missed += [form] if ratio > OWN_TIMES else []
    illustrated, formal, peak = memory()
    print(f"  a worker that makes the school's report and prints {illustrated} illustrated and {formal} formal pages: "
          f"at most {peak} MB (under {MEMORY})", flush=True)  # fmt: skip
    missed += ["memory"] if peak >= MEMORY else []
    if wanted.batch_rounds:
        measured = batches(wanted.batch_rounds)
        one, two = ([found[processes] for found in measured] for processes in (1, 2))
        faster = statistics.median(alone.seconds / both.seconds for alone, both in zip(one, two, strict=True))
        print(f"  {one[0].reports} unit reports ({one[0].begun} of them begun before) with their archive, "
              f"load {os.getloadavg()[0]:.1f}: one process {spread([run.seconds for run in one])}, "
              f"two {spread([run.seconds for run in two])}, {faster:.2f} times as fast (at least {SPEED_UP})")  # fmt: skip
        print(f"    of a processor: the one process {spread([run.processor for run in one])}, the busier of two "
              f"{spread([run.processor for run in two])}; a worker at most {max(run.memory for run in one + two)} MB")  # fmt: skip
        missed += ["two processes"] if faster < SPEED_UP else []
    shutil.rmtree(os.environ["DATA_DIR"], ignore_errors=True)
    print("missed: " + ", ".join(missed) if missed else "all bounds kept")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
