"""问责处理筛选: the one reading of the filters of the register and of duties nobody answered for (三（二）2)."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from inspections.finding_filter import year_in
from supervision.assessment.filters import Filter
from supervision.models import AccountabilityKind

VIEWS = {"": "全部", "influence": "影响期内", "to_follow": "待跟进", "lifted": "已解除"}


@dataclass(frozen=True)
class AccountabilityFilter(Filter):
    year: int | None = None
    target: str = ""
    kind: str = ""
    view: str = ""
    q: str = ""

    url_name = "accountability_measures"

    @classmethod
    def read(cls, params) -> "AccountabilityFilter":
        return cls(
            year=year_in(params),
            target=params.get("target") if params.get("target") in AccountabilityKind.Target else "",
            kind=params.get("kind", "").replace("\x00", "")[:40],
            view=params.get("view") if params.get("view") in VIEWS else "",
            q=params.get("q", "").replace("\x00", "").strip()[:40],
        )

    def rows(self, measures: QuerySet, *, on: date) -> QuerySet:
        """``measures`` comes scoped; what was entered in error is not among them."""
        measures = measures.standing()
        if self.year:
            measures = measures.of_year(self.year)
        if self.target:
            measures = measures.filter(kind__target=self.target)
        if self.kind:
            measures = measures.filter(kind__code=self.kind)
        if self.q:
            measures = measures.filter(
                Q(organisation__name__icontains=self.q)
                | Q(person__name__icontains=self.q)
                | Q(document_number__icontains=self.q)
                | Q(number__icontains=self.q)
            )
        return {
            "": lambda: measures,
            "influence": lambda: measures.in_influence(on),
            "to_follow": lambda: measures.to_follow(),
            "lifted": lambda: measures.filter(lifted_on__isnull=False),
        }[self.view]()
