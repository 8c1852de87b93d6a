"""考核筛选: the one reading of the filters of sheets, objections and results; a figure is one of them (四（四）)."""

from dataclasses import dataclass
from typing import ClassVar

from django.db.models import QuerySet

from accountability.filters import Filter
from supervision.models import AssessedKind, Objection, Purpose


@dataclass(frozen=True)
class SheetFilter(Filter):
    """考核表."""

    ADDRESS: ClassVar[str] = "assessment_sheets"
    VIEWS: ClassVar[dict] = {
        "": "全部",
        "unsaid": "未自评",
        "said": "已自评",
        "unreviewed": "未评完",
        "objected": "有待答复异议",
    }
    CHOICES: ClassVar[dict] = {"kind": AssessedKind}
    COLUMNS: ClassVar[dict] = {
        "year": "assessment__scheme__work_year",
        "kind": "assessment__scheme__kind",
        "assessment": "assessment",
    }
    SEARCHED: ClassVar[tuple] = ("name",)

    year: int | None = None
    kind: str = ""
    assessment: int | None = None
    view: str = ""
    q: str = ""

    def rows(self, sheets: QuerySet) -> QuerySet:
        """``sheets`` comes scoped."""
        sheets = self.narrowed(sheets)
        return {
            "": lambda: sheets,
            "unsaid": lambda: sheets.unsaid(),
            "said": lambda: sheets.filter(self_state="confirmed"),
            "unreviewed": lambda: sheets.unreviewed(),
            "objected": lambda: sheets.objected(),
        }[self.view]()


@dataclass(frozen=True)
class ObjectionFilter(Filter):
    ADDRESS: ClassVar[str] = "objections"
    CHOICES: ClassVar[dict] = {"state": Objection.State}
    COLUMNS: ClassVar[dict] = {"year": "line__sheet__assessment__scheme__work_year", "state": "state"}

    year: int | None = None
    state: str = ""

    def rows(self, objections: QuerySet) -> QuerySet:
        return self.narrowed(objections)


@dataclass(frozen=True)
class ResultFilter(Filter):
    """考核结果 for a purpose: by grade, by kind, and whether something stands in the way."""

    ADDRESS: ClassVar[str] = "assessment_results"
    EXPORT: ClassVar[str] = "assessment_results_file"
    CHOICES: ClassVar[dict] = {"kind": AssessedKind, "purpose": Purpose, "barred": ("yes", "no")}
    COLUMNS: ClassVar[dict] = {
        "year": "assessment__scheme__work_year",
        "kind": "assessment__scheme__kind",
        "grade": "grade",
    }
    SEARCHED: ClassVar[tuple] = ("name",)

    year: int | None = None
    kind: str = ""
    grade: str = ""
    purpose: str = ""
    barred: str = ""
    q: str = ""

    def rows(self, sheets: QuerySet) -> QuerySet:
        """Frozen sheets; ``purpose`` and ``barred`` are read by ``assessment_results``, which knows the measures."""
        return self.narrowed(sheets.frozen())
