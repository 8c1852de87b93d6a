"""单元格: how many duties of an organisation, an obligation and a subject stand under each light, read from one index (三（二）1).

Counted anew for every reader and every day: a sum that is kept is wrong at midnight, when what is open becomes late.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count, DateField, Min, Q, QuerySet, Value

from accountability import statements
from accountability.models import Light

# 最差的灯在前: the light of a cell that holds several duties.
WORST_FIRST = (Light.LATE, Light.SOON, Light.IDLE, Light.DONE)


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


@dataclass
class Lights:
    """How many duties stand under each light, and the first day by which one of the open ones is owed."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Light.values, 0))
    first_due: date | None = None

    @classmethod
    def of(cls, rows: Iterable[Counted]) -> "Lights":
        lights = cls()
        for row in rows:
            lights.add(row)
        return lights

    def add(self, row: Counted) -> None:
        counts = self.counts
        counts[Light.DONE] += row.done
        counts[Light.LATE] += row.late
        counts[Light.SOON] += row.soon
        counts[Light.IDLE] += row.open - row.late - row.soon
        if row.first_due:
            day = statements.day(row.first_due)
            self.first_due = min(self.first_due or day, day)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        return self.counts[Light.DONE]

    @property
    def late(self) -> int:
        return self.counts[Light.LATE]

    @property
    def worst(self) -> str:
        return next(light for light in WORST_FIRST if self.counts[light])


def counted(owed: QuerySet, on: date, reader: Hashable = None) -> list[Counted]:
    """Of the duties of a year. ``reader`` is all that decides which duties these are, and whose statement is kept by it."""
    key = reader and ("cells", reader, on)
    return list(map(Counted._make, statements.rows(key, lambda: _statement(owed.order_by(), on))))


def _statement(owed: QuerySet, on: date) -> QuerySet:
    """Two walks along the index ``duty_matrix``, each in the order of its groups: no row of the table is read, nothing is sorted.

    What is done has no day to be compared; of what is open, the days say the light as ``with_light`` does.
    """
    cell = ("organisation", "obligation", "subject")
    is_late, is_soon = Q(due_on__lt=on), Q(due_on__gte=on, due_on__lte=on + timedelta(days=settings.SOON_DAYS))
    nought, no_day = Value(0), Value(None, output_field=DateField())
    done = owed.fulfilled().values(*cell).annotate(
        done=Count("*"), owing=nought, late=nought, soon=nought, first_due=no_day
    )  # fmt: skip
    owing = owed.open().values(*cell).annotate(
        done=nought, owing=Count("*"), late=Count("due_on", filter=is_late), soon=Count("due_on", filter=is_soon),
        first_due=Min("due_on"),
    )  # fmt: skip
    told = (*cell, "done", "owing", "late", "soon", "first_due")
    return done.values_list(*told).union(owing.values_list(*told), all=True)
