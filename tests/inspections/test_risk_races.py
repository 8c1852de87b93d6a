"""Two at the same moment: numbers differ, a sheet is handed in once, a campaign is opened once (三（四）2)."""

import pytest

from accountability.models import Record
from inspections.models import CheckCampaign, RiskPoint, UnitCheck
from inspections.services import risk_checks, risks
from tests import cast
from tests.accountability.test_races import at_once, winners
from tests.inspections.risk_points import CONTENT, FINE, campaign_by, point_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_points_numbers_and_sheets_at_once(people):
    """One walk: laying the foundation anew for each race would take longer than all of them."""
    ours, theirs = cast.organisation(cast.OURS), cast.organisation(cast.THEIRS)
    who = [(people["unit_secretary"], ours), (people["other_secretary"], theirs)]
    results = at_once(lambda number: point_of(who[number][0], who[number][1]))
    assert {point.number for point in winners(results)} == {"FX0001", "FX0002"}

    results = at_once(lambda number: campaign_by(people["discipline"]))
    assert len(winners(results)) == 1
    campaign = CheckCampaign.objects.get()

    point = RiskPoint.objects.get(organisation=ours)
    hands = [people["liaison"], people["unit_secretary"]]
    answers = {point.pk: FINE}
    results = at_once(lambda number: risk_checks.hand_in(campaign, ours, by=hands[number], answers=answers, turn=0))
    assert len(winners(results)) == 1
    assert Record.objects.filter(act__code="risk-self-check").count() == UnitCheck.objects.count() == 1

    change = risks.adjust(point, by=people["liaison"], reason="情况变化", **(CONTENT | {"text": "改后"}))
    results = at_once(
        lambda number: risks.decide_change(
            change, ("confirm", "refuse")[number], by=people["unit_secretary"], reason="依据不足"
        )
    )
    assert len(winners(results)) == 1
    change.refresh_from_db()
    point.refresh_from_db()
    assert (point.text == "改后") == (change.state == "confirmed")
