"""问题筛选: the one reading of the filters of a round's ledger; list, figure and export all use it (三（四）1)."""

from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse

from inspections.models import Finding, Measure, Round

S = Finding.State
# 常用视图: what the tabs of a round offer; the figures open more.
TABS = ("all", "working", "waiting", "closed", "in_time", "long_term", "late", "focus", "mine")
VIEWS = {
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


def number_in(params, name: str) -> int | None:
    """A whole number of an address, or nothing: addresses are typed by hand."""
    text = params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def year_in(params) -> int | None:
    """A working year of an address; a calendar has no year 99999."""
    year = number_in(params, "year")
    return year if year and 2000 <= year <= 2100 else None


@dataclass(frozen=True)
class FindingFilter:
    """筛选条件. Unknown values in an address are dropped, never an error."""

    view: str = "all"
    unit: int | None = None
    category: str = ""
    completion: str = ""
    q: str = ""
    # 责任单位 alone, so that the units of a table add up; ``unit`` is wider and takes who leads a measure besides.
    organisation: int | None = None
    round: int | None = None
    year: int | None = None

    @classmethod
    def read(cls, params) -> "FindingFilter":
        return cls(
            view=params.get("view") if params.get("view") in VIEWS else "all",
            unit=number_in(params, "unit"),
            organisation=number_in(params, "organisation"),
            round=number_in(params, "round"),
            year=year_in(params),
            category=params.get("category", "").replace("\x00", "")[:200],
            completion=params.get("completion") if params.get("completion") in Measure.Completion else "",
            q=params.get("q", "").replace("\x00", "").strip()[:60],
        )

    def but(self, **changes) -> "FindingFilter":
        return replace(self, **changes)

    def items(self) -> list[tuple[str, str]]:
        pairs = [("view", self.view if self.view != "all" else "")]
        names = ("unit", "category", "completion", "q", "organisation", "round", "year")
        pairs += [(name, str(getattr(self, name) or "")) for name in names]
        return [(name, value) for name, value in pairs if value]

    def url(self, round_pk: int) -> str:
        query = urlencode(self.items())
        return reverse("inspection", args=[round_pk]) + (f"?{query}" if query else "")

    @property
    def everywhere_url(self) -> str:
        """The page that lists findings of every round."""
        query = urlencode(self.items())
        return reverse("findings") + (f"?{query}" if query else "")

    @property
    def narrows(self) -> bool:
        return bool(self.items())

    def rows(self, findings: QuerySet, *, on: date, user) -> QuerySet:
        """The findings that meet every condition; ``findings`` comes scoped."""
        if self.unit:
            led = Measure.objects.filter(lead=self.unit).values("finding")
            findings = findings.filter(Q(organisation=self.unit) | Q(pk__in=led))
        if self.organisation:
            findings = findings.filter(organisation=self.organisation)
        if self.round:
            findings = findings.filter(round=self.round)
        if self.year:
            findings = findings.filter(round__in=Round.objects.of_year(self.year).values("pk"))
        if self.category:
            findings = findings.filter(category=self.category)
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
