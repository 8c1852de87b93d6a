"""抽样: what a seed draws from a list, so that anybody who has both draws the same again (三（四）1).

1. A candidate holds one ticket, a focus finding two. Ticket t of number N is SHA-256 of "SEED|N|t"; the candidate's
   lot is its highest ticket. All lots are compared as hexadecimal text of one length.
2. With fewer places than units, units rank by the highest lot among their candidates and the first get one place
   each. Otherwise every unit gets one place, and each further place goes to the unit whose tickets divided by
   (2 × places + 1) are most (Sainte-Laguë), as long as it has candidates left; equals rank by lot.
3. Inside a unit the places are shared between focus and other findings by their tickets, whole parts first; what is
   left over goes by lot.

Whole numbers and SHA-256 only: no generator of a language's own, no floating point, no order of a database.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256

FOCUS_TICKETS = 2


@dataclass(frozen=True)
class Candidate:
    """候选问题: its number, its unit and whether it is a focus finding; nothing else weighs."""

    number: str
    unit: str
    is_focus: bool = False

    @property
    def tickets(self) -> int:
        return FOCUS_TICKETS if self.is_focus else 1


def lot(candidate: Candidate, seed: str) -> str:
    """签值: the highest of the candidate's tickets."""
    return max(
        sha256(f"{seed}|{candidate.number}|{ticket}".encode()).hexdigest() for ticket in range(1, candidate.tickets + 1)
    )


def draw(frame: Iterable[Candidate], size: int, seed: str) -> list[str]:
    """抽取: the numbers drawn, the highest lot first. The order of ``frame`` does not matter."""
    lots = {candidate: lot(candidate, seed) for candidate in set(frame)}
    units: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in sorted(lots, key=lots.__getitem__, reverse=True):
        units[candidate.unit].append(candidate)
    drawn = [
        candidate
        for unit, places in _places(units, min(size, len(lots)), lots).items()
        for candidate in _of_unit(units[unit], places)
    ]
    return [candidate.number for candidate in sorted(drawn, key=lots.__getitem__, reverse=True)]


def _places(units: dict[str, list[Candidate]], size: int, lots: dict[Candidate, str]) -> dict[str, int]:
    """名额 of each unit."""
    ranked = sorted(units, key=lambda unit: lots[units[unit][0]], reverse=True)
    places = dict.fromkeys(ranked[:size], 1)
    tickets = {unit: sum(candidate.tickets for candidate in units[unit]) for unit in ranked}
    for _ in range(size - len(places)):
        open_to_more = [unit for unit in ranked if places[unit] < len(units[unit])]
        places[max(open_to_more, key=lambda unit: Fraction(tickets[unit], 2 * places[unit] + 1))] += 1
    return places


def _of_unit(candidates: list[Candidate], places: int) -> list[Candidate]:
    """``candidates`` come by lot; ``max`` and the slices keep that order."""
    total = sum(candidate.tickets for candidate in candidates)
    drawn = []
    for is_focus in (True, False):
        stratum = [candidate for candidate in candidates if candidate.is_focus == is_focus]
        drawn += stratum[: places * sum(candidate.tickets for candidate in stratum) // total]
    taken = set(drawn)
    left_over = [candidate for candidate in candidates if candidate not in taken]
    return drawn + left_over[: places - len(drawn)]
