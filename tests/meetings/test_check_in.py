"""签到: a code that changes; each is counted once, two hundred at the same moment too."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from accountability.models import Person
from meetings.models import Participant
from meetings.services import check_in, planning
from tests.meetings.test_life import planned


def opened(people):
    meeting = planned(people)
    planning.convene(meeting, by=people["office"])
    return check_in.open_check_in(meeting, by=people["office"])


def code_of(meeting) -> str:
    return check_in.code_now(meeting, timezone.now())[0]


@pytest.mark.django_db
class TestTheCode:
    def test_who_types_it_is_there(self, people, login):
        meeting = opened(people)
        client = login("member")
        assert "签到" in client.get(f"/meetings/{meeting.pk}/").content.decode()
        answer = client.post(f"/meetings/{meeting.pk}/check-in/", {"code": code_of(meeting)})
        assert answer.status_code == 302
        row = meeting.participants.get(person=people["member"])
        assert (row.answer, row.checked_in_at is not None) == ("present", True)
        assert row.history.first().history_user == people["member"]

    def test_it_changes_and_dies(self, people, clock):
        meeting = opened(people)
        code = code_of(meeting)
        clock.shift(timedelta(seconds=check_in.SECONDS))
        assert code_of(meeting) != code
        clock.shift(timedelta(seconds=check_in.SECONDS))
        with pytest.raises(ValidationError, match="不对或已过期"):
            check_in.check_in(meeting, by=people["member"], code=code)

    def test_guessing_ends_after_ten(self, people):
        meeting = opened(people)
        for _ in range(check_in.WRONG_AT_MOST):
            with pytest.raises(ValidationError, match="不对"):
                check_in.check_in(meeting, by=people["member"], code="x")
        with pytest.raises(ValidationError, match="输错 10 次"):
            check_in.check_in(meeting, by=people["member"], code=code_of(meeting))

    def test_what_is_typed_before_it_is_open_is_no_wrong_code(self, people):
        meeting = planned(people)
        planning.convene(meeting, by=people["office"])
        with pytest.raises(ValidationError, match="现在不能签到"):
            check_in.check_in(meeting, by=people["member"], code="123456")
        assert meeting.participants.get(person=people["member"]).wrong_codes == 0

    def test_only_who_is_on_the_list(self, people, login):
        meeting = opened(people)
        with pytest.raises(PermissionDenied):
            check_in.check_in(meeting, by=people["liaison"], code=code_of(meeting))
        assert login("liaison").get(f"/meetings/{meeting.pk}/check-in/").status_code == 404
        assert login("member").get(f"/meetings/{meeting.pk}/check-in/code/").status_code == 403

    def test_not_before_it_is_opened_nor_on_another_day(self, people, clock):
        meeting = planned(people)
        planning.convene(meeting, by=people["office"])
        with pytest.raises(ValidationError, match="现在不能签到"):
            check_in.check_in(meeting, by=people["member"], code="000000")
        clock.shift(timedelta(days=1))
        with pytest.raises(ValidationError, match="当天"):
            check_in.open_check_in(meeting, by=people["office"])

    def test_the_screen_shows_it_and_renews_itself(self, people, login):
        meeting = planned(people)
        client = login("office")
        address = f"/meetings/{meeting.pk}/check-in/code/"
        assert "开启签到" in client.get(address).content.decode()
        client.post(address)
        page = client.get(address)
        meeting.refresh_from_db()
        assert code_of(meeting)[:3] in page.content.decode()
        assert int(page["Refresh"]) <= check_in.SECONDS

    def test_it_costs_the_same_for_five_hundred(self, people, django_assert_max_num_queries):
        meeting = opened(people)
        crowd = Person.objects.bulk_create(Person(username=f"c{n}", name=f"众{n}", password="!") for n in range(500))
        planning.invite(meeting, by=people["office"], people=[(one, one.name, "") for one in crowd], seat="attends")
        with django_assert_max_num_queries(8):
            check_in.check_in(meeting, by=crowd[321], code=code_of(meeting))


@pytest.mark.django_db(transaction=True)
def test_two_hundred_at_once_are_all_counted_once(people):
    meeting = opened(people)
    crowd = Person.objects.bulk_create(Person(username=f"c{n}", name=f"众{n}", password="!") for n in range(200))
    planning.invite(meeting, by=people["office"], people=[(one, one.name, "") for one in crowd], seat="attends")

    def arrive(person):
        try:
            return check_in.check_in(meeting, by=person, code=code_of(meeting)).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        there = list(pool.map(arrive, [*crowd, *crowd[:50]]))  # some press twice
    rows = Participant.objects.filter(meeting=meeting, answer="present")
    assert (len(set(there)), rows.count()) == (200, 200)
    history = Participant.history.filter(meeting_id=meeting.pk, history_change_reason="本人签到")
    assert history.count() == 200
