"""监督指标: named figures with the rows behind them; the dashboard and its exports take them here alone (四（三）).

A figure is a list under an address: its value is the number of rows the reader may see there, no more and no less.
Each room registers its own; a figure whose rows have no page does not exist.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial

from django.db.models import QuerySet

from accountability.access import standing_of
from accountability.confidential import told_of
from accountability.counting import counts_again
from accountability.ledger import LedgerFilter
from accountability.models import Duty, Person
from supervision.access import secrets_of


@dataclass(frozen=True)
class Figure:
    """指标. ``rows(user, year, on)`` comes scoped to the reader; ``url(year)`` lists exactly these rows.

    ``may`` says who is shown the figure at all: a count must not betray what its reader may not see.
    ``act`` names the act that this register counts instead of 履责纪实, where an obligation without a target asks for it.
    """

    name: str
    label: str
    unit: str
    rows: Callable[[Person, int, date], QuerySet]
    url: Callable[[int], str]
    words: str = ""
    may: Callable[[Person], bool] = lambda user: True
    act: str = ""

    @property
    def short_label(self) -> str:
        """Among its own kind, whose name stands above it."""
        return self.label.rpartition("：")[2]

    def value(self, user: Person, year: int, on: date) -> int:
        return self.rows(user, year, on).count()


FIGURES: dict[str, Figure] = {}


def figure(name: str, label: str, *, unit: str, rows, url, words="", may=lambda user: True, act="") -> Figure:
    """登记 a figure; registering again replaces it."""
    FIGURES[name] = Figure(name, label, unit, rows, url, words, may, act)
    return FIGURES[name]


def ledger_figure(name: str, label: str, narrowed: LedgerFilter, *, unit: str = "项", words: str = "") -> Figure:
    """登记 a figure that is a filter of the ledger; the year comes with the page."""
    return figure(
        name,
        label,
        unit=unit,
        rows=lambda user, year, on: narrowed.but(year=year).rows(Duty.objects.visible_to(user), on=on, user=user),
        url=lambda year: narrowed.but(year=year).url,
        words=words,
    )


@dataclass(frozen=True)
class Told:
    """A figure as it stands for one reader, and where its rows are."""

    figure: Figure
    count: int
    url: str


def figures_of(user: Person, year: int, on: date, names: Iterable[str] | None = None) -> dict[str, Told]:
    """All figures, or those named, in one query; what its reader may not know of is not among them."""
    known = [FIGURES[name] for name in names or FIGURES if FIGURES[name].may(user)]
    key = ("figures", standing_of(user), told_of(user), secrets_of(user), year, on, tuple(one.name for one in known))
    counts = counts_again(key, {one.name: partial(one.rows, user, year, on) for one in known})
    return {one.name: Told(one, counts[one.name], one.url(year)) for one in known}


def registers(told: dict[str, Told]) -> dict[str, Told | None]:
    """Act → the register that counts it; None where its reader may not know how many there are."""
    return {one.act: told.get(one.name) for one in FIGURES.values() if one.act}
