"""考核筛选: the one reading of the filters of sheets, objections and results; a figure is one of them (四（四）)."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from inspections.finding_filter import number_in, year_in
from supervision.models import AssessedKind, Objection, Purpose

SHEET_VIEWS = {
    "": "全部",
    "unsaid": "未自评",
    "said": "已自评",
    "unreviewed": "未评完",
    "objected": "有待答复异议",
}


def _word(params, name: str) -> str:
    return params.get(name, "").replace("\x00", "").strip()[:40]


class Filter:
    """What every filter of this room can do."""

    url_name = ""

    def but(self, **changes):
        return replace(self, **changes)

    def items(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in vars(self).items() if value]

    @property
    def url(self) -> str:
        query = urlencode(self.items())
        return reverse(self.url_name) + (f"?{query}" if query else "")


@dataclass(frozen=True)
class SheetFilter(Filter):
    """考核表. Unknown values in an address are dropped, never an error."""

    year: int | None = None
    kind: str = ""
    assessment: int | None = None
    view: str = ""
    q: str = ""

    url_name = "assessment_sheets"

    @classmethod
    def read(cls, params) -> "SheetFilter":
        return cls(
            year=year_in(params),
            kind=params.get("kind") if params.get("kind") in AssessedKind else "",
            assessment=number_in(params, "assessment"),
            view=params.get("view") if params.get("view") in SHEET_VIEWS else "",
            q=_word(params, "q"),
        )

    def rows(self, sheets: QuerySet) -> QuerySet:
        """``sheets`` comes scoped."""
        if self.year:
            sheets = sheets.of_year(self.year)
        if self.kind:
            sheets = sheets.filter(assessment__scheme__kind=self.kind)
        if self.assessment:
            sheets = sheets.filter(assessment=self.assessment)
        if self.q:
            sheets = sheets.filter(name__icontains=self.q)
        return {
            "": lambda: sheets,
            "unsaid": lambda: sheets.unsaid(),
            "said": lambda: sheets.filter(self_state="confirmed"),
            "unreviewed": lambda: sheets.unreviewed(),
            "objected": lambda: sheets.objected(),
        }[self.view]()


@dataclass(frozen=True)
class ObjectionFilter(Filter):
    year: int | None = None
    state: str = ""

    url_name = "objections"

    @classmethod
    def read(cls, params) -> "ObjectionFilter":
        return cls(year_in(params), params.get("state") if params.get("state") in Objection.State else "")

    def rows(self, objections: QuerySet) -> QuerySet:
        if self.year:
            objections = objections.of_year(self.year)
        return objections.filter(state=self.state) if self.state else objections


@dataclass(frozen=True)
class ResultFilter(Filter):
    """考核结果 for a purpose: by grade, by kind, and whether something stands in the way."""

    year: int | None = None
    kind: str = ""
    grade: str = ""
    purpose: str = ""
    barred: str = ""
    q: str = ""

    url_name = "assessment_results"

    @classmethod
    def read(cls, params) -> "ResultFilter":
        return cls(
            year=year_in(params),
            kind=params.get("kind") if params.get("kind") in AssessedKind else "",
            grade=_word(params, "grade")[:10],
            purpose=params.get("purpose") if params.get("purpose") in Purpose else "",
            barred=params.get("barred") if params.get("barred") in ("yes", "no") else "",
            q=_word(params, "q"),
        )

    def rows(self, sheets: QuerySet) -> QuerySet:
        """Frozen sheets; ``purpose`` and ``barred`` are read by ``assessment_results``, which knows the measures."""
        sheets = sheets.frozen()
        if self.year:
            sheets = sheets.of_year(self.year)
        if self.kind:
            sheets = sheets.filter(assessment__scheme__kind=self.kind)
        if self.grade:
            sheets = sheets.filter(grade=self.grade)
        if self.q:
            sheets = sheets.filter(name__icontains=self.q)
        return sheets
