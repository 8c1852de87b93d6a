"""乱填: every form and every address answers whatever is sent, without a crash, a half write or a script in the page.

One goes to each door with the suite, whatever it takes; ``FUZZ=20000 python -m pytest tests/fuzz/test_submissions.py -s`` is the whole measurement,
by a seed (``FUZZ_SEED``), with a bound of time for each answer. Both print their figures.
"""

import os
import random
import time

import pytest

from tests.fuzz.checks import Judge
from tests.fuzz.crawl import Walk, clients, is_paper
from tests.fuzz.run import trouble_at
from tests.test_house import ROUTES

COUNT = int(os.environ.get("FUZZ", "0"))
SEED = int(os.environ.get("FUZZ_SEED", "9"))
PAPER_AT_MOST = 3  # a paper is set within the request: seconds of work, and no form

# Django's own page for another's password asks for a field that our form has not.
pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.ignore_template_errors]


def test_whatever_is_sent_is_answered(silence, theirs, people):
    walk = Walk(clients(people), is_short=not COUNT)
    doors = walk.through([path.format(pk=theirs.get(name, 1)) for name, path in ROUTES] + ["/admin/"])
    assert walk.fallen == []
    assert len([door for door in doors if door.form.method == "post"]) > 100, "the walk found hardly a form"
    judge, started = Judge(walk.clients, is_timed=bool(COUNT)), time.process_time()
    troubles = []
    for number, (door, many) in enumerate(shuffled(shares(doors)), start=1):
        if said := trouble_at(door, judge, many, SEED):
            troubles.append(said)
            print(f"  {said[:1500]}", flush=True)
        if COUNT and not number % 25:
            print(f"  {judge.sent} at {number} doors: {dict(sorted(judge.statuses.items()))}", flush=True)
    figures(walk, doors, judge, time.process_time() - started)
    assert troubles == []
    assert judge.sent >= COUNT


def shuffled(given: list) -> list:
    """By the seed: what was sent when a long run is broken off went to doors of every kind."""
    return random.Random(SEED).sample(given, len(given))


def shares(doors: list) -> list[tuple]:
    """How many submissions each door gets: of papers few, of all others alike."""
    papers = [door for door in doors if is_paper(door.path)]
    left = max(COUNT - PAPER_AT_MOST * len(papers), 0)
    each = -(-left // max(len(doors) - len(papers), 1)) or 1
    return [(door, min(each, PAPER_AT_MOST) if door in papers else each) for door in doors]


def figures(walk: Walk, doors: list, judge: Judge, seconds: float) -> None:
    print(f"\n  {walk.visited} pages visited, {len(doors)} doors, {judge.sent} submissions in {seconds:.0f} CPU-s")
    print(f"  answers: {dict(sorted(judge.statuses.items()))}")
    print(
        f"  slowest: {judge.slowest[0]:.2f} s of processor ({judge.slowest[1][:200]}); {judge.by_clock:.2f} s by the clock"
    )
