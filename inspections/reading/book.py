"""台账读出来的样子: problems, measures and complaints, as plain data that passes between processes as JSON."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date

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
    is_kept_up: bool = False
    in_period: bool | None = None
    progress: str = ""
    completion: str = "undone"
    remark: str = ""


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
        """What JSON can say; ``from_data`` undoes it."""
        data = {name: [vars(one) for one in getattr(self, name)] for name in ("complaints", "notes")}
        data["skipped_sheets"] = self.skipped_sheets
        data["problems"] = [
            vars(problem)
            | {
                "told": sorted(problem.told),
                "measures": [
                    vars(one) | {"term": asdict(one.term) | {"day": _iso(one.term)}} for one in problem.measures
                ],
            }
            for problem in self.problems
        ]
        return data

    @classmethod
    def from_data(cls, data: dict) -> "Book":
        terms: dict[tuple, Term] = {}

        def term_of(told: dict) -> Term:
            key = tuple(told.values())
            if key not in terms:
                day = date.fromisoformat(told["day"]) if told["day"] else None
                terms[key] = Term(day, told["is_long_term"], told["is_immediate"])
            return terms[key]

        book = cls(skipped_sheets=data["skipped_sheets"])
        book.complaints = [Complaint(**one) for one in data["complaints"]]
        book.notes = [Complaint(**one) for one in data["notes"]]
        told: dict[tuple, frozenset] = {}
        for problem in data["problems"]:
            names = tuple(problem["told"])
            problem["told"] = told.setdefault(names, frozenset(names))
            for one in problem["measures"]:
                one["term"], one["kinds"], one["helpers"] = (
                    term_of(one["term"]),
                    tuple(one["kinds"]),
                    tuple(one["helpers"]),
                )
            problem["measures"] = [MeasureRow(**one) for one in problem["measures"]]
            book.problems.append(ProblemRow(**problem))
        return book


def _iso(term: Term) -> str:
    return term.day.isoformat() if term.day else ""


def rows_of(book: Book) -> Iterator[MeasureRow]:
    return (measure for problem in book.problems for measure in problem.measures)
