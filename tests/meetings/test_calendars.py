"""日历: files and feeds a calendar program reads, and what is booked twice."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from meetings.models import Meeting
from meetings.services import calendars, planning
from tests import cast
from tests.meetings.test_life import planned

pytestmark = pytest.mark.django_db


def events(content: bytes) -> list:
    return Calendar.from_ical(content).walk("VEVENT")


class TestTheFile:
    def test_time_zone_place_and_agenda_are_read_back(self, people, login):
        meeting = planned(people, day=date(2026, 12, 8))
        answer = login("office").get(f"/meetings/{meeting.pk}/meeting.ics")
        assert answer["Content-Type"].startswith("text/calendar")
        (event,) = events(answer.content)
        starts = event.decoded("dtstart")
        assert starts == datetime(2026, 12, 8, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
        assert starts.utcoffset() == timedelta(hours=8)
        assert event["dtstart"].params["TZID"] == "Asia/Shanghai"
        assert event.decoded("dtend") - starts == timedelta(hours=2)
        assert (str(event["location"]), str(event["status"])) == ("行政楼第一会议室", "TENTATIVE")
        assert "听取纪委政治生态研判分析报告" in str(event["description"])
        (zone,) = Calendar.from_ical(answer.content).walk("VTIMEZONE")
        assert str(zone["tzid"]) == "Asia/Shanghai"

    def test_a_meeting_without_an_hour_lasts_the_day(self, people):
        meeting = planned(people, starts_at=None, ends_at=None)
        (event,) = events(calendars.calendar_file([meeting], people["office"]))
        assert (event.decoded("dtstart"), event.decoded("dtend")) == (cast.TODAY, cast.TODAY + timedelta(days=1))

    def test_a_postponement_is_an_update_and_a_cancellation_says_so(self, people):
        meeting = planned(people)
        planning.convene(meeting, by=people["office"])
        first = events(calendars.calendar_file([Meeting.objects.get()], people["office"]))[0]
        planning.change_plan(meeting, by=people["office"], day=date(2026, 12, 2), reason="书记外出开会")
        second = events(calendars.calendar_file([Meeting.objects.get()], people["office"]))[0]
        assert first["uid"] == second["uid"]
        assert (first["sequence"], second["sequence"]) == (0, 1)
        assert (str(first["status"]), second.decoded("dtstart").day) == ("CONFIRMED", 2)
        planning.cancel(meeting, by=people["office"], reason="并入下月会议")
        third = events(calendars.calendar_file([Meeting.objects.get()], people["office"]))[0]
        assert (third["uid"], third["sequence"], str(third["status"])) == (first["uid"], 2, "CANCELLED")

    def test_a_confidential_item_is_not_named_to_others(self, people):
        meeting = planned(people)
        planning.add_item(
            meeting, by=people["office"], title="研究某案处置", is_confidential=True, admitted=[people["member"]]
        )
        planning.convene(meeting, by=people["office"])
        told = {
            who: "某案" in str(events(calendars.calendar_file([meeting], people[who]))[0]["description"])
            for who in ("member", "discipline")
        }
        assert told == {"member": True, "discipline": False}

    def test_who_does_not_see_the_meeting_gets_no_file(self, people, login):
        meeting = planned(people)
        assert login("other_liaison").get(f"/meetings/{meeting.pk}/meeting.ics").status_code == 404


class TestTheFeed:
    """What a subscription shows of meetings; the rest of it in tests/accountability/test_calendar_feeds.py."""

    def test_own_meetings_with_time_and_place(self, people):
        meeting = planned(people, day=date(2026, 12, 8))
        planning.convene(meeting, by=people["office"])
        (entry,) = calendars.subscribed(people["member"], None, cast.TODAY)
        assert (entry.summary, entry.place) == (meeting.title, "行政楼第一会议室")
        assert entry.starts == datetime(2026, 12, 8, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))

    def test_what_he_is_not_called_to_is_not_in_it(self, people):
        planned(people)  # not yet called
        assert calendars.subscribed(people["member"], None, cast.TODAY) == []

    def test_of_a_unit_what_he_may_see(self, people):
        unit = cast.organisation(cast.OURS)
        mine = planned(people, by="liaison", day=date(2026, 12, 8), organisation=unit, chair=None, duties=[])
        seen = {
            who: [entry.summary for entry in calendars.subscribed(people[who], unit, cast.TODAY)]
            for who in ("liaison", "office", "other_liaison")
        }
        assert seen == {"liaison": [mine.title], "office": [mine.title], "other_liaison": []}


class TestConflicts:
    def test_a_room_and_people_booked_twice_are_pointed_out(self, people, login):
        first = planned(people, day=date(2026, 12, 8))
        second = planned(people, day=date(2026, 12, 8), starts_at=time(11, 0), ends_at=None, title="另一次", duties=[])
        words = [clash.words for clash in calendars.conflicts(second, people["office"])]
        assert words[0] == "行政楼第一会议室在 09:30—11:30 已安排另一次会议"
        assert "另有会议" in words[1]
        assert first.title in login("office").get(f"/meetings/{second.pk}/").content.decode()

    def test_one_after_the_other_is_no_conflict(self, people):
        planned(people, day=date(2026, 12, 8))
        later = planned(people, day=date(2026, 12, 8), starts_at=time(11, 30), ends_at=None, duties=[])
        assert calendars.conflicts(later, people["office"]) == []

    def test_what_he_may_not_see_is_not_named(self, people):
        planned(people, day=date(2026, 12, 8))
        unit = cast.organisation(cast.OURS)
        mine = planned(people, by="liaison", day=date(2026, 12, 8), organisation=unit, chair=None, duties=[])
        clashes = calendars.conflicts(mine, people["liaison"])
        assert [clash.other for clash in clashes] == [None]


def test_the_month_shows_own_and_all(people, login):
    meeting = planned(people, day=date(2026, 12, 8))
    client = login("discipline")
    assert client.get("/meetings/calendar/?month=2026-12").context["meetings"] == []
    page = client.get("/meetings/calendar/?month=2026-12&scope=all")
    assert page.context["meetings"] == [meeting]
    for odd in ("month=2026-13", "month=x", "month=0001-01", "scope=others"):
        assert client.get(f"/meetings/calendar/?{odd}").status_code == 200
