"""查毒: ask a scanner about a file before it is stored. A command that reads standard input, or clamd's socket.

Which one, and what to do when it does not answer, the settings say (ANTIVIRUS_…; docs/attachments.md).
"""

import logging
import shlex
import socket
import struct
import subprocess
from enum import StrEnum
from typing import IO

from django.conf import settings

logger = logging.getLogger(__name__)
CHUNK = 256 * 1024


class Verdict(StrEnum):
    CLEAN = "clean"
    INFECTED = "infected"
    UNAVAILABLE = "unavailable"
    OFF = "off"


def scan(file: IO[bytes]) -> Verdict:
    """The scanner's verdict; UNAVAILABLE for every way in which it fails to give one."""
    try:
        if settings.ANTIVIRUS_COMMAND:
            return _by_command(file)
        return _by_socket(file) if settings.ANTIVIRUS_SOCKET else Verdict.OFF
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        logger.error("virus scanner: %s", error)
        return Verdict.UNAVAILABLE
    finally:
        file.seek(0)


def _by_command(file: IO[bytes]) -> Verdict:
    """clamdscan's way of answering: 0 is clean, 1 is infected, all else is trouble."""
    file.seek(0)
    done = subprocess.run(  # noqa: S603 - the administrator's command, never a user's word
        shlex.split(settings.ANTIVIRUS_COMMAND),
        input=file.read(),
        capture_output=True,
        timeout=settings.ANTIVIRUS_SECONDS,
        check=False,
    )
    verdict = {0: Verdict.CLEAN, 1: Verdict.INFECTED}.get(done.returncode, Verdict.UNAVAILABLE)
    if verdict is Verdict.UNAVAILABLE:
        logger.error("virus scanner ended with %s: %s", done.returncode, done.stderr[-400:].decode(errors="replace"))
    return verdict


def _by_socket(file: IO[bytes]) -> Verdict:
    """clamd's INSTREAM: lengths and pieces, a length of nothing at the end, one line back."""
    file.seek(0)
    with _connect() as clamd:
        clamd.sendall(b"zINSTREAM\0")
        while piece := file.read(CHUNK):
            clamd.sendall(struct.pack(">I", len(piece)) + piece)
        clamd.sendall(struct.pack(">I", 0))
        answer = _line(clamd)
    if answer.endswith(b"FOUND"):
        return Verdict.INFECTED
    if answer.endswith(b"OK"):
        return Verdict.CLEAN
    raise ValueError(f"clamd answered {answer[:200]!r}")


def _connect() -> socket.socket:
    """``/run/clamav/clamd.ctl`` or ``host:port``."""
    address = settings.ANTIVIRUS_SOCKET
    if address.startswith("/"):
        clamd = socket.socket(socket.AF_UNIX)
        clamd.settimeout(settings.ANTIVIRUS_SECONDS)
        clamd.connect(address)
        return clamd
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=settings.ANTIVIRUS_SECONDS)


def _line(clamd: socket.socket) -> bytes:
    answer = b""
    while not answer.endswith(b"\0") and (piece := clamd.recv(4096)):
        answer += piece
    return answer.rstrip(b"\0\n ")
