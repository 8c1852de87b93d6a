"""提示的发现: each module looks for one family of signs and tells what it found; none of them writes (四（三）).

A finder is given the working years to look at and those to hold them against; it names places, not scores.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from accountability.models import WorkYear


@dataclass(frozen=True)
class Scope:
    """范围: hints are given on ``years``; ``against`` are those and the ones before them."""

    years: tuple[int, ...]
    against: tuple[int, ...]

    @classmethod
    def today(cls) -> "Scope":
        years = tuple(WorkYear.objects.filter(closed_on=None).order_by("year").values_list("year", flat=True))
        if not years:
            return cls((), ())
        back = WorkYear.objects.filter(year__gte=min(years) - settings.HINT_YEARS_BACK)
        return cls(years, tuple(back.order_by("year").values_list("year", flat=True)))


@dataclass(frozen=True)
class Found:
    """发现: what makes it this hint, whose it is, and why it is one, in words."""

    kind: str
    key: str
    organisation: int
    work_year: int
    why: str
    later: tuple[str, int] | None = None
    earlier: tuple[str, int] | None = None
    other: int | None = None
    day: date | None = None
    author: int | None = None


Tell = Callable[[int, str], None]
Finder = Callable[[Scope, Tell], Iterator[Found]]


def short(text: str, most: int = 40) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
