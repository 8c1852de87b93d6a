"""What tests of inspections and risks begin with: a unit of one's own, two years of points and answers."""

from datetime import date
from random import Random

import pytest
from django.utils import timezone

from accountability.models import WorkYear
from inspections.models import CheckCampaign, RiskAnswer, RiskChange, RiskPoint, UnitCheck
from inspections.services import risk_checks, risks
from tests import cast
from tests.inspections.risk_points import BAD, CONTENT, FINE, FIVE, THREE, campaign_by, point_of


@pytest.fixture
def ours(people):
    return cast.organisation(cast.OURS)


@pytest.fixture
def many(people):
    """Random points of two units in two years, answered in both; some new, retired, altered."""
    dice = Random(7)
    units = {"unit_secretary": cast.organisation(cast.OURS), "other_secretary": cast.organisation(cast.THEIRS)}
    areas = ["", "财务管理", "物资采购"]
    last_year = date(2025, 11, 20)
    points: dict[str, list[RiskPoint]] = {}
    for who, unit in units.items():
        points[who] = [
            point_of(
                people[who],
                unit,
                text=f"点{number}",
                key_area=dice.choice(areas),
                factors=dice.choice(["discretion", THREE, "resources"]),
            )
            for number in range(9)
        ]
    RiskChange.objects.filter(point__text__in=["点0", "点1", "点2", "点3"]).update(effective_on=last_year)
    _answered_last_year(people, units, points, dice)
    for who in units:
        risks.retire(points[who][0], by=people[who], reason="权力取消了")
        risks.adjust(points[who][1], by=people[who], reason="情况变化", **(CONTENT | {"text": "点1", "factors": FIVE}))
        point_of(people[who], units[who], text="后来新增")
    campaign = campaign_by(people["discipline"])
    for who, unit in units.items():
        answers = {point.pk: dice.choice([FINE, BAD]) for point in risk_checks.points_of(unit)}
        risk_checks.hand_in(campaign, unit, by=people[who], answers=answers, turn=0)
    return campaign


def _answered_last_year(people, units, points, dice) -> None:
    year = WorkYear.objects.get(year=cast.YEAR)
    WorkYear.objects.create(year=2025, regulation=year.regulation, opened_by=year.opened_by, opened_at=year.opened_at)
    now = timezone.now()
    campaign = CheckCampaign.objects.create(
        work_year_id=2025, due_on=date(2025, 11, 28), guidance="去年", opened_by=people["discipline"], opened_at=now
    )
    for who, unit in units.items():
        check = UnitCheck.objects.create(campaign=campaign, organisation=unit, saved_by=people[who], saved_at=now)
        for point in points[who]:
            typed = vars(dice.choice([FINE, BAD]))
            RiskAnswer.objects.create(unit_check=check, point=point, level=point.level, is_handed_in=True, **typed)
