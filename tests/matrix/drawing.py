"""角色 × 地址: every address asked by every role with every method, and what it answered, as a table people can read.

A cell holds the answers to GET and POST. HEAD is told only where it differs from a GET that was refused; PUT, DELETE and
a method nobody knows only where the answer is not the usual one: 405, and the door for strangers.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.cookies import SimpleCookie
from pathlib import Path
from unittest.mock import patch

from django.conf import settings
from django.core.cache import cache as answers
from django.db import transaction
from django.http import HttpResponseNotAllowed
from django.template.backends.django import Template
from django.test import Client, RequestFactory
from django.urls import resolve

from accountability.papers import docx_writing, typesetting
from tests import cast
from tests.bare_writes import bare_writes
from tests.matrix.addresses import Address, addresses
from tests.matrix.objects import Laid
from tests.papers import words_of

NOBODY = "anonymous"
ROLES = (NOBODY, *(part.username for part in cast.PARTS))
GET, POST = "GET", "POST"
UNUSUAL = ("PUT", "DELETE", "BREW")
HEADS = (NOBODY, "liaison")
"""Who asks by HEAD: no view tells it from GET (a test reads them all), so two of the roles show it for all."""
NOWHERE = 99_999_999
TABLE = Path(__file__).parent / "matrix.tsv"

Cells = dict[tuple[str, str, str], str]


class Visitor:
    """One of the cast (or nobody) who may ask for anything: nothing he does outlives his question."""

    def __init__(self, role: str, people: dict):
        self.client = Client(raise_request_exception=False)
        self.role, self.key = role, ""
        self.bare: dict[str, list[str]] = {}  # what was written outside a transaction while he only read
        if role != NOBODY:
            self.client.force_login(people[role], backend="django.contrib.auth.backends.ModelBackend")
            self.key = self.client.cookies[settings.SESSION_COOKIE_NAME].value

    def told(self, method: str, path: str) -> str:
        """The status, or ``door``. A method the view itself does not take needs no way through the whole house."""
        if self.key and refuses(method, path):
            return "405"
        answer = self.ask(method, path)
        to_the_door = answer.status_code == 302 and answer["Location"].startswith(
            ("/login/?next=", "/admin/login/?next=")
        )
        return ("door" if to_the_door else str(answer.status_code)) + ("" if is_strict(answer) else "!policy")

    def ask(self, method: str, path: str, data: dict | None = None):
        """The answer; whatever was written for it is taken back, so that one cell does not change the next."""
        self.client.cookies = SimpleCookie({settings.SESSION_COOKIE_NAME: self.key} if self.key else {})
        answers.clear()
        with transaction.atomic():
            with bare_writes() as bare:
                answer = self.client.post(path, data or {}) if method == POST else self.client.generic(method, path)
            if bare and method == GET:
                self.bare[path] = bare
            if file := getattr(answer, "file_to_stream", None):
                file.close()  # answer.close() would end the connection, and the test's transaction with it
            transaction.set_rollback(True)
        return answer


@contextmanager
def pages_unwritten() -> Iterator[None]:
    """Who may is decided before a page is written: instead of it stands its name, and why something was not found.

    Papers are quick ones, in Word empty ones.
    """
    write = Template.render

    def name_only(self, context=None, request=None) -> str:
        return f"{self.template.name} {(context or {}).get('exception', '')}"

    Template.render = name_only
    logging.disable(logging.ERROR)
    try:
        with patch.object(typesetting, "typeset", words_of), patch.object(docx_writing, "write_docx", lambda *_: b""):
            yield
    finally:
        Template.render = write
        logging.disable(logging.NOTSET)


def is_strict(answer) -> bool:
    """Whether the policy of a page lets no foreign and no inline script or style in; what is no page needs none."""
    policy = answer.get("Content-Security-Policy", "")
    is_page = answer.get("Content-Type", "").startswith("text/html")
    return not is_page or ("default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe-" not in policy)


@cache
def refuses(method: str, path: str) -> bool:
    """Whether the view answers 405 before it looks at anybody: it is asked without a person, who would be missed.

    Once for all roles (``drawn`` forgets): who asks makes no difference to it.
    """
    view = resolve(path)
    try:
        with transaction.atomic():
            answer = view.func(RequestFactory().generic(method, path), *view.args, **view.kwargs)
            transaction.set_rollback(True)
    except Exception:  # it did look, at whatever: then it is asked properly
        return False
    return isinstance(answer, HttpResponseNotAllowed)


def asked_for(laid: Laid) -> Iterator[tuple[str, Address, str]]:
    """(block, address, path): what needs no object, the school's, a college's own and the other's."""
    for address in addresses():
        if not address.arguments:
            yield "no object", address, address.path
        for block, ids in (("school", laid.school), ("own", laid.own), ("other", laid.other)):
            if address.arguments and address.name in ids:
                yield block, address, address.at(*_tuple(ids[address.name]))


