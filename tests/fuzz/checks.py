"""What must hold of every answer, whatever was sent; and the row counts before and after it."""

import os
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from tests.fuzz.crawl import is_paper
from tests.fuzz.submissions import Submission
from tests.fuzz.values import RAW

SECONDS, SECONDS_OF_A_PAPER = 2.0, 6.0  # a paper is typeset within the request, the first one with all its fonts
# Traces of what was tried, not of what was done.
TRACES = re.compile(
    r"django_session|axes_|accountability_(auditevent|auditseal|loginsession|ratecount|authenticator|(archive)?openings?)$"
)
ERRORS = ('class="error"', 'class="errorlist', 'class="errornote', "notice--late", "has-error")


def tables() -> list[str]:
    return [name for name in connection.introspection.table_names() if not TRACES.search(name)]


def row_counts(names: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    with connection.cursor() as cursor:
        for start in range(0, len(names), 400):  # SQLite joins five hundred at most
            each = " UNION ALL ".join(
                f"SELECT '{name}', count(*) FROM \"{name}\"" for name in names[start : start + 400]
            )
            cursor.execute(each)
            found |= dict(cursor.fetchall())
    return found


def written_so_far() -> int | None:
    """How many rows this connection has ever written: the same number means that nothing was, and is quickly asked."""
    return connection.connection.total_changes if connection.vendor == "sqlite" else None


def processor_seconds() -> float:
    return sum(os.times()[:4])


@dataclass
class Judge:
    """Sends submissions, each in a transaction that is rolled back, and says what is wrong with the answer."""

    clients: dict[str, Client]
    is_timed: bool = True
    sent: int = 0
    statuses: Counter = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")
    by_clock: float = 0.0

    def __post_init__(self) -> None:
        self.tables = tables()
        self.counts = row_counts(self.tables)

    def trouble(self, submission: Submission) -> str:
        """A sentence, or nothing."""
        with transaction.atomic():
            client = self.clients[submission.who]
            cookies = client.cookies.copy()
            said = self._sent(client, submission)
            client.cookies = cookies
            transaction.set_rollback(True)
        return f"{said}: {submission}" if said else ""

    def _sent(self, client: Client, submission: Submission) -> str:
        before, clock, processor = written_so_far(), time.perf_counter(), processor_seconds()
        answer = _send(client, submission)
        seconds = processor_seconds() - processor
        self.by_clock = max(self.by_clock, time.perf_counter() - clock)
        self.slowest = max(self.slowest, (seconds, str(submission)))
        at_most = SECONDS_OF_A_PAPER if is_paper(submission.path) else SECONDS
        self.sent += 1
        self.statuses[f"{submission.method} {answer.status_code}"] += 1
        said = wrong_with(answer) or (f"{seconds:.1f} s" if self.is_timed and seconds >= at_most else "")
        if not said and is_refusal(submission, answer) and (left := self._left(before)):
            said = f"a refused submission wrote {left}"
        if not said and answer.status_code == 302 and answer["Location"].startswith("/"):
            said = wrong_with(client.get(answer["Location"]))
        return said

    def _left(self, before: int | None) -> str:
        if before is not None and written_so_far() == before:
            return ""
        now = row_counts(self.tables)
        return ", ".join(f"{name} {now[name] - count:+}" for name, count in self.counts.items() if now[name] != count)


def _send(client: Client, submission: Submission):
    headers = {"HX-Request": "true"} if submission.is_htmx else {}
    if submission.method == "GET":
        return client.get(submission.address, headers=headers)
    return client.generic(
        "POST", submission.address, submission.body, content_type=submission.content_type, headers=headers
    )


def is_refusal(submission: Submission, answer) -> bool:
    """An error, a form that came back, or a question, which never writes."""
    if answer.status_code >= 400 or submission.method == "GET":
        return True
    if answer.status_code != 200 or answer.streaming:
        return False
    page = answer.content.decode(errors="replace")
    return any(mark in page for mark in ERRORS)


def wrong_with(answer) -> str:
    """What every answer owes: no crash, no address but ours, nothing reflected, the headers."""
    if answer.status_code >= 500:
        return f"{answer.status_code} {_crash(answer)}"
    where = answer.get("Location", "")
    if where and leads_outside(where):
        return f"leads outside, to {where}"
    return _headers(answer) or _content(answer)


def leads_outside(where: str) -> bool:
    """As a browser reads it, which takes a backslash for a slash."""
    target = urlsplit(urljoin("http://testserver/here/", where.replace("\\", "/")))
    return (target.scheme, target.netloc) != ("http", "testserver")


def _crash(answer) -> str:
    if not (told := getattr(answer, "exc_info", None)):
        return ""
    kind, error, trace = told
    places = []
    while trace:
        code = trace.tb_frame.f_code
        if "site-packages" not in code.co_filename:
            places.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return f"{kind.__name__}: {str(error)[:200]} at {places[-1] if places else 'nowhere of ours'}"


def _headers(answer) -> str:
    policy = answer.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy or "'unsafe" in policy.replace("style-src 'unsafe-inline'", ""):
        return f"policy {policy!r}"
    if answer.get("X-Content-Type-Options") != "nosniff" or "X-Frame-Options" not in answer:
        return "without nosniff or frame options"
    if re.search(r"[\r\n]", answer.get("Content-Disposition", "")):
        return "a broken Content-Disposition"
    return ""


def _content(answer) -> str:
    if answer.streaming or not answer.get("Content-Type", "").startswith("text/html"):
        return ""
    page = answer.content.decode(errors="replace")
    for raw in RAW:
        if raw in page:
            return f"{raw} stands raw in the page"
    return "the secret key stands in the page" if settings.SECRET_KEY in page else ""
