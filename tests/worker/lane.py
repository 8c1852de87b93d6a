"""A product of its own for a test: data folder, database, broker, worker and beat processes that come and go."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg2
import pytest
import redis
from celery import Celery

ROOT = Path(__file__).resolve().parent.parent.parent
CELERY = Path(sys.executable).with_name("celery")
PATIENCE = 40
WORKERS = 2
OURS = "remind-test-owner"  # the key that reserves a Redis database
LAID: dict[type, Path] = {}  # the folder of each kind of lane as it was laid, before any worker of it started


def wait_until(true: Callable[[], bool], what: str, patience: int = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, f"waited {patience} s in vain until {what}"
        time.sleep(0.02)


class Lane:
    """A product of its own: data folder, database, broker; the worker process comes and goes."""

    settings = "tests.worker.settings"

    def __init__(self, folder: Path, database: str, redis_url: str):
        self.folder, self.database, self.redis_url = folder, database, redis_url
        self.mails = folder / "mails"
        self.mails.mkdir()
        self.worker: subprocess.Popen | None = None
        self.found()
        self.connection = psycopg2.connect(database) if database else sqlite3.connect(folder / "db.sqlite3", timeout=30)

    def found(self) -> None:
        """Make the tables and lay what the lane stands on; on SQLite once for each kind of lane, and copied."""
        kept = LAID.get(type(self))
        if kept and not self.database:
            shutil.copytree(kept, self.folder, dirs_exist_ok=True)
            return
        self.manage("2026-01-12T09:00+08:00", "manage.py", "migrate", "--run-syncdb", "--no-input", "-v0")
        self.lay()
        if not self.database:
            LAID[type(self)] = Path(shutil.copytree(self.folder, self.folder.with_name(f"{self.folder.name}-laid")))

    def lay(self) -> None:
        self.manage("2026-01-12T09:00+08:00", "-m", "tests.worker.lay", str(self.folder / "expected.json"))

    @property
    def expected(self) -> dict[str, list]:
        return json.loads((self.folder / "expected.json").read_text(encoding="utf-8"))

    def environment(self, clock: str) -> dict[str, str]:
        ours = {
            "DEBUG": "1",
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": self.database,
            "REDIS_URL": self.redis_url,
            "DJANGO_SETTINGS_MODULE": self.settings,
            "WORKER_CLOCK": clock,
            "MAIL_FOLDER": str(self.mails),
        }
        kept = {key: value for key, value in os.environ.items() if key not in ours}
        return kept | {key: value for key, value in ours.items() if value}

    def manage(self, clock: str, *words: str) -> None:
        subprocess.run([sys.executable, *words], cwd=ROOT, env=self.environment(clock), check=True)

    def start_worker(self, clock: str) -> None:
        command = [CELERY, "--quiet", "-A", "config", "worker", f"--concurrency={WORKERS}", "--loglevel=WARNING"]
        alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        self.worker = subprocess.Popen(
            [*command, *alone], cwd=ROOT, env=self.environment(clock), start_new_session=True
        )

    def kill_worker(self) -> None:
        """SIGKILL, the pool's processes with it: nobody gets to tidy up."""
        if self.worker is not None:
            os.killpg(self.worker.pid, signal.SIGKILL)
            self.worker.wait()
            self.worker = None

    def dispatch(self, times: int = 1, task: str = "supervision.tasks.remind") -> None:
        """What beat does; without its ``expires``, since the worker's clock is not ours."""
        app = Celery(broker=self.redis_url or "filesystem://localhost//", set_as_current=False)
        if not self.redis_url:
            queue, control = str(self.folder / "broker/queue"), str(self.folder / "broker/control")
            app.conf.broker_transport_options = {
                "data_folder_in": queue,
                "data_folder_out": queue,
                "control_folder": control,
            }
        for _ in range(times):
            app.send_task(task, ignore_result=True)
        app.close()

    def rows(self, sql: str) -> list[tuple]:
        cursor = self.connection.cursor()
        cursor.execute(sql)
        rows = cursor.fetchall()
        self.connection.rollback()
        return rows

    def count(self, table: str, where: str = "1 = 1") -> int:
        return self.rows(f"SELECT count(*) FROM accountability_{table} WHERE {where}")[0][0]

    def reminders(self) -> list[list]:
        sql = "SELECT recipient_id, duty_id, due_on, step FROM accountability_notice WHERE kind = 'reminder'"
        return sorted([recipient, duty, str(due_on), step] for recipient, duty, due_on, step in self.rows(sql))

    def digests(self) -> list[tuple]:
        """Each digest with the state of its delivery, of which there is one."""
        return self.rows(
            "SELECT digest.id, digest.recipient_id, digest.day, delivery.state FROM accountability_digest digest "
            "LEFT JOIN accountability_delivery delivery ON delivery.digest_id = digest.id"
        )

    def deliveries(self) -> Counter:
        log = self.mails / "sent.log"
        return Counter(log.read_text(encoding="utf-8").split()) if log.exists() else Counter()

    def all_sent(self, day: str) -> bool:
        people = {recipient for recipient, *_ in self.expected[day]}
        return self.sent_of(day) == len(people)

    def sent_of(self, day: str) -> int:
        return sum(str(on) == day and state == "sent" for _, _, on, state in self.digests())

    def close(self) -> None:
        self.kill_worker()
        self.connection.close()


def own_postgres() -> Iterator[str]:
    """A database of our own on the server DATABASE_URL names."""
    server = os.environ["DATABASE_URL"].rsplit("/", 1)[0]
    name = f"worker_{uuid4().hex[:12]}"
    admin = psycopg2.connect(f"{server}/postgres")
    admin.autocommit = True
    admin.cursor().execute(f"CREATE DATABASE {name}")
    yield f"{server}/{name}"
    admin.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")
    admin.close()


def own_redis() -> Iterator[str]:
    """An empty database of a Redis server, reserved by a key; emptied again afterwards."""
    server = (os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379/0").rsplit("/", 1)[0]
    for number in range(8, 0, -1):
        database = redis.from_url(f"{server}/{number}", socket_connect_timeout=2)
        try:
            ours = database.dbsize() == 0 and database.set(OURS, "1", nx=True)
        except redis.ConnectionError:
            pytest.skip(f"no Redis answers at {server}")
        if ours:
            break
    else:
        pytest.skip(f"none of the Redis databases 1 to 8 at {server} is empty")
    yield f"{server}/{number}"
    database.flushdb()


# Each in the lane of the suite that it belongs to: embedded is SQLite and the file broker, services PostgreSQL and Redis.
SERVICES = ["services"] if os.environ.get("DATABASE_URL", "").startswith("postgres") else ["embedded"]


def lanes(kind: type[Lane], service: str, folder: Path) -> Iterator[Lane]:
    services = service == "services"
    brokers = own_redis() if services else iter([""])
    redis_url = next(brokers)
    databases = own_postgres() if services else iter([""])
    lane = None
    try:
        lane = kind(folder, next(databases), redis_url)
        yield lane
    finally:
        if lane is not None:
            lane.close()
        list(databases), list(brokers)  # run their tidying
