"""Parse a stranger's file in a child process: bounded time, bounded memory, none of our secrets, nothing to write to.

The web process, the worker and the database connection never see the bytes through a parser. Only a function that
imports no Django can run in a child; it takes a binary file, open for reading, and answers something JSON can say.
"""

import json
import logging
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
ANSWER_AT_MOST = 64 * 1024 * 1024
logger = logging.getLogger(__name__)

# Limits are set by the child itself, before it imports the parser: a preexec_fn would run between fork and exec,
# where a threaded web process may not run Python safely.
CHILD = """
import json, resource, sys
from importlib import import_module
order = json.loads(sys.argv[1])
size, seconds = order["megabytes"] * 1024 * 1024, order["seconds"]
for limit, value in (
    (resource.RLIMIT_AS, size),
    (resource.RLIMIT_CPU, seconds),
    (resource.RLIMIT_FSIZE, 0),
    (resource.RLIMIT_CORE, 0),
    (resource.RLIMIT_NOFILE, 32),
    (resource.RLIMIT_NPROC, 0),
):
    resource.setrlimit(limit, (value, value))
sys.path.insert(0, order["root"])
module, _, name = order["function"].rpartition(".")
answer = getattr(import_module(module), name)(sys.stdin.buffer, **order["arguments"])
sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "surrogatepass"))
"""


class ChildFailed(Exception):
    """The child crashed, ran out of time or memory, or said nothing that can be read."""


class ChildTookTooLong(ChildFailed):
    """Time was up: of the processor, or of the clock on the wall."""


def in_child(function: str, data: bytes | IO[bytes], *, seconds: int = 10, megabytes: int = 768, **arguments) -> Any:
    """Call ``function`` (its dotted path) on ``data`` in a process of its own and return its answer.

    ``seconds`` of processor time (three times as much by the clock), ``megabytes`` of address space;
    ``arguments`` and the answer pass as JSON. Raises ChildFailed; the class of its error goes to our log.
    """
    order = {"function": function, "arguments": arguments, "seconds": seconds, "megabytes": megabytes}
    command = [sys.executable, "-I", "-B", "-X", "utf8", "-c", CHILD, json.dumps(order | {"root": str(ROOT)})]
    with tempfile.TemporaryFile() as source:
        _fill(source, data)
        try:
            # Its environment is empty: no key, no database address.
            done = subprocess.run(  # noqa: S603 - the command is written above
                command, stdin=source, capture_output=True, timeout=3 * seconds, cwd="/", env={}, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise ChildTookTooLong(f"{function}: {3 * seconds} s") from error
    return _answer(function, done)


def _answer(function: str, done: subprocess.CompletedProcess) -> Any:
    if done.returncode in (-9, -24):  # SIGKILL and SIGXCPU: the kernel's word on RLIMIT_CPU
        raise ChildTookTooLong(function)
    if done.returncode or len(done.stdout) > ANSWER_AT_MOST:
        logger.warning("%s ended with %s: %s", function, done.returncode, _class_of(done.stderr))
        raise ChildFailed(f"{function}: {done.returncode}")
    try:
        return json.loads(done.stdout)
    except ValueError as error:
        raise ChildFailed(f"{function}: unreadable answer") from error


def _fill(copy: IO[bytes], data: bytes | IO[bytes]) -> None:
    """A file with a descriptor of its own, so that reading it in the child moves nobody's place here."""
    if isinstance(data, bytes):
        copy.write(data)
    else:
        data.seek(0)
        shutil.copyfileobj(data, copy, 1024 * 1024)
        data.seek(0)
    copy.seek(0)


def _class_of(printed: bytes) -> str:
    """MemoryError out of a traceback: what follows the colon may quote the file."""
    last = printed.decode(errors="replace").strip().splitlines()[-1:] or [""]
    return last[0].split(":")[0][:80]
