"""The run: so many submissions for each door, made small where one fails."""

import zlib

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import FlakyFailure

from tests.fuzz.checks import Judge
from tests.fuzz.crawl import Door
from tests.fuzz.submissions import Submission, submissions


class Trouble(AssertionError):
    pass


def trouble_at(door: Door, judge: Judge, examples: int, number: int) -> str:
    """The smallest submission found that this door answers badly, told in a sentence; or nothing."""

    @seed(zlib.crc32(str(door).encode()) + number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    @given(submissions(door))
    def send(submission: Submission) -> None:
        if said := judge.trouble(submission):
            raise Trouble(said)

    try:
        send()
    except Trouble as trouble:
        return str(trouble)
    except FlakyFailure as failure:  # a bound of time that was broken once, and not when it was tried again
        return f"once: {failure.exceptions[0]}"
    return ""
