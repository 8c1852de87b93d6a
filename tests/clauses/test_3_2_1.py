"""三（二）1: the commission works from a dashboard of the subjects, each figure opening its rows."""

import pytest

from tests import acts, cast

pytestmark = pytest.mark.django_db


def test_the_dashboard_is_the_commissions(login):
    assert login("discipline").get("/supervision/").status_code == 200


@pytest.mark.parametrize("who", ["unit_secretary", "liaison", "branch", "department", "inspector", "sysadmin"])
def test_and_not_everybodys(login, who):
    assert login(who).get("/supervision/").status_code == 403


def test_its_own_inspection_is_a_duty(login, people):
    duty = acts.duty_of(cast.organisation("学校纪委"), "mechanism-inspection")
    assert acts.post_record(login("discipline"), duty, "mechanism-inspection").status_code == 302
    assert acts.state(duty) == "fulfilled"


def test_what_is_missing_is_listed_and_opens_its_rows(login):
    client = login("discipline")
    gaps = {gap.figure.name: gap for gap in client.get("/supervision/").context["gaps"]}
    assert gaps["no_letter"].count == client.get(gaps["no_letter"].url).context["pager"].total > 30
    assert gaps["unpursued"].count == client.get(gaps["unpursued"].url).context["pager"].total > 0
