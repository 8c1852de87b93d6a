"""三（一）3: N meetings are counted and never a shortfall."""

import pytest

from accountability.models import Duty
from meetings.models import Meeting
from tests import cast

pytestmark = pytest.mark.django_db


def test_n_has_a_count_and_no_target(login, people):
    client = login("office")
    school = cast.organisation("学校党委")
    assert not Duty.objects.filter(obligation__code="committee-meetings").exists()
    data = {"title": "传达上级全会精神", "happened_on": "2026-11-03", "chaired_by": "顾怀远"}
    address = f"/meetings/new/?kind=committee-meeting&organisation={school.pk}"
    assert "请写明召开依据" in client.post(address, data).content.decode()
    assert client.post(address, data | {"trigger": "中央纪委全会公报"}).status_code == 302
    assert Meeting.objects.get().trigger == "中央纪委全会公报"
    quotas = client.get("/meetings/").context["quotas"]
    quota = next(each for each in quotas if each.obligation.code == "committee-meetings")
    assert (quota.required, quota.held, quota.short) == (None, 1, 0)
    assert "不设目标" in client.get("/meetings/").content.decode()
