"""清单筛选: the one reading of the three lists' filters; the page, its counts and the workbook all use it (二（一）)."""

from dataclasses import dataclass
from typing import ClassVar

from accountability.filters import Filter
from accountability.models import Person
from accountability.services.lists import BREAKS, Chain


@dataclass(frozen=True)
class ChainFilter(Filter):
    ADDRESS: ClassVar[str] = "lists"
    EXPORT: ClassVar[str] = "lists_export"
    VIEWS: ClassVar[dict] = {"all": "全部", "mine": "我的"}
    CHOICES: ClassVar[dict] = {"broken": {"any", *BREAKS}}

    year: int
    view: str = "all"
    organisation: int | None = None
    broken: str = ""
    q: str = ""

    def of(self, chains: list[Chain], user: Person) -> list[Chain]:
        return [chain for chain in chains if self._takes(chain, user)]

    def _takes(self, chain: Chain, user: Person) -> bool:
        if self.view == "mine" and not chain.concerns(user):
            return False
        if self.organisation and self.organisation not in [each.pk for each in chain.organisations]:
            return False
        if self.broken and not (chain.all_breaks if self.broken == "any" else self.broken in chain.all_breaks):
            return False
        return not self.q or any(self.q in text for text in chain.texts)
