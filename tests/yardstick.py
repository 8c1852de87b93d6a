"""Seconds of the machine a bound was written for: a slower or busier one is given as much longer."""

import time

ONCE = 0.05  # seconds of one core of that machine for ``_work``


def seconds(number: float) -> float:
    """Never less than ``number``, never twice as much; asked right after the work it is held against."""
    return number * min(max(1.0, _work() / ONCE), 2.0)


def _work() -> float:
    began, lengths = time.process_time(), {}
    for number in range(300_000):
        lengths[number % 1000] = lengths.get(number % 1000, 0) + len(str(number))
    return time.process_time() - began
