"""虚假销号率: false closures of those rechecked; the one reading of the filters of checked items (三（四）1).

A figure is a filter: its value is counted, its rows are listed and its address is opened by the same ``ItemFilter``.
The items given come scoped: ``RecheckItem.objects.visible_to(user)``.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from inspections.models import RecheckItem

Result = RecheckItem.Result


def _number(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


@dataclass(frozen=True)
class ItemFilter:
    """筛选条件 of checked items. Unknown values in an address are dropped, never an error."""

    round: int | None = None
    unit: int | None = None
    year: int | None = None
    result: str = ""

    @classmethod
    def read(cls, params) -> "ItemFilter":
        numbers = {name: _number(params.get(name, "")) for name in ("round", "unit", "year")}
        if numbers["year"] and not 2000 <= numbers["year"] <= 2100:
            numbers["year"] = None
        result = params.get("result") if params.get("result") in Result.values else ""
        return cls(**numbers, result=result)

    def but(self, **changes) -> "ItemFilter":
        return replace(self, **changes)

    @property
    def url(self) -> str:
        pairs = [(name, getattr(self, name)) for name in ("round", "unit", "year", "result")]
        query = urlencode([(name, value) for name, value in pairs if value])
        return reverse("recheck_results") + (f"?{query}" if query else "")

    def rows(self, items: QuerySet) -> QuerySet:
        """已核查的问题 that meet every condition."""
        items = items.checked()
        if self.round:
            items = items.filter(finding__round=self.round)
        if self.unit:
            items = items.filter(finding__organisation=self.unit)
        if self.year:
            items = items.filter(checked_on__year=self.year)
        return items.filter(result=self.result) if self.result else items


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
