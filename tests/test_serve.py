"""The supervisor of the embedded set-up, run for real: web, worker and beat live and die with it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytestmark = [pytest.mark.worker, pytest.mark.once]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"did not happen within {seconds} s"
        time.sleep(0.1)


def parents() -> dict[int, int]:
    """Parent by process, of all that run."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text()
        except OSError:
            continue
        state, parent = stat.rpartition(")")[2].split()[:2]
        if state != "Z":
            found[int(folder.name)] = int(parent)
    return found


def below(pid: int) -> set[int]:
    """All processes started by ``pid``, at any depth."""
    tree = parents()
    family, grew = {pid}, True
    while grew:
        more = {child for child, parent in tree.items() if parent in family} - family
        family |= more
        grew = bool(more)
    return family - {pid}


def children(pid: int) -> dict[str, int]:
    """The supervisor's own children by name; one that has only forked so far has none yet."""
    found = {}
    for child, parent in parents().items():
        if parent == pid:
            words = Path(f"/proc/{child}/cmdline").read_text().split("\0")
            programs = {"config.wsgi:application": "web", "worker": "worker", "beat": "beat"}
            found |= {name: child for word, name in programs.items() if word in words}
    return found


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> dict[str, str]:
    """An embedded set-up with a database of its own."""
    clean = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
    chosen = clean | {
        "DEBUG": "1",
        "DATA_DIR": str(tmp_path_factory.mktemp("embedded")),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    make = [sys.executable, "manage.py", "migrate", "--run-syncdb", "--no-input", "--verbosity", "0"]
    subprocess.run(make, cwd=ROOT, env=chosen | {"DJANGO_SETTINGS_MODULE": "tests.unmigrated"}, check=True)
    return chosen


class Running:
    def __init__(self, environment: dict[str, str]):
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "config/serve.py"],
            cwd=ROOT,
            env=environment | {"PORT": str(self.port)},
            preexec_fn=self.start_like_a_background_job,
        )

    @staticmethod
    def start_like_a_background_job() -> None:
        """``make run &`` in a script starts with these ignored, and whoever inherits that cannot be asked to end."""
        for number in (signal.SIGINT, signal.SIGQUIT):
            signal.signal(number, signal.SIG_IGN)

    def healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.HTTPError, OSError):
            return False


@pytest.fixture
def site(environment) -> Iterator[Running]:
    running = Running(environment)
    family: set[int] = set()
    try:
        wait_until(running.healthy)
        family = below(running.process.pid)
        yield running
    finally:
        running.process.kill()
        running.process.wait()
        for pid in family & set(parents()):
            os.kill(pid, signal.SIGKILL)


def all_new(now: dict[str, int], before: dict[str, int]) -> bool:
    """Every child is there again; one that was killed but not yet reaped still has its old number."""
    return set(now) == set(before) and not set(now.values()) & set(before.values())


def test_a_child_that_is_killed_comes_back(site):
    before = children(site.process.pid)
    assert set(before) == {"web", "worker", "beat"}
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: all_new(children(site.process.pid), before))
    wait_until(site.healthy)


def test_terminating_ends_everything_within_seconds(site):
    family = below(site.process.pid)
    site.process.terminate()
    assert site.process.wait(timeout=10) == 0
    assert not family & set(parents())


def test_what_is_under_way_is_waited_for_unless_one_asks_twice(site):
    """A form whose body is half sent keeps the web process until it is whole; who presses Ctrl-C again does not wait."""
    head = f"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nContent-Length: 100\r\n\r\n"
    with socket.create_connection(("127.0.0.1", site.port), timeout=30) as client:
        client.sendall(head.encode() + b"half of it")
        time.sleep(1)
        site.process.terminate()
        time.sleep(4)
        assert site.process.poll() is None
        site.process.terminate()
        assert site.process.wait(timeout=10) == 0


def test_killing_the_supervisor_leaves_no_orphan(site):
    family = below(site.process.pid)
    site.process.kill()
    site.process.wait()
    wait_until(lambda: not family & set(parents()), 15)


def test_a_busy_port_is_refused_in_one_sentence(environment):
    with socket.socket() as occupied:
        occupied.bind(("127.0.0.1", 0))
        occupied.listen()
        port = occupied.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "config/serve.py"],
            cwd=ROOT,
            env=environment | {"PORT": str(port)},
            capture_output=True,
            text=True,
        )
    assert done.returncode == 1
    assert done.stderr.startswith(f"端口 {port} 已被占用")
    assert done.stderr.count("\n") == 1
