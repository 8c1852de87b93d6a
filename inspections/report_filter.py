"""月报筛选: the one reading of the filters of a round's monthly reports; cell, total and list agree (三（四）1)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.db.models import F, QuerySet

from accountability.filters import Filter, Span
from accountability.models import Duty


@dataclass(frozen=True)
class ReportFilter(Filter):
    """No view at all is the matrix."""

    VIEWS: ClassVar[dict] = {
        "all": "应报",
        "done": "已报",
        "late": "逾期未报",
        "done_late": "逾期报送",
        "waiting": "待单位审核",
        "same": "有与此前相同",
        "waived": "不再要求",
    }
    COLUMNS: ClassVar[dict] = {"unit": "organisation"}

    view: str = ""
    unit: int | None = None
    month: Span | None = None

    def in_round(self, round_pk: int) -> str:
        """The address of the reports of one round under these conditions."""
        return self.at("progress_round", round_pk)

    def rows(self, reports: QuerySet, *, on: date) -> QuerySet:
        """The reports that meet every condition; ``reports`` comes scoped."""
        reports = self.narrowed(reports)
        if self.month:
            reports = reports.filter(month__gte=self.month.first, month__lte=self.month.last)
        return {
            "all": reports.owed,
            "done": lambda: reports.filter(duty__state=Duty.State.FULFILLED),
            "late": lambda: reports.late(on),
            "done_late": lambda: reports.filter(
                duty__state=Duty.State.FULFILLED, duty__fulfilled_on__gt=F("duty__due_on")
            ),
            "waiting": reports.waiting,
            "same": reports.repeating,
            "waived": lambda: reports.filter(duty__state=Duty.State.WAIVED),
        }[self.view or "all"]()
