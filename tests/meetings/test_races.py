"""Two at the same meeting: who waits for it reads what the other left (三（三）1)."""

import pytest

from accountability.models import Person
from meetings.models import Meeting
from meetings.services.recording import hand_in
from tests.meetings.test_life import held
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
