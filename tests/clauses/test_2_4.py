"""二（四）: each member sees own duties and those of the portfolio, and records education and hearings."""

import pytest

from accountability.models import Duty
from tests import acts, cast

pytestmark = pytest.mark.django_db


def test_home_shows_the_portfolio(login):
    page = login("member").get("/")
    assert {row["unit"].name for row in page.context["portfolio"]} == {"会计学院", "财务处"}


def test_he_records_his_education_talk(login, people):
    duty = Duty.objects.get(obligation__code="member-education", work_year=cast.YEAR, owner__title="分管财务副校长")
    assert acts.post_record(login("member"), duty, "integrity-education").status_code == 302
    assert acts.state(duty) == "fulfilled"
