"""负担计: how many entries, fields and minutes a unit is asked for in a month, each figure down to its rows (四（三）).

What counts is what the unit had to type: its records, whatever page they were filed on, and its papers still in the making.
A branch's entries are its unit's. The rates are data (``data/burden.yaml``); the sums are made from them here alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth
from django.urls import reverse

from accountability.document_filter import DocumentFilter
from accountability.filters import Span
from accountability.models import ActKind, Document, Organisation, Person, Record
from accountability.record_filter import RecordFilter
from inspections.models import ProgressLine, RiskAnswer

DEFAULT = Path(__file__).parent.parent / "data" / "burden.yaml"
DRAFT = "draft"


@dataclass(frozen=True)
class Rate:
    """One entry: fields and minutes, and so many more for each of its lines."""

    fields: int
    minutes: int
    each_fields: int = 0
    each_minutes: int = 0


class Rates:
    """折算标准."""

    def __init__(self, told: Mapping) -> None:
        self.default, self.draft = _rate(told["default"]), _rate(told["draft"])
        self.categories = {name: _rate(each) for name, each in (told.get("categories") or {}).items()}
        self.acts = {code: _rate(each) for code, each in (told.get("acts") or {}).items()}

    def of(self, code: str, category: str) -> Rate:
        if code == DRAFT:
            return self.draft
        return self.acts.get(code) or self.categories.get(category) or self.default


def _rate(told: Mapping) -> Rate:
    each = told.get("each") or {}
    rate = Rate(told["fields"], told["minutes"], each.get("fields", 0), each.get("minutes", 0))
    if any(not isinstance(number, int) or number < 0 for number in vars(rate).values()):
        raise ValueError(f"{told}")
    return rate


@cache
def rates() -> Rates:
    path = Path(settings.BURDEN_FILE or DEFAULT)
    try:
        return Rates(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, KeyError, TypeError, ValueError, AttributeError, yaml.YAMLError) as error:
        raise ImproperlyConfigured(f"BURDEN_FILE: {path} is no table of rates ({error!r})") from error


@dataclass(frozen=True)
class Load:
    """负担: so many entries, fields and minutes."""

    entries: int = 0
    fields: int = 0
    minutes: int = 0

    def __add__(self, other: "Load") -> "Load":
        return Load(self.entries + other.entries, self.fields + other.fields, self.minutes + other.minutes)

    @property
    def hours(self) -> str:
        """3.5; below an hour still told in tenths."""
        return f"{self.minutes / 60:.1f}"


@dataclass(frozen=True)
class Counted:
    """So many entries of one act by one organisation in one month, with so many lines."""

    organisation: int
    month: Span
    code: str
    category: str
    name: str
    entries: int
    lines: int

    @property
    def load(self) -> Load:
        rate = rates().of(self.code, self.category)
        fields = self.entries * rate.fields + self.lines * rate.each_fields
        return Load(self.entries, fields, self.entries * rate.minutes + self.lines * rate.each_minutes)


def counted(user: Person, year: int) -> list[Counted]:
    """Everything ``user`` may see of the working year, in four queries."""
    records = Record.objects.visible_to(user).filter(work_year=year)
    lines: dict[tuple, int] = defaultdict(int)
    for rows, path in (
        (ProgressLine.objects.all(), "report__record"),
        (RiskAnswer.objects.all(), "unit_check__record"),
    ):
        held = rows.filter(**{f"{path}__in": records.values("pk")}).order_by()
        names = (f"{path}__organisation", "month", f"{path}__act__code")
        for *key, number in (
            held.annotate(month=TruncMonth(f"{path}__entered_on")).values_list(*names).annotate(Count("pk"))
        ):
            lines[tuple(key)] += number
    told = records.order_by().annotate(month=TruncMonth("entered_on"))
    told = told.values_list("organisation", "month", "act__code", "act__category", "act__name").annotate(Count("pk"))
    found = [
        Counted(unit, _span(month, year), code, category, name, number, lines[unit, month, code])
        for unit, month, code, category, name, number in told
    ]
    drafts = Document.objects.visible_to(user).of_year(year).unrecorded().order_by()
    drafted = drafts.annotate(month=TruncMonth("created_at")).values_list("organisation", "month").annotate(Count("pk"))
    return found + [
        Counted(unit, _span(month, year), DRAFT, "", "起草和办理中的文件", number, 0) for unit, month, number in drafted
    ]


def _span(month, year: int) -> Span:
    """The month; whatever was entered after the working year stands together under that year."""
    text = f"{month:%Y-%m}" if month.year == year else f"{month:%Y}"
    return Span.read(text)


@dataclass
class Line:
    """One unit, its branches included."""

    unit: Organisation
    year: int
    by_month: dict[str, Load] = field(default_factory=lambda: defaultdict(Load))

    @property
    def total(self) -> Load:
        return sum(self.by_month.values(), Load())

    @property
    def url(self) -> str:
        return f"{reverse('burden_unit', args=[self.unit.pk])}?year={self.year}"


class BurdenTable:
    """单位×月份 of the units ``user`` may see."""

    def __init__(self, user: Person, year: int) -> None:
        self.year = year
        units = units_seen(user)
        of_unit = _unit_of_each(units)
        self.lines = [Line(unit, year) for unit in units]
        by_unit = {line.unit.pk: line for line in self.lines}
        self.sums: dict[str, Load] = defaultdict(Load)
        for each in counted(user, year):
            if each.organisation in of_unit:
                by_unit[of_unit[each.organisation]].by_month[each.month.text] += each.load
                self.sums[each.month.text] += each.load
        after = sorted(text for text in self.sums if len(text) == 4)
        self.months = [Span.read(text) for text in (*(f"{year}-{number:02d}" for number in range(1, 13)), *after)]

    def rows(self) -> list[dict]:
        return [
            {
                "line": line,
                "cells": [(line.by_month.get(month.text), f"{line.url}&month={month.text}") for month in self.months],
            }
            for line in self.lines
        ]

    def sum_cells(self) -> list[Load]:
        return [self.sums.get(month.text, Load()) for month in self.months]

    @property
    def total(self) -> Load:
        return sum(self.sums.values(), Load())


def units_seen(user: Person) -> list[Organisation]:
    rows = Organisation.objects.visible_to(user).units().active()
    return list(rows.order_by("rank", "pk"))


def _unit_of_each(units: Iterable[Organisation]) -> dict[int, int]:
    """Organisation → unit, the unit itself and everything below it."""
    by_path = {unit.path: unit.pk for unit in units}
    longest = sorted(by_path, key=len, reverse=True)
    found = {}
    for pk, path in Organisation.objects.values_list("pk", "path"):
        above = next((each for each in longest if path.startswith(each)), None)
        if above:
            found[pk] = by_path[above]
    return found


@dataclass(frozen=True)
class Entry:
    """One line of a unit's month: what kind of entry, how heavy, and the list that shows the rows."""

    name: str
    load: Load
    lines: int
    rate: Rate
    url: str


