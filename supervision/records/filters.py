"""监督记录的筛选: the one reading of each list's filters; list, figure and export all use it (二（二）, 三（二）2)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from accountability.filters import Filter
from supervision.models import Oversight, OversightUnit, RecordEvaluation
from supervision.models.oversight import OPEN_SOURCES

SOURCES = {one.value: one.label for one in OPEN_SOURCES}


@dataclass(frozen=True)
class OversightFilter(Filter):
    ADDRESS: ClassVar[str] = "oversights"
    EXPORT: ClassVar[str] = "oversights_export"
    VIEWS: ClassVar[dict] = {
        "all": "全部",
        "open": "跟踪中",
        "found": "发现问题",
        "settled": "已办结",
        "nothing": "未发现问题",
    }
    CHOICES: ClassVar[dict] = {"kind": Oversight.Kind, "source": SOURCES}
    COLUMNS: ClassVar[dict] = {"year": "record__work_year", "kind": "kind", "source": "source"}
    SEARCHED: ClassVar[tuple] = ("record__title",)

    view: str = "all"
    unit: int | None = None
    year: int | None = None
    q: str = ""
    kind: str = ""
    source: str = ""

    def rows(self, rows: QuerySet) -> QuerySet:
        """``rows`` comes scoped. Only what every viewer of a row may read is searched: its name."""
        rows = self.narrowed(rows.standing())
        if self.unit:
            rows = rows.filter(Exists(OversightUnit.objects.filter(oversight=OuterRef("pk"), organisation=self.unit)))
        if self.view == "found":
            return rows.exclude(state=Oversight.State.NOTHING)
        return rows if self.view == "all" else rows.filter(state=self.view)


@dataclass(frozen=True)
class FoundFilter(Filter):
    ADDRESS: ClassVar[str] = "found_problems"
    VIEWS: ClassVar[dict] = {
        "all": "全部",
        "untold": "未向单位提出",
        "told": "已向单位提出",
        "unanswered": "待答复",
        "late": "逾期未答复",
        "accepted": "答复已认可",
    }
    CHOICES: ClassVar[dict] = {"source": SOURCES}
    COLUMNS: ClassVar[dict] = {"unit": "organisation"}
    SEARCHED: ClassVar[tuple] = ("text",)

    view: str = "all"
    unit: int | None = None
    year: int | None = None
    q: str = ""
    source: str = ""

    def rows(self, rows: QuerySet, *, on: date) -> QuerySet:
        rows = self.narrowed(rows.standing())
        if self.year:
            rows = rows.filter(
                Q(oversight__record__work_year=self.year) | Q(oversight=None, unit__special_check__work_year=self.year)
            )
        if self.source:
            rows = rows.filter(
                Q(oversight__source=self.source) | Q(oversight=None, unit__special_check__source=self.source)
            )
        return {
            "all": lambda: rows,
            "untold": lambda: rows.filter(requirement=None),
            "told": lambda: rows.told(),
            "unanswered": lambda: rows.unanswered(),
            "late": lambda: rows.late(on),
            "accepted": lambda: rows.accepted(),
        }[self.view]()


@dataclass(frozen=True)
class EvaluationFilter(Filter):
    """Only standing evaluations are listed; what was corrected is told on the record."""

    ADDRESS: ClassVar[str] = "record_evaluations"
    EXPORT: ClassVar[str] = "record_evaluations_export"
    VIEWS: ClassVar[dict] = {"all": "全部", "mine": "我作出的"}
    CHOICES: ClassVar[dict] = {"grade": RecordEvaluation.Grade}
    COLUMNS: ClassVar[dict] = {"unit": "record__organisation", "year": "record__work_year", "grade": "grade"}
    SEARCHED: ClassVar[tuple] = ("record__title",)

    view: str = "all"
    unit: int | None = None
    year: int | None = None
    q: str = ""
    grade: str = ""

    def rows(self, rows: QuerySet, *, user) -> QuerySet:
        rows = self.narrowed(rows.current())
        return rows.filter(evaluated_by=user) if self.view == "mine" else rows
