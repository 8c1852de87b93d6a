"""线索移送的筛选: one reading for list, figure and export (三（二）3)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.db.models import QuerySet

from accountability.filters import Filter
from inspections.models import Sign
from supervision.models import Clue, Source


@dataclass(frozen=True)
class ClueFilter(Filter):
    """移送事项 as who knows them whole, or who handed them in, lists them."""

    ADDRESS: ClassVar[str] = "clues"
    EXPORT: ClassVar[str] = "clues_export"
    VIEWS: ClassVar[dict] = {
        "all": "全部",
        "mine": "待我办理",
        "handed": "待接收",
        "open": "办理中",
        "closed": "已办结",
        "in": "移送纪委的",
    }
    CHOICES: ClassVar[dict] = {"source": Source, "category": Sign.Category}
    COLUMNS: ClassVar[dict] = {
        "unit": "organisation",
        "year": "sent_on__year",
        "source": "source",
        "category": "category",
    }
    SEARCHED: ClassVar[tuple] = ("words",)

    view: str = "all"
    unit: int | None = None
    year: int | None = None
    q: str = ""
    source: str = ""
    category: str = ""

    def rows(self, clues: QuerySet, *, user) -> QuerySet:
        """``clues`` comes scoped, so that no count or search tells more than the list."""
        clues = self.narrowed(clues)
        if self.view == "mine":
            return clues.filter(pk__in=Clue.objects.waiting_for(user).values("pk"))
        if self.view == "in":
            return clues.filter(direction=Clue.Direction.IN)
        if self.view == "handed":
            return clues.filter(state__in=(Clue.State.HANDED, Clue.State.RETURNED))
        return clues if self.view == "all" else clues.filter(state=self.view)


@dataclass(frozen=True)
class ClueItemFilter(Filter):
    """移送接收: one line is one recipient."""

    ADDRESS: ClassVar[str] = "clue_items"
    VIEWS: ClassVar[dict] = {
        "all": "全部",
        "mine": "待我办理",
        "waiting": "待答复",
        "late": "逾期未答复",
        "answered": "待采纳",
        "told": "已答复",
        "adopted": "已采纳",
        "recalled": "已撤回",
    }
    CHOICES: ClassVar[dict] = {"source": Source}
    COLUMNS: ClassVar[dict] = {"year": "clue__sent_on__year", "source": "clue__source"}
    SEARCHED: ClassVar[tuple] = ("asked",)

    view: str = "all"
    year: int | None = None
    q: str = ""
    source: str = ""

    def rows(self, items: QuerySet, *, on: date, user) -> QuerySet:
        items = self.narrowed(items)
        return {
            "all": lambda: items.exclude(state="recalled"),
            "mine": lambda: items.waiting_for(user),
            "waiting": lambda: items.unanswered(),
            "late": lambda: items.late(on),
            "answered": lambda: items.to_decide(),
            "told": lambda: items.filter(state__in=("answered", "adopted")),
            "adopted": lambda: items.filter(state="adopted"),
            "recalled": lambda: items.filter(state="recalled"),
        }[self.view]()
