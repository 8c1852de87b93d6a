"""月报筛选: the one reading of the filters of a round's monthly reports; cell, total and list agree (三（四）1)."""

from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.db.models import F, QuerySet
from django.urls import reverse

from accountability.models import Duty

VIEWS = {
    "all": "应报",
    "done": "已报",
    "late": "逾期未报",
    "done_late": "逾期报送",
    "waiting": "待单位审核",
    "same": "有与此前相同",
    "waived": "不再要求",
}


@dataclass(frozen=True)
class ReportFilter:
    """Unknown values in an address are dropped, never an error. No view at all is the matrix."""

    view: str = ""
    unit: int | None = None
    month: date | None = None

    @classmethod
    def read(cls, params) -> "ReportFilter":
        unit = params.get("unit", "")
        return cls(
            view=params.get("view") if params.get("view") in VIEWS else "",
            unit=int(unit) if unit.isascii() and unit.isdigit() and len(unit) < 10 else None,
            month=_month(params.get("month", "")),
        )

    def but(self, **changes) -> "ReportFilter":
        return replace(self, **changes)

    def items(self) -> list[tuple[str, str]]:
        month = f"{self.month:%Y-%m}" if self.month else ""
        pairs = [("view", self.view), ("unit", str(self.unit or "")), ("month", month)]
        return [(name, value) for name, value in pairs if value]

    def url(self, round_pk: int) -> str:
        query = urlencode(self.items())
        return reverse("progress_round", args=[round_pk]) + (f"?{query}" if query else "")

    @property
    def narrows(self) -> bool:
        return bool(self.items())

    def rows(self, reports: QuerySet, *, on: date) -> QuerySet:
        """The reports that meet every condition; ``reports`` comes scoped."""
        if self.unit:
            reports = reports.filter(organisation=self.unit)
        if self.month:
            reports = reports.filter(month=self.month)
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


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01") if len(text) == 7 else None
    except ValueError:
        return None
