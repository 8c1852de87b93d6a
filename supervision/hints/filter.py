"""提示筛选: the one reading of the filters of hints; list, counts, figures and export all use it (四（三）)."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse

from supervision.models import Hint

STATES = {"open": "待查看", "confirmed": "已确认", "dismissed": "已排除", "gone": "已消失", "all": "全部"}


@dataclass(frozen=True)
class HintFilter:
    """筛选条件. Unknown or malformed values in an address are dropped, never an error."""

    state: str = "open"
    kind: str = ""
    # 单位: the one it is about, or the one it is held against.
    unit: int | None = None
    year: int | None = None

    @classmethod
    def read(cls, params) -> "HintFilter":
        return cls(
            state=params.get("state") if params.get("state") in STATES else "open",
            kind=params.get("kind") if params.get("kind") in Hint.Kind else "",
            unit=_number(params.get("unit", "")),
            year=_number(params.get("year", "")),
        )

    def but(self, **changes) -> "HintFilter":
        return replace(self, **changes)

    def items(self) -> list[tuple[str, str]]:
        pairs = [("state", "" if self.state == "open" else self.state)]
        pairs += [(name, str(getattr(self, name) or "")) for name in ("kind", "unit", "year")]
        return [(name, value) for name, value in pairs if value]

    @property
    def query(self) -> str:
        return urlencode(self.items())

    @property
    def url(self) -> str:
        return reverse("hints") + (f"?{self.query}" if self.query else "")

    @property
    def narrows(self) -> bool:
        return bool(self.kind or self.unit or self.year)

    def rows(self, hints: QuerySet) -> QuerySet:
        """The hints that meet every condition; ``hints`` comes scoped."""
        if self.state != "all":
            hints = hints.filter(state=self.state)
        if self.kind:
            hints = hints.filter(kind=self.kind)
        if self.unit:
            hints = hints.filter(Q(organisation=self.unit) | Q(other=self.unit))
        if self.year:
            hints = hints.filter(work_year=self.year)
        return hints


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
