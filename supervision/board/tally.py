"""合计: what the six steps and the four questions count, from few readings of the duties of their reader.

What a light says comes from the cells, what a day says from the days; only what else is open has to be asked, and that is
the lesser part of a year.
"""

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet

from accountability import statements
from accountability.ledger import BOOKS, MEETINGS_AND_REPORTS, LedgerFilter
from accountability.models import Obligation
from supervision.board.cells import Counted, Lights, counted
from supervision.board.days import Days, days_of

# Asked of what is open alone: none of it can be true of anything else.
OPEN = {
    "vacant": {"such": ("vacant",)},
    "reviewing": {"states": ("reviewing",)},
    "long_late": {"such": ("long-late",)},
    "unpursued": {"such": ("unpursued",)},
}


@dataclass(frozen=True)
class Tally:
    """By subject and name of the count, and by day; ``before`` is when things of the year before were done."""

    by_subject: dict[str, dict[str, int]]
    days: Days
    joint: Days
    before: dict[date | None, int]

    def of(self, subject: str, name: str) -> int:
        return self.by_subject.get(subject, {}).get(name, 0)

    def total(self, name: str) -> int:
        return sum(counts[name] for counts in self.by_subject.values())


def tally(
    duties: QuerySet,
    year: int,
    on: date,
    reader: Hashable = None,
    cells: list[Counted] | None = None,
    categories: dict[int, set[str]] | None = None,
) -> Tally:
    """``cells`` and ``categories`` (obligation → kinds of its acts) where they are known already."""
    of_year = duties.of_year(year).order_by()
    cells = counted(of_year, on, reader and (reader, year)) if cells is None else cells
    categories = _categories(cells) if categories is None else categories
    return Tally(_by_subject(of_year, year, on, reader, cells, categories), *days_of(duties, year, on, reader))


def _by_subject(
    of_year: QuerySet, year: int, on: date, reader, cells: list[Counted], categories: dict
) -> dict[str, dict[str, int]]:
    lights: dict[str, dict[str, Lights]] = defaultdict(lambda: {"": Lights(), "books": Lights(), "kept": Lights()})
    for row in cells:
        asked = categories.get(row.obligation, frozenset())
        of_subject = lights[row.subject]
        of_subject[""].add(row)
        if asked & BOOKS:
            of_subject["books"].add(row)
        if asked & MEETINGS_AND_REPORTS:
            of_subject["kept"].add(row)
    key = reader and ("open", reader, year, on)
    told = {row[0]: row[1:] for row in statements.rows(key, lambda: _of_what_is_open(of_year, year, on))}
    return {
        subject: _counts(found) | dict(zip(OPEN, told.get(subject, (0,) * len(OPEN)), strict=True))
        for subject, found in lights.items()
    }


def _counts(found: dict[str, Lights]) -> dict[str, int]:
    every, books, kept = found[""], found["books"], found["kept"]
    return {
        "total": every.total, "done": every.done, "late": every.late, "due": every.done + every.late,
        "books": books.total, "books_done": books.done, "books_late": books.late,
        "kept": kept.total, "kept_done": kept.done, "kept_late": kept.late,
    }  # fmt: skip


def _of_what_is_open(of_year: QuerySet, year: int, on: date) -> QuerySet:
    every = LedgerFilter(year=year)
    counts = {name: Count("pk", filter=every.but(**narrowed).meaning(on)) for name, narrowed in OPEN.items()}
    return of_year.open().values("subject").annotate(**counts).values_list("subject", *OPEN)


def _categories(cells: list[Counted]) -> dict[int, set[str]]:
    found = defaultdict(set)
    asked = Obligation.acts.through.objects.filter(obligation__in={row.obligation for row in cells})
    for obligation, category in asked.values_list("obligation", "actkind__category"):
        found[obligation].add(category)
    return found
