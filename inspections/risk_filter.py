"""风险点筛选: the one reading of the filters of points and of answers; list, figure, map and export all use it (三（四）2)."""

from dataclasses import dataclass
from typing import ClassVar, Self

from django.db.models import Q, QuerySet

from accountability.filters import Filter
from inspections.models import Level, RiskAnswer, RiskPoint
from inspections.models.risks import SORTS

NO_AREA = "none"


def _area(name: str, area: str) -> Q:
    """重点领域, or none at all."""
    return Q(**{name: "" if area == NO_AREA else area}) if area else Q()


@dataclass(frozen=True)
class RiskFilter(Filter):
    """Of points."""

    ADDRESS: ClassVar[str] = "risks"
    EXPORT: ClassVar[str] = "risk_export"
    VIEWS: ClassVar[dict] = {
        "in_use": "在用",
        "waiting": "待我确认",
        "proposed": "待确认",
        "returned": "已退回",
        "retired": "已退出",
        "all": "全部",
    }
    CHOICES: ClassVar[dict] = {"level": Level, "category": RiskPoint.Category, "change": SORTS}
    COLUMNS: ClassVar[dict] = {"unit": "organisation", "level": "level", "category": "category"}
    SEARCHED: ClassVar[tuple] = ("text", "power_item", "manifestation", "measures")

    view: str = "in_use"
    unit: int | None = None
    area: str = ""
    level: int | None = None
    category: str = ""
    change: str = ""
    year: int | None = None
    q: str = ""

    @classmethod
    def read(cls, params) -> Self:
        """A change is one of a year; who asks for the changes of a year asks for the retired too."""
        chosen = super().read(params)
        if not (chosen.change and chosen.year):
            return chosen.but(change="", year=None)
        return chosen if params.get("view") in cls.VIEWS else chosen.but(view="all")

    def items(self) -> list[tuple[str, str]]:
        told = super().items()
        return [("view", self.view), *told] if self.change and self.view == "in_use" else told

    def rows(self, points: QuerySet, *, user) -> QuerySet:
        """The points that meet every condition; ``points`` comes scoped."""
        points = self.narrowed(points).filter(_area("key_area", self.area))
        if self.change and self.year:
            points = points.changed_in(self.year, self.change)
        return self._of_view(points, user)

    def _of_view(self, points: QuerySet, user) -> QuerySet:
        if self.view == "all":
            return points.exclude(state=RiskPoint.State.WITHDRAWN)
        if self.view == "waiting":
            return points.filter(pk__in=RiskPoint.objects.waiting_for(user).values("pk"))
        return points.filter(state=self.view)


@dataclass(frozen=True)
class AnswerFilter(Filter):
    """Of answers handed in."""

    ADDRESS: ClassVar[str] = "risk_answers"
    EXPORT: ClassVar[str] = "risk_answer_export"
    VIEWS: ClassVar[dict] = {
        "all": "全部",
        "problem": "存在问题",
        "loose": "措施未全部落实",
        "change": "建议调整",
        "differs": "与去年不同",
    }
    CHOICES: ClassVar[dict] = {"level": Level}
    COLUMNS: ClassVar[dict] = {"unit": "unit_check__organisation", "level": "level"}
    SEARCHED: ClassVar[tuple] = ("point__text", "problem", "plan")

    year: int
    view: str = "all"
    unit: int | None = None
    area: str = ""
    level: int | None = None
    q: str = ""

    def rows(self, answers: QuerySet) -> QuerySet:
        """The answers that meet every condition; ``answers`` comes scoped."""
        answers = self.narrowed(answers.of_year(self.year).with_last_year())
        answers = answers.filter(_area("point__key_area", self.area))
        return self._of_view(answers)

    def _of_view(self, answers: QuerySet) -> QuerySet:
        return {
            "all": lambda: answers,
            "problem": lambda: answers.filter(has_problem=True),
            "loose": lambda: answers.exclude(carried_out=RiskAnswer.CarriedOut.YES),
            "change": lambda: answers.filter(needs_change=True),
            "differs": lambda: answers.changed(),
        }[self.view]()
