"""四（四）: the year ends with an assessment and a report in official form."""

import pytest

from tests import acts, cast

pytestmark = pytest.mark.django_db


def test_the_assessment_is_a_duty_of_the_committee(people):
    assert acts.duty_of(cast.organisation("学校党委"), "assessment").subject == "committee"


def test_the_secretary_finds_the_annual_report(login):
    assert login("secretary").get("/reports/").status_code == 200
    assert "年度报告" in login("secretary").get("/").content.decode()


@pytest.mark.parametrize("who", ["liaison", "unit_secretary", "member", "branch"])
def test_who_sees_part_of_the_school_does_not(login, who):
    assert login(who).get("/reports/").status_code == 403
