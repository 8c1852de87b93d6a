"""Must show 4: a full disk on SQLite and killed writers during 1,000 writes: what was acknowledged is there, with its event.

A server of PostgreSQL that crashes and one without room: tests/keeping/test_outage.py.
"""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.utils import IntegrityError

from accountability.models import AuditEvent, AuditSeal, WorkdayOverride
from accountability.services import audit_check, sealing
from tests.accountability.audit_writer import FIRST_DAY, write

pytestmark = pytest.mark.django_db(transaction=True)
WRITES = 1000
ROOT = Path(__file__).parent.parent.parent


def rows() -> dict[int, int]:
    """Number of the write → number of its row."""
    days = WorkdayOverride.objects.filter(day__gte=FIRST_DAY).values_list("day", "pk")
    return {(day - FIRST_DAY).days: pk for day, pk in days}


def assert_whole(acknowledged: list[int]) -> None:
    """Acknowledged rows are there; every row has its history and exactly one event, every event its row; the chain is sound."""
    written = rows()
    assert set(acknowledged) <= set(written), "an acknowledged write is lost"
    told = AuditEvent.objects.filter(row_model="accountability.workdayoverride").values_list("row_id", flat=True)
    assert sorted(map(int, told)) == sorted(written.values()), "rows and events are not the same"
    kept = WorkdayOverride.history.filter(day__gte=FIRST_DAY).values_list("id", flat=True)
    assert sorted(kept) == sorted(written.values())
    sealing.seal_everything()
    found = audit_check.check()
    assert found.is_sound, found.faults
    assert AuditSeal.objects.count() == AuditEvent.objects.count()


def tried(numbers: range) -> tuple[list[int], int]:
    """Which were acknowledged, and how often the database refused."""
    acknowledged, refused = [], 0
    for number in numbers:
        try:
            write(number)
        except DatabaseError:
            refused += 1
        else:
            acknowledged.append(number)
    return acknowledged, refused


@pytest.mark.skipif("sqlite" not in connection.vendor, reason="the limit of pages is SQLite's")
def test_a_full_disk_on_sqlite_loses_nothing_acknowledged():
    acknowledged, refused = [], 0
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # pages that other tests left free are room too
        for start in range(0, WRITES, 100):
            if start % 200 == 0:
                cursor.execute("PRAGMA page_count")
                cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0] + 8}")
            else:
                cursor.execute("PRAGMA max_page_count = 1073741823")
            some, failed = tried(range(start, start + 100))
            acknowledged += some
            refused += failed
        cursor.execute("PRAGMA max_page_count = 1073741823")
    assert refused > 50 and len(acknowledged) > WRITES / 2, "the disk was full, and then not"
    assert_whole(acknowledged)
    assert len(rows()) == len(acknowledged)


def test_killed_writers_lose_nothing_acknowledged(settings):
    """Two at a time, killed by SIGKILL wherever they are: before the commit, between it and the seal, after both."""
    dice, acknowledged = random.Random(4), []
    for start in range(0, WRITES, 200):
        writers = [writer(start + number * 100, start + number * 100 + 100, settings.AUDIT_DIR) for number in (0, 1)]
        for process in writers:
            after = dice.randint(20, 99)
            for line in process.stdout:
                acknowledged.append(int(line))
                after -= 1
                if not after:
                    process.kill()
                    break
            acknowledged += [int(line) for line in process.stdout if line.endswith("\n")]
            process.wait()
            process.stdout.close()
    assert len(acknowledged) > WRITES / 3
    assert_whole(acknowledged)


def writer(first: int, last: int, audit_dir) -> subprocess.Popen:
    environment = {
        **os.environ, "AUDIT_TEST_DATABASE": str(settings.DATABASES["default"]["NAME"]), "AUDIT_DIR": str(audit_dir),
        "DATA_DIR": str(settings.DATA_DIR), "DEBUG": "1",
    }  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "-m", "tests.accountability.audit_writer", str(first), str(last)],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_two_sealers_at_once_make_one_chain():
    from concurrent.futures import ThreadPoolExecutor

    for number in range(60):
        write(number)

    def seal(_) -> int:
        try:
            return sealing.seal_everything()
        except (IntegrityError, DatabaseError):
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(seal, range(8)))
    assert_whole(list(range(60)))