def _tuple(value) -> tuple:
    return value if isinstance(value, tuple) else (value,)


def drawn(
    laid: Laid, people: dict, *, roles=ROLES, only=lambda block, address: True, bare: dict | None = None
) -> Cells:
    """(block, name of the address, role) → cell. ``bare`` takes, by role, what reading wrote outside a transaction."""
    cells: Cells = {}
    refuses.cache_clear()
    with pages_unwritten():
        for role in roles:
            visitor = Visitor(role, people)
            for block, address, path in asked_for(laid):
                if only(block, address):
                    cells[block, address.name, role] = cell(visitor, block, path)
            if visitor.bare and bare is not None:
                bare[role] = visitor.bare
    return cells


def cell(visitor: Visitor, block: str, path: str) -> str:
    got = visitor.told(GET, path)
    words = [got, visitor.told(POST, path)]
    if block == "other":  # methods are refused before objects are looked for: the other blocks show them
        return " ".join(words)
    if got != "200" and visitor.role in HEADS:  # what GET gives, HEAD cannot give away
        words += _but({"HEAD": got}, visitor, path)
    usual = got if got == "door" else "405"
    return " ".join(words + _but(dict.fromkeys(UNUSUAL, usual), visitor, path))


def _but(usual: dict[str, str], visitor: Visitor, path: str) -> list[str]:
    """What each method gets, where it is not the usual."""
    asked = {method: visitor.told(method, path) for method in usual}
    return [f"{method}={answer}" for method, answer in asked.items() if answer != usual[method]]


# ── the table ────────────────────────────────────────────────────────────────────────────────


HEAD = """\
# Which answer each role gets at each address: GET and POST (without fields). Drawn by
#     python -m pytest tests/matrix/test_matrix.py --redraw-matrix
# door = sent to the login page; HEAD= where it differs from GET; PUT= DELETE= BREW= where it is neither 405 nor door.
# !policy after an answer: its page came without the strict content security policy.
# own and other: an object of 会计学院 and of 法学院; school: of neither.
"""


def written(cells: Cells) -> str:
    """One line per address, one column per role; widths equal, so that a difference is seen by eye."""
    blocks: dict[str, dict[str, dict[str, str]]] = {}
    for (block, name, role), words in cells.items():
        blocks.setdefault(block, {}).setdefault(name, {})[role] = words
    text = HEAD
    for block, rows in blocks.items():
        text += f"\n[{block}]\n" + "\t".join(("address", *ROLES)) + "\n"
        text += "".join(
            "\t".join((name, *(row.get(role, "?") for role in ROLES))) + "\n" for name, row in sorted(rows.items())
        )
    return text


def read(text: str) -> Cells:
    cells, block, roles = {}, "", ()
    for line in text.splitlines():
        if line.startswith("["):
            block = line.strip("[]")
        elif line.startswith("address\t"):
            roles = line.split("\t")[1:]
        elif line and not line.startswith("#"):
            name, *words = line.split("\t")
            cells |= {(block, name, role): word for role, word in zip(roles, words, strict=True)}
    return cells


def keep(cells: Cells) -> None:
    """Into the table: roles that were not asked this time stay as they stood, addresses that are gone go."""
    there = {(block, name) for block, name, _ in cells}
    before = read(TABLE.read_text(encoding="utf-8")) if TABLE.exists() else {}
    TABLE.write_text(written({key: word for key, word in before.items() if key[:2] in there} | cells), encoding="utf-8")
