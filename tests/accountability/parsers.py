"""What parsers may do to the process they run in. Imported in a child only."""

import os
import sys
import time


def measure(file, factor: int) -> dict:
    return {"bytes": len(file.read()) * factor}


def crash(file) -> None:
    raise RuntimeError("broken")


def die(file) -> None:
    os.kill(os.getpid(), 11)


def eat_memory(file) -> int:
    return len(b"x" * 1024**3)


def say_nonsense(file) -> None:
    sys.stdout.write("}{")


def spin(file) -> None:
    while True:
        pass


def sleep(file) -> None:
    time.sleep(60)


def look_around(file) -> dict:
    return {
        "environment": list(os.environ),
        "modules": list(sys.modules),
        "wrote": _can(lambda: _write()),
        "forked": _can(_fork),
    }


def _can(act) -> bool:
    try:
        act()
    except OSError:
        return False
    return True


def _write() -> None:
    descriptor = os.memfd_create("spare")
    os.write(descriptor, b"x")


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def modules_of_the_check(file) -> list[str]:
    from accountability.contents import images, ole, pdfs, verdicts, zips  # noqa: F401

    return list(sys.modules)
