"""监督指标: named figures with the rows behind them; the dashboard and its exports take them here alone (四（三）).

A figure is a list under an address: its value is the number of rows the reader may see there, no more and no less.
Each room registers its own; a figure whose rows have no page does not exist.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from accountability.ledger import LedgerFilter
from accountability.models import Duty, Person


@dataclass(frozen=True)
class Figure:
    """指标. ``rows(user, year, on)`` comes scoped to the reader; ``url(year)`` lists exactly these rows.

    ``may`` says who is shown the figure at all: a count must not betray what its reader may not see.
    """

    name: str
    label: str
    unit: str
    rows: Callable[[Person, int, date], QuerySet]
    url: Callable[[int], str]
    words: str = ""
    may: Callable[[Person], bool] = lambda user: True

    def value(self, user: Person, year: int, on: date) -> int:
        return self.rows(user, year, on).count()


FIGURES: dict[str, Figure] = {}


def figure(name: str, label: str, *, unit: str, rows, url, words: str = "", may=lambda user: True) -> Figure:
    """登记 a figure; registering again replaces it."""
    FIGURES[name] = Figure(name, label, unit, rows, url, words, may)
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
