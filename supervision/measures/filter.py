"""问责处理筛选: the one reading of the filters of the register and of duties nobody answered for (三（二）2)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.db.models import QuerySet

from accountability.filters import Filter
from supervision.models import AccountabilityKind


@dataclass(frozen=True)
class AccountabilityFilter(Filter):
    ADDRESS: ClassVar[str] = "accountability_measures"
    EXPORT: ClassVar[str] = "accountability_measures_file"
    VIEWS: ClassVar[dict] = {"": "全部", "influence": "影响期内", "to_follow": "待跟进", "lifted": "已解除"}
    CHOICES: ClassVar[dict] = {"target": AccountabilityKind.Target}
    COLUMNS: ClassVar[dict] = {"year": "work_year", "target": "kind__target", "kind": "kind__code"}
    SEARCHED: ClassVar[tuple] = ("organisation__name", "person__name", "document_number", "number")

    year: int | None = None
    target: str = ""
    kind: str = ""
    view: str = ""
    q: str = ""

    def rows(self, measures: QuerySet, *, on: date) -> QuerySet:
        """``measures`` comes scoped; what was entered in error is not among them."""
        measures = self.narrowed(measures.standing())
        return {
            "": lambda: measures,
            "influence": lambda: measures.in_influence(on),
            "to_follow": lambda: measures.to_follow(),
            "lifted": lambda: measures.filter(lifted_on__isnull=False),
        }[self.view]()
