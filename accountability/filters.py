"""列表筛选: what the filters of all lists share: read from an address, narrow the rows, be an address again.

A figure is a filter: its value is counted, its rows are listed and its address is written by the same one.
"""

from dataclasses import MISSING, Field, dataclass, fields, replace
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import ClassVar, Self
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse


def whole_number(text: str) -> int | None:
    """A whole number, or nothing: addresses are typed by hand."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def number_in(params, name: str) -> int | None:
    return whole_number(params.get(name, ""))


def year_in(params) -> int | None:
    """A working year of an address; a calendar has no year 99999."""
    return _known_year(number_in(params, "year"))


def _known_year(year: int | None) -> int | None:
    return year if year and 2000 <= year <= 2100 else None


def _day(text: str) -> date | None:
    span = Span.read(text)
    return span.first if span and len(text) == 10 else None


@dataclass(frozen=True)
class Span:
    """一年、一月、一日, as an address writes it: 2026, 2026-03, 2026-03-04."""

    text: str
    first: date
    last: date

    @classmethod
    def read(cls, text: str) -> "Span | None":
        """Nothing for what is no day, month or year between 2000 and 2101."""
        try:
            first = date.fromisoformat({4: f"{text}-01-01", 7: f"{text}-01"}.get(len(text), text))
        except ValueError:
            return None
        if len(text) not in (4, 7, 10) or not 2000 <= first.year <= 2101:
            return None
        following = {
            4: date(first.year + 1, 1, 1),
            7: (first + timedelta(days=31)).replace(day=1),
            10: first + timedelta(days=1),
        }
        return cls(text, first, following[len(text)] - timedelta(days=1))

    @classmethod
    def of_month(cls, month: date) -> "Span":
        return cls.read(f"{month:%Y-%m}")

    def __str__(self) -> str:
        return self.text

    @property
    def words(self) -> str:
        if len(self.text) == 4:
            return f"{self.first.year}年"
        return f"{self.first.year}年{self.first.month}月" + (f"{self.first.day}日" if len(self.text) == 10 else "")


# How the text of an address is read, by the type of the condition.
READERS = {
    str: str,
    int: whole_number,
    int | None: whole_number,
    date | None: _day,
    Span | None: Span.read,
}
WORDS = tuple[str, ...]


@dataclass(frozen=True)
class Filter:
    """筛选条件: a filter declares its conditions as fields. What an address says of no use is dropped, never an error.

    VIEWS: what ``view`` may be, with labels. CHOICES: what other conditions may be. COLUMNS: conditions that compare one
    column of the rows. SEARCHED: the columns any of which ``q`` is looked for in. ADDRESS, EXPORT: names of its pages.
    """

    ADDRESS: ClassVar[str] = ""
    EXPORT: ClassVar[str] = ""
    VIEWS: ClassVar[dict] = {}
    CHOICES: ClassVar[dict] = {}
    COLUMNS: ClassVar[dict[str, str]] = {}
    SEARCHED: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def read(cls, params, **given) -> Self:
        """From an address; ``given`` is what the page knows better, such as its year."""
        values = {column.name: cls._value(column, params) for column in fields(cls) if column.name not in given}
        return cls(**values, **given)

    @classmethod
    def _value(cls, column: Field, params):
        name = column.name
        if column.type == WORDS:
            return tuple(word for word in (_word(name, text) for text in params.getlist(name)) if word)
        value = READERS[column.type](_word(name, params.get(name, "")))
        if name == "year":
            return _known_year(value)
        allowed = cls.VIEWS if name == "view" else cls.CHOICES.get(name)
        return value if allowed is None or value in allowed else column.default

    def but(self, **changes) -> Self:
        return replace(self, **changes)

    def items(self) -> list[tuple[str, str]]:
        """As parameters of an address, in the order of the fields; what is so anyway is left out."""
        return [
            (column.name, str(one))
            for column in fields(self)
            if (value := getattr(self, column.name)) != column.default
            for one in (value if isinstance(value, tuple) else (value,))
        ]

    @property
    def narrows(self) -> bool:
        """Whether a condition is set that need not be."""
        return any(column.default not in (MISSING, getattr(self, column.name)) for column in fields(self))

    def at(self, name: str, *args) -> str:
        """The address of a page of that name, under these conditions."""
        query = urlencode(self.items())
        return reverse(name, args=args) + (f"?{query}" if query else "")

    @property
    def url(self) -> str:
        return self.at(self.ADDRESS)

    @property
    def export_url(self) -> str:
        return self.at(self.EXPORT)

    def narrowed(self, rows: QuerySet) -> QuerySet:
        """``rows`` under the conditions that compare one column, and the search."""
        for name, column in self.COLUMNS.items():
            if value := getattr(self, name):
                rows = rows.filter(**{column: value})
        if self.SEARCHED and self.q:
            rows = rows.filter(reduce(or_, (Q(**{f"{column}__icontains": self.q}) for column in self.SEARCHED)))
        return rows


def _word(name: str, text: str) -> str:
    return text.replace("\x00", "").strip()[: 60 if name == "q" else 200]
