"""监督文书的筛选: the one reading of the list's filters; list, figure and export all use it (三（二）1)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from accountability.filters import Filter
from supervision.models import Letter, LetterMatter


@dataclass(frozen=True)
class LetterFilter(Filter):
    ADDRESS: ClassVar[str] = "letters"
    EXPORT: ClassVar[str] = "letters_export"
    VIEWS: ClassVar[dict] = {
        "all": "全部",
        "mine": "待我办理",
        "unread": "未签收",
        "waiting": "待答复",
        "answered": "待评价",
        "late": "逾期未答复",
        "poor": "不满意",
        "concluded": "已办结",
    }
    CHOICES: ClassVar[dict] = {"kind": Letter.Kind, "state": Letter.State}
    COLUMNS: ClassVar[dict] = {"unit": "recipient", "year": "work_year", "kind": "kind", "state": "state"}

    view: str = "all"
    unit: int | None = None
    year: int | None = None
    q: str = ""
    kind: str = ""
    state: str = ""

    def rows(self, letters: QuerySet, *, on: date, user) -> QuerySet:
        """``letters`` comes scoped, so that no count or search tells more than the list."""
        letters = self.narrowed(letters)
        if self.q:
            letters = letters.filter(self._search())
        return {
            "all": lambda: letters,
            "mine": lambda: letters.waiting_for(user),
            "unread": lambda: letters.unread(),
            "waiting": lambda: letters.waiting(),
            "answered": lambda: letters.to_evaluate(),
            "late": lambda: letters.late(on),
            "poor": lambda: letters.poor(),
            "concluded": lambda: letters.concluded(),
        }[self.view]()

    def _search(self) -> Q:
        said = Q(text__icontains=self.q) | Q(asked__icontains=self.q) | Q(basis__icontains=self.q)
        found = LetterMatter.objects.filter(said, letter=OuterRef("pk"))
        named = Q(person__name__icontains=self.q) | Q(recipient__name__icontains=self.q)
        return Q(number__icontains=self.q) | Q(subject__icontains=self.q) | named | Exists(found)
