"""巡察覆盖: of a term, which units and key areas have been inspected, are planned, are behind, or have no plan (三（四）1).

A figure of this page is a view of its rows: ``of_view`` is what the address opens and what the figure counts.
"""

from dataclasses import dataclass, field
from datetime import date

from accountability.models import Organisation
from inspections.models import PlannedInspection, Round, RoundUnit, Term
from inspections.models.kinds import RoundKind
from inspections.models.terms import sees_plans

VIEWS = {
    "all": "全部",
    "inspected": "已巡察",
    "never": "未巡察",
    "planned": "已列入规划",
    "behind": "逾期未巡察",
    "unplanned": "未列入规划",
}


@dataclass
class Place:
    """A unit or a key area, with what was carried out and what is planned there."""

    name: str
    organisation: Organisation | None = None
    units: list[Organisation] = field(default_factory=list)
    rounds: list[Round] = field(default_factory=list)
    planned: list[PlannedInspection] = field(default_factory=list)
    is_behind: bool = False

    def is_of(self, view: str) -> bool:
        return {
            "all": True,
            "inspected": bool(self.rounds),
            "never": not self.rounds,
            "planned": bool(self.planned) and not self.rounds,
            "behind": self.is_behind,
            "unplanned": not self.rounds and not self.planned,
        }[view]


class Coverage:
    """Of every active unit and key area in sight; ``term`` narrows to one 届. A round that has not begun covers nobody."""

    def __init__(self, user, term: Term | None = None, *, on: date) -> None:
        self.term, self.year = term, on.year
        self.shows_plans = sees_plans(user)
        rounds = Round.objects.visible_to(user).exclude(stage=Round.Stage.PLANNED)
        planned = PlannedInspection.objects.visible_to(user).standing()
        if term:
            rounds, planned = rounds.filter(term=term), planned.filter(term=term)
        by_pk = {row.pk: row for row in rounds}
        units = Organisation.objects.visible_to(user).active().units().order_by("rank", "pk")
        self.units = [Place(unit.name, unit) for unit in units]
        self.areas = self._areas()
        self._carried_out(by_pk)
        self._planned(planned)

    def _areas(self) -> list[Place]:
        areas: dict[str, Place] = {}
        for place in self.units:
            if area := place.organisation.key_area:
                areas.setdefault(area, Place(area)).units.append(place.organisation)
        return list(areas.values())

    def _carried_out(self, by_pk: dict[int, Round]) -> None:
        units = {place.organisation.pk: place for place in self.units}
        links = RoundUnit.objects.filter(round__in=list(by_pk)).order_by("round__starts_on", "round")
        for organisation_id, round_id in links.values_list("organisation", "round"):
            if organisation_id in units:
                units[organisation_id].rounds.append(by_pk[round_id])
        areas = {place.name: place for place in self.areas}
        for row in by_pk.values():
            if row.key_area in areas:
                areas[row.key_area].rounds.append(row)

    def _planned(self, planned) -> None:
        units = {place.organisation.pk: place for place in self.units}
        areas = {place.name: place for place in self.areas}
        for one in planned:
            place = units.get(one.organisation_id) if one.organisation_id else areas.get(one.key_area)
            if place:
                place.planned.append(one)
                place.is_behind |= not place.rounds and one.year < self.year

    def has_met(self, planned: PlannedInspection) -> bool:
        """A revisit is met by a revisit alone, everything else by any round that came to the place."""
        places = self.units if planned.organisation_id else self.areas
        is_revisit = planned.kind == RoundKind.REVISIT
        return any(
            (row.kind == RoundKind.REVISIT) == is_revisit
            for place in places
            if planned in place.planned
            for row in place.rounds
        )

    @property
    def views(self) -> dict[str, str]:
        """A unit does not learn of plans, so it has no views of them."""
        plans = ("planned", "behind", "unplanned")
        return {view: label for view, label in VIEWS.items() if self.shows_plans or view not in plans}

    def units_of(self, view: str) -> list[Place]:
        return [place for place in self.units if place.is_of(view)]

    def areas_of(self, view: str) -> list[Place]:
        return [place for place in self.areas if place.is_of(view)]
