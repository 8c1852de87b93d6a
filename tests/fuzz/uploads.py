"""Doors through which files come in, opened by an honest one first; and what a hostile one must leave behind: nothing."""

import os
import random
import resource
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.test import Client

from tests.fuzz.checks import row_counts, tables, wrong_with
from tests.fuzz.crawl import Door
from tests.fuzz.hostile_files import GOOD, Made
from tests.fuzz.submissions import BOUNDARY, Pairs, multipart
from tests.fuzz.values import Upload, honest

SECONDS, MEGABYTES = 2.0, 256
# What these doors take alone; all others take what an attachment may be.
ONLY = {"roster": "xlsx", "meeting_backlog": "xlsx", "ledger_upload": "xlsx", "document_upload": "docx"}
KEEPS_NOTHING = {"verify"}  # a hash is taken and compared
TRIES = 60


def file_field(door: Door) -> str:
    return next((name for name, each in door.form.fields.items() if each.kind == "file"), "")


def pairs_with(door: Door, made: Made, others: Pairs) -> Pairs:
    name, content = made
    return [*others, (file_field(door), Upload(name, content))]


def kept_files() -> set[Path]:
    return {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


@dataclass
class Gate:
    """Posts files at one door after another, each in a transaction that is rolled back, and says what is wrong."""

    clients: dict[str, Client]
    sent: int = 0
    statuses: Counter = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")
    slowest_child: tuple[float, str] = (0.0, "")

    def __post_init__(self) -> None:
        self.tables = tables()
        self.megabytes = _peak()

    def filling(self, door: Door) -> Pairs | None:
        """The other fields as an honest sender fills them in: the first that this door takes with a good file."""
        rng = random.Random(door.name)
        others = [each for name, each in sorted(door.form.fields.items()) if name != file_field(door)]
        good = (f"佐证.{ONLY.get(door.name, 'pdf')}", GOOD[ONLY.get(door.name, "pdf")])
        for _ in range(TRIES):
            pairs = [(each.name, rng.choice(honest(each))) for each in others]
            if self._post(door, pairs_with(door, good, pairs)).status_code in (302, 200):
                return pairs
        return None

    def _post(self, door: Door, pairs: Pairs):
        with transaction.atomic():
            answer = self.clients[door.who].generic(
                "POST", door.path, multipart(pairs), content_type=f"multipart/form-data; boundary={BOUNDARY}"
            )
            self.left = row_counts(self.tables)
            transaction.set_rollback(True)
        return answer

    def trouble(self, door: Door, others: Pairs, kind: str, made: Made, *, may_stay: bool) -> str:
        """A sentence, or nothing."""
        rows, files, times = row_counts(self.tables), kept_files(), os.times()
        clock = time.perf_counter()
        answer = self._post(door, pairs_with(door, made, others))
        clock, now = time.perf_counter() - clock, os.times()
        own, child = now[0] + now[1] - times[0] - times[1], now[2] + now[3] - times[2] - times[3]
        self.sent += 1
        self.statuses[answer.status_code] += 1
        self.slowest = max(self.slowest, (own, f"{kind} at {door.name}"))
        self.slowest_child = max(self.slowest_child, (child, f"{kind} at {door.name}"))
        left = {name: self.left[name] - count for name, count in rows.items() if self.left[name] != count}
        new = kept_files() - files
        said = wrong_with(answer)
        if not said and own > SECONDS:
            said = f"{own:.1f} s of the web process"
        if not said and not self._is_refused(door, answer):
            said = "" if may_stay else f"taken with {answer.status_code}"
        elif not said and (new or left):
            said = f"refused, but left {left} {sorted(path.name for path in new)}"
        if not said and _peak() - self.megabytes > MEGABYTES:
            said = f"{_peak() - self.megabytes:.0f} MB"
        for path in new:
            path.unlink()
        return f"{kind} ({made[0][:40]!r}, {len(made[1])} bytes) at {door.name}: {said}" if said else ""

    def _is_refused(self, door: Door, answer) -> bool:
        return answer.status_code >= 400 or door.name in KEEPS_NOTHING


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
