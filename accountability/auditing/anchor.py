"""锚点: how far the chain reaches, kept outside the database, so that rows taken from its end are missed.

``AUDIT_DIR/anchor`` holds number and hash of the newest seal; ``AUDIT_DIR/anchors.log`` gains a line an hour, which also
goes to the log, to be kept on another machine.
"""

import fcntl
import hmac
import json
import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from accountability.auditing import seals

log = logging.getLogger(__name__)
EVERY_SECONDS = 3600


@dataclass(frozen=True)
class Anchor:
    seq: int
    hash: str

    def line(self) -> str:
        return json.dumps({"seq": self.seq, "hash": self.hash, "mac": seals.signed(f"anchor {self.seq} {self.hash}")})

    @classmethod
    def read(cls, line: str) -> "Anchor":
        """ValueError where it is not one of ours."""
        try:
            told = json.loads(line)
            anchor = cls(int(told["seq"]), str(told["hash"]))
            mac = str(told["mac"])
        except (TypeError, KeyError) as error:
            raise ValueError("unreadable anchor") from error
        if not hmac.compare_digest(mac, seals.signed(f"anchor {anchor.seq} {anchor.hash}")):
            raise ValueError("forged anchor")
        return anchor


def folder() -> Path:
    return Path(settings.AUDIT_DIR)


def current() -> Anchor | None:
    """None where no chain has been anchored yet; ValueError where the file is not as we wrote it."""
    try:
        return Anchor.read((folder() / "anchor").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def earlier() -> Iterator[tuple[int, Anchor | None]]:
    """Lines of anchors.log with their numbers; None for one that is not ours."""
    try:
        with (folder() / "anchors.log").open(encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    yield number, Anchor.read(line)
                except ValueError:
                    yield number, None
    except FileNotFoundError:
        return


def advance(seq: int, hash_: str, hash_at: Callable[[int], str | None]) -> bool:
    """Move the anchor forward, never back. Not past a chain that no longer holds what was anchored: that is to be found."""
    with _locked():
        try:
            old = current()
        except ValueError as error:
            log.error("audit: the anchor is not ours (%s); run verify_audit", error)
            return False
        if old and old.seq >= seq:
            if old.seq > seq:
                log.error("audit: the chain ends at %d, anchored was %d; run verify_audit", seq, old.seq)
            return old.seq == seq and old.hash == hash_
        if old and hash_at(old.seq) != old.hash:
            log.error("audit: seal %d is not the one that was anchored; run verify_audit", old.seq)
            return False
        _write(Anchor(seq, hash_))
        return True


def begin_anew(seq: int, hash_: str) -> None:
    """After a restore, by hand: the chain as it stands is the one to hold on to. What was anchored stays readable."""
    with _locked():
        stamp = time.strftime("%Y%m%d%H%M%S")
        for name in ("anchor", "anchors.log"):
            if (folder() / name).exists():
                (folder() / name).replace(folder() / f"{name}.before-{stamp}")
        _write(Anchor(seq, hash_))


@contextmanager
def _locked() -> Iterator[None]:
    """One process at a time."""
    folder().mkdir(parents=True, exist_ok=True)
    with (folder() / "anchor.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(anchor: Anchor) -> None:
    number, name = tempfile.mkstemp(dir=folder(), prefix=".anchor-")
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(anchor.line())
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(folder() / "anchor")
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    _keep_hourly(anchor)


def _keep_hourly(anchor: Anchor) -> None:
    kept = folder() / "anchors.log"
    if kept.exists() and 0 <= time.time() - kept.stat().st_mtime < EVERY_SECONDS:
        return
    with kept.open("a", encoding="utf-8") as file:
        file.write(anchor.line() + "\n")
    log.info("audit anchor %s", anchor.line())
