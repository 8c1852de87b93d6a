"""A product in a folder and a database of its own: laid once, copied for each test, wiped and restored at will."""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg2

ROOT = Path(__file__).resolve().parent.parent.parent
CLOCK = "2026-11-23T09:00+08:00"
ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")
SERVER = os.environ.get("DATABASE_URL", "").rsplit("/", 1)[0]
# On SQLite everywhere; on PostgreSQL where the suite runs on it. There "embedded" is left out (tests/conftest.py).
DATABASES = ["services"] if ON_POSTGRES else ["embedded"]


def on_server(sql: str, server: str = SERVER) -> None:
    admin = psycopg2.connect(f"{server}/postgres")
    admin.autocommit = True
    admin.cursor().execute(sql)
    admin.close()


def apart_from_the_chain(files: dict) -> dict:
    """The anchor moves on: that a copy was made, or went back, is an event itself."""
    return {name: digest for name, digest in files.items() if not name.startswith("audit/")}


class Product:
    """``folder`` is DATA_DIR; the database lies in it, or on the server under a name of its own.

    A copy ``like`` another may go to another server.
    """

    settings = "tests.worker.settings"

    def __init__(self, folder: Path, like: "Product | None" = None, server: str = SERVER):
        self.folder, self.server = folder, server
        self.name = f"keeping_{uuid4().hex[:12]}"
        if like is not None:
            shutil.copytree(like.folder, folder)
        else:
            folder.mkdir(parents=True)
        if ON_POSTGRES:
            is_near = like is not None and like.server == server
            on_server(f"CREATE DATABASE {self.name}" + (f" TEMPLATE {like.name}" if is_near else ""), server)
            if like is not None and not is_near:
                self._pour(like)

    def _pour(self, like: "Product") -> None:
        dump = subprocess.run(["pg_dump", "--no-owner", like.url], capture_output=True, check=True)
        subprocess.run(
            ["psql", "-q", "-1", "-v", "ON_ERROR_STOP=1", self.url],
            input=dump.stdout,
            stdout=subprocess.DEVNULL,
            check=True,
        )

    def close(self) -> None:
        if ON_POSTGRES:
            on_server(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)", self.server)
        shutil.rmtree(self.folder, ignore_errors=True)

    def wipe(self) -> None:
        """A new machine: nothing in the folder, nothing in the database."""
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        if ON_POSTGRES:
            on_server(f"DROP DATABASE {self.name} WITH (FORCE)", self.server)
            on_server(f"CREATE DATABASE {self.name}", self.server)

    @property
    def url(self) -> str:
        return f"{self.server}/{self.name}" if ON_POSTGRES else ""

    @property
    def environment(self) -> dict[str, str]:
        ours = {
            "DEBUG": "1",
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": self.url,
            "REDIS_URL": "",
            "DJANGO_SETTINGS_MODULE": self.settings,
            "WORKER_CLOCK": CLOCK,
            "MAIL_FOLDER": str(self.folder / "mails"),
        }
        kept = {key: value for key, value in os.environ.items() if key not in ours}
        return kept | {key: value for key, value in ours.items() if value}

    def start(self, *words: str, **more) -> subprocess.Popen:
        environment = self.environment | more.pop("env", {})
        output = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "start_new_session": True}
        return subprocess.Popen([sys.executable, *words], cwd=ROOT, env=environment, **(output | more))

    def run(self, *words: str, **more) -> subprocess.CompletedProcess:
        process = self.start(*words, **more)
        out, err = process.communicate(timeout=240)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def manage(self, *words: str, **more) -> str:
        """Carry out a command that must succeed; returns what it said."""
        done = self.run("manage.py", *map(str, words), **more)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def refused(self, *words: str, **more) -> str:
        """Carry out a command that must refuse, in a sentence and not with a traceback."""
        done = self.run("manage.py", *map(str, words), **more)
        assert done.returncode == 1, done.stdout + done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done.stderr

    def tell(self, what: str) -> dict:
        """What ``tests.keeping.inside`` finds in the product, by a process of its own."""
        done = self.run("-m", "tests.keeping.inside", what)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    # ── looked at from outside, past the product ──────────────────────────────────────────────

    @contextmanager
    def opened(self) -> Iterator:
        if ON_POSTGRES:
            connection = psycopg2.connect(self.url)
        else:
            connection = sqlite3.connect(self.folder / "db.sqlite3", timeout=30)
        try:
            yield connection
        finally:
            connection.close()

    def execute(self, sql: str) -> list[tuple]:
        with self.opened() as connection:
            cursor = connection.cursor()
            cursor.execute(sql)
            rows = cursor.fetchall() if cursor.description else []
            connection.commit()
            return rows

    def tables(self) -> dict[str, tuple[int, str]]:
        """Rows and digest of every table, by a way of our own."""
        names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        if ON_POSTGRES:
            names = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        found = {}
        with self.opened() as connection:
            cursor = connection.cursor()
            cursor.execute(names)
            for (name,) in cursor.fetchall():
                cursor.execute(f'SELECT * FROM "{name}"')
                columns = [column[0] for column in cursor.description]
                rows = sorted(str(sorted(zip(columns, map(str, row), strict=True))) for row in cursor.fetchall())
                found[name] = len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest()
        return found

    def fit(self) -> tuple[int, bool, list[str]]:
        """How many acts there are, whether they are the first so many, and which files are not what their rows say."""
        titles = self.execute("SELECT title FROM accountability_notice WHERE title LIKE '第 %'")
        acts = sorted(int(title.split()[1]) for (title,) in titles)
        rows = self.execute("SELECT file, sha256 FROM accountability_attachment")
        unsound = [name for name, digest in rows if self.digest_of(self.folder / "media" / name) != digest]
        return len(acts), acts == list(range(len(acts))) and len(rows) == len(acts), unsound

    def is_whole(self) -> bool:
        _, is_whole, unsound = self.fit()
        return is_whole and not unsound

    def add_jobs(self, count: int) -> int:
        """So many rows more, numbered by the database; returns the number of the last."""
        return self.execute(
            f"WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}) "
            "INSERT INTO accountability_job (kind, key, requested_by_id, state, progress, step, error, attempts, created_at) "
            "SELECT 'paper', '1', (SELECT min(id) FROM accountability_person), 'failed', 0, '', '', 0, '2026-11-23' "
            "FROM numbers RETURNING id"
        )[-1][0]

    @staticmethod
    def digest_of(path: Path) -> str:
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""

    def files(self) -> dict[str, str]:
        """Every file of the product that a backup is to hold, by hash."""
        return {
            str(path.relative_to(self.folder)): self.digest_of(path)
            for kind in ("media", "audit")
            for path in sorted((self.folder / kind).rglob("*"))
            if path.is_file() and ".before-restore-" not in str(path)
        }
