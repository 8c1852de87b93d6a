"""问题筛选: the one reading of the filters of a round's ledger; list, figure and export all use it (三（四）1)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.db.models import Q, QuerySet

from accountability.filters import Filter
from inspections.models import Finding, Measure, Round

S = Finding.State
# 常用视图: what the tabs of a round offer; the figures open more.
TABS = ("all", "working", "waiting", "closed", "in_time", "long_term", "late", "focus", "mine")


@dataclass(frozen=True)
class FindingFilter(Filter):
    ADDRESS: ClassVar[str] = "findings"
    VIEWS: ClassVar[dict] = {
        "all": "全部",
        "working": "整改中",
        "waiting": "待审核核验",
        "closed": "已销号",
        "in_time": "按期销号",
        "long_term": "长期坚持",
        "late": "逾期未销号",
        "focus": "重点关注",
        "mine": "待我办理",
        "open": "未销号",
        "closed_late": "逾期后销号",
        "due": "应销号",
        "rebound": "反弹重新立账",
        "late_focus": "重点关注逾期未销号",
    }
    CHOICES: ClassVar[dict] = {"completion": Measure.Completion}
    COLUMNS: ClassVar[dict] = {"organisation": "organisation", "round": "round", "category": "category"}

    view: str = "all"
    unit: int | None = None
    category: str = ""
    completion: str = ""
    q: str = ""
    # 责任单位 alone, so that the units of a table add up; ``unit`` is wider and takes who leads a measure besides.
    organisation: int | None = None
    round: int | None = None
    year: int | None = None

    def in_round(self, round_pk: int) -> str:
        """The address of a round's own page under these conditions."""
        return self.at("inspection", round_pk)

    @property
    def tabs(self) -> dict[str, str]:
        """The views offered as tabs: the usual ones, and the one a figure opened."""
        return {view: label for view, label in self.VIEWS.items() if view in TABS or view == self.view}

    def rows(self, findings: QuerySet, *, on: date, user) -> QuerySet:
        """The findings that meet every condition; ``findings`` comes scoped."""
        findings = self.narrowed(findings)
        if self.unit:
            led = Measure.objects.filter(lead=self.unit).values("finding")
            findings = findings.filter(Q(organisation=self.unit) | Q(pk__in=led))
        if self.year:
            findings = findings.filter(round__in=Round.objects.of_year(self.year).values("pk"))
        if self.completion:
            findings = findings.filter(pk__in=Measure.objects.filter(completion=self.completion).values("finding"))
        if self.q:
            findings = findings.filter(
                Q(text__icontains=self.q)
                | Q(symptoms__icontains=self.q)
                | Q(pk__in=Measure.objects.filter(text__icontains=self.q).values("finding"))
            )
        return self._of_view(findings, on, user)

    def _of_view(self, findings: QuerySet, on: date, user) -> QuerySet:
        return {
            "all": lambda: findings,
            "working": lambda: findings.filter(state__in=(S.DRAFTING, S.PROPOSED, S.WORKING)),
            "waiting": lambda: findings.filter(state__in=(S.REVIEWING, S.VERIFYING)),
            "closed": lambda: findings.closed(),
            "in_time": lambda: findings.closed().filter(closed_in_time=True),
            "long_term": lambda: findings.filter(state=S.LONG_TERM),
            "late": lambda: findings.late(on),
            "focus": lambda: findings.filter(is_focus=True),
            "open": lambda: findings.unclosed(),
            "closed_late": lambda: findings.closed().filter(closed_in_time=False),
            "due": lambda: findings.filter(
                Q(state=S.CLOSED) | Q(due_on__lt=on) & ~Q(state__in=(S.CLOSED, S.LONG_TERM))
            ),
            "rebound": lambda: findings.filter(turn__gt=1),
            "late_focus": lambda: findings.late(on).filter(is_focus=True),
            "mine": lambda: findings.waiting_for(user),
        }[self.view]()
