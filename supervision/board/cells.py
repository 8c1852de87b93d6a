"""单元格: how many duties of an organisation, an obligation and a subject stand under each light, read from one index (三（二）1).

Counted anew for every reader and every day: a sum that is kept is wrong at midnight, when what is open becomes late.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet

from accountability import statements
from accountability.models import Duty, Light

WORST_FIRST = tuple(light.value for light in (Light.LATE, Light.SOON, Light.IDLE, Light.DONE))


class Counted(NamedTuple):
    """What one row of the statement says: what is owed, of it what is done, late and soon due, and the first day of the rest."""

    organisation: int
    obligation: int | None
    subject: str
    owed: int
    done: int
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
        _, _, _, owed, done, late, soon, first_due = row
        self.done += done
        self.late += late
        self.soon += soon
        self.idle += owed - done - late - soon
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
    """One walk along the index ``duty_matrix``, in the order of its groups: no row of the table is read, nothing is sorted.

    Of what is open the days say the light as ``with_light`` does.
    """
    is_open, soon_until = Q(state=Duty.State.OPEN), on + timedelta(days=settings.SOON_DAYS)
    cells = duties.owed().values("organisation", "obligation", "subject").annotate(
        owed=Count("*"),
        done=Count("state", filter=Q(state=Duty.State.FULFILLED)),
        late=Count("state", filter=is_open & Q(due_on__lt=on)),
        soon=Count("state", filter=is_open & Q(due_on__gte=on, due_on__lte=soon_until)),
        first_due=Min("due_on", filter=is_open),
    )  # fmt: skip
    return cells.values_list("organisation", "obligation", "subject", "owed", "done", "late", "soon", "first_due")
