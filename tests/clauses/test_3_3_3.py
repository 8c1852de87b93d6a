"""三（三）3: yearly reports from units, hearings by members."""

import pytest

from accountability.models import Duty
from tests import acts, cast

pytestmark = pytest.mark.django_db


def test_a_unit_reports(login, people):
    duty = acts.duty_of(cast.organisation(cast.OURS), "duty-report")
    assert acts.post_record(login("unit_secretary"), duty, "duty-report").status_code == 302
    assert acts.state(duty) == "fulfilled"


def test_a_member_hears_his_portfolio_twice(login, people):
    hearings = (
        Duty.objects.of_year(cast.YEAR)
        .filter(obligation__code="member-hearings", owner__title="分管财务副校长")
        .order_by("occurrence")
    )
    assert hearings.count() == 2
    client = login("member")
    assert acts.post_record(client, hearings[0], "hearing", happened_on="2026-06-12").status_code == 302
    assert [duty.state for duty in hearings.all()] == ["fulfilled", "open"]


def test_a_leader_without_portfolio_hears_nobody(people):
    assert not Duty.objects.filter(obligation__code="member-hearings", owner__title="分管校友副校长").exists()
