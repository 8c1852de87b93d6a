"""单元格: how many duties of an organisation, an obligation and a subject stand under each light, read from one index (三（二）1).

Counted anew for every reader and every day: a sum that is kept is wrong at midnight, when what is open becomes late.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count, DateField, Min, Q, QuerySet, Value

from accountability import statements
from accountability.models import Light

WORST_FIRST = tuple(light.value for light in (Light.LATE, Light.SOON, Light.IDLE, Light.DONE))


class Counted(NamedTuple):
    """What one row of the statement says: either what is done, or what is open, of it what is late and what is soon due."""

    organisation: int
    obligation: int | None
    subject: str
    done: int
    open: int
    late: int
    soon: int
    first_due: date | str | None


@dataclass(slots=True)
class Lights:
    """How many duties stand under each light, and the first day by which one of the open ones is owed."""

    done: int = 0
    late: int = 0
    soon: int = 0
    idle: int = 0
    first_due: date | None = None

    @classmethod
    def of(cls, rows: Iterable[Counted]) -> "Lights":
        lights = cls()
        for row in rows:
            lights.add(row)
        return lights

    def add(self, row: Counted) -> None:
        _, _, _, done, owing, late, soon, first_due = row
        self.done += done
        self.late += late
        self.soon += soon
        self.idle += owing - late - soon
        if first_due is not None:
            day = statements.day(first_due)
            if self.first_due is None or day < self.first_due:
                self.first_due = day

    @property
    def total(self) -> int:
        return self.done + self.late + self.soon + self.idle

    @property
    def counts(self) -> dict[str, int]:
        return {light.value: getattr(self, light.value) for light in Light}

    @property
    def worst(self) -> str:
        """最差的灯在前: the light of a cell that holds several duties."""
        return next(light for light in WORST_FIRST if getattr(self, light))


def counted(duties: QuerySet, on: date, reader: Hashable = None) -> list[Counted]:
    """Of the duties of a year. ``reader`` is all that decides which duties these are, and whose statement is kept by it."""
    key = reader and ("cells", reader, on)
    return list(map(Counted._make, statements.rows(key, lambda: _statement(duties.order_by(), on))))


def _statement(duties: QuerySet, on: date) -> QuerySet:
    """Two walks along the index ``duty_matrix``, each in the order of its groups: no row of the table is read, nothing is sorted.

    What is done has no day to be compared; of what is open, the days say the light as ``with_light`` does.
    """
    cell = ("organisation", "obligation", "subject")
    is_late, is_soon = Q(due_on__lt=on), Q(due_on__gte=on, due_on__lte=on + timedelta(days=settings.SOON_DAYS))
    nought, no_day = Value(0), Value(None, output_field=DateField())
    done = duties.fulfilled().values(*cell).annotate(
        done=Count("*"), owing=nought, late=nought, soon=nought, first_due=no_day
    )  # fmt: skip
    owing = duties.open().values(*cell).annotate(
        done=nought, owing=Count("*"), late=Count("due_on", filter=is_late), soon=Count("due_on", filter=is_soon),
        first_due=Min("due_on"),
    )  # fmt: skip
    told = (*cell, "done", "owing", "late", "soon", "first_due")
    return done.values_list(*told).union(owing.values_list(*told), all=True)
