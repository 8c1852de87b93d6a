"""Processor time of a page: what gunicorn's workers and PostgreSQL's backends spend on it, whatever else the machine does.

Seconds of the clock mean nothing on a shared machine; seconds of the processor, compared within a round, do.
"""

import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

from bench.databases import ROOT, psql

WORKERS, CALLERS = 2, 2
LONG = 5  # seconds after which a page that takes long is asked no more
TICK = os.sysconf("SC_CLK_TCK")
OURS = "four_bench"


def _fields(pid: int | str) -> list[str]:
    """/proc/PID/stat from the third field on: the second may hold blanks."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return []


def _seconds(fields: list[str], first: int = 11) -> float:
    """utime + stime; from 13 on those of children that ended."""
    return (int(fields[first]) + int(fields[first + 1])) / TICK if fields else 0.0


def _children(parent: int) -> list[int]:
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [pid for pid in pids if (found := _fields(pid)) and int(found[1]) == parent]


# ── servers ──────────────────────────────────────────────────────────────────────────────────


@dataclass
class Server:
    """gunicorn with two synchronous workers, which is what the goals speak of."""

    application: str
    environment: dict[str, str]
    port: int = field(default_factory=lambda: free_port())

    def __enter__(self) -> "Server":
        flags = [
            "-w",
            str(WORKERS),
            "-k",
            "sync",
            "-b",
            f"127.0.0.1:{self.port}",
            "-t",
            "600",
            "--log-level",
            "warning",
        ]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *flags, "--no-control-socket", self.application],
            cwd=ROOT, env=os.environ | self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._wait()
        return self

    def __exit__(self, *_) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=20)

    def _wait(self) -> None:
        for _ in range(300):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"{self.application} does not start")

    def seconds(self) -> float:
        return sum(_seconds(_fields(pid)) for pid in _children(self.process.pid))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────


class Backends:
    """Of the benches' databases; and what the postmaster reaped, for parallel workers live no longer than their query."""

    def __init__(self) -> None:
        self.postmaster = _parent_of_backends()

    def reading(self) -> tuple[float, float, dict[int, float]]:
        """Seconds of our backends, of all that ended, and of each stranger."""
        ours, strangers = 0.0, {}
        for pid in _children(self.postmaster):
            seconds = _seconds(_fields(pid))
            if f" {OURS}" in _command(pid):
                ours += seconds
            else:
                strangers[pid] = seconds
        return ours, _seconds(_fields(self.postmaster), 13), strangers

    def between(self, before, after) -> float:
        """Without strangers that ended meanwhile: others use the server too."""
        gone = sum(seconds for pid, seconds in before[2].items() if pid not in after[2])
        return after[0] - before[0] + max(after[1] - before[1] - gone, 0.0)


class NoBackends:
    """SQLite works within the worker."""

    def reading(self) -> None:
        return None

    def between(self, before, after) -> float:
        return 0.0


def _command(pid: int) -> str:
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return ""


def _parent_of_backends() -> int:
    return int((Path(psql("SHOW data_directory")) / "postmaster.pid").read_text().split()[0])


# ── load ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Page:
    server: Server
    url: str
    cookie: str = ""


@dataclass(frozen=True)
class Cost:
    """A request's, in milliseconds of the processor; and how many a second were answered, to be told beside it."""

    milliseconds: float
    a_second: float


def cost(page: Page, backends: Backends | NoBackends, *, seconds: float, least: int) -> Cost:
    """``least`` requests for ``seconds`` at least, but no more once it takes long."""
    before, used, began = backends.reading(), page.server.seconds(), time.monotonic()
    with ThreadPoolExecutor(CALLERS) as callers:
        asked = sum(callers.map(lambda _: _call(page, began, seconds, least // CALLERS), range(CALLERS)))
    took = time.monotonic() - began
    spent = page.server.seconds() - used + backends.between(before, backends.reading())
    return Cost(spent / asked * 1000, asked / took)


def _call(page: Page, began: float, seconds: float, least: int) -> int:
    """Synchronous workers close each connection, so each request has its own."""
    asked, took = 0, 0.0
    while not asked or took < seconds or (asked < least and took < LONG):
        connection = HTTPConnection("127.0.0.1", page.server.port, timeout=600)
        connection.request("GET", page.url, headers={"Cookie": page.cookie})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{page.url}: {answer.status}")
        asked, took = asked + 1, time.monotonic() - began
    return asked


# ── telling ──────────────────────────────────────────────────────────────────────────────────


def spread(values: list[float], digits: int = 2) -> str:
    """Median [least–most]."""
    told = (statistics.median(values), min(values), max(values))
    return "{} [{}–{}]".format(*(f"{value:.{digits}f}" for value in told))
