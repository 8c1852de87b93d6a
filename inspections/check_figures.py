"""自查情况: per unit and in total, what was answered, found and changed since last year; each figure opens its rows (三（四）2)."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from accountability.models import Organisation
from inspections.models import CheckCampaign, RiskAnswer, RiskChange, RiskPoint, UnitCheck
from inspections.models.risks import SORTS
from inspections.risk_filter import AnswerFilter, RiskFilter
from inspections.services.risk_checks import units_of

UNIT_VIEWS = {
    "all": "全部单位",
    "handed_in": "已提交",
    "missing": "未提交",
    "zero": "零问题",
    "without": "没有风险点",
}
ANSWERED = ("answered", "problem", "loose", "change", "differs")


@dataclass(frozen=True)
class Figure:
    value: int
    url: str


@dataclass
class UnitLine:
    """One unit that owes the check."""

    organisation: Organisation
    check: UnitCheck | None
    year: int
    points: int
    counted: dict[str, int]
    changes: dict[str, int]

    @property
    def is_handed_in(self) -> bool:
        return self.check is not None and self.check.is_handed_in

    @property
    def is_without(self) -> bool:
        """没有风险点: a hint to look at, not a fault."""
        return self.points == 0

    @property
    def is_zero(self) -> bool:
        """零问题 over all its points."""
        return self.is_handed_in and self.counted["answered"] > 0 and self.counted["problem"] == 0

    @property
    def is_missing(self) -> bool:
        return not self.is_handed_in and not self.is_without

    def of_points(self) -> Figure:
        return Figure(self.points, RiskFilter(unit=self.organisation.pk).url)

    def of_answers(self) -> dict[str, Figure]:
        chosen = AnswerFilter(year=self.year, unit=self.organisation.pk)
        return {
            name: Figure(self.counted[name], chosen.but(view="all" if name == "answered" else name).url)
            for name in ANSWERED
        }

    def of_changes(self) -> dict[str, Figure]:
        chosen = RiskFilter(view="all", unit=self.organisation.pk, year=self.year)
        return {name: Figure(self.changes[name], chosen.but(change=name).url) for name in SORTS}


class CheckFigures:
    """Of the units ``user`` may see, in a fixed number of queries."""

    def __init__(self, user, campaign: CheckCampaign) -> None:
        self.campaign, self.year = campaign, campaign.work_year_id
        visible = Organisation.objects.visible_to(user)
        units = list(visible.filter(pk__in=units_of(self.year).values("pk")).order_by("rank", "pk"))
        checks = campaign.checks.filter(organisation__in=units).select_related("record", "saved_by")
        by_unit = {check.organisation_id: check for check in checks}
        points = _counted(RiskPoint.objects.in_use().filter(organisation__in=units), "organisation", {"points": Q()})
        answers = _answers(user, self.year)
        changes = _changes(user, self.year)
        self.lines = [
            UnitLine(
                unit,
                by_unit.get(unit.pk),
                self.year,
                points.get(unit.pk, {}).get("points", 0),
                {name: answers.get(unit.pk, {}).get(name, 0) for name in ANSWERED},
                {name: changes.get(unit.pk, {}).get(name, 0) for name in SORTS},
            )
            for unit in units
        ]
        # Sums over every unit in sight, also those that owe no check: the figure and its rows are the same.
        self.counted = {name: sum(row[name] for row in answers.values()) for name in ANSWERED}
        self.changes = {name: sum(row[name] for row in changes.values()) for name in SORTS}

    def of_view(self, view: str) -> list[UnitLine]:
        return {
            "all": lambda: self.lines,
            "handed_in": lambda: [line for line in self.lines if line.is_handed_in],
            "missing": lambda: [line for line in self.lines if line.is_missing],
            "zero": lambda: [line for line in self.lines if line.is_zero],
            "without": lambda: [line for line in self.lines if line.is_without],
        }[view]()

    def total_answers(self) -> dict[str, Figure]:
        chosen = AnswerFilter(year=self.year)
        return {
            name: Figure(self.counted[name], chosen.but(view="all" if name == "answered" else name).url)
            for name in ANSWERED
        }

    def total_changes(self) -> dict[str, Figure]:
        chosen = RiskFilter(view="all", year=self.year)
        return {name: Figure(self.changes[name], chosen.but(change=name).url) for name in SORTS}

    def is_late(self, on: date) -> bool:
        return on > self.campaign.due_on


def _counted(rows, column: str, conditions: dict[str, Q]) -> dict[int, dict[str, int]]:
    counts = {name: Count("pk", filter=condition or None, distinct=True) for name, condition in conditions.items()}
    return {row[column]: row for row in rows.order_by().values(column).annotate(**counts)}


def _answers(user, year: int) -> dict[int, dict[str, int]]:
    rows = RiskAnswer.objects.visible_to(user).of_year(year)
    column = "unit_check__organisation"
    conditions = {
        "answered": Q(),
        "problem": Q(has_problem=True),
        "loose": ~Q(carried_out=RiskAnswer.CarriedOut.YES),
        "change": Q(needs_change=True),
    }
    found = _counted(rows, column, conditions)
    differing = _counted(rows.with_last_year().changed(), column, {"differs": Q()})
    return {pk: row | {"differs": differing.get(pk, {}).get("differs", 0)} for pk, row in found.items()}


def _changes(user, year: int) -> dict[int, dict[str, int]]:
    """Points, not changes: one moved up and down again within the year is one."""
    rows = RiskChange.objects.visible_to(user).effective(year)
    found: dict[int, dict[str, int]] = {}
    for name, condition in SORTS.items():
        counted = rows.filter(condition).order_by().values("point__organisation")
        for row in counted.annotate(count=Count("point", distinct=True)):
            found.setdefault(row["point__organisation"], dict.fromkeys(SORTS, 0))[name] = row["count"]
    return found
