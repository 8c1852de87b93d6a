"""三（一）1: three warning meetings, one of them opening the year, two study sessions; each counted once."""

import pytest

from accountability.models import Duty
from tests import acts, cast

pytestmark = pytest.mark.django_db


def duties(code: str):
    return Duty.objects.of_year(cast.YEAR).filter(obligation__code=code).order_by("occurrence")


def test_the_counts_come_from_the_regulation(people):
    assert [duties(code).count() for code in ("warning-meetings", "opening-meeting", "study-sessions")] == [3, 1, 2]


def test_the_opening_meeting_counts_for_two_obligations(login, people):
    opening = duties("opening-meeting").get()
    answer = acts.post_meeting(login("office"), opening, "opening-meeting", happened_on="2026-02-27")
    assert answer.status_code == 302
    assert acts.state(opening) == "fulfilled"
    assert [duty.state for duty in duties("warning-meetings")] == ["fulfilled", "open", "open"]


def test_the_same_meeting_again_counts_once(login, people):
    client, first = login("office"), duties("warning-meetings")[0]
    assert acts.post_meeting(client, first, "warning-meeting").status_code == 302
    again = acts.post_meeting(client, duties("warning-meetings")[1], "warning-meeting", title="另一个名称")
    assert again.status_code == 400
    assert "只计一次" in again.content.decode()
    assert [duty.state for duty in duties("warning-meetings")] == ["fulfilled", "open", "open"]


def test_the_shortfall_is_on_the_meetings_page(login, people):
    acts.post_meeting(login("office"), duties("warning-meetings")[0], "warning-meeting")
    quotas = login("office").get("/meetings/").context["quotas"]
    quota = next(each for each in quotas if each.obligation.code == "warning-meetings")
    assert (quota.required, quota.held, quota.short) == (3, 1, 2)
