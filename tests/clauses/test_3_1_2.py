"""三（一）2: two special meetings of the standing committee a year."""

import pytest
from django.core.exceptions import ValidationError

from accountability.models import ActKind, Duty
from accountability.services.records import credit
from meetings.models import Meeting
from meetings.services.counting import required_items
from tests import acts, cast

pytestmark = pytest.mark.django_db


def test_two_are_owed_and_one_is_held(login, people):
    owed = Duty.objects.of_year(cast.YEAR).filter(obligation__code="standing-committee-meetings").order_by("occurrence")
    assert owed.count() == 2
    client = login("office")
    items = [item.pk for item in required()]
    assert acts.post_meeting(client, owed[0], "standing-committee-meeting", dealt_with=items).status_code == 302
    assert [duty.state for duty in owed.all()] == ["fulfilled", "open"]


def test_without_the_report_on_political_ecology_it_does_not_count_and_says_why(login, people):
    owed = Duty.objects.of_year(cast.YEAR).get(obligation__code="standing-committee-meetings", occurrence=1)
    client = login("office")
    others = [item.pk for item in required() if item.code != "political-ecology"]
    acts.post_meeting(client, owed, "standing-committee-meeting", dealt_with=others)
    meeting = Meeting.objects.get()
    assert (meeting.record.state, meeting.record.evidence.count(), acts.state(owed)) == ("accepted", 0, "open")
    page = client.get(f"/meetings/{meeting.pk}/").content.decode()
    assert "这次会议不计入" in page
    assert "听取纪委政治生态研判分析报告" in page
    with pytest.raises(ValidationError, match="缺少必议事项：听取纪委政治生态研判分析报告"):
        credit(owed, by=people["office"], record=meeting.record)


def test_the_four_items_of_the_clause_are_data():
    assert [item.code for item in required()] == ["political-ecology", "discipline-work", "key-tasks", "exchange"]


def required():
    return required_items(ActKind.objects.get(code="standing-committee-meeting").pk)
