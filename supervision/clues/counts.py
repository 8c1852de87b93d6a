"""监督信息统计: how much came from which supervision in a year, told without its content (四（二）).

Who knows clues sees exact figures that open their rows. The secretary sees counts alone, and none below three: a small
number can point at somebody. Zero is below three as well, and no total is given that would give a hidden one away.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from accountability.access import holds
from accountability.models import Person, Role
from supervision.access import admitted
from supervision.clues.filters import ClueFilter, ClueItemFilter
from supervision.models import Clue, ClueItem, Oversight, Secret, Source
from supervision.records.filters import OversightFilter

LEAST = 3
HIDDEN = f"少于 {LEAST}"
NOT_TOLD = "不显示"


@dataclass(frozen=True)
class Told:
    """One figure as its reader is told it; ``url`` opens its rows where he may see them."""

    words: str
    url: str = ""


@dataclass(frozen=True)
class Line:
    label: str
    records: Told
    clues: Told
    shared: Told
    answered: Told
    late: Told


NAMES = ("clues", "shared", "answered", "late")


def may_count(user: Person) -> bool:
    """统计: who is admitted, and the secretary."""
    return admitted(user, Secret.CLUE) or holds(user, Role.SECRETARY)


class Counts:
    """One year, by source."""

    def __init__(self, user: Person, year: int, on: date) -> None:
        self.user, self.year, self.on = user, year, on
        self.is_exact = admitted(user, Secret.CLUE)
        clues = Clue.objects.visible_to(user) if self.is_exact else Clue.objects.all()
        items = ClueItem.objects.visible_to(user) if self.is_exact else ClueItem.objects.all()
        clues = clues.filter(sent_on__year=year)
        items = items.filter(clue__sent_on__year=year).exclude(state=ClueItem.State.RECALLED)
        self.counted = {
            "clues": _by(clues, "source"),
            "shared": _by(items, "clue__source"),
            "answered": _by(items.filter(state__in=ClueItem.TOLD), "clue__source"),
            "late": _by(items.late(on), "clue__source"),
        }
        records = OversightFilter(year=year).rows(Oversight.objects.visible_to(user))
        self.records = _by(records, "source")

    def lines(self) -> list[Line]:
        return [
            Line(
                label=source.label,
                records=self._record(source),
                **{name: self._told(name, self.counted[name][source.value], source.value) for name in NAMES},
            )
            for source in Source
        ]

    def total(self) -> Line:
        told = {name: self._total(name) for name in NAMES}
        whole = Told(str(sum(self.records.values())), OversightFilter(year=self.year).url)
        return Line("合计", whole, **told)

    def _record(self, source: Source) -> Told:
        if source == Source.PETITION:
            return Told("—")
        return Told(str(self.records[source.value]), OversightFilter(year=self.year, source=source.value).url)

    def _told(self, name: str, count: int, source: str) -> Told:
        if self.is_exact:
            return Told(str(count), self._url(name, source))
        return Told(HIDDEN if count < LEAST else str(count))

    def _total(self, name: str) -> Told:
        counted = self.counted[name]
        if self.is_exact:
            return Told(str(sum(counted.values())), self._url(name, ""))
        if any(counted[source.value] < LEAST for source in Source):
            return Told(NOT_TOLD)
        return Told(str(sum(counted.values())))

    def _url(self, name: str, source: str) -> str:
        if name == "clues":
            return ClueFilter(year=self.year, source=source).url
        view = {"shared": "all", "answered": "told", "late": "late"}[name]
        return ClueItemFilter(year=self.year, source=source, view=view).url


def _by(rows, name: str) -> Counter:
    return Counter(rows.order_by().values_list(name, flat=True))
