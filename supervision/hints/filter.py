"""提示筛选: the one reading of the filters of hints; list, counts, figures and export all use it (四（三）)."""

from dataclasses import dataclass
from typing import ClassVar

from django.db.models import Q, QuerySet

from accountability.filters import Filter
from supervision.models import Hint

STATES = {"open": "待查看", "confirmed": "已确认", "dismissed": "已排除", "gone": "已消失", "all": "全部"}


@dataclass(frozen=True)
class HintFilter(Filter):
    ADDRESS: ClassVar[str] = "hints"
    EXPORT: ClassVar[str] = "hints_export"
    CHOICES: ClassVar[dict] = {"state": STATES, "kind": Hint.Kind}
    COLUMNS: ClassVar[dict] = {"kind": "kind", "year": "work_year"}

    state: str = "open"
    kind: str = ""
    # 单位: the one it is about, or the one it is held against.
    unit: int | None = None
    year: int | None = None

    def rows(self, hints: QuerySet) -> QuerySet:
        """The hints that meet every condition; ``hints`` comes scoped."""
        hints = self.narrowed(hints)
        if self.unit:
            hints = hints.filter(Q(organisation=self.unit) | Q(other=self.unit))
        return hints if self.state == "all" else hints.filter(state=self.state)
