"""The databases of the benches, each made once: a name says its size, and of which generator and migrations it is.

    python -m bench.databases [--engine sqlite|postgresql] [--duties 1000000]

On SQLite a file below var/bench, on PostgreSQL a database of the local server (BENCH_SERVER names another). A bench that
writes takes a copy, or rolls back.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "bench"
SERVER = os.environ.get("BENCH_SERVER", "postgres://127.0.0.1:5432")
ENGINES = ("sqlite", "postgresql")
APPS = ("accountability", "meetings", "inspections", "supervision")


def version() -> str:
    """Of what writes the rows, and of the tables they stand in."""
    digest = hashlib.sha256(Path(__file__).with_name("generator.py").read_bytes())
    for path in sorted(path for app in APPS for path in (ROOT / app / "migrations").glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


def name(duties: int) -> str:
    return f"four_bench_{duties // 1000}k_{version()}"


def address(engine: str, database: str) -> str:
    return f"{SERVER}/{database}" if engine == "postgresql" else f"sqlite:///{FOLDER / database}.sqlite3"


def psql(statement: str) -> str:
    done = subprocess.run(
        ["psql", "-XAtqc", statement, f"{SERVER}/postgres"], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def has(engine: str, database: str) -> bool:
    if engine == "postgresql":
        return bool(psql(f"SELECT 1 FROM pg_database WHERE datname = '{database}'"))
    return (FOLDER / f"{database}.sqlite3").exists()


def ready(engine: str, duties: int) -> str:
    """The address of the database of so many duties, made if there is none."""
    database = name(duties)
    if not has(engine, database):
        _make(engine, database, duties)
    return address(engine, database)


@contextmanager
def copied(engine: str, duties: int) -> Iterator[str]:
    """The address of a copy to be written into, gone afterwards."""
    ready(engine, duties)
    original, copy = name(duties), f"{name(duties)}_copy_{os.getpid()}"
    try:
        if engine == "postgresql":
            psql(f"CREATE DATABASE {copy} TEMPLATE {original}")
        else:
            shutil.copyfile(FOLDER / f"{original}.sqlite3", FOLDER / f"{copy}.sqlite3")
        yield address(engine, copy)
    finally:
        _drop(engine, copy)


def served(engine: str, duties: int) -> dict[str, str]:
    """The environment in which the product serves that database, its style sheets collected."""
    data = FOLDER / "data" / f"{engine}-{name(duties)}"
    environment = {
        "DATABASE_URL": ready(engine, duties),
        "DATA_DIR": str(data),
        "DJANGO_SETTINGS_MODULE": "bench.served",
    }
    if not (data / "static").exists():
        run("django", "collectstatic", "--no-input", "--verbosity", "0", **environment)
    return environment


def _make(engine: str, database: str, duties: int) -> None:
    """Under another name until it is whole."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    unfinished = f"{database}_unfinished"
    _drop(engine, unfinished)
    if engine == "postgresql":
        psql(f"CREATE DATABASE {unfinished}")
    run("bench.generator", "--duties", str(duties), DATABASE_URL=address(engine, unfinished))
    if engine == "postgresql":
        psql(f"ALTER DATABASE {unfinished} RENAME TO {database}")
    else:
        (FOLDER / f"{unfinished}.sqlite3").rename(FOLDER / f"{database}.sqlite3")


def _drop(engine: str, database: str) -> None:
    if engine == "postgresql":
        psql(f"DROP DATABASE IF EXISTS {database}")
    for suffix in ("", "-wal", "-shm"):
        (FOLDER / f"{database}.sqlite3{suffix}").unlink(missing_ok=True)


def run(module: str, *arguments: str, **environment: str) -> str:
    """What a module of ours prints, run in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT, env=os.environ | environment, check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    parser.add_argument("--duties", type=int, default=1_000_000)
    wanted = parser.parse_args()
    print(ready(wanted.engine, wanted.duties))


if __name__ == "__main__":
    main()
