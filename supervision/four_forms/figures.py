"""四种形态统计: counts with their rows for the admitted; for the secretary counts that betray nobody (二（二）, 四（二）)."""

from collections import defaultdict
from dataclasses import dataclass
from typing import ClassVar

from django.db.models import Count, QuerySet

from accountability.filters import Filter
from accountability.models import Organisation, Person
from supervision.models import Form, FormEntry, FormMeasure

FEW = 3  # a count below this is not told of a unit
FEW_WORDS = f"少于{FEW}"
STATES = {"": "有效", "unchecked": "待复核", "withdrawn": "已撤销"}


@dataclass(frozen=True)
class FormFilter(Filter):
    """Of the register."""

    ADDRESS: ClassVar[str] = "four_form_entries"
    EXPORT: ClassVar[str] = "four_forms_export"
    CHOICES: ClassVar[dict] = {"form": Form, "state": STATES}
    COLUMNS: ClassVar[dict] = {"year": "year", "form": "form", "unit": "organisation", "measure": "measure"}
    SEARCHED: ClassVar[tuple] = ("person__name", "person_name", "document_number")

    year: int | None = None
    form: int | None = None
    unit: int | None = None
    measure: int | None = None
    state: str = ""
    q: str = ""

    def rows(self, entries: QuerySet) -> QuerySet:
        """``entries`` comes scoped."""
        entries = self.narrowed(entries)
        if self.state == "withdrawn":
            return entries.filter(state=FormEntry.State.WITHDRAWN)
        entries = entries.standing()
        return entries.filter(checked_by=None) if self.state == "unchecked" else entries


@dataclass(frozen=True)
class Cell:
    """One count and the rows it counts."""

    count: int
    url: str


@dataclass(frozen=True)
class Line:
    label: str
    cells: list[Cell]
    total: Cell


@dataclass(frozen=True)
class Table:
    """统计表: lines by unit, by year or by measure; a column for each form."""

    lines: list[Line]
    total: Line | None


def _counted(rows: QuerySet, by: str) -> dict[int, dict[int, int]]:
    counts: dict[int, dict[int, int]] = defaultdict(dict)
    for key, form, count in rows.order_by().values_list(by, "form").annotate(count=Count("pk")):
        counts[key][form] = count
    return counts


def _line(label: str, counts: dict[int, int], chosen: FormFilter) -> Line:
    cells = [Cell(counts.get(form, 0), chosen.but(form=form).url) for form in Form.values]
    return Line(label, cells, Cell(sum(counts.values()), chosen.url))


def _sum(counts: dict[int, dict[int, int]]) -> dict[int, int]:
    return {form: sum(row.get(form, 0) for row in counts.values()) for form in Form.values}


def by_unit(user: Person, year: int) -> Table:
    """各单位: only what ``user`` may see, every figure the rows behind it."""
    chosen = FormFilter(year=year)
    counts = _counted(chosen.rows(FormEntry.objects.visible_to(user)), "organisation")
    units = Organisation.objects.filter(pk__in=counts).select_related("parent").order_by("path")
    lines = [_line(unit.full_name, counts[unit.pk], chosen.but(unit=unit.pk)) for unit in units]
    return Table(lines, _line("合计", _sum(counts), chosen) if lines else None)


def by_measure(user: Person, year: int) -> list[tuple[str, str, Cell]]:
    """各处置方式: (form, measure, count)."""
    chosen = FormFilter(year=year)
    rows = chosen.rows(FormEntry.objects.visible_to(user)).order_by().values_list("measure", "form")
    counts = {(measure, form): count for measure, form, count in rows.annotate(count=Count("pk"))}
    measures = FormMeasure.objects.in_bulk([measure for measure, _ in counts])
    order = sorted(counts, key=lambda pair: (pair[1], measures[pair[0]].rank, pair[0]))
    return [
        (Form(form).label, measures[pk].name, Cell(counts[pk, form], chosen.but(measure=pk, form=form).url))
        for pk, form in order
    ]


def by_year(user: Person) -> Table:
    """各年度."""
    counts = _counted(FormFilter().rows(FormEntry.objects.visible_to(user)), "year")
    return Table(
        [_line(f"{year} 年", counts[year], FormFilter(year=year)) for year in sorted(counts, reverse=True)], None
    )


# ── 报党委 ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Told:
    """What the secretary is told: numbers by form and year of the whole school, and of units only those that
    hide everybody. No row stands behind them for him."""

    years: list[tuple[int, list[int], int]]
    units: list[tuple[str, int]]
    others: int


def told_to_secretary(year: int) -> Told:
    """报党委书记 (四（二）): whole-school counts; a unit is named from ``FEW`` on, all others are 少于3 alike, zero included.

    The unnamed are listed by nobody, so that neither a nought nor the difference to the total points at a unit; with
    fewer than two units unnamed the difference would, and then no unit is named at all.
    """
    standing = FormEntry.objects.standing()
    counts = _counted(standing, "year")
    years = [
        (each, [counts[each].get(form, 0) for form in Form.values], sum(counts[each].values()))
        for each in sorted(counts, reverse=True)
    ]
    units = _of_units(standing.filter(year=year))
    all_units = Organisation.objects.units().active().count()
    named = [(name, count) for name, count in units.items() if count >= FEW]
    others = all_units - len(named)
    return Told(years, named if others >= 2 else [], others if others >= 2 else all_units)


def _of_units(rows: QuerySet) -> dict[str, int]:
    """Counts by second-level unit, what concerns a branch with its unit; the school's own bodies are no unit."""
    counts: dict[str, int] = defaultdict(int)
    for entry in rows.select_related("organisation__parent"):
        unit = entry.organisation
        unit = unit.parent if unit.kind == Organisation.Kind.BRANCH else unit
        if unit.is_unit:
            counts[unit.name] += 1
    return dict(sorted(counts.items()))
