"""A backup while somebody writes, against ``cp`` of the SQLite file or a plain pg_dump; and how long the writer waits (P9).

    python -m bench.backup [--engine sqlite|postgresql] [--duties 1000000] [--rounds 5]

On a copy of the benches' database. One process writes small transactions all the time; its longest wait during a backup is
set against its longest in as many seconds without one. Seconds of the clock, for that is what a writer waits by; those of
the processor beside them. ``--nice`` runs the backup so; ``--file`` takes another SQLite file in place of the benches'.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.databases import ENGINES, FOLDER, ROOT, copied
from bench.measuring import spread

COPY, WAIT = 2.0, 2.0
PARTS = {
    "sqlite": {"snapshot": "sqlite._snapshot", "packed": "sqlite._pack"},
    "postgresql": {"snapshot and packed (pg_dump)": "postgres._run"},
}
COMMON = {
    "every table read and digested": "making.all_tables",
    "written into the archive": "archive.Writing.add_database",
    "closed and on the disk": "archive.Writing.finish",
    "read through again": "archive.Reader.verified",
}


# ── in processes of their own ────────────────────────────────────────────────────────────────


def write(log: Path) -> None:
    """小事务: a duty is saved with its history and committed, again and again, until the file is taken away."""
    import django

    django.setup()
    from django.db import transaction

    from accountability.models import Duty, Person
    from accountability.models.history import save_as

    by, duties = Person.objects.system(), list(Duty.objects.order_by("pk")[:200])
    with log.open("w", buffering=1) as file:
        place = 0
        while log.exists():
            began = time.monotonic()
            with transaction.atomic():
                save_as(duties[place % len(duties)], by=by, reason="写入")
            file.write(f"{began} {time.monotonic() - began}\n")
            place += 1


def parts(target: Path, engine: str) -> None:
    """The command itself, its parts timed."""
    import django

    began, used = time.perf_counter(), time.process_time()
    django.setup()
    from django.core.management import call_command

    from accountability.backups import archive, making, postgres, sqlite

    modules = {"archive": archive, "making": making, "postgres": postgres, "sqlite": sqlite}
    found = {"Python and Django begin": (time.perf_counter() - began, time.process_time() - used)}
    for name, path in (PARTS[engine] | COMMON).items():
        _time(modules, path, name, found)
    call_command("backup", target, stdout=sys.stderr)
    print(json.dumps(found))


def _time(modules: dict, path: str, name: str, found: dict) -> None:
    *holders, attribute = path.split(".")
    holder = modules[holders[0]]
    for step in holders[1:]:
        holder = getattr(holder, step)
    asked = getattr(holder, attribute)

    def timed(*arguments, **options):
        began, used = time.perf_counter(), _processor()
        try:
            return asked(*arguments, **options)
        finally:
            seconds, processor = found.get(name, (0.0, 0.0))
            found[name] = (seconds + time.perf_counter() - began, processor + _processor() - used)

    setattr(holder, attribute, timed)


def _processor() -> float:
    told = os.times()
    return told.user + told.system + told.children_user + told.children_system


# ── measuring ────────────────────────────────────────────────────────────────────────────────


class Subject:
    """The copy, its folder of data, and who works on it."""

    def __init__(self, engine: str, database: str, folder: Path, *, is_nice: bool) -> None:
        self.is_nice = is_nice
        self.engine, self.database, self.folder = engine, database, folder
        self.environment = os.environ | {
            "DATABASE_URL": database,
            "DATA_DIR": str(folder / "data"),
            "DJANGO_SETTINGS_MODULE": "bench.served",
        }
        (folder / "data").mkdir()

    def started(self, *arguments: str, prefix: tuple[str, ...] = ()) -> subprocess.Popen:
        return subprocess.Popen(
            [*prefix, sys.executable, "-m", "bench.backup", "--engine", self.engine, *arguments],
            cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def floor(self) -> None:
        """``cp`` of the file, or pg_dump of the database as the product calls it, and nothing else."""
        target = self.folder / "floor"
        if self.engine == "sqlite":
            command = ["cp", self.database.removeprefix("sqlite:///"), str(target)]
        else:
            command = ["pg_dump", "--format=custom", f"--file={target}", self.database]
        subprocess.run(command, check=True)
        target.unlink()

    def backup(self) -> dict[str, tuple[float, float]]:
        target = self.folder / "backup.tar"
        process = self.started("--parts", str(target), prefix=("nice",) if self.is_nice else ())
        said, _ = process.communicate()
        if process.returncode:
            raise RuntimeError("the backup failed")
        self.size = target.stat().st_size
        target.unlink()
        return json.loads(said)

    @contextmanager
    def written(self) -> Iterator[Path]:
        log = self.folder / "writes"
        process = self.started("--write", str(log))
        try:
            while not log.exists() or not log.read_text():
                if process.poll() is not None:
                    raise RuntimeError("the writer does not start")
                time.sleep(0.1)
            yield log
        finally:
            log.unlink(missing_ok=True)
            process.wait(timeout=60)


def longest(log: Path, began: float, ended: float) -> tuple[float, int]:
    """Milliseconds of the longest write that overlaps those seconds, and how many there were."""
    waits = []
    for line in log.read_text().splitlines():
        told = line.split()
        if len(told) == 2 and float(told[0]) <= ended and float(told[0]) + float(told[1]) >= began:
            waits.append(float(told[1]) * 1000)
    return max(waits, default=0.0), len(waits)


def timed(work: Callable[[], object]) -> tuple[float, float, object]:
    began = time.monotonic()
    found = work()
    return began, time.monotonic(), found


def measure(subject: Subject, rounds: int) -> list[dict]:
    measured = []
    with subject.written() as log:
        began, ended, _ = timed(subject.backup)
        lasts = ended - began
        for number in range(rounds):
            found = {}

            def idle(lasts=lasts, found=found) -> None:
                began, ended, _ = timed(lambda: time.sleep(lasts))
                found["idle"], found["idle writes"] = longest(log, began, ended)

            def copied_(found=found) -> None:
                began, ended, _ = timed(subject.floor)
                found["floor"], (found["floor wait"], _) = ended - began, longest(log, began, ended)

            def backed_up(found=found) -> None:
                began, ended, found["parts"] = timed(subject.backup)
                found["backup"] = ended - began
                found["wait"], found["writes"] = longest(log, began, ended)

            steps = [idle, copied_, backed_up]
            for step in steps[number % 3 :] + steps[: number % 3]:
                step()
            lasts = found["backup"]
            measured.append(found)
    return measured


def tell(subject: Subject, measured: list[dict]) -> bool:
    def column(name: str) -> list[float]:
        return [found[name] for found in measured]

    def against(above: str, below: str) -> list[float]:
        return [found[above] / found[below] for found in measured]

    floor = "cp" if subject.engine == "sqlite" else "pg_dump"
    copy, wait = against("backup", "floor"), against("wait", "idle")
    names = list(measured[0]["parts"])
    print(f"| while somebody writes | | goal |\n|---|---|---|\n| {floor}, s | {spread(column('floor'))} | |")
    print(f"| backup, the whole command, s | {spread(column('backup'))} | |")
    met = {"copy": statistics.median(copy) <= COPY, "wait": statistics.median(wait) <= WAIT}
    verdict = {name: "met" if value else "missed" for name, value in met.items()}
    print(f"| backup ÷ {floor} | {spread(copy)} | at most {COPY}: {verdict['copy']} |")
    snapshot = [found["parts"][names[1]][0] / found["floor"] for found in measured]
    print(f"| its {names[1]} ÷ {floor} | {spread(snapshot)} | |")
    for name, title in (("idle", "without backup"), ("floor wait", f"during {floor}"), ("wait", "during the backup")):
        print(f"| longest wait of the writer {title}, ms | {spread(column(name), 0)} | |")
    print(f"| longest wait, during ÷ without | {spread(wait)} | at most {WAIT}: {verdict['wait']} |")
    print(
        f"| writes in those seconds, without / during | {spread(column('idle writes'), 0)} / {spread(column('writes'), 0)} | |"
    )
    print(f"\narchive: {subject.size / 1e6:.0f} MB\n\n| part of the backup | s | of the processor, s |\n|---|---|---|")
    for name in names:
        seconds, processor = zip(*(found["parts"].get(name, (0, 0)) for found in measured), strict=True)
        print(f"| {name} | {spread(seconds)} | {spread(processor)} |")
    return all(met.values())


@contextmanager
def taken(engine: str, duties: int, file: Path | None) -> Iterator[str]:
    """A copy of the benches' database, or of a file that is named."""
    if file is None:
        with copied(engine, duties) as database:
            yield database
        return
    with TemporaryDirectory(dir=FOLDER) as folder:
        copy = Path(folder) / "copy.sqlite3"
        shutil.copyfile(file, copy)
        yield f"sqlite:///{copy}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    parser.add_argument("--duties", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--nice", action="store_true", help="as docs/operations.md has cron call it")
    for option in ("file", "write", "parts"):
        parser.add_argument(f"--{option}", type=Path, help=None if option == "file" else argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.write:
        write(wanted.write)
        return 0
    if wanted.parts:
        parts(wanted.parts, wanted.engine)
        return 0
    with taken(wanted.engine, wanted.duties, wanted.file) as database, TemporaryDirectory(dir=FOLDER) as folder:
        subject = Subject(wanted.engine, database, Path(folder), is_nice=wanted.nice)
        measured = measure(subject, wanted.rounds)
        print(f"{wanted.engine}, {wanted.file.name if wanted.file else wanted.duties}, {wanted.rounds} rounds\n")
        return 0 if tell(subject, measured) else 1


if __name__ == "__main__":
    raise SystemExit(main())
