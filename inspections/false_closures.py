"""虚假销号率: false closures of those rechecked; the one reading of the filters of checked items (三（四）1).

A figure is a filter: its value is counted, its rows are listed and its address is opened by the same ``ItemFilter``.
The items given come scoped: ``RecheckItem.objects.visible_to(user)``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from django.db.models import Count, Q, QuerySet

from accountability.filters import Filter
from inspections.models import RecheckItem

Result = RecheckItem.Result


@dataclass(frozen=True)
class ItemFilter(Filter):
    """Of checked items."""

    ADDRESS: ClassVar[str] = "recheck_results"
    CHOICES: ClassVar[dict] = {"result": Result}
    COLUMNS: ClassVar[dict] = {
        "round": "finding__round",
        "unit": "finding__organisation",
        "year": "checked_on__year",
        "result": "result",
    }

    round: int | None = None
    unit: int | None = None
    year: int | None = None
    result: str = ""

    def rows(self, items: QuerySet) -> QuerySet:
        """已核查的问题 that meet every condition."""
        return self.narrowed(items.checked())


@dataclass(frozen=True)
class FalseClosureRate:
    """虚假销号率 of one scope: ``value`` from two counts, each with the filter that lists its rows."""

    label: str
    false: int
    checked: int
    chosen: ItemFilter

    @property
    def value(self) -> float | None:
        """In per cent; None where nothing was checked."""
        return 100 * self.false / self.checked if self.checked else None

    @property
    def words(self) -> str:
        return f"{self.value:.1f}%" if self.checked else "—"

    @property
    def checked_url(self) -> str:
        return self.chosen.url

    @property
    def false_url(self) -> str:
        return self.chosen.but(result=Result.FALSE).url

    def rows(self, items: QuerySet) -> QuerySet:
        """The checked items behind it; ``false_rows`` those that were false."""
        return self.chosen.rows(items)

    def false_rows(self, items: QuerySet) -> QuerySet:
        return self.chosen.but(result=Result.FALSE).rows(items)


COUNTED = {"checked": Count("pk"), "false": Count("pk", filter=Q(result=Result.FALSE))}


def rate(items: QuerySet, chosen: ItemFilter | None = None, label: str = "虚假销号率") -> FalseClosureRate:
    """The figure over all of ``items`` that ``chosen`` keeps."""
    chosen = chosen or ItemFilter()
    return FalseClosureRate(label=label, chosen=chosen, **chosen.rows(items).aggregate(**COUNTED))


def by_unit(items: QuerySet, chosen: ItemFilter | None = None) -> list[FalseClosureRate]:
    """分单位, most false first."""
    return _by(items, chosen, ("finding__organisation", "finding__organisation__name"), lambda pk: {"unit": pk})


def by_round(items: QuerySet, chosen: ItemFilter | None = None) -> list[FalseClosureRate]:
    """分轮次."""
    return _by(items, chosen, ("finding__round", "finding__round__name"), lambda pk: {"round": pk})


def _by(items, chosen, fields: tuple[str, str], narrowed: Callable[[int], dict]) -> list[FalseClosureRate]:
    chosen = chosen or ItemFilter()
    rows = chosen.rows(items).order_by().values_list(*fields).annotate(**COUNTED)
    rates = [
        FalseClosureRate(label=name, false=false, checked=checked, chosen=chosen.but(**narrowed(pk)))
        for pk, name, checked, false in rows
    ]
    return sorted(rates, key=lambda one: (-one.false, -one.checked, one.label))
