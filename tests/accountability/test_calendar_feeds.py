"""日历订阅: a secret address, shown once, revocable; what it shows is what its owner may see at the time of reading."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from icalendar import Calendar

from accountability.models import CalendarFeed, Duty, Tenure
from accountability.services import feeds
from accountability.services.grants import sync_grants
from tests import cast

pytestmark = pytest.mark.django_db


def address(client, **fields) -> str:
    """Make one through the page; the address as it is shown, this once."""
    page = client.post("/calendar/", {"label": "我的手机"} | fields)
    return page.context["address"].replace("http://testserver", "")


def summaries(answer) -> list[str]:
    return [str(event["summary"]) for event in Calendar.from_ical(answer.content).walk("VEVENT")]


@pytest.fixture
def duties(people) -> list[Duty]:
    """Two duties of our college and one of theirs; nothing else is owed."""
    ours = list(Duty.objects.filter(organisation=cast.organisation(cast.OURS), bearer_post=None)[:2])
    theirs = Duty.objects.filter(organisation=cast.organisation(cast.THEIRS), bearer_post=None)[:1]
    rows = [*ours, *theirs]
    Duty.objects.update(state=Duty.State.WAIVED)
    for number, row in enumerate(rows):
        Duty.objects.filter(pk=row.pk).update(due_on=date(2026, 12, 1 + number), state="open")
    return rows


def test_duties_are_whole_days_read_without_signing_in(duties, login):
    client = login("liaison")
    at = address(client)
    client.logout()
    answer = client.get(at)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    first = Calendar.from_ical(answer.content).walk("VEVENT")[0]
    assert first.decoded("dtstart") == date(2026, 12, 1)
    assert first.decoded("dtend") == date(2026, 12, 2)
    assert str(first["transp"]) == "TRANSPARENT"
    assert str(first["url"]).endswith(f"/ledger/{duties[0].pk}/")
    assert summaries(answer) == [f"到期：{duties[0].title}", f"到期：{duties[1].title}"]
    assert "叶清和" in answer.content.decode()


def test_shown_once_and_never_kept(duties, login):
    client = login("liaison")
    code = address(client).rpartition("/")[2].removesuffix(".ics")
    assert code not in client.get("/calendar/").content.decode()
    assert code not in str(list(CalendarFeed.objects.values()) + list(CalendarFeed.history.values()))


def test_a_revoked_address_and_a_guessed_one_are_nothing(duties, login):
    client = login("liaison")
    at = address(client)
    other = address(client)
    feed = CalendarFeed.objects.order_by("pk")[0]
    client.post(f"/calendar/{feed.pk}/revoke/")
    assert (client.get(at).status_code, client.get(other).status_code) == (404, 200)
    assert client.get(other[:-6] + "xx.ics").status_code == 404
    assert client.get("/calendar/x.ics").status_code == 404
    assert "已停用" in client.get("/calendar/").content.decode()


def test_a_person_who_left_shows_nothing(duties, login, people):
    at = address(login("liaison"))
    people["liaison"].is_active = False
    people["liaison"].save()
    assert login("office").get(at).status_code == 404


def test_of_a_unit_and_only_who_sees_it(duties, login, people):
    ours, theirs = cast.organisation(cast.OURS), cast.organisation(cast.THEIRS)
    client = login("liaison")
    assert len(summaries(client.get(address(client, whose=ours.pk)))) == 2
    page = client.post("/calendar/", {"label": "看看", "whose": theirs.pk})
    assert page.context["address"] == ""
    with pytest.raises(PermissionDenied):
        feeds.open_feed(by=people["liaison"], label="看看", organisation=theirs)


def test_what_one_may_see_is_asked_each_time(duties, login, people):
    client = login("liaison")
    at = address(client, whose=cast.organisation(cast.OURS).pk)
    assert summaries(client.get(at))
    Tenure.objects.filter(person=people["liaison"]).update(ended_on=cast.TODAY - timedelta(days=1))
    sync_grants(cast.TODAY)
    assert summaries(client.get(at)) == []


def test_of_a_confidential_duty_only_that_there_is_one(duties, login, people, monkeypatch):
    duty = duties[0]
    Duty.objects.filter(pk=duty.pk).update(is_confidential=True, owner=people["unit_secretary"].tenures.get().post)
    monkeypatch.setitem(
        __import__("accountability.confidential", fromlist=["_knowers"])._knowers, "duty", [lambda user: [duty.pk]]
    )
    client = login("unit_secretary")
    own, unit = client.get(address(client)), client.get(address(client, whose=cast.organisation(cast.OURS).pk))
    assert "限知事项（登录后查看）" in summaries(own)
    for answer in (own, unit):
        assert duty.title not in answer.content.decode()
    assert "限知" not in "".join(summaries(unit))


def test_unchanged_it_is_304_and_its_reading_is_noted(duties, login):
    client = login("liaison")
    at = address(client)
    answer = client.get(at)
    again = client.get(at, headers={"if-none-match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert CalendarFeed.objects.get().used_at is not None
    Duty.objects.filter(pk=duties[0].pk).update(due_on=date(2026, 12, 20))
    assert client.get(at, headers={"if-none-match": answer["ETag"]}).status_code == 200


def test_not_more_than_ten(login, people):
    for _ in range(feeds.MOST_EACH):
        feeds.open_feed(by=people["liaison"], label="手机")
    with pytest.raises(ValidationError, match="最多"):
        feeds.open_feed(by=people["liaison"], label="手机")


def test_those_of_others_are_not_ones_own_to_revoke(login, people):
    feed, _ = feeds.open_feed(by=people["liaison"], label="手机")
    assert login("office").post(f"/calendar/{feed.pk}/revoke/").status_code == 404
    with pytest.raises(PermissionDenied):
        feeds.revoke(feed, by=people["office"])
