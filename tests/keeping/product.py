"""A product in a folder and a database of its own: laid once, copied for each test, wiped and restored at will."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import psycopg2

ROOT = Path(__file__).resolve().parent.parent.parent
CLOCK = "2026-11-23T09:00+08:00"
ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")
SERVER = os.environ.get("DATABASE_URL", "").rsplit("/", 1)[0]
# On SQLite everywhere; on PostgreSQL where the suite runs on it. There "embedded" is left out (tests/conftest.py).
DATABASES = ["services"] if ON_POSTGRES else ["embedded"]


def on_server(sql: str) -> None:
    admin = psycopg2.connect(f"{SERVER}/postgres")
    admin.autocommit = True
    admin.cursor().execute(sql)
    admin.close()


class Product:
    """``folder`` is DATA_DIR; the database lies in it, or on the server under a name of its own."""

    settings = "tests.worker.settings"

    def __init__(self, folder: Path, like: "Product | None" = None):
        self.folder = folder
        self.name = f"keeping_{uuid4().hex[:12]}"
        if like is not None:
            shutil.copytree(like.folder, folder)
        else:
            folder.mkdir(parents=True)
        if ON_POSTGRES:
            on_server(f"CREATE DATABASE {self.name}" + (f" TEMPLATE {like.name}" if like else ""))

    def close(self) -> None:
        if ON_POSTGRES:
            on_server(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
        shutil.rmtree(self.folder, ignore_errors=True)

    def wipe(self) -> None:
        """A new machine: nothing in the folder, nothing in the database."""
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        if ON_POSTGRES:
            on_server(f"DROP DATABASE {self.name} WITH (FORCE)")
            on_server(f"CREATE DATABASE {self.name}")

    @property
    def environment(self) -> dict[str, str]:
        ours = {
            "DEBUG": "1",
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": f"{SERVER}/{self.name}" if ON_POSTGRES else "",
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

    def tell(self, what: str, *more: str) -> dict:
        """What ``tests.keeping.inside`` finds in the product, by a process of its own."""
        done = self.run("-m", "tests.keeping.inside", what, *more)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def files(self) -> dict[str, str]:
        """Every file of the product that a backup is to hold, by hash."""
        return {
            str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for kind in ("media", "audit")
            for path in sorted((self.folder / kind).rglob("*"))
            if path.is_file()
        }
