"""恶意文件 at every form that takes files: refused with a sentence that names the file and nothing kept, or kept and harmless.

Two go to each form with the suite; ``UPLOADS=1000 python -m pytest tests/fuzz/test_uploads.py -s`` is the whole measurement, by a seed
(``FUZZ_SEED``). What is in files alone ``test_hostile_kinds`` checks.
"""

import os
import random
import time
from collections import Counter

import pytest
from django.contrib import admin
from django.db.models import FileField

from tests.fuzz import hostile_pdfs  # noqa: F401 - its kinds stand beside the others
from tests.fuzz.crawl import clients
from tests.fuzz.file_doors import FileDoor, file_doors, listening, written_in_views
from tests.fuzz.hostile_files import HARMLESS, KINDS, Made
from tests.fuzz.uploads import HANDS_OUT, Gate

COUNT = int(os.environ.get("UPLOADS", "0"))
SEED = int(os.environ.get("FUZZ_SEED", "9"))
# What these doors take alone: a file of another kind is refused for its name, so that most are of theirs.
ONLY = {"roster": ".xlsx", "meeting_backlog": ".xlsx", "ledger_upload": ".xlsx", "document_upload": ".docx"}
HEAVY = {
    "a_million_rows",
    "zip_bomb",
    "picture_with_a_swollen_note",
    "pdf_whose_text_swells",
}  # seconds each to make or read

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def doors(silence, laid, people) -> list[FileDoor]:
    return file_doors(people, laid.own)


def test_what_is_hostile_is_refused_or_harmless(doors, people):
    gate, rng, started, sent = Gate(clients(people)), random.Random(SEED), time.process_time(), Counter()
    heard: set[str] = set()
    with listening(heard):
        assert [said for door in doors if (said := gate.honest_trouble(door))] == []
    assert heard == written_in_views(), "a view reads files and no door here leads to it"
    assert gate.handed_out.keys() == HANDS_OUT, "what these doors keep is handed out elsewhere too"
    troubles = []
    for number in range(COUNT or 2 * len(doors)):
        door = doors[number % len(doors)]
        kind, made = hostile_for(door, rng)
        sent[kind] += 1
        if said := gate.trouble(door, kind, made, may_stay=kind in HARMLESS):
            troubles.append(said)
            print(f"\n  {said[:600]}", flush=True)
    figures(gate, doors, sent, time.process_time() - started)
    assert troubles == []
    assert not COUNT or len(sent) == len(KINDS | HARMLESS)


def hostile_for(door: FileDoor, rng: random.Random) -> tuple[str, Made]:
    kinds = sorted(KINDS | HARMLESS) if COUNT else sorted((KINDS | HARMLESS).keys() - HEAVY)
    for _ in range(8):
        kind = rng.choice(kinds)
        made = (KINDS | HARMLESS)[kind](rng)
        if made[0].endswith(ONLY.get(door.name, "")):
            break
    return kind, made


def figures(gate: Gate, doors: list[FileDoor], sent: Counter, seconds: float) -> None:
    print(
        f"\n  {gate.sent} files of {len(sent)} kinds at {len(doors)} doors in {seconds:.0f} CPU-s: {dict(gate.answers)}"
    )
    print(f"  {gate.handed_out.total()} downloads looked at: {dict(gate.handed_out)}")
    print(f"  slowest here {gate.slowest[0]:.2f} s ({gate.slowest[1]})")
    print(f"  slowest in the child {gate.slowest_child[0]:.2f} s ({gate.slowest_child[1]})")


def test_the_admin_takes_no_file():
    """Its forms would keep what nobody examined."""
    files = [one for model in admin.site._registry for one in model._meta.get_fields() if isinstance(one, FileField)]
    assert files == []
