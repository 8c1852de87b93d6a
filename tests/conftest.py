"""One foundation for all tests: the regulation, the sample university, the cast, 2026 opened.

It is laid once per test database; each test then runs in a transaction of its own.
Transactional tests (browser, races) change it for good; it is put back after each of them (``snapshot``).
"""

import gc
import hashlib
import os
import subprocess
from datetime import UTC, datetime
from types import SimpleNamespace
from unittest.mock import patch

import pytest
import time_machine

from tests import cast as the_cast
from tests import snapshot

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
OPENING = datetime(2026, 1, 12, 1, 0, tzinfo=UTC)


USES_DATABASE = {"db", "transactional_db", "people", "live_server"}


# What takes longest, in seconds when last looked at, three files at once on two cores; nothing but the order matters. A
# file is one process's (--dist loadfile, so that what a module makes once is made once): one begun last would be alone.
LONG = {
    "test_matrix.py": 380,
    "test_every_page.py": 290,
    "test_quiet_console.py": 300,
    "test_demo.py": 180,
    "test_reports.py": 130,
    "test_submissions.py": 130,
    "test_report_batches_survive.py": 110,
    "test_reminders_survive.py": 110,
    "test_assessments.py": 100,
    "test_papers.py": 100,
    "test_cut_off.py": 100,
    "test_deliveries_survive.py": 100,
    "test_backup.py": 90,
    "test_letter_sight.py": 80,
    "test_house.py": 70,
    "test_upgrade.py": 70,
    "test_serve.py": 70,
    "test_walks.py": 50,
    "test_lockout.py": 50,
    "test_research.py": 50,
    "test_meetings.py": 50,
    "test_documents.py": 50,
    "test_letters.py": 50,
    "test_stopping.py": 40,
    "test_reminder_year.py": 40,
    "test_audit_outage.py": 40,
    "test_search.py": 40,
    "test_questions.py": 40,
    "test_docx.py": 30,
    "test_second_factor.py": 30,
}


def pytest_addoption(parser) -> None:
    parser.addoption(
        "--redraw-matrix", action="store_true", help="draw tests/matrix/matrix.tsv anew instead of comparing"
    )


def pytest_collection_finish(session) -> None:
    """What is loaded by now is no garbage: Python looks for cycles in what comes later only, and less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


def pytest_collection_modifyitems(config, items) -> None:
    """The long files first; those whose tests commit after all others, as pytest-django has them.

    On PostgreSQL nothing is run again that says nothing about a database: papers, looks, what brings SQLite along.
    """
    from django.db import connection

    items.sort(key=lambda item: (_commits(item), -LONG.get(item.path.name, 0)))
    on_postgres = connection.vendor == "postgresql"
    left = [
        item
        for item in items
        if not (_says_something(item) if on_postgres else not item.get_closest_marker("postgresql"))
    ]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in set(left)]


def _commits(item) -> bool:
    marker = item.get_closest_marker("django_db")
    is_live = {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    return bool(is_live or (marker and marker.kwargs.get("transaction")))


def _says_something(item) -> bool:
    uses = item.get_closest_marker("django_db") or USES_DATABASE & set(getattr(item, "fixturenames", ()))
    is_embedded = "embedded" in getattr(getattr(item, "callspec", None), "id", "")
    return not item.get_closest_marker("once") and not is_embedded and bool(uses or item.get_closest_marker("worker"))


@pytest.fixture(autouse=True, scope="session")
def children_asked_once():
    """A child says the same of the same file: it is started for it once, not for each of hundreds of uploads."""
    from accountability import confinement

    run, known = confinement.subprocess.run, {}

    def asked(command, *, stdin, **more):
        key = (*command, hashlib.sha256(stdin.read()).digest())
        stdin.seek(0)
        if key not in known:
            known[key] = run(command, stdin=stdin, **more)
        return known[key]

    with patch.object(confinement, "subprocess", SimpleNamespace(**vars(subprocess) | {"run": asked})):
        yield


@pytest.fixture(autouse=True)
def clock():
    """Today is 2026-11-23 for every test, whatever the machine says."""
    with time_machine.travel(MORNING, tick=True) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def quiet_settings(settings, tmp_path):
    """No test writes into the real media folder or reaches a broker."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.AUDIT_DIR = tmp_path / "audit"
    settings.CELERY_TASK_ALWAYS_EAGER = False
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def _lay_foundation() -> None:
    from tests.foundation import lay  # models can be imported only once Django is set up

    with time_machine.travel(OPENING, tick=True):
        lay()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        _lay_foundation()
        snapshot.keep()
        snapshot.instead_of_flushing()


@pytest.fixture
def people(db) -> dict:
    """The cast by user name, fresh objects (grants are cached on them)."""
    from accountability.models import Person

    if not Person.objects.filter(username="office").exists():
        snapshot.restore()
    names = [part.username for part in the_cast.PARTS]
    return {person.username: person for person in Person.objects.filter(username__in=names)}


@pytest.fixture
def login(client, people):
    """Sign in as one of the cast: ``login("office")`` gives the client."""

    def as_(username: str):
        client.force_login(people[username], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return as_


@pytest.fixture
def client_of(people):
    """Another browser of one of the cast, beside the one of ``login``."""
    from django.test import Client

    from accountability.models import Person

    def open_(username: str, **more) -> Client:
        client = Client(**more)
        person = Person.objects.get(username=username)
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return open_


@pytest.fixture
def laid(people):
    """What each college and the school own, by the name of the address that shows it."""
    from tests.matrix import objects

    return objects.laid(people)


@pytest.fixture
def theirs(laid) -> dict:
    """One id for each address that takes one: the other college's, or the school's."""
    return {name: ids[0] if isinstance(ids, tuple) else ids for name, ids in (laid.school | laid.other).items()}


@pytest.fixture
def quick_papers(monkeypatch):
    """For who looks at what becomes of a paper, not at how it is set: its words on one page, in no time."""
    from accountability.papers import typesetting
    from tests import papers

    monkeypatch.setattr(typesetting, "typeset", papers.words_of)


@pytest.fixture
def scanner(settings, tmp_path):
    """A scanner that is a program: it reads standard input and answers as clamdscan does."""

    def install(script: str = "grep -q EICAR && exit 1 || exit 0") -> None:
        program = tmp_path / "scanner"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        settings.ANTIVIRUS_COMMAND = f"{program} --no-summary -"

    return install
