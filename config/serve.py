"""One foreground process that runs the product: web, worker and beat, restarted when they die.

``python config/serve.py`` after ``manage.py migrate``; ``make run`` does both. In production the same
three commands run under docker-compose or systemd instead.
"""

import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PATIENCE = 35.0  # seconds a child has to finish what is under way (config/gunicorn.py: 30) before it is killed
LONGEST_PAUSE = 30.0  # seconds between two tries to start a child that keeps dying
SETTLED_AFTER = 60.0  # a child that lived this long starts afresh with the shortest pause
WAIT_FOR_HEALTH = 60.0
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)  # loaded before a fork, where loading is not safe


def commands(port: int) -> dict[str, list[str]]:
    celery = [f"{BIN}/celery", "--quiet", "-A", "config"]
    quiet = ["--loglevel", "WARNING"]
    alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return {
        "web": [
            f"{BIN}/gunicorn",
            "--config=config/gunicorn.py",
            f"--bind=127.0.0.1:{port}",
            "config.wsgi:application",
        ],
        "worker": [*celery, "worker", "--concurrency", "2", *alone, *quiet],
        "beat": [*celery, "beat", *quiet],
    }


def die_with_parent(parent: int) -> None:
    """Ask the kernel to end this child when the supervisor is gone, even by SIGKILL."""
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)  # a shell's background job would inherit it ignored
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)
    if os.getppid() != parent:
        os._exit(1)


@dataclass
class Child:
    name: str
    command: list[str]
    process: subprocess.Popen | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    deaths: int = 0

    def start(self) -> None:
        parent = os.getpid()
        # A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which stops them in order.
        self.process = subprocess.Popen(  # noqa: S603 - the commands are written above
            self.command, cwd=ROOT, start_new_session=True, preexec_fn=lambda: die_with_parent(parent)
        )
        self.started_at = time.monotonic()

    def tend(self) -> None:
        """Start what is due, notice what has died."""
        if self.process is None:
            if time.monotonic() >= self.start_again_at:
                self.start()
        elif (code := self.process.poll()) is not None:
            self.bury(code)

    def bury(self, code: int) -> None:
        self.signal_all(signal.SIGKILL)  # what the dead master left behind
        if time.monotonic() - self.started_at > SETTLED_AFTER:
            self.deaths = 0
        pause = min(0.5 * 2**self.deaths, LONGEST_PAUSE)
        self.deaths += 1
        self.process, self.start_again_at = None, time.monotonic() + pause
        say(f"{self.name} 意外退出（{code}），{pause:g} 秒后重新启动。")

    def signal_all(self, number: int) -> None:
        """Signal the child's whole group: pool processes go with their master."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return

    def ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def terminate(self) -> None:
        if not self.ended():
            self.process.terminate()


def say(line: str) -> None:
    print(line, flush=True)


def read_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        sys.exit(f"PORT={text} 不是有效的端口号。")
    return int(text)


def refuse_busy(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            reason = "已被占用" if error.errno == errno.EADDRINUSE else f"无法使用（{error.strerror}）"
            sys.exit(f"端口 {port} {reason}，请换一个：PORT={port % 65535 + 1} make run")


def health(port: int) -> int:
    """The status of /healthz; 0 while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


class Announcement:
    """Says once that the site serves, or what is wrong when it does not in time."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.address = f"http://127.0.0.1:{port}"
        self.deadline = time.monotonic() + WAIT_FOR_HEALTH
        self.ask_at = time.monotonic()
        self.made = False

    def make(self) -> None:
        if self.made or time.monotonic() < self.ask_at:
            return
        self.ask_at = time.monotonic() + 0.7  # each 503 of a worker not yet up is a line in the log
        status = health(self.port)
        if status == 200:
            say(f"\n四责协同已启动：{self.address}　（按 Ctrl-C 停止）")
        elif time.monotonic() > self.deadline:
            say(f"\n{self.address} 未能就绪：/healthz 返回 {status or '无应答'}，原因见上方日志。")
        else:
            return
        self.made = True


class Supervisor:
    def __init__(self, port: int) -> None:
        self.children = [Child(name, command) for name, command in commands(port).items()]
        self.announcement = Announcement(port)
        self.asked = 0  # how often to stop: whoever asks twice does not wait

    def ask_to_stop(self, *_) -> None:
        self.asked += 1

    def run(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.ask_to_stop)
        try:
            while not self.asked:
                for child in self.children:
                    child.tend()
                self.announcement.make()
                time.sleep(0.2)
        finally:
            self.stop()

    def stop(self) -> None:
        say("\n正在停止，等待进行中的请求和任务完成……（再按一次 Ctrl-C 立即结束）")
        for child in self.children:
            child.terminate()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.asked < 2 and not all(child.ended() for child in self.children):
            time.sleep(0.05)
        for child in self.children:
            child.signal_all(signal.SIGKILL)
        say("已停止。")


def main() -> None:
    port = read_port()
    refuse_busy(port)
    if "--check-port" in sys.argv[1:]:
        return
    os.environ.setdefault("SITE_ADDRESS", f"http://127.0.0.1:{port}")
    # Celery's remark to root, on every start, would bury the table of accounts.
    os.environ.setdefault("PYTHONWARNINGS", "ignore:You're running the worker with superuser privileges")
    Supervisor(port).run()


if __name__ == "__main__":
    main()
