"""Two at the same meeting: who waits for it reads what the other left (三（三）1)."""

import pytest

from accountability.models import Duty, Person
from accountability.services import records
from meetings.models import Meeting
from meetings.services.recording import hand_in
from tests import acts, cast
from tests.meetings.test_life import closed, held
from tests.waiting import needs_postgresql, told_after

pytestmark = pytest.mark.django_db(transaction=True)


@needs_postgresql
def test_minutes_go_to_the_chair_named_while_they_waited(people):
    meeting, office, secretary = held(people), people["office"], people["secretary"]
    row = Meeting.objects.filter(pk=meeting.pk)
    row.update(chair=None)
    told = told_after(
        row,
        lambda: row.update(chair=secretary),
        lambda: hand_in(meeting, by=Person.objects.get(pk=office.pk)),
    )
    assert told.record.confirmer == secretary


@needs_postgresql
def test_what_was_carried_out_while_its_meeting_was_withdrawn_stays_done(people):
    meeting, secretary = closed(people), people["secretary"]
    duty = Duty.objects.filter(resolution__meeting=meeting).first()
    row = Duty.objects.filter(pk=duty.pk)
    told_after(
        row,
        lambda: row.update(state=Duty.State.FULFILLED, fulfilled_on=cast.TODAY),
        lambda: records.decide(
            meeting.record, "withdraw", by=Person.objects.get(pk=secretary.pk), reason="会议程序不合规"
        ),
    )
    assert acts.state(duty) == Duty.State.FULFILLED
