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


def test_a_portfolio_has_a_beginning_and_an_end_and_his_reach_with_it(login, people):
    from tests import letters

    unit, post = cast.organisation(cast.THEIRS), letters.post_of(people["member"])
    assert login("member").get(f"/organisations/{unit.pk}/").status_code == 404
    data = {"post": post.pk, "kind": "contact", "from_on": "2026-11-23", "reason": "校党发〔2026〕9号"}
    assert login("office").post(f"/organisations/{unit.pk}/portfolio/new/", data).status_code == 302
    client = login("member")
    client.force_login(type(people["member"]).objects.get(username="member"))
    page = client.get(f"/organisations/{unit.pk}/")
    assert page.status_code == 200
    assert "2026-11-23 起" in page.content.decode()
