"""清单筛选: the one reading of the three lists' filters; the page, its counts and the workbook all use it (二（一）)."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from accountability.models import Person
from accountability.services.lists import BREAKS, Chain


@dataclass(frozen=True)
class ChainFilter:
    """筛选条件. Unknown or malformed values in an address are dropped, never an error."""

    year: int
    organisation: int = 0
    mine: bool = False
    broken: str = ""
    q: str = ""

    @classmethod
    def read(cls, query, year: int) -> "ChainFilter":
        organisation, broken = query.get("organisation", ""), query.get("broken", "")
        readable = organisation.isascii() and organisation.isdigit() and len(organisation) < 10
        return cls(
            year=year,
            organisation=int(organisation) if readable else 0,
            mine=query.get("view") == "mine",
            broken=broken if broken in BREAKS or broken == "any" else "",
            q=query.get("q", "").replace("\x00", "").strip()[:60],
        )

    def but(self, **changes) -> "ChainFilter":
        return replace(self, **changes)

    @property
    def items(self) -> list[tuple[str, object]]:
        named = (
            ("view", "mine" if self.mine else ""),
            ("organisation", self.organisation),
            ("broken", self.broken),
            ("q", self.q),
        )
        return [("year", self.year), *((name, value) for name, value in named if value)]

    @property
    def url(self) -> str:
        return "?" + urlencode(self.items)

    @property
    def is_narrow(self) -> bool:
        return len(self.items) > 1

    def of(self, chains: list[Chain], user: Person) -> list[Chain]:
        return [chain for chain in chains if self._takes(chain, user)]

    def _takes(self, chain: Chain, user: Person) -> bool:
        if self.mine and not chain.concerns(user):
            return False
        if self.organisation and self.organisation not in [each.pk for each in chain.organisations]:
            return False
        if self.broken and not (chain.all_breaks if self.broken == "any" else self.broken in chain.all_breaks):
            return False
        return not self.q or any(self.q in text for text in chain.texts)
