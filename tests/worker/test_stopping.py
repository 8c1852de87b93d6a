"""停止: asked to stop, the web process answers what is under way, and numbers of several processes add up."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_serve import ROOT, environment, free_port, wait_until  # noqa: F401

pytestmark = [pytest.mark.worker, pytest.mark.once]
TOKEN = "token-of-the-test"


class Web:
    """gunicorn as in production, alone."""

    def __init__(self, environment: dict[str, str]):  # noqa: F811
        self.port = free_port()
        self.process = subprocess.Popen(
            [Path(sys.executable).with_name("gunicorn"), "--config=config/gunicorn.py", f"--bind=127.0.0.1:{self.port}",
             "config.wsgi:application"],
            cwd=ROOT, env=environment | {"METRICS_TOKEN": TOKEN}, start_new_session=True,
        )  # fmt: skip

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return self.get("/login/") == 200
        except OSError:
            return False

    def get(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path, headers={"Connection": "close"})
        return connection.getresponse().status

    def metrics(self) -> str:
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}
        )
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.read().decode()

    def logins_shown(self) -> int:
        found = re.search(r'four_requests_total\{method="GET",name="login",status="2xx"\} (\S+)', self.metrics())
        return int(float(found.group(1))) if found else 0


@pytest.fixture
def web(environment) -> Iterator[Web]:  # noqa: F811
    running = Web(environment)
    try:
        wait_until(running.answers, 60)
        yield running
    finally:
        if running.process.poll() is None:
            os.killpg(running.process.pid, signal.SIGKILL)
        running.process.wait()


def test_a_request_under_way_is_answered_after_the_process_was_asked_to_stop(web):
    """Its body is half sent when SIGTERM comes, and the rest follows: the answer is a whole page of ours."""
    body = b"username=office&password=" + b"x" * 2000
    head = (
        f"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1:{web.port}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", web.port), timeout=30) as client:
        client.sendall(head.encode() + body[:1000])
        time.sleep(1)
        web.process.send_signal(signal.SIGTERM)
        time.sleep(1)
        assert web.process.poll() is None, "it waits for whom it serves"
        client.sendall(body[1000:])
        answer = b""
        while part := client.recv(65536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 403"), answer[:200]  # no token of the form, which Django says after reading it
    assert answer.rstrip().endswith(b"</html>")
    assert web.process.wait(timeout=15) == 0


def test_nobody_new_is_let_in_while_it_stops_and_it_stops_soon(web):
    web.process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    assert web.process.wait(timeout=15) == 0
    assert time.monotonic() - began < 10
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", web.port), timeout=1)


def test_two_processes_count_as_one(web):
    """Each asked request is counted once, whichever process answered and whichever is asked for the numbers."""
    before = web.logins_shown()
    for _ in range(30):
        assert web.get("/login/") == 200
    assert {web.logins_shown() for _ in range(8)} == {before + 30}


def test_numbers_outlive_the_process_that_counted(web):
    before = web.logins_shown()
    for _ in range(10):
        web.get("/login/")
    children = subprocess.run(["ps", "--ppid", str(web.process.pid), "-o", "pid="], capture_output=True, text=True)
    for pid in children.stdout.split():
        os.kill(int(pid), signal.SIGKILL)
    time.sleep(1)
    wait_until(web.answers, 60)
    assert web.logins_shown() >= before + 10
