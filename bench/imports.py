"""A rectification ledger into the system, against openpyxl's bare ``read_only`` reading of the same file.

    python -m bench.imports [--engine sqlite|postgresql] [--rows 10000] [--rounds 5]

Each act runs in a process of its own off a fresh copy of one empty database (``bench.import_worker``), so that what it held
at most is its own. Rounds are interleaved, the order within a round changes, and a ratio is of two runs of one round. What
PostgreSQL's backend took is told beside it: the goal speaks of our processes and their children.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import tempfile
from contextlib import suppress
from datetime import date
from importlib.metadata import version
from pathlib import Path

from bench.databases import ENGINES, SERVER, psql, run
from bench.measuring import spread

TIMES, MEMORY = 2.0, 200
LAID, COPY = "four_bench_imports", "four_bench_imports_copy"
PATHS = {"command": ("command",), "page": ("page", "work")}
MORE = ("export",)  # off the rows the page has written
TOLD = {
    "floor": "openpyxl, `read_only=True`",
    "reading": "our reading child alone",
    "command": "`import_ledger --commit`",
    "page": "page: upload, preview, confirm",
    "work": "page: the worker's part",
    "export": "the same ledger written out again",
}


class Place:
    """An empty database laid once, and the copy of it each act works on."""

    def __init__(self, engine: str, folder: Path, rows: int) -> None:
        self.engine, self.folder, self.ledger = engine, folder, folder / "ledger.xlsx"
        self.drop()
        if engine == "postgresql":
            psql(f"CREATE DATABASE {LAID}")
        run("bench.import_worker", "lay", str(rows), str(self.ledger), **self._environment(LAID))

    def _environment(self, database: str) -> dict[str, str]:
        data = self.folder / database
        data.mkdir(exist_ok=True)
        file = f"sqlite:///{data / 'db.sqlite3'}"
        address = f"{SERVER}/{database}" if self.engine == "postgresql" else file
        return {"DATABASE_URL": address, "DATA_DIR": str(data), "DEBUG": "1"}

    def renew(self) -> None:
        shutil.rmtree(self.folder / COPY, ignore_errors=True)
        shutil.copytree(self.folder / LAID, self.folder / COPY)
        if self.engine == "postgresql":
            psql(f"DROP DATABASE IF EXISTS {COPY}")
            psql(f"CREATE DATABASE {COPY} TEMPLATE {LAID}")

    def act(self, what: str) -> dict:
        return json.loads(run("bench.import_worker", what, str(self.ledger), **self._environment(COPY)))

    def drop(self) -> None:
        if self.engine == "postgresql":
            for database in (COPY, LAID):
                psql(f"DROP DATABASE IF EXISTS {database}")


def measure(place: Place, rows: int, rounds: int) -> list[dict[str, dict]]:
    """The floor is read before and after what it is compared with."""
    measured = []
    for number in range(rounds):
        found, floors = {}, [place.act("floor")]
        for name in ("reading", "command", "page")[:: 1 if number % 2 else -1]:
            place.renew()
            for act in (*PATHS.get(name, (name,)), *(MORE if name == "page" else ())):
                found[act] = place.act(act)
        floors.append(place.act("floor"))
        assert found["command"]["measures"] == found["work"]["measures"] == rows, found
        found["floor"] = floors[0] | {"seconds": statistics.mean(one["seconds"] for one in floors)}
        measured.append(found)
    return measured


def told(measured: list[dict[str, dict]]) -> dict[str, float]:
    """The table; and the two ratios that have a bound."""
    print("| what | seconds | × openpyxl | beside it, in the database | most memory, MB |")
    print("|---|---|---|---|---|")
    whole = {}
    for name, acts in ({name: (name,) for name in TOLD} | {"the page, whole": PATHS["page"]}).items():
        seconds = [sum(found[act]["seconds"] - found[act]["database"] for act in acts) for found in measured]
        beside = [sum(found[act]["database"] for act in acts) for found in measured]
        ratios = [one / found["floor"]["seconds"] for one, found in zip(seconds, measured, strict=True)]
        memory = max(found[act]["memory"] for found in measured for act in acts)
        whole[name] = statistics.median(ratios)
        in_database = f"{statistics.median(beside):.2f}" if max(beside) > 0.01 else ""
        print(f"| {TOLD.get(name, name)} | {spread(seconds)} | {spread(ratios)} | {in_database} | {memory} |")
    return {"command": whole["command"], "page": whole["the page, whole"]}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    for name, default in (("rows", 10_000), ("rounds", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-imports-") as folder:
        place = Place(wanted.engine, Path(folder), wanted.rows)
        try:
            size = place.ledger.stat().st_size / 1024 / 1024
            print(f"{date.today()} Python {platform.python_version()}, Django {version('django')}, openpyxl "
                  f"{version('openpyxl')}, {wanted.engine}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; a ledger "
                  f"of {wanted.rows:,} measures, {size:.1f} MB, {wanted.rounds} rounds\n", flush=True)  # fmt: skip
            measured = measure(place, wanted.rows, wanted.rounds)
        finally:
            with suppress(Exception):
                place.drop()
    ratios = told(measured)
    peak = max(one["memory"] for found in measured for act, one in found.items() if act not in MORE)
    missed = [f"{name} {ratio:.2f}" for name, ratio in ratios.items() if ratio > TIMES]
    missed += [f"{peak} MB"] if peak > MEMORY else []
    print(
        f"\nat most {TIMES} times openpyxl and {MEMORY} MB: " + ("missed: " + ", ".join(missed) if missed else "kept")
    )
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
