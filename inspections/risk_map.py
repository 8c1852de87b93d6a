"""风险分布: how many points in use of which level, by key area and by unit; each figure opens its rows (三（四）2)."""

from dataclasses import dataclass

from django.db.models import Count

from accountability.models import Organisation
from inspections.models import Level, RiskPoint
from inspections.risk_filter import NO_AREA, RiskFilter

NOT_KEY = "不属于重点领域"


@dataclass(frozen=True)
class Cell:
    value: int
    url: str


@dataclass(frozen=True)
class Line:
    """One key area or one unit: a cell per level and their sum."""

    name: str
    cells: list[Cell]
    total: Cell
    key_area: str = ""

    @property
    def is_empty(self) -> bool:
        return self.total.value == 0


def _line(name: str, chosen: RiskFilter, counted: dict[int, int], key_area: str = "") -> Line:
    cells = [Cell(counted.get(level, 0), chosen.but(level=level.value).url) for level in Level]
    return Line(name, cells, Cell(sum(counted.values()), chosen.url), key_area)


class RiskMap:
    """Of what ``user`` may see, in three queries whatever the size."""

    def __init__(self, user) -> None:
        points = RiskPoint.objects.visible_to(user).in_use()
        units = list(Organisation.objects.visible_to(user).active().units().order_by("rank", "pk"))
        by_area = self._counted(points, "key_area")
        by_unit = self._counted(points, "organisation")
        areas = dict.fromkeys([unit.key_area for unit in units if unit.key_area] + [area for area in by_area if area])
        self.areas = [_line(area, RiskFilter(area=area), by_area.get(area, {})) for area in areas]
        if "" in by_area:
            self.areas.append(_line(NOT_KEY, RiskFilter(area=NO_AREA), by_area[""]))
        known = {unit.pk for unit in units}
        if gone := set(by_unit) - known:  # points of a unit abolished since
            units += list(Organisation.objects.filter(pk__in=gone).order_by("rank", "pk"))
        self.units = [
            _line(unit.name, RiskFilter(unit=unit.pk), by_unit.get(unit.pk, {}), unit.key_area) for unit in units
        ]
        totals: dict[int, int] = {}
        for counts in by_area.values():
            for level, count in counts.items():
                totals[level] = totals.get(level, 0) + count
        self.total = _line("合计", RiskFilter(), totals)

    def _counted(self, points, column: str) -> dict:
        found: dict = {}
        for row in points.order_by().values(column, "level").annotate(count=Count("pk")):
            found.setdefault(row[column], {})[row["level"]] = row["count"]
        return found

    @property
    def empty_areas(self) -> list[Line]:
        return [line for line in self.areas if line.is_empty]

    @property
    def empty_units(self) -> list[Line]:
        return [line for line in self.units if line.is_empty]
