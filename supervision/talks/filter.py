"""谈话筛选: the one reading of its filters; list, figure, export and count all use it (四（三）)."""

from dataclasses import dataclass, fields, replace
from datetime import date
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse

from supervision.models import Talk, TalkKind

# 常用视图: what the tabs offer; the figures open the others.
TABS = ("all", "mine", "to_hold", "unconfirmed", "tracking", "concluded")
VIEWS = {
    "all": "全部",
    "mine": "待我办理",
    "to_hold": "待谈话",
    "late": "逾期未谈",
    "held": "已谈话",
    "unconfirmed": "待本人确认",
    "tracking": "跟踪中",
    "untracked": "谈话后未跟踪",
    "concluded": "已办结",
}


def number_in(params, name: str) -> int | None:
    """A whole number of an address, or nothing: addresses are typed by hand."""
    text = params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def year_in(params) -> int | None:
    year = number_in(params, "year")
    return year if year and 2000 <= year <= 2100 else None


@dataclass(frozen=True)
class TalkFilter:
    """筛选条件. Unknown values in an address are dropped, never an error."""

    view: str = "all"
    kind: str = ""
    unit: int | None = None
    year: int | None = None
    q: str = ""

    @classmethod
    def read(cls, params) -> "TalkFilter":
        return cls(
            view=params.get("view") if params.get("view") in VIEWS else "all",
            kind=params.get("kind") if params.get("kind") in TalkKind.values else "",
            unit=number_in(params, "unit"),
            year=year_in(params),
            q=params.get("q", "").replace("\x00", "").strip()[:60],
        )

    def but(self, **changes) -> "TalkFilter":
        return replace(self, **changes)

    @property
    def query(self) -> str:
        pairs = [(column.name, getattr(self, column.name)) for column in fields(self)]
        return urlencode([(name, value) for name, value in pairs if value and (name, value) != ("view", "all")])

    @property
    def url(self) -> str:
        return reverse("talks") + (f"?{self.query}" if self.query else "")

    @property
    def export_url(self) -> str:
        return reverse("talks_export") + (f"?{self.query}" if self.query else "")

    @property
    def narrows(self) -> bool:
        return bool(self.query)

    def rows(self, talks: QuerySet, *, user, on: date) -> QuerySet:
        """``talks`` comes scoped, so that no count or search tells more than the list."""
        if self.kind:
            talks = talks.filter(kind=self.kind)
        if self.unit:
            talks = talks.filter(organisation=self.unit)
        if self.year:
            talks = talks.of_year(self.year)
        if self.q:
            named = Q(person__name__icontains=self.q) | Q(talker__name__icontains=self.q)
            talks = talks.filter(named | Q(words__icontains=self.q) | Q(number=self.q))
        return {
            "all": lambda: talks,
            "mine": lambda: talks.waiting_for(user),
            "to_hold": talks.to_hold,
            "late": lambda: talks.late(on),
            "held": talks.held,
            "unconfirmed": talks.unconfirmed,
            "tracking": talks.tracking,
            "untracked": lambda: talks.untracked(on),
            "concluded": lambda: talks.filter(state=Talk.State.CONCLUDED),
        }[self.view]()
