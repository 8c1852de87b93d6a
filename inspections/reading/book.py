"""台账读出来的样子: problems, measures and complaints, as plain data that passes between processes as JSON."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from inspections.reading.days import Term
from inspections.reading.names import NAMES


@dataclass(frozen=True)
class Complaint:
    """问题单: which cell, what stood there, why it cannot be taken and what to write instead."""

    sheet: str
    row: int
    column: str
    value: str
    reason: str


@dataclass
class MeasureRow:
    sheet: str
    row: int
    text: str = ""
    kinds: tuple[str, ...] = ()
    leader: str = ""
    lead: str = ""
    helpers: tuple[str, ...] = ()
    owner: str = ""
    term: Term = Term()
    progress: str = ""
    completion: str = "undone"
    remark: str = ""
    is_kept_up: bool = False
    in_period: bool | None = None


@dataclass
class ProblemRow:
    """``told`` names the columns the file has: what it has no column for stays as it is."""

    sheet: str
    row: int
    serial: int | None = None
    category: str = ""
    sub_category: str = ""
    text: str = ""
    symptoms: str = ""
    implementation: str = ""
    is_focus: bool = False
    goal: str = ""
    measures: list[MeasureRow] = field(default_factory=list)
    is_bare: bool = False  # no measure, and not complained of yet
    group: str = ""  # within which serial numbers may not repeat
    told: frozenset[str] = frozenset(NAMES)


@dataclass
class Book:
    problems: list[ProblemRow] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    notes: list[Complaint] = field(default_factory=list)
    skipped_sheets: list[str] = field(default_factory=list)

    def as_data(self) -> dict:
        """What JSON can say, rows as lists of their fields; ``from_data`` undoes it.

        Of a measure what it says is told by its place in ``values``: a ledger names the same units and days ten thousand times.
        """
        data = {name: [list(vars(one).values()) for one in getattr(self, name)] for name in ("complaints", "notes")}
        places: dict[str | tuple | Term, int] = {}

        def measure(one: MeasureRow) -> list:
            sheet, row, *said, is_kept_up, in_period = vars(one).values()
            told = [places.setdefault(value, len(places)) for value in said]
            return [places.setdefault(sheet, len(places)), row, *told, is_kept_up, in_period]

        data["skipped_sheets"] = self.skipped_sheets
        data["problems"] = [
            list((vars(one) | {"told": sorted(one.told), "measures": list(map(measure, one.measures))}).values())
            for one in self.problems
        ]
        data["values"] = [_said(value) for value in places]
        return data

    @classmethod
    def from_data(cls, data: dict) -> "Book":
        book, values = cls(skipped_sheets=data["skipped_sheets"]), [_meant(value) for value in data["values"]]
        book.complaints = [Complaint(*one) for one in data["complaints"]]
        book.notes = [Complaint(*one) for one in data["notes"]]

        def measure(told: list) -> MeasureRow:
            sheet, row, *said, is_kept_up, in_period = told
            return MeasureRow(values[sheet], row, *[values[place] for place in said], is_kept_up, in_period)

        for told in data["problems"]:
            problem = ProblemRow(*told)
            problem.told, problem.measures = _columns(tuple(problem.told)), list(map(measure, problem.measures))
            book.problems.append(problem)
        return book


def _said(value: str | tuple | Term) -> str | list | dict:
    if isinstance(value, Term):
        return vars(value) | {"day": value.day.isoformat() if value.day else ""}
    return list(value) if isinstance(value, tuple) else value


def _meant(value: str | list | dict) -> str | tuple | Term:
    if isinstance(value, dict):
        return Term(**value | {"day": date.fromisoformat(value["day"]) if value["day"] else None})
    return tuple(value) if isinstance(value, list) else value


@lru_cache(maxsize=64)
def _columns(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(names)


def rows_of(book: Book) -> Iterator[MeasureRow]:
    return (measure for problem in book.problems for measure in problem.measures)
