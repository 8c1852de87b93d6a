"""风险点筛选: the one reading of the filters of points and of answers; list, figure, map and export all use it (三（四）2)."""

from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse

from inspections.models import Level, RiskAnswer, RiskPoint
from inspections.models.risks import SORTS

S = RiskPoint.State
VIEWS = {
    "in_use": "在用",
    "waiting": "待我确认",
    "proposed": "待确认",
    "returned": "已退回",
    "retired": "已退出",
    "all": "全部",
}
NO_AREA = "none"


def read_number(params, name: str) -> int | None:
    value = params.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


def read_text(params, name: str, at_most: int) -> str:
    return params.get(name, "").replace("\x00", "").strip()[:at_most]


class Filter:
    """What both filters share: an address that says exactly which rows are meant."""

    def but(self, **changes) -> Self:
        return replace(self, **changes)

    def query(self) -> str:
        return urlencode(self.items())

    def url_of(self, name: str) -> str:
        return reverse(name) + (f"?{self.query()}" if self.items() else "")


@dataclass(frozen=True)
class RiskFilter(Filter):
    """筛选条件 of points. Unknown values in an address are dropped, never an error."""

    view: str = "in_use"
    unit: int | None = None
    area: str = ""
    level: int | None = None
    category: str = ""
    change: str = ""
    year: int | None = None
    q: str = ""

    @classmethod
    def read(cls, params) -> "RiskFilter":
        level, year = read_number(params, "level"), read_number(params, "year")
        change = params.get("change", "") if params.get("change") in SORTS and year else ""
        view = params.get("view", "")
        return cls(
            # Who asks for the changes of a year asks for the retired too.
            view=view if view in VIEWS else ("all" if change else "in_use"),
            unit=read_number(params, "unit"),
            area=read_text(params, "area", 20),
            level=level if level in Level.values else None,
            category=params.get("category", "") if params.get("category") in RiskPoint.Category else "",
            change=change,
            year=year if change and 2000 <= year <= 2100 else None,
            q=read_text(params, "q", 60),
        )

    def items(self) -> list[tuple[str, str]]:
        default = "all" if self.change else "in_use"
        pairs = [("view", "" if self.view == default else self.view)]
        names = ("unit", "area", "level", "category", "change", "year", "q")
        pairs += [(name, str(getattr(self, name) or "")) for name in names]
        return [(name, value) for name, value in pairs if value]

    @property
    def narrows(self) -> bool:
        return bool(self.items())

    @property
    def url(self) -> str:
        return self.url_of("risks")

    def rows(self, points: QuerySet, *, user) -> QuerySet:
        """The points that meet every condition; ``points`` comes scoped."""
        for name, column in (("unit", "organisation"), ("level", "level"), ("category", "category")):
            if value := getattr(self, name):
                points = points.filter(**{column: value})
        if self.area:
            points = points.filter(key_area="" if self.area == NO_AREA else self.area)
        if self.change and self.year:
            points = points.changed_in(self.year, self.change)
        if self.q:
            points = points.filter(
                Q(text__icontains=self.q)
                | Q(power_item__icontains=self.q)
                | Q(manifestation__icontains=self.q)
                | Q(measures__icontains=self.q)
            )
        return self._of_view(points, user)

    def _of_view(self, points: QuerySet, user) -> QuerySet:
        if self.view == "all":
            return points.exclude(state=S.WITHDRAWN)
        if self.view == "waiting":
            return points.filter(pk__in=RiskPoint.objects.waiting_for(user).values("pk"))
        return points.filter(state=self.view)


ANSWER_VIEWS = {
    "all": "全部",
    "problem": "存在问题",
    "loose": "措施未全部落实",
    "change": "建议调整",
    "differs": "与去年不同",
}


@dataclass(frozen=True)
class AnswerFilter(Filter):
    """筛选条件 of handed-in answers."""

    year: int = 0
    view: str = "all"
    unit: int | None = None
    area: str = ""
    level: int | None = None
    q: str = ""

    @classmethod
    def read(cls, params, year: int) -> "AnswerFilter":
        level = read_number(params, "level")
        return cls(
            year=year,
            view=params.get("view") if params.get("view") in ANSWER_VIEWS else "all",
            unit=read_number(params, "unit"),
            area=read_text(params, "area", 20),
            level=level if level in Level.values else None,
            q=read_text(params, "q", 60),
        )

    def items(self) -> list[tuple[str, str]]:
        pairs = [("year", str(self.year)), ("view", "" if self.view == "all" else self.view)]
        pairs += [(name, str(getattr(self, name) or "")) for name in ("unit", "area", "level", "q")]
        return [(name, value) for name, value in pairs if value]

    @property
    def narrows(self) -> bool:
        return len(self.items()) > 1

    @property
    def url(self) -> str:
        return self.url_of("risk_answers")

    def rows(self, answers: QuerySet) -> QuerySet:
        """The answers that meet every condition; ``answers`` comes scoped."""
        answers = answers.of_year(self.year).with_last_year()
        if self.unit:
            answers = answers.filter(unit_check__organisation=self.unit)
        if self.area:
            answers = answers.filter(point__key_area="" if self.area == NO_AREA else self.area)
        if self.level:
            answers = answers.filter(level=self.level)
        if self.q:
            answers = answers.filter(
                Q(point__text__icontains=self.q) | Q(problem__icontains=self.q) | Q(plan__icontains=self.q)
            )
        return self._of_view(answers)

    def _of_view(self, answers: QuerySet) -> QuerySet:
        return {
            "all": lambda: answers,
            "problem": lambda: answers.filter(has_problem=True),
            "loose": lambda: answers.exclude(carried_out=RiskAnswer.CarriedOut.YES),
            "change": lambda: answers.filter(needs_change=True),
            "differs": lambda: answers.changed(),
        }[self.view]()
