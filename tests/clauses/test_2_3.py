"""二（三）: the secretary records what he did in person; nobody else can do it in his place."""

import pytest

from accountability.models import Duty
from tests import acts, cast

pytestmark = pytest.mark.django_db


def test_the_secretary_records_in_person(login, people):
    duty = Duty.objects.get(obligation__code="personal-deployment", work_year=cast.YEAR)
    assert acts.post_record(login("secretary"), duty, "personal-deployment").status_code == 302
    assert acts.state(duty) == "fulfilled"


def test_his_home_shows_what_needs_him(login):
    page = login("secretary").get("/")
    owners = {duty.owner.title for duty in page.context["late"].rows + page.context["soon"].rows}
    assert owners == {"党委书记"}


def test_a_member_cannot_record_it_for_him(login, people):
    duty = Duty.objects.get(obligation__code="personal-deployment", work_year=cast.YEAR)
    assert acts.post_record(login("member"), duty, "personal-deployment").status_code == 404
