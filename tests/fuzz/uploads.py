"""A file at a door: what an honest one must leave behind, and what a hostile one must: nothing, or something that harms nobody."""

import os
import re
import resource
from collections import Counter
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import unquote

from django.conf import settings
from django.db import transaction
from django.test import Client

from accountability.forms import CHOOSE_AGAIN
from config.limits import NAMES, READ
from tests.fuzz.checks import row_counts, tables, wrong_with
from tests.fuzz.crawl import name_of
from tests.fuzz.file_doors import FileDoor
from tests.fuzz.hostile_files import Made
from tests.fuzz.submissions import BOUNDARY, multipart

SECONDS, MEGABYTES = 2.0, 256
KEEPS_NOTHING = {"verify"}  # a hash is taken and compared
# Their names come cleaned out of the form; ``examine`` refuses them where they do not.
CLEANED = {"control_in_name", "turned_name"}
HANDS_OUT = {*NAMES[READ]["file"], "attachment_thumbnail"} - {"meeting_ics"}
SHOWN = ("image/jpeg", "image/png", "application/pdf")  # in our frame or a list; everything else is saved, never shown
REFUSALS = re.compile(r'<p class="error".*?</p>|<(li|div) class="notice notice--late" role="alert".*?</\1>', re.DOTALL)
ADDRESSES = re.compile(r'(?:href|src)="(/[^"?#]*)')
TAGS = re.compile(r"<[^>]+>")


def kept_files() -> set[Path]:
    return {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


def refusals_on(page: str) -> str:
    return unescape(TAGS.sub("", " ".join(found[0] for found in REFUSALS.finditer(page)))).replace(CHOOSE_AGAIN, "")


@dataclass
class Gate:
    """Posts files at one door after another, each in a transaction that is rolled back, and says what is wrong."""

    clients: dict[str, Client]
    sent: int = 0
    answers: Counter = field(default_factory=Counter)
    handed_out: Counter = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")
    slowest_child: tuple[float, str] = (0.0, "")

    def __post_init__(self) -> None:
        self.tables = tables()
        self.rows = row_counts(self.tables)
        self.megabytes = _peak()

    def honest_trouble(self, door: FileDoor) -> str:
        """The same form with a file nobody would refuse is taken and kept: what ``trouble`` refuses, it refuses for the file."""
        answer, left, new = self._posted(door, door.good)
        if door.name in KEEPS_NOTHING:
            is_taken = answer.status_code == 200 and not new
        else:
            is_taken = answer.status_code == 302 and left
        said = self.shown if is_taken else f"{answer.status_code} {refusals_on(answer.content.decode())}, left {left}"
        return f"{door.name}: {said}" if said else ""

    def trouble(self, door: FileDoor, kind: str, made: Made, *, may_stay: bool) -> str:
        """A sentence, or nothing."""
        times = os.times()
        answer, left, new = self._posted(door, made)
        now = os.times()
        own, child = now[0] + now[1] - times[0] - times[1], now[2] + now[3] - times[2] - times[3]
        self.sent += 1
        self.slowest = max(self.slowest, (own, f"{kind} at {door.name}"))
        self.slowest_child = max(self.slowest_child, (child, f"{kind} at {door.name}"))
        said = self._wrong(door, answer, left, new, may_stay=may_stay or kind in CLEANED)
        if not said and own > SECONDS:
            said = f"{own:.1f} s of the web process"
        if not said and _peak() - self.megabytes > MEGABYTES:
            said = f"{_peak() - self.megabytes:.0f} MB"
        return f"{kind} ({made[0][:40]!r}, {len(made[1])} bytes) at {door.name}: {said}" if said else ""

    def _posted(self, door: FileDoor, made: Made):
        """The answer, the rows and the files that were there after it; nothing of it stays."""
        files = kept_files()
        with transaction.atomic():
            answer = self.clients[door.who].generic(
                "POST", door.path, multipart(door.pairs(made)), content_type=f"multipart/form-data; boundary={BOUNDARY}"
            )
            now = row_counts(self.tables)
            self.shown = self._handed_out(door, answer)
            transaction.set_rollback(True)
        new = kept_files() - files
        for path in new:
            path.unlink()
        return answer, {name: now[name] - count for name, count in self.rows.items() if now[name] != count}, new

    def _wrong(self, door: FileDoor, answer, left: dict, new: set, *, may_stay: bool) -> str:
        if said := wrong_with(answer) or self.shown:
            return said
        is_refused = answer.status_code >= 400
        self.answers["refused" if is_refused else "compared" if door.name in KEEPS_NOTHING else "kept"] += 1
        if (is_refused or door.name in KEEPS_NOTHING) and (new or left):
            return f"{answer.status_code}, but left {left} {sorted(path.name for path in new)}"
        if not is_refused:
            return "" if may_stay or door.name in KEEPS_NOTHING else f"taken with {answer.status_code}"
        told = refusals_on(answer.content.decode())
        return "" if answer.status_code == 400 and _names_the_file(told) else f"{answer.status_code} says {told!r}"

    def _handed_out(self, door: FileDoor, answer) -> str:
        """What was kept, as its page hands it out: saved, or shown as what cannot act."""
        if answer.status_code != 302:
            return ""
        client, here = self.clients[door.who], answer["Location"]
        page = client.get(here)
        if said := wrong_with(page):
            return f"{here}: {said}"
        shown = addresses_on(page)
        for address in sorted(shown | {each for preview in shown for each in addresses_on(client.get(preview))}):
            self.handed_out[name_of(address)] += 1
            if said := _harm(client.get(address)):
                return f"{address}: {said}"
        return ""


def addresses_on(page) -> set[str]:
    """Of files, as links, pictures and frames have them."""
    if not page.get("Content-Type", "").startswith("text/html"):
        return set()
    return {address for address in ADDRESSES.findall(page.content.decode()) if name_of(address) in HANDS_OUT}


def _harm(answer) -> str:
    if answer.status_code != 200 or (said := wrong_with(answer)):
        return f"{answer.status_code} {said if answer.status_code == 200 else ''}"
    told, _, encoded = answer.get("Content-Disposition", "").partition("UTF-8''")
    if not (told + unquote(encoded)).isprintable():
        return f"handed out as {told}{encoded}"
    if told.startswith("attachment"):
        return ""
    policy, kind = answer.get("Content-Security-Policy", ""), answer["Content-Type"]
    is_page = kind.startswith("text/html") and answer.templates
    return "" if is_page or (kind in SHOWN and "script-src" not in policy) else f"shown as {kind}"


def _names_the_file(told: str) -> bool:
    return "「" in told or "文件" in told or "上传" in told


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
