"""知悉授权: named by another, for one kind, and only while of the commission (二（二）, 三（二）3)."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accountability.models import Person, Tenure
from accountability.models.history import save_as
from accountability.services.grants import sync_grants
from accountability.services.numbers import next_number, worded
from supervision.access import admitted
from supervision.models import Admission, Secret
from supervision.services.admissions import admit, end
from tests import cast

pytestmark = pytest.mark.django_db


def fresh(person: Person) -> Person:
    """What a new request would load: grants are read once per object."""
    return Person.objects.get(pk=person.pk)


def named(people, secret: str = Secret.TALK, **more) -> Admission:
    fields = {"by": people["secretary"], "person": people["discipline"], "secret": secret, "reason": "分管谈话工作"}
    return admit(**(fields | more))


def test_one_kind_alone_and_until_its_day(people, clock):
    assert not admitted(fresh(people["discipline"]), Secret.TALK)
    named(people, until_on=cast.TODAY + timedelta(days=7))
    assert admitted(fresh(people["discipline"]), Secret.TALK)
    assert not admitted(fresh(people["discipline"]), Secret.ARCHIVE)
    clock.shift(timedelta(days=8))
    assert not admitted(fresh(people["discipline"]), Secret.TALK)


def test_who_leaves_the_commission_knows_no_more(people):
    named(people)
    tenure = Tenure.objects.get(person=people["discipline"], ended_on=None)
    tenure.ended_on = cast.TODAY - timedelta(days=1)
    save_as(tenure, by=people["office"], reason="调离")
    sync_grants(cast.TODAY)
    assert not admitted(fresh(people["discipline"]), Secret.TALK)


def test_nobody_admits_himself_or_an_outsider(people):
    with pytest.raises(ValidationError, match="不能给自己授权"):
        named(people, by=people["discipline"])
    with pytest.raises(ValidationError, match="不在纪委任职"):
        named(people, person=people["liaison"])
    with pytest.raises(ValidationError, match="至少 4 个字"):
        named(people, reason="好")
    for who in ("office", "liaison", "sysadmin"):
        with pytest.raises(PermissionDenied):
            named(people, by=people[who])
    row = named(people)
    with pytest.raises(ValidationError, match="已有这一类的授权"):
        named(people)
    with pytest.raises(IntegrityError), transaction.atomic():
        Admission.objects.filter(pk=row.pk).update(named_by=row.person)


def test_ended_today_is_ended_now_and_stays_on_record(people):
    row = end(named(people), by=people["secretary"], reason="工作调整不再分管")
    assert not admitted(fresh(people["discipline"]), Secret.TALK)
    assert row.history.first().history_change_reason == "终止授权：工作调整不再分管"
    with pytest.raises(ValidationError, match="已经终止"):
        end(row, by=people["secretary"], reason="工作调整不再分管")
    assert named(people).until_on is None


def test_the_page(login, people):
    client = login("secretary")
    sent = {"person": people["discipline"].pk, "secret": "talk", "reason": "分管谈话工作"}
    assert client.post("/oversight/admissions/", sent).status_code == 302
    page = client.get("/oversight/admissions/").content.decode()
    assert "严正明" in page
    assert "长期" in page
    assert client.post("/oversight/admissions/", sent | {"reason": ""}).status_code == 400
    row = Admission.objects.get()
    client.post(f"/oversight/admissions/{row.pk}/end/", {"reason": "工作调整不再分管"})
    assert not Admission.objects.in_force().exists()
    for who in ("office", "liaison", "sysadmin", "inspector"):
        assert login(who).get("/oversight/admissions/").status_code == 403
        assert login(who).post(f"/oversight/admissions/{row.pk}/end/", {"reason": "不应该能终止"}).status_code == 404


def test_the_hub_lists_the_rooms_of_the_reader(login, people):
    assert "知悉授权" in login("discipline").get("/oversight/").content.decode()
    assert "知悉授权" not in login("liaison").get("/oversight/").content.decode()


def test_a_number_is_given_once(people):
    year = timezone.localdate().year
    assert [next_number("督办", year) for _ in range(3)] == [1, 2, 3]
    assert next_number("督办", year + 1) == 1
    assert worded("江海纪督", 2026, 3) == "江海纪督〔2026〕3号"
