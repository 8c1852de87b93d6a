"""问题筛选: the one reading of the filters of a round's ledger; list, figure and export all use it (三（四）1)."""

from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse

from inspections.models import Finding, Measure

S = Finding.State
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
}


@dataclass(frozen=True)
class FindingFilter:
    """筛选条件. Unknown values in an address are dropped, never an error."""

    view: str = "all"
    unit: int | None = None
    category: str = ""
    completion: str = ""
    q: str = ""

    @classmethod
    def read(cls, params) -> "FindingFilter":
        unit = params.get("unit", "")
        return cls(
            view=params.get("view") if params.get("view") in VIEWS else "all",
            unit=int(unit) if unit.isascii() and unit.isdigit() and len(unit) < 10 else None,
            category=params.get("category", "").replace("\x00", "")[:200],
            completion=params.get("completion") if params.get("completion") in Measure.Completion else "",
            q=params.get("q", "").replace("\x00", "").strip()[:60],
        )

    def but(self, **changes) -> "FindingFilter":
        return replace(self, **changes)

    def items(self) -> list[tuple[str, str]]:
        pairs = [("view", self.view if self.view != "all" else "")]
        pairs += [(name, str(getattr(self, name) or "")) for name in ("unit", "category", "completion", "q")]
        return [(name, value) for name, value in pairs if value]

    def url(self, round_pk: int) -> str:
        query = urlencode(self.items())
        return reverse("inspection", args=[round_pk]) + (f"?{query}" if query else "")

    @property
    def narrows(self) -> bool:
        return bool(self.items())

    def rows(self, findings: QuerySet, *, on: date, user) -> QuerySet:
        """The findings that meet every condition; ``findings`` comes scoped."""
        if self.unit:
            led = Measure.objects.filter(lead=self.unit).values("finding")
            findings = findings.filter(Q(organisation=self.unit) | Q(pk__in=led))
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
            "mine": lambda: findings.waiting_for(user),
        }[self.view]()
