"""档案条目: what the system knows of a cadre, read when his archive is opened and never copied (二（二）).

Rooms register what they know of a person: ``archive_line(rank, label, function)`` with a function of (person, on) that
gives lines of (day, words, url); a line without a day is told without one, a line without a url opens nothing. Talks
register their number alone.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from accountability.models import Person


class Line(NamedTuple):
    """一条: its day, its words and the address of what it speaks of."""

    day: date | None
    words: str
    url: str = ""


Finder = Callable[[Person, date], Iterable[tuple]]


@dataclass(frozen=True)
class Section:
    """一栏 as the page and the export show it."""

    label: str
    lines: list[Line]


_finders: dict[str, tuple[int, Finder]] = {}


def archive_line(rank: int, label: str, function: Finder) -> None:
    """登记 a section by its label; registering again replaces it."""
    _finders[label] = rank, function


def index_of(person: Person, on: date) -> list[Section]:
    """档案目录: every section in its order, the empty ones too: that there is nothing is worth knowing."""
    ordered = sorted(_finders.items(), key=lambda item: item[1][0])
    return [Section(label, [Line(*line) for line in find(person, on)]) for label, (_, find) in ordered]
