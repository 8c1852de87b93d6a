"""巡察覆盖: which units and key areas have been inspected, and which never (三（四）1)."""

from dataclasses import dataclass, field

from accountability.models import Organisation
from inspections.models import Round, RoundUnit


@dataclass
class UnitCoverage:
    organisation: Organisation
    rounds: list[Round] = field(default_factory=list)


@dataclass
class AreaCoverage:
    name: str
    units: list[Organisation] = field(default_factory=list)
    rounds: list[Round] = field(default_factory=list)


class Coverage:
    """Of every active unit; ``term`` narrows to one 届. What counts has begun: a plan covers nobody yet."""

    def __init__(self, user, term: str = "") -> None:
        rounds = Round.objects.visible_to(user).exclude(stage=Round.Stage.PLANNED)
        if term:
            rounds = rounds.filter(term=term)
        by_pk = {row.pk: row for row in rounds}
        units = Organisation.objects.visible_to(user).active().units().order_by("rank", "pk")
        self.units = [UnitCoverage(unit) for unit in units]
        of = {one.organisation.pk: one for one in self.units}
        links = RoundUnit.objects.filter(round__in=list(by_pk)).order_by("round__starts_on")
        for organisation_id, round_id in links.values_list("organisation", "round"):
            if organisation_id in of:
                of[organisation_id].rounds.append(by_pk[round_id])
        areas: dict[str, AreaCoverage] = {}
        for one in self.units:
            if one.organisation.key_area:
                area = areas.setdefault(one.organisation.key_area, AreaCoverage(one.organisation.key_area))
                area.units.append(one.organisation)
        for row in by_pk.values():
            if row.key_area in areas:
                areas[row.key_area].rounds.append(row)
        self.areas = list(areas.values())

    @property
    def inspected(self) -> list[UnitCoverage]:
        return [one for one in self.units if one.rounds]

    @property
    def never(self) -> list[UnitCoverage]:
        return [one for one in self.units if not one.rounds]
