"""会议: recorded in two steps, corrected after a return, counted once; what the pages show."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accountability.models import ActKind, Duty, Record
from accountability.services import records
from meetings.models import Meeting
from meetings.quota import Quota
from meetings.services.recording import record_meeting, revise_meeting
from tests import acts, cast

pytestmark = pytest.mark.django_db


def hold(people, by: str = "liaison", **fields) -> Meeting:
    unit = cast.organisation(cast.OURS)
    act = ActKind.objects.get(code="unit-special-meeting")
    given = {
        "organisation": unit,
        "act": act,
        "work_year": cast.YEAR,
        "title": "会计学院党委专题会议",
        "happened_on": date(2026, 6, 12),
        "chaired_by": "沈若愚",
        "duties": records.countable_duties(unit, act, cast.YEAR),
    }
    return record_meeting(by=people[by], **given | fields)


def test_a_meeting_keeps_what_its_record_does_not(people):
    meeting = hold(
        people, place="301", expected_count=9, present_count=8, absence="青年委员，出差", resolutions="一、落实"
    )
    assert (meeting.record.title, meeting.place, meeting.present_count) == ("会计学院党委专题会议", "301", 8)
    assert meeting.history.get().history_user == people["liaison"]


def test_nothing_half_written_is_left(people):
    with pytest.raises(ValidationError):
        hold(people, expected_count=3, present_count=9)
    assert not Meeting.objects.exists()
    assert not Record.objects.exists()


def test_the_database_refuses_more_present_than_expected(people):
    meeting = hold(people)
    with pytest.raises(IntegrityError), transaction.atomic():
        Meeting.objects.filter(pk=meeting.pk).update(expected_count=3, present_count=9)


def test_a_returned_meeting_is_mended_and_handed_in_again(people):
    meeting = hold(people)
    records.decide(meeting.record, "return", by=people["unit_secretary"], reason="请补充决议事项")
    revise_meeting(
        meeting,
        by=people["liaison"],
        title="会计学院党委专题会议",
        happened_on=date(2026, 6, 12),
        minutes="研判了政治生态。",
        late_reason="",
        files=[],
        resolutions="一、年底前完成自查",
    )
    meeting.refresh_from_db()
    assert (meeting.record.state, meeting.resolutions) == ("submitted", "一、年底前完成自查")
    records.decide(meeting.record, "accept", by=people["unit_secretary"])
    assert Duty.objects.get(evidence__record=meeting.record).fulfilled_on == date(2026, 6, 12)


def test_the_same_through_the_pages(people, login):
    meeting = hold(people)
    records.decide(meeting.record, "return", by=people["unit_secretary"], reason="请补充决议事项")
    client = login("liaison")
    address = f"/meetings/revise/{meeting.record_id}/"
    page = client.get(address)
    assert page.context["form"]["chaired_by"].value() == "沈若愚"
    data = {
        "title": "会计学院党委专题会议",
        "happened_on": "2026-06-12",
        "chaired_by": "沈若愚",
        "resolutions": "一、落实",
    }
    assert client.post(address, data | {"chaired_by": ""}).status_code == 400
    assert client.post(address, data).status_code == 302
    assert client.get(address).status_code == 403  # handed in again: nothing to mend now
    assert login("unit_secretary").get(address).status_code == 403


def test_a_mended_day_may_not_collide(people):
    first = hold(people)
    second = hold(people, happened_on=date(2026, 9, 9))
    records.decide(second.record, "return", by=people["unit_secretary"], reason="日期有误请改")
    with pytest.raises(ValidationError, match="只计一次"):
        revise_meeting(
            second,
            by=people["liaison"],
            title="改",
            happened_on=first.record.happened_on,
            minutes="",
            late_reason="",
            files=[],
        )
    second.record.refresh_from_db()
    assert (second.record.state, second.record.happened_on) == ("returned", date(2026, 9, 9))


class TestPages:
    def test_the_first_step_asks_only_where_there_is_a_choice(self, login, people):
        page = login("office").get("/meetings/new/")
        assert {each.name for each in page.context["organisations"]} == {"学校党委", "党委办公室"}
        assert "召开日期" in login("office").get("/meetings/new/?kind=warning-meeting").content.decode()

    @pytest.mark.parametrize("who", ["secretary", "member", "inspector", "sysadmin"])
    def test_who_keeps_no_meetings_is_told(self, login, who):
        assert login(who).get("/meetings/new/").status_code == 403

    def test_a_meeting_in_full(self, login, people):
        meeting = hold(people, place="301 会议室", absence="青年委员，出差", resolutions="一、落实")
        page = login("liaison").get(f"/meetings/{meeting.pk}/").content.decode()
        for words in ("2026-06-12 星期五", "301 会议室", "青年委员，出差", "一、落实", "叶清和", "补录 · 迟 164 天"):
            assert words in page

    def test_the_list_filters_by_kind_and_words(self, login, people):
        hold(people)
        client = login("liaison")
        assert client.get("/meetings/?kind=unit-special-meeting").context["pager"].total == 1
        assert client.get("/meetings/?kind=branch-meeting").context["pager"].total == 0
        assert client.get("/meetings/?q=专题").context["pager"].total == 1
        assert client.get("/meetings/?q=没有").context["pager"].total == 0

    def test_a_withdrawn_meeting_no_longer_counts(self, login, people):
        meeting = hold(people, by="unit_secretary")
        quota = quota_of(login("liaison"), "unit-special-meetings")
        assert (quota.held, quota.short) == (1, 1)
        records.decide(meeting.record, "withdraw", by=people["unit_secretary"], reason="并入下次会议")
        quota = quota_of(login("liaison"), "unit-special-meetings")
        assert (quota.held, quota.short) == (0, 2)


def quota_of(client, code: str) -> Quota:
    quotas = client.get("/meetings/").context["quotas"]
    return next(each for each in quotas if each.obligation.code == code)


def test_search_finds_a_duty_by_its_holders_name(login, people):
    rows = login("office").get("/ledger/?q=沈若愚").context["pager"]
    assert rows.total == Duty.objects.filter(owner__tenures__person=people["unit_secretary"]).count() > 0
    assert acts.duty_of(cast.organisation(cast.OURS), "duty-report") in rows.page.object_list
