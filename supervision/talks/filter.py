"""谈话筛选: the one reading of its filters; list, figure, export and count all use it (四（三）)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.db.models import Q, QuerySet

from accountability.filters import Filter
from supervision.models import Talk, TalkKind

# 常用视图: what the tabs offer; the figures open the others.
TABS = ("all", "mine", "to_hold", "unconfirmed", "tracking", "concluded")


@dataclass(frozen=True)
class TalkFilter(Filter):
    ADDRESS: ClassVar[str] = "talks"
    EXPORT: ClassVar[str] = "talks_export"
    VIEWS: ClassVar[dict] = {
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
    CHOICES: ClassVar[dict] = {"kind": TalkKind}
    COLUMNS: ClassVar[dict] = {"kind": "kind", "unit": "organisation", "year": "year"}

    view: str = "all"
    kind: str = ""
    unit: int | None = None
    year: int | None = None
    q: str = ""

    def rows(self, talks: QuerySet, *, user, on: date) -> QuerySet:
        """``talks`` comes scoped, so that no count or search tells more than the list."""
        talks = self.narrowed(talks)
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
