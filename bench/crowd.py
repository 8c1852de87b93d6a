"""三百人同时在线: people log in, look at their list, open a duty, record what was done and read the dashboard (P10).

    python -m bench.crowd [--duties 100000] [--users 300] [--ramp 300] [--seconds 60] [--think 30]

On a copy of the bench's PostgreSQL database, dropped afterwards, behind gunicorn as the product starts it (two processes),
with Redis when REDIS_URL is set. All have one password, whose hash is the product's own. Nobody is of a role that needs a
second factor. They come in evenly over the ramp; between two pages each thinks for a time drawn from an exponential
distribution (mean as told, five seconds at least). Each page is first measured alone, one after another: the idle median.
The goal: no error, and of each page the 95th percentile at most five times its idle median, once all are in. Logging in
costs a hash: the ramp says how much of the machine that takes.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import re
import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import urlencode, urlsplit

from bench import databases
from bench.databases import ROOT, psql, run, served
from bench.measuring import Backends, Server, _children, _command, _fields, _seconds, spread

SEED = 7
TODAY = date(2026, 11, 30)
COPY = "four_bench_crowd"
PASSWORD = "crowd-Password-2026"
ALONE = 15  # how often each page is asked alone
PAGES = ("login page", "login", "home", "list", "duty", "form", "record", "recorded", "dashboard")
LEAST_THOUGHT = 5.0
TIMEOUT = 120


# ── who comes ────────────────────────────────────────────────────────────────────────────────


def prepare(users: int) -> list[dict]:
    """In the environment of the copy: passwords, and for each person what he may record."""
    import django

    django.setup()
    from django.contrib.auth.hashers import make_password
    from django.utils import timezone

    from accountability import access
    from accountability.models import Person, Tenure
    from accountability.own_pages import where_to_record

    Person.objects.update(
        password=make_password(PASSWORD), must_change_password=False, password_changed_at=timezone.now()
    )
    dice = random.Random(SEED)
    readers, keepers = [], []
    held = Tenure.objects.in_office(TODAY).exclude(post__role__in=_with_second_factor()).values("person")
    wanted = users - users // 10
    for person in Person.objects.filter(pk__in=held, is_active=True).order_by("pk"):
        if len(keepers) == wanted:
            break
        if access.roles_of(person) & set(_with_second_factor()):
            continue
        if access.may_see_whole_school(person):
            readers.append({"name": person.username, "reads_board": True, "tasks": []})
        elif tasks := _tasks(person, dice, where_to_record):
            keepers.append({"name": person.username, "reads_board": False, "tasks": tasks})
    chosen = [readers[number % len(readers)] for number in range(users // 10)]
    return chosen + [keepers[number % len(keepers)] for number in range(users - len(chosen))]


def _with_second_factor() -> list[str]:
    from django.conf import settings

    return settings.SECOND_FACTOR_ROLES


TASKS = 4  # more than anybody comes to within some minutes
_taken: Counter = Counter()
_dealt: set[int] = set()


def _tasks(person, dice: random.Random, where_to_record) -> list[dict]:
    """Open duties of his unit that are proved by the ordinary form and nobody else's, on a day and at a time of its own."""
    from accountability import access
    from accountability.models import ActKind, Duty
    from accountability.own_pages import Occasion

    units = access.organisations_where(person, "keep_record")
    found = []
    duties = Duty.objects.visible_to(person).of_year(TODAY.year).open().filter(organisation__in=units)
    for duty in duties.exclude(pk__in=_dealt).order_by("pk"):
        if len(found) == TASKS:
            break
        acts = duty.obligation.acts.exclude(category=ActKind.Category.MEETING)
        act = acts.first()
        if act is None or where_to_record(act.code, Occasion(duty.organisation_id, TODAY.year, duty)):
            continue
        number = _taken[duty.organisation_id, act.pk]
        _taken[duty.organisation_id, act.pk] += 1
        day = TODAY - timedelta(days=number // 20)
        if not _is_free(duty.organisation_id, act.pk, day, number % 20 + 1):
            continue
        _dealt.add(duty.pk)
        found.append({"duty": duty.pk, "act": act.code, "day": f"{day}", "sitting": number % 20 + 1})
    return found


def _is_free(organisation: int, act: int, day: date, sitting: int) -> bool:
    from accountability.models import Record

    known = Record.objects.standing().filter(organisation=organisation, act=act, happened_on=day, sitting=sitting)
    return not known.exists()


# ── one person ───────────────────────────────────────────────────────────────────────────────


@dataclass
class Log:
    """What was asked: page, moment, seconds; and what went wrong."""

    asked: list[tuple[str, float, float]] = field(default_factory=list)
    errors: Counter = field(default_factory=Counter)

    def of(self, page: str, since: float, until: float) -> list[float]:
        return [took * 1000 for name, at, took in self.asked if name == page and since <= at < until]


@dataclass
class Browser:
    """Only what a page costs: no styles, no pictures. A connection for each request."""

    port: int
    address: str
    log: Log
    cookies: dict[str, str] = field(default_factory=dict)

    async def ask(self, page: str, url: str, data: dict | None = None) -> tuple[int, str, str]:
        """Status, where it leads, and the text; what is no 200 or 302 is an error."""
        began = time.monotonic()
        try:
            status, headers, body = await asyncio.wait_for(self._send(url, data), TIMEOUT)
        except (OSError, TimeoutError, ValueError) as error:
            self.log.errors[f"{page}: {type(error).__name__}"] += 1
            return 0, "", ""
        self.log.asked.append((page, began, time.monotonic() - began))
        if status not in (200, 302):
            self.log.errors[f"{page}: {status}"] += 1
        location = next((value for name, value in headers if name == "location"), "")
        return status, location, body.decode()

    async def _send(self, url: str, data: dict | None) -> tuple[int, list[tuple[str, str]], bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        body = urlencode(data).encode() if data is not None else b""
        head = [
            f"{'POST' if data is not None else 'GET'} {url} HTTP/1.1", "Host: 127.0.0.1", "Connection: close",
            f"X-Forwarded-For: {self.address}", f"Referer: http://127.0.0.1{url}",
            "Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        ]  # fmt: skip
        if data is not None:
            head += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        try:
            writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)
            await writer.drain()
            answer = await reader.read()
        finally:
            writer.close()
        top, _, body = answer.partition(b"\r\n\r\n")
        first, *lines = top.decode("latin-1").split("\r\n")
        headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        for name, value in headers:
            if name == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return int(first.split()[1]), headers, body


def _said(page: str) -> str:
    """What the page says is to be mended, or in what state it answered."""
    told = re.search(r'role="alert".*?</div>\s*</div>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", told[0][len('role="alert"') :]).split())[:120] if told else page[:80]


TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass
class Visitor:
    """A person at work, page after page."""

    told: dict
    browser: Browser
    think: float
    dice: random.Random

    async def log_in(self) -> bool:
        _, _, page = await self.browser.ask("login page", "/login/")
        token = TOKEN.search(page)
        data = {"username": self.told["name"], "password": PASSWORD, "csrfmiddlewaretoken": token and token[1]}
        status, where, _ = await self.browser.ask("login", "/login/", data)
        if status != 302 or where != "/":
            self.browser.log.errors[f"login: {status} {where}"] += 1
            return False
        await self.browser.ask("home", where)
        return True

    async def work(self, until: float) -> None:
        """List, duty, form, record, and round again; who reads the dashboard reads it each time."""
        while True:
            for step in (self.look, self.open, self.record, self.board):
                if not await self._thought(until):
                    return
                await step()

    async def _thought(self, until: float) -> bool:
        pause = LEAST_THOUGHT + self.dice.expovariate(1 / (self.think - LEAST_THOUGHT)) if self.think else 0
        await asyncio.sleep(max(min(pause, until - time.monotonic()), 0))
        return time.monotonic() < until

    async def look(self) -> None:
        await self.browser.ask("list", "/ledger/?state=late")

    async def open(self) -> None:
        tasks = self.told["tasks"]
        self.task = tasks.pop() if tasks else None
        if self.task:
            await self.browser.ask("duty", f"/ledger/{self.task['duty']}/")

    async def record(self) -> None:
        if not self.task:
            return
        url = f"/records/new/?{urlencode({'duty': self.task['duty'], 'act': self.task['act']})}"
        status, _, page = await self.browser.ask("form", url)
        if status != 200:
            return
        data = {
            "csrfmiddlewaretoken": TOKEN.search(page)[1], "title": "一次履责", "happened_on": self.task["day"],
            "sitting": self.task["sitting"], "content": "已办理，附件备查。" * 10, "late_reason": "",
            "duties": self.task["duty"],
        }  # fmt: skip
        status, where, answer = await self.browser.ask("record", url, data)
        if status != 302:
            self.browser.log.errors[f"record, not written: {_said(answer)}"] += 1
            return
        await self.browser.ask("recorded", urlsplit(where).path)

    async def board(self) -> None:
        if self.told["reads_board"]:
            await self.browser.ask("dashboard", "/supervision/")


# ── the crowd ────────────────────────────────────────────────────────────────────────────────


async def alone(server: Server, people: list[dict], backends: Backends) -> tuple[Log, dict[str, float]]:
    """Each page by itself, and what the processor spends on it, in milliseconds."""
    log = Log()
    reader = next(one for one in people if one["reads_board"])
    keepers = [one for one in people if len(one["tasks"]) > 2]
    spent: dict[str, list[float]] = defaultdict(list)
    done: set[int] = set()
    for number in range(ALONE):
        for told in (keepers[number % len(keepers)], reader):
            visitor = Visitor(told, Browser(server.port, f"10.9.0.{number + 1}", log), 0, random.Random(number))
            at_first = [task["duty"] for task in told["tasks"]]
            for step in (visitor.log_in, visitor.look, visitor.open, visitor.record, visitor.board):
                before, at = backends.reading(), len(log.asked)
                web = server.seconds()
                await step()
                took = server.seconds() - web + backends.between(before, backends.reading())
                if names := [name for name, *_ in log.asked[at:]]:
                    spent[" + ".join(names)].append(took)
            done |= set(at_first) - {task["duty"] for task in told["tasks"]}
    for one in people:  # who stands there twice has his tasks twice
        one["tasks"] = [task for task in one["tasks"] if task["duty"] not in done]
    return log, {name: statistics.mean(values[1:]) * 1000 for name, values in spent.items()}


async def crowd(server: Server, people: list[dict], wanted, base: "OwnBackends") -> tuple[Log, float, list[float]]:
    log, began = Log(), time.monotonic()
    marks = []

    async def come(number: int, told: dict) -> None:
        dice = random.Random(number)
        await asyncio.sleep(number / len(people) * wanted.ramp)
        address = f"10.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}"
        visitor = Visitor(told, Browser(server.port, address, log), wanted.think, dice)
        if await visitor.log_in():
            await visitor.work(began + wanted.ramp + wanted.seconds)

    async def mark(seconds: float) -> None:
        await asyncio.sleep(seconds)
        marks.append(server.seconds())

    mixed = list(people)
    random.Random(SEED).shuffle(mixed)
    own = [dict(one, tasks=list(one["tasks"])) for one in mixed]
    seen: dict[str, list] = {}
    for one in own:  # two who share an account do not share what they record
        rest = seen.setdefault(one["name"], one["tasks"])
        if rest is not one["tasks"]:
            one["tasks"] = [rest.pop() for _ in range(len(rest) // 2)]
    watching = asyncio.create_task(base.watch())
    await asyncio.gather(mark(wanted.ramp), *(come(number, told) for number, told in enumerate(own)))
    watching.cancel()
    base.look()
    return log, began, marks


class OwnBackends:
    """Seconds of the backends of the copy alone, looked at twice a second: others work on the same server meanwhile."""

    def __init__(self, postmaster: int):
        self.postmaster, self.first, self.last = postmaster, {}, {}
        self.look()
        self.first = dict(self.last)

    def look(self) -> None:
        for pid in _children(self.postmaster):
            if f" {COPY} " in _command(pid):
                self.last[pid] = _seconds(_fields(pid))

    async def watch(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            self.look()

    @property
    def seconds(self) -> float:
        return sum(self.last.values()) - sum(self.first.values())


class Product(Server):
    """gunicorn as the product starts it: two processes, with threads."""

    def __enter__(self) -> "Product":
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "-b", f"127.0.0.1:{self.port}",
             self.application],
            cwd=ROOT, env=os.environ | self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._wait()
        return self


# ── telling ──────────────────────────────────────────────────────────────────────────────────


def centile(values: list[float], part: float) -> float:
    return sorted(values)[min(int(len(values) * part), len(values) - 1)] if values else 0.0


def table(idle: Log, log: Log, began: float, wanted) -> list[str]:
    lines = ["| page | alone: median, ms | | asked | p50 | p95 | p99 | p95 ÷ alone (≤ 5) |", "|" + "---|" * 8]
    turn, end = began + wanted.ramp, began + wanted.ramp + wanted.seconds + TIMEOUT
    for what, since, until in (("while all log in", began, turn), ("afterwards", turn, end)):
        for page in PAGES:
            found = log.of(page, since, until)
            if not found:
                continue
            median = statistics.median(idle.of(page, 0, began))
            ratio = centile(found, 0.95) / median
            centiles = " | ".join(f"{centile(found, part):.0f}" for part in (0.5, 0.95, 0.99))
            lines.append(f"| {page} | {median:.0f} | {what} | {len(found)} | {centiles} | {ratio:.1f} |")
    return lines


def copied(duties: int) -> dict[str, str]:
    environment = served("postgresql", duties)
    psql(f"DROP DATABASE IF EXISTS {COPY}")
    psql(f"CREATE DATABASE {COPY} TEMPLATE {databases.name(duties)}")
    return environment | {
        "DATABASE_URL": databases.address("postgresql", COPY), "DJANGO_SETTINGS_MODULE": "bench.crowded",
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("duties", 100_000), ("users", 300), ("ramp", 300), ("seconds", 60), ("think", 30)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.prepare:
        json.dump(prepare(wanted.users), sys.stdout)
        return 0
    environment = copied(wanted.duties)
    try:
        people = json.loads(run("bench.crowd", "--prepare", "--users", str(wanted.users), **environment))
        return measured(wanted, environment, people)
    finally:
        psql(f"DROP DATABASE IF EXISTS {COPY} WITH (FORCE)")


def measured(wanted, environment: dict[str, str], people: list[dict]) -> int:
    backends = Backends()
    with Product("config.wsgi", environment) as server:
        idle, spent = asyncio.run(alone(server, people, backends))
        base, web, own = OwnBackends(backends.postmaster), server.seconds(), time.process_time()
        log, began, marks = asyncio.run(crowd(server, people, wanted, base))
        took, own = time.monotonic() - began, time.process_time() - own
        web_used, web_ramp = server.seconds() - web, marks[0] - web
    lines = table(idle, log, began, wanted)
    errors = log.errors + idle.errors
    print(f"{date.today()}, PostgreSQL, Redis {'yes' if environment.get('REDIS_URL', os.environ.get('REDIS_URL')) else 'no'}, "
          f"Python {platform.python_version()}, {wanted.duties:,} duties, {wanted.users} people, ramp {wanted.ramp} s, "
          f"then {wanted.seconds} s, thinking {wanted.think} s, load {os.getloadavg()[0]:.1f}\n")  # fmt: skip
    print("\n".join(lines))
    print(f"\n{len(log.asked)} requests in {took:.0f} s; errors: {dict(errors) or 'none'}")
    print(f"processor: {web_used:.1f} s gunicorn, of it {web_ramp:.1f} s while all log in; {base.seconds:.1f} s PostgreSQL; "
          f"the callers {own:.1f} s")  # fmt: skip
    print("alone, ms of the processor (gunicorn and PostgreSQL): "
          + ", ".join(f"{name} {value:.0f}" for name, value in sorted(spent.items(), key=lambda one: -one[1])))  # fmt: skip
    print(f"logins: {spread(idle.of('login', 0, began), 0)} ms alone")
    return 1 if errors else 0


if __name__ == "__main__":
    raise SystemExit(main())
