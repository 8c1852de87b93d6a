"""巡察整改指标: named figures with the rows behind them; pages, export and annual report take them here alone (三（四）1).

A figure is a filter (decision 4): its value is the number of rows the filter selects, its address opens the same rows.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Count, Q, QuerySet

from accountability import access, statements
from accountability.models import Organisation
from inspections.finding_filter import FindingFilter
from inspections.measure_filter import MeasureFilter
from inspections.models import Finding, Measure


@dataclass(frozen=True)
class Scope:
    """范围: what ``user`` sees (nobody: the whole school, for the annual report), narrowed to a round, a year, a unit."""

    on: date
    user: object | None = None
    round: int | None = None
    year: int | None = None
    organisation: int | None = None

    def findings(self) -> QuerySet:
        return Finding.objects.all() if self.user is None else Finding.objects.visible_to(self.user, self.on)

    def measures(self) -> QuerySet:
        return Measure.objects.all() if self.user is None else Measure.objects.visible_to(self.user, self.on)

    @property
    def shape(self) -> Hashable:
        """For a key (``statements``)."""
        of_user = access.shape_of(self.user) if self.user else "the whole school"
        return of_user and (of_user, self.on, self.round, self.year, self.organisation)

    def narrow(self) -> dict:
        return {"round": self.round, "year": self.year, "organisation": self.organisation}


class Indicator:
    """指标. ``value`` and ``rows`` never disagree: the one counts the other."""

    unit, group, round_path = "", "", ""

    def __init__(self, name: str, label: str, view: str) -> None:
        self.name, self.label, self.view = name, label, view

    def rows(self, scope: Scope) -> QuerySet:
        raise NotImplementedError

    def url(self, scope: Scope) -> str:
        raise NotImplementedError

    def meaning(self, scope: Scope) -> Q:
        """What is said of a row, apart from the scope: several figures of one kind are counted in one query by it."""
        raise NotImplementedError

    def value(self, scope: Scope) -> int:
        return self.rows(scope).count()

    def by(self, scope: Scope, what: str) -> dict[int, int]:
        """The same value for every unit or every round at once, in one query."""
        return counted_by(scope, what, (self.name,))[self.name]


class OfFindings(Indicator):
    unit, group, round_path = "个", "organisation", "round"

    def chosen(self, scope: Scope) -> FindingFilter:
        return FindingFilter(view=self.view, **scope.narrow())

    def rows(self, scope: Scope) -> QuerySet:
        return self.chosen(scope).rows(scope.findings(), on=scope.on, user=scope.user)

    def meaning(self, scope: Scope) -> Q:
        return self.chosen(scope).meaning(scope.on)

    def url(self, scope: Scope) -> str:
        chosen = self.chosen(scope)
        return chosen.but(round=None, year=None).in_round(scope.round) if scope.round else chosen.url


class OfMeasures(Indicator):
    unit, group, round_path = "条", "lead", "finding__round"

    def chosen(self, scope: Scope) -> MeasureFilter:
        return MeasureFilter(view=self.view, **scope.narrow())

    def rows(self, scope: Scope) -> QuerySet:
        return self.chosen(scope).rows(scope.measures())

    def meaning(self, scope: Scope) -> Q:
        return self.chosen(scope).meaning()

    def url(self, scope: Scope) -> str:
        return self.chosen(scope).url


INDICATORS = {
    each.name: each
    for each in (
        OfFindings("problems", "问题", "all"),
        OfFindings("closed", "已销号", "closed"),
        OfFindings("closed_in_time", "按期销号", "in_time"),
        OfFindings("closed_late", "逾期后销号", "closed_late"),
        OfFindings("late", "逾期未销号", "late"),
        OfFindings("long_term", "长期坚持", "long_term"),
        OfFindings("due", "应销号", "due"),
        OfFindings("focus", "重点关注", "focus"),
        OfFindings("rebound", "反弹重新立账", "rebound"),
        OfMeasures("measures", "措施", "all"),
        OfMeasures("measures_done", "措施已完成", "done"),
        OfMeasures("measures_mostly", "措施基本完成", "mostly"),
        OfMeasures("measures_undone", "措施未完成", "undone"),
        OfMeasures("measures_kept_up", "常态化坚持", "kept_up"),
        OfMeasures("measures_unproved", "已完成未见佐证", "unproved"),
    )
}
RATE = "按期销号率"
RATE_FORMULA = "按期销号 ÷ 应销号；应销号是已销号的和逾期未销号的问题，长期坚持和未到期的不计"


def rate(in_time: int, due: int) -> str:
    """按期销号率, with one decimal; a dash where nothing was due."""
    return f"{100 * in_time / due:.1f}%" if due else "—"


def rate_of(scope: Scope) -> str:
    return rate(INDICATORS["closed_in_time"].value(scope), INDICATORS["due"].value(scope))


@dataclass(frozen=True)
class Cell:
    """One figure of a table: its value, and the address of exactly its rows."""

    indicator: Indicator
    value: int
    url: str


@dataclass(frozen=True)
class Line:
    """One unit or one round, figure by figure."""

    name: str
    pk: int | None
    cells: list[Cell]

    def value(self, name: str) -> int:
        return next(cell.value for cell in self.cells if cell.indicator.name == name)

    @property
    def rate(self) -> str:
        return rate(self.value("closed_in_time"), self.value("due"))


# 各单位整改情况: the columns of a table, in order. ``rebound`` and ``unproved`` have no room there.
COLUMNS = (
    "problems", "closed", "closed_in_time", "closed_late", "late", "long_term", "due", "focus",
    "measures", "measures_done", "measures_mostly", "measures_undone", "measures_kept_up", "measures_unproved",
)  # fmt: skip


def counted_by(scope: Scope, what: str, names: Iterable[str] = COLUMNS) -> dict[str, dict[int | None, int]]:
    """``names`` for every unit or every round: a query for those of findings, one for those of measures."""
    counted = {}
    for whole in (INDICATORS["problems"], INDICATORS["measures"]):
        theirs = {name: INDICATORS[name] for name in names if type(INDICATORS[name]) is type(whole)}
        if not theirs:
            continue
        key = whole.group if what == "unit" else whole.round_path
        shaped_by = scope.shape and ("figures", whole.name, key, tuple(theirs), scope.shape)
        rows = statements.rows(
            shaped_by, lambda whole=whole, key=key, theirs=theirs: _counted(whole, key, theirs, scope)
        )
        counted |= {name: {row[0]: row[at] for row in rows if row[at]} for at, name in enumerate(theirs, start=1)}
    return counted


def _counted(whole: Indicator, key: str, theirs: dict[str, Indicator], scope: Scope) -> QuerySet:
    # Not by its name alone: some figures are called as a column is.
    meant = {f"of_{name}": Count("pk", filter=each.meaning(scope) or None) for name, each in theirs.items()}
    return whole.rows(scope).order_by().values_list(key).annotate(**meant)


def lines_by_unit(scope: Scope) -> tuple[list[Line], Line]:
    """各单位 and 合计: who answers for a problem or leads a measure; each row is one unit's, so that units add up."""
    counted = counted_by(scope, "unit")
    pks = {pk for values in counted.values() for pk in values}
    units = Organisation.objects.filter(pk__in=pks).select_related("parent").order_by("rank", "pk")
    lines = [Line(unit.full_name, unit.pk, _cells(scope, counted, "organisation", unit.pk)) for unit in units]
    cells = [Cell(INDICATORS[key], sum(counted[key].values()), INDICATORS[key].url(scope)) for key in COLUMNS]
    return lines, Line("合计", None, cells)


def cells_by_round(scope: Scope, rounds) -> dict[int, Line]:
    """各轮次, for a list of rounds."""
    counted = counted_by(scope, "round")
    return {row.pk: Line(row.name, row.pk, _cells(scope, counted, "round", row.pk)) for row in rounds}


def _cells(scope: Scope, counted: dict[str, dict[int, int]], dimension: str, pk: int) -> list[Cell]:
    narrowed = replace(scope, **{dimension: pk})
    return [Cell(INDICATORS[key], counted[key].get(pk, 0), INDICATORS[key].url(narrowed)) for key in COLUMNS]
