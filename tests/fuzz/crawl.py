"""Walks the product and brings back every form and every question an address may carry.

Each page is opened as the first of the cast who finds it, on a long walk as all who do. What a page may be asked is heard while it
answers: its view reads the names from ``request.GET``; links and forms by GET tell the values. So is what may be posted to an
address whose form no page shows as things are.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.urls import Resolver404, resolve

from accountability.reauthentication import ACT_FIELDS, DECIDING
from tests.fuzz.forms import Form, asked_by, read_page

NEVER = {"logout"}  # ends the walk
# Who is asked first: those who find most pages.
ROLES = (
    "discipline", "office", "other_secretary", "secretary", "member", "other_liaison", "unit_secretary", "liaison",
    "branch", "department", "inspector", "sysadmin", "secadmin", "auditor",
)  # fmt: skip
QUESTIONS_OF_A_PAGE = 3  # so many links with different questions are followed to one page
# Papers are set on the spot: seconds of work for nothing a form could say. Left out of a short walk.
PAPERS = (
    "pdf",
    "docx",
    "export",
    "typeset",
    "preview",
    "illustrated",
    "statistics",
    "archive_export",
    "calendar_feed",
    "supervision_paper",
)
BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass
class Door:
    """One way to submit: who, at which address, by which method and with which fields."""

    who: str
    name: str
    path: str
    form: Form

    def __str__(self) -> str:
        return f"{self.form.method} {self.name} [{', '.join(self.form.fields)}] as {self.who}"


class Listening(QueryDict):
    """What was asked or posted, that remembers what it was looked through for."""

    def __init__(self, heard: set[str], given: QueryDict):
        self.heard = heard
        super().__init__(mutable=True, encoding=given.encoding)
        for name, values in given.lists():
            self.setlist(name, values)
        self._mutable = False

    def copy(self):
        other = Listening(self.heard, self)
        other._mutable = True
        return other

    def __contains__(self, key):
        self.heard.add(key)
        return super().__contains__(key)

    def get(self, key, default=None):
        self.heard.add(key)
        return super().get(key, default)

    def getlist(self, key, default=None):
        self.heard.add(key)
        return super().getlist(key, default)

    def __getitem__(self, key):
        self.heard.add(key)
        return super().__getitem__(key)


@contextmanager
def listening(heard: set[str], of: str = "GET") -> Iterator[None]:
    """Hears every name that a view reads from its query string, or from what was posted."""
    before = WSGIRequest.__dict__.get(of)
    read = before.fget if isinstance(before, property) else before.func

    def asked(request) -> Listening:
        if f"_heard_{of}" not in request.__dict__:
            request.__dict__[f"_heard_{of}"] = Listening(heard, read(request))
        return request.__dict__[f"_heard_{of}"]

    def put(request, given: QueryDict) -> None:
        request.__dict__[f"_heard_{of}"] = given

    setattr(WSGIRequest, of, property(asked, put))
    try:
        yield
    finally:
        setattr(WSGIRequest, of, before)


def name_of(path: str) -> str:
    try:
        match = resolve(path)
    except Resolver404:
        return ""
    return match.view_name or ""


def is_paper(address: str) -> bool:
    return name_of(urlsplit(address).path).endswith(PAPERS)


@dataclass
class Walk:
    """The doors found so far, and every page visited on the way."""

    clients: dict[str, Client]
    doors: dict[str, Door] = field(default_factory=dict)
    fallen: list[str] = field(default_factory=list)
    visited: int = 0
    seen: set = field(default_factory=set)
    follows: Counter = field(default_factory=Counter)
    is_short: bool = True
    follows_links: bool = True

    def through(self, paths: list[str]) -> list[Door]:
        """From these addresses and along the links on them, each kind of address once; on a long walk as whom else they open to."""
        for path in paths:
            if path.startswith("/admin/"):
                for who in ROLES[-3:-2] if self.is_short else ROLES[-3:]:
                    self._open(who, path)
                continue
            waiting = list(ROLES)
            while waiting and self._open(waiting.pop(0), path) not in (200, 405):
                pass
            for who in () if self.is_short or is_paper(path) else waiting:
                self._visit(who, path)
        self._hear_what_no_page_showed(paths)
        return [door for _, door in sorted(self.doors.items())]

    def _hear_what_no_page_showed(self, paths: list[str]) -> None:
        """What is as it is shows no form for every address that takes one: its fields are heard while an empty one is sent."""
        shown = {door.name for door in self.doors.values() if door.form.method == "post"} | NEVER
        for path in paths:
            if (name := name_of(path)) and name not in shown and (door := self._heard(name, path)):
                self.doors[f"post {name}"] = door

    def _heard(self, name: str, path: str) -> Door | None:
        """As the first who is not turned away, if there is one; nothing where nothing can be sent."""
        for who in ROLES:
            heard: set[str] = set()
            status = self._sent_nothing(who, path, heard)
            if status == 405:
                return None
            if status >= 500:
                self.fallen.append(f"{who} posts nothing to {path}: {status}")
            if status not in (403, 404):
                break
        form = Form("post", path, False)
        for each in sorted(heard):
            values = sorted(DECIDING) if each in ACT_FIELDS else []
            form.add(each, "date" if each.endswith("_on") else "text", values=values)
        return Door(who, name, path, form)

    def _sent_nothing(self, who: str, path: str, heard: set[str]) -> int:
        client = self.clients[who]
        cookies = client.cookies.copy()
        with transaction.atomic(), listening(heard, "POST"):
            status = client.post(path, {"nothing": "1"}).status_code
            transaction.set_rollback(True)
        client.cookies = cookies
        return status

    def _open(self, who: str, first: str) -> int:
        status, waiting = 0, [first]
        while waiting:
            address = waiting.pop()
            if self.is_short and is_paper(address):
                continue
            kind = (name_of(urlsplit(address).path), frozenset(asked_by(address)))
            is_first = not status
            if not kind[0] or kind[0] in NEVER or (not is_first and self._knows(who, kind)):
                status = status or 404
                continue
            found, links = self._visit(who, address)
            status = status or found
            if found == 200:
                self._knows(who, kind)
            waiting += [link for link in links if self.follows_links and self._follows(link)]
        return status

    def _follows(self, link: str) -> bool:
        """Into the admin, to forms that need a question, and on a long walk wherever a question leads."""
        name = name_of(urlsplit(link).path)
        return name.startswith("admin:") or ("?" in link and (not self.is_short or name.endswith("_new")))

    def _knows(self, who: str, kind: tuple) -> bool:
        key = (who, *kind) if kind[0].startswith("admin:") else kind
        is_known = key in self.seen or self.follows[kind[0]] > QUESTIONS_OF_A_PAGE
        self.seen.add(key)
        self.follows[kind[0]] += not is_known
        return is_known

    def _visit(self, who: str, address: str) -> tuple[int, list[str]]:
        heard: set[str] = set()
        path = urlsplit(address).path
        with listening(heard):
            answer = self.clients[who].get(address)
        self.visited += 1
        if answer.status_code >= 500 and path != "/healthz":
            self.fallen.append(f"{who} {address}: {answer.status_code}")
        if answer.status_code not in (200, 302):
            return answer.status_code, []
        self._asked(who, path, heard, asked_by(address))
        if answer.streaming or not answer.get("Content-Type", "").startswith("text/html"):
            return answer.status_code, []
        forms, links = read_page(address, answer.content.decode())
        for form in forms:
            self._form(who, form)
        for link in links:
            self._asked(who, urlsplit(link).path, set(), asked_by(link))
        return answer.status_code, links

    def _form(self, who: str, form: Form) -> None:
        name = name_of(urlsplit(form.action).path)
        if not name or name in NEVER:
            return
        if form.method == "get":
            self._asked(who, urlsplit(form.action).path, set(form.fields), {})
            return
        key = f"post {name} {'+'.join(sorted(form.fields))}"
        self.doors.setdefault(key, Door(who, name, form.action, form))

    def _asked(self, who: str, path: str, heard: set[str], asked: dict[str, str]) -> None:
        """Names heard, linked or asked for by a form, gathered into one door for each page."""
        name = name_of(path)
        if not name or name in NEVER or not (heard or asked):
            return
        door = self.doors.setdefault(f"get {name}", Door(who, name, path, Form("get", path, False)))
        for each in heard | set(asked):
            values = door.form.add(each, "query").values
            if (value := asked.get(each)) and value not in values and len(values) < 20:
                values.append(value)


def clients(people: dict) -> dict[str, Client]:
    """Everybody signed in, each in a browser of his own, in which a page that falls over answers 500."""
    found = {}
    for who in ROLES:
        found[who] = Client(raise_request_exception=False)
        found[who].force_login(people[who], backend=BACKEND)
    return found
