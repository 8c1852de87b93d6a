"""A PostgreSQL of a test's own: crashed and starved as no server that others use may be."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
IS_ROOT = os.geteuid() == 0
SETTINGS = {
    "listen_addresses": "127.0.0.1", "fsync": "on", "recovery_init_sync_method": "syncfs", "max_wal_size": "16MB", "wal_recycle": "off",
}  # fmt: skip


class Cluster:
    """Whoever runs the tests owns it; of root's it is the user postgres, since no PostgreSQL runs as root."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="outage-"))  # not pytest's, which lets only its owner in
        self.disk, self.data = self.folder / "disk", self.folder / "disk" / "data"
        self.disk.mkdir()
        if IS_ROOT:
            for path in (self.folder, self.disk):
                shutil.chown(path, "postgres", "postgres")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"postgres://ci@127.0.0.1:{self.port}"

    def make(self) -> None:
        """WAL in files of one megabyte: they are asked for often, and a file may be limited to little more."""
        self.run("initdb", "-U", "ci", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--wal-segsize=1")
        self.start()

    def run(self, program: str, *words: str, check: bool = True) -> int:
        done = self.as_owner(str(BINARIES[-1].with_name(program)), "-D", str(self.data), *words)
        assert not check or done.returncode == 0, done.stdout + self.log
        return done.returncode

    def as_owner(self, *words: str) -> subprocess.CompletedProcess:
        owner = {"user": "postgres", "group": "postgres", "extra_groups": []} if IS_ROOT else {}
        return subprocess.run(
            words, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=120, **owner,
        )  # fmt: skip

    def start(self) -> None:
        chosen = {"unix_socket_directories": str(self.folder), **SETTINGS}
        options = " ".join([f"-p {self.port}", *(f"-c {name}={value}" for name, value in chosen.items())])
        self.run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def crash(self) -> None:
        """Every process is gone at once, nothing is written out; what was acknowledged is in the WAL or lost."""
        self.run("pg_ctl", "-w", "-m", "immediate", "stop")

    def is_up(self) -> bool:
        return self.run("pg_ctl", "status", check=False) == 0

    def bring_back(self) -> None:
        """One that recovers by itself is waited for, one that has given up is started, as systemd would."""
        ready = (str(BINARIES[-1].with_name("pg_isready")), "-h", "127.0.0.1", "-p", f"{self.port}")
        end = time.monotonic() + 60
        while self.as_owner(*ready).returncode:
            assert time.monotonic() < end, self.log[-3000:]
            if not self.is_up():
                self.start()
            time.sleep(0.1)

    @property
    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def stop(self) -> None:
        if self.is_up():
            self.crash()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    # ── no room ───────────────────────────────────────────────────────────────────────────────

    def let_files_grow_to(self, size: int | str) -> None:
        """No file of the server grows beyond so many bytes, until it is told otherwise; those beyond stay as they are."""
        first = (self.data / "postmaster.pid").read_text().split()[0]
        for pid in [first, *Path(f"/proc/{first}/task/{first}/children").read_text().split()]:
            self.as_owner("prlimit", f"--pid={pid}", f"--fsize={size}:unlimited")


class Disk:
    """A small disk in memory, to be filled and emptied; only who may mount has one."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder, self.ballast = folder, folder / "ballast"
        owner = ",uid=postgres,gid=postgres" if IS_ROOT else ""
        options = f"size={megabytes}m,mode=0700{owner}"
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True)
        self.is_mounted = done.returncode == 0

    def fill(self) -> None:
        """To the last byte, again and again: what the server lets go of is taken too."""
        with self.ballast.open("ab", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))

    def empty(self) -> None:
        self.ballast.unlink()

    def remove(self) -> None:
        if self.is_mounted:
            subprocess.run(["umount", self.folder], check=True)