def entries_of(user: Person, unit: Organisation, year: int, month: Span | None) -> list[Entry]:
    """One unit by kind of entry, the heaviest first; ``month`` empty means the whole working year."""
    below = set(Organisation.objects.below(unit).values_list("pk", flat=True))
    held: dict[str, list[Counted]] = defaultdict(list)
    for each in counted(user, year):
        if each.organisation in below and (month is None or each.month.text == month.text):
            held[each.code].append(each)
    entries = [_entry(code, rows, unit, year, month) for code, rows in held.items()]
    return sorted(entries, key=lambda entry: (-entry.load.minutes, entry.name))


def _entry(code: str, rows: list[Counted], unit: Organisation, year: int, month: Span | None) -> Entry:
    url = (
        DocumentFilter(year, view="unrecorded", unit=unit.pk, drafted=month).url
        if code == DRAFT
        else RecordFilter(year, way=code, unit=unit.pk, entered=month).url
    )
    load = sum((each.load for each in rows), Load())
    rate = rates().of(code, rows[0].category)
    return Entry(rows[0].name, load, sum(each.lines for each in rows), rate, url)


def told_rates() -> list[tuple[str, Rate]]:
    """折算标准 in words, as the page shows it."""
    known = rates()
    acts: QuerySet[ActKind] = ActKind.objects.filter(code__in=known.acts)
    categories = ActKind.Category
    return [
        *((act.name, known.acts[act.code]) for act in acts),
        *((f"{categories(name).label}（其他）", rate) for name, rate in known.categories.items() if name in categories),
        ("起草和办理中的文件", known.draft),
        ("其余各类", known.default),
    ]
