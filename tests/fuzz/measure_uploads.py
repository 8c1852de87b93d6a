"""恶意文件: at every door through which files come in, what is hostile is refused with a clear sentence or can do nothing.

``python -m pytest tests/fuzz/measure_uploads.py -s`` sends every kind once, ``UPLOADS=1000`` before it the whole measurement; what is in
files alone ``test_hostile_kinds`` checks with the suite.
"""

import os
import random
import re
import time
from pathlib import Path

import pytest
from django.urls import resolve

from tests import acts, cast
from tests.fuzz import hostile_pdfs  # noqa: F401 - its kinds stand beside the others
from tests.fuzz.checks import quiet
from tests.fuzz.crawl import Walk, clients
from tests.fuzz.hostile_files import HARMLESS, KINDS
from tests.fuzz.uploads import Gate, file_field
from tests.test_house import ROUTES

COUNT = int(os.environ.get("UPLOADS", "0"))
SEED = int(os.environ.get("FUZZ_SEED", "9"))
ROOT = Path(__file__).parent.parent.parent
# The pages on which files are asked for.
PAGES = (
    "document", "verify", "roster", "meeting_backlog", "meeting_item", "meeting", "ledger_upload", "long_term_review", "visit_new",
    "reply", "measure", "recheck_item", "oversight_new", "accountability_measure_new", "clue_item", "score_line_object", "archive",
    "letter_answer", "in_person_new", "check_unit",
)  # fmt: skip

pytestmark = pytest.mark.django_db


@pytest.fixture
def doors(theirs, people):
    quiet()
    duty = acts.duty_of(cast.organisation(cast.THEIRS), "risk-self-check")
    addresses = [path.format(pk=theirs.get(name, 1)) for name, path in ROUTES if name in PAGES]
    addresses += [f"/records/new/?duty={duty.pk}&act=risk-self-check", "/meetings/new/?kind=warning-meeting"]
    walk = Walk(clients(people), follows_links=False)
    return walk.clients, {door.name: door for door in walk.through(addresses) if file_field(door)}


def test_what_is_hostile_is_refused_or_harmless(doors):
    in_browsers, found = doors
    gate = Gate(in_browsers)
    fillings = {name: filling for name, door in found.items() if (filling := gate.filling(door)) is not None}
    print(f"\n  doors: {sorted(fillings)}; without an honest filling: {sorted(set(found) - set(fillings))}", flush=True)
    assert len(fillings) >= 12
    kinds, rng, started, troubles = sorted(KINDS | HARMLESS), random.Random(SEED), time.process_time(), []
    for number in range(COUNT or len(kinds)):
        kind = kinds[number % len(kinds)]
        door = found[rng.choice(sorted(fillings))]
        made = (KINDS | HARMLESS)[kind](rng)
        if said := gate.trouble(door, fillings[door.name], kind, made, may_stay=kind in HARMLESS):
            troubles.append(said)
            print(f"  {said[:600]}", flush=True)
    print(
        f"  {gate.sent} files of {len(kinds)} kinds in {time.process_time() - started:.0f} CPU-s: {dict(gate.statuses)}"
    )
    print(
        f"  slowest here {gate.slowest[0]:.2f} s ({gate.slowest[1]}), in the child {gate.slowest_child[0]:.2f} s ({gate.slowest_child[1]})"
    )
    assert troubles == []


def test_every_form_that_takes_files_has_its_page_here(doors):
    """A new view that reads ``request.FILES`` is found here by its name."""
    views = set()
    for app in ("accountability", "meetings", "inspections", "supervision"):
        for path in (ROOT / app / "views").rglob("*.py"):
            views |= {path.stem for _ in re.finditer(r"request\.FILES", path.read_text(encoding="utf-8"))}
    by_view = {_module_of(door.name) for door in doors[1].values()}
    assert views - by_view == set()


def _module_of(name: str) -> str:
    path = next(path for each, path in ROUTES if each == name)
    return resolve(path.replace("{pk}", "1")).func.__module__.rpartition(".")[2]
