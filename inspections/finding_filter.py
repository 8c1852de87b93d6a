"""问题筛选: the one reading of the filters of a round's ledger; list, figure and export all use it (三（四）1)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from accountability.filters import Filter
from inspections.models import Finding, Measure, Round
from inspections.models.findings import CLOSED, UNCLOSED, is_late

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
                | Exists(Measure.objects.filter(finding=OuterRef("pk"), text__icontains=self.q))
            )
        return findings.waiting_for(user) if self.view == "mine" else findings.filter(self.meaning(on))

    def meaning(self, on: date) -> Q:
        """What the view says of a finding, whoever looks: all views but 待我办理."""
        return {
            "all": Q(),
            "working": Q(state__in=(S.DRAFTING, S.PROPOSED, S.WORKING)),
            "waiting": Q(state__in=(S.REVIEWING, S.VERIFYING)),
            "closed": CLOSED,
            "in_time": CLOSED & Q(closed_in_time=True),
            "long_term": Q(state=S.LONG_TERM),
            "late": is_late(on),
            "focus": Q(is_focus=True),
            "open": UNCLOSED,
            "closed_late": CLOSED & Q(closed_in_time=False),
            "due": CLOSED | is_late(on),
            "rebound": Q(turn__gt=1),
            "late_focus": is_late(on) & Q(is_focus=True),
        }[self.view]
