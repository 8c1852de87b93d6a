"""账号生命周期: who needs no account has none, who needs one again has it again (8.1.4.2 b, c)."""

from datetime import date, timedelta

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accountability import tasks
from accountability.models import AuditEvent, Organisation, Person, Post, Role, Tenure
from accountability.passwords import why_change
from accountability.services import accounts, handovers, tenures
from accountability.services.grants import sync_grants
from supervision.demo import accounts as demo
from tests import acts, cast
from tests.conftest import MORNING

pytestmark = pytest.mark.django_db
REASON = "党委任免〔2026〕9号"
YESTERDAY = cast.TODAY - timedelta(days=1)


def fresh(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


def leave(person: Person, last_on: date = YESTERDAY) -> None:
    Tenure.objects.filter(person=person).update(ended_on=last_on)


def states() -> set[str]:
    return set(Person.objects.exclude(suspended_for="").values_list("username", flat=True))


@pytest.fixture(autouse=True)
def lately_used(people):
    """The rest of the university signed in yesterday, so that only what a test says happens."""
    Person.objects.exclude(username="system").update(last_login=MORNING - timedelta(days=1))


# ── leaving the last post ────────────────────────────────────────────────────────────────────


def test_the_night_after_the_last_post_ends_the_account_sleeps(people, login):
    client, person = login("liaison"), people["liaison"]
    leave(person, cast.TODAY)
    assert accounts.review(cast.TODAY) == 0  # his last day
    assert accounts.review(cast.TODAY + timedelta(days=1)) == 1
    person = fresh(person)
    assert (person.is_active, person.suspended_for) == (False, "no_post")
    assert person.suspended_at is not None
    assert person.history.latest().history_change_reason == "任职已全部结束，账号自动停用"
    assert person.history.latest().history_user == Person.objects.system()
    assert AuditEvent.objects.get(kind="account_suspended").row_id == str(person.pk)
    assert client.get("/notices/").status_code == 302
    assert accounts.review(cast.TODAY + timedelta(days=1)) == 0  # told once
    assert AuditEvent.objects.filter(kind="account_suspended").count() == 1


def test_who_never_held_a_post_is_left_alone(people):
    accounts.review(cast.TODAY + timedelta(days=30))
    assert fresh(people["outsider"]).is_active
    assert states() == set()


def test_a_second_post_or_one_to_come_keeps_it(people):
    post = Post.objects.filter(role=Role.DEPARTMENT).first()
    Tenure.objects.create(post=post, person=people["branch"], started_on=date(2026, 1, 1))
    Tenure.objects.filter(person=people["branch"]).exclude(post=post).update(ended_on=YESTERDAY)
    leave(people["liaison"])
    Tenure.objects.create(post=post, person=people["liaison"], started_on=cast.TODAY + timedelta(days=9))
    assert accounts.review(cast.TODAY) == 0


def test_who_has_a_sheet_to_sign_stays_until_it_is_signed(people):
    leave(people["liaison"])
    post = Post.objects.get(role=Role.LIAISON, organisation=cast.organisation(cast.OURS))
    sheet = handovers.make(post, giver=people["liaison"], taker=people["outsider"], on=cast.TODAY, by=people["office"])
    assert accounts.review(cast.TODAY) == 0
    acts.signed(sheet, people["liaison"])
    assert accounts.review(cast.TODAY) == 1


def test_who_gets_a_sheet_to_sign_later_is_woken_for_it(people):
    leave(people["liaison"])
    accounts.review(cast.TODAY)
    post = Post.objects.get(role=Role.LIAISON, organisation=cast.organisation(cast.OURS))
    tenures.appoint(post, people["outsider"], from_on=cast.TODAY, by=people["office"], reason=REASON)
    accounts.review(cast.TODAY)
    assert fresh(people["liaison"]).is_active


def test_an_appointment_wakes_the_account(people, login):
    leave(people["liaison"])
    accounts.review(cast.TODAY)
    post = Post.objects.filter(tenures=None, abolished_on=None).first()
    page = login("office").get(f"/posts/{post.pk}/appoint/").content.decode()
    assert "叶清和" in page
    tenures.appoint(post, fresh(people["liaison"]), from_on=cast.TODAY, by=people["office"], reason=REASON)
    person = fresh(people["liaison"])
    assert (person.is_active, person.suspended_for, person.suspended_at) == (True, "", None)
    assert AuditEvent.objects.get(kind="account_reinstated").detail == {"was_suspended_for": "任职已全部结束"}
    assert Organisation.objects.visible_to(person).exists()


def test_an_appointment_wakes_no_account_suspended_for_another_reason(people):
    accounts.suspend(people["outsider"], why="by_hand", by=people["sysadmin"], reason="借调离校")
    post = Post.objects.filter(tenures=None, abolished_on=None).first()
    with pytest.raises(ValidationError, match="账号已停用"):
        tenures.appoint(post, fresh(people["outsider"]), from_on=cast.TODAY, by=people["office"], reason=REASON)
    Tenure.objects.create(post=post, person=people["outsider"], started_on=cast.TODAY)
    sync_grants(cast.TODAY)
    assert not fresh(people["outsider"]).is_active


# ── unused, expired ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("days", "is_active"), [(179, True), (182, False)])
def test_half_a_year_without_signing_in_suspends(people, days, is_active):
    Person.objects.filter(username="liaison").update(last_login=MORNING - timedelta(days=days))
    accounts.review(cast.TODAY)
    assert fresh(people["liaison"]).is_active is is_active


def test_an_account_that_cannot_be_signed_in_to_is_not_unused(people):
    """Who only holds a post, without a password, still gets his duties and mails."""
    ago = MORNING - timedelta(days=400)
    Person.objects.filter(username="liaison").update(last_login=None, joined_at=ago, password="!")
    Person.objects.filter(username="branch").update(last_login=None, joined_at=ago)
    accounts.review(cast.TODAY)
    assert fresh(people["liaison"]).is_active
    assert fresh(people["branch"]).suspended_for == "unused"


def test_who_was_woken_has_his_half_year_again(people):
    Person.objects.filter(username="liaison").update(last_login=MORNING - timedelta(days=400))
    accounts.review(cast.TODAY)
    accounts.reinstate(fresh(people["liaison"]), by=people["sysadmin"], reason="本人返岗")
    assert accounts.review(cast.TODAY) == 0


@pytest.mark.parametrize(("days", "warned"), [(160, False), (167, True), (180, True)])
def test_who_does_not_sign_in_is_warned_two_weeks_before(people, days, warned):
    Person.objects.filter(username="liaison").update(last_login=MORNING - timedelta(days=days))
    for _ in range(2):
        accounts.review(cast.TODAY)
    notices = [notice.title for notice in people["liaison"].notices.filter(kind="account")]
    day = cast.TODAY + timedelta(days=181 - days)
    assert notices == ([f"您的账号将于{day.year}年{day.month}月{day.day}日停用"] if warned else [])
    accounts.review(day - timedelta(days=1))
    assert fresh(people["liaison"]).is_active
    accounts.review(day)
    assert not fresh(people["liaison"]).is_active


def test_a_temporary_account_is_told_its_last_day(people):
    Person.objects.filter(username="outsider").update(expires_on=cast.TODAY + timedelta(days=3))
    for _ in range(2):
        accounts.review(cast.TODAY)
    (notice,) = people["outsider"].notices.all()
    day = cast.TODAY + timedelta(days=4)
    assert notice.title == f"您的账号将于{day.year}年{day.month}月{day.day}日停用" and "延期" in notice.body


def test_zero_days_mean_never(people, settings):
    settings.ACCOUNT_UNUSED_DAYS = 0
    Person.objects.filter(username="liaison").update(last_login=MORNING - timedelta(days=4000))
    assert accounts.review(cast.TODAY) == 0


def test_a_temporary_account_ends_after_its_last_day(people):
    Person.objects.filter(username="outsider").update(expires_on=cast.TODAY)
    assert accounts.review(cast.TODAY) == 0
    assert accounts.review(cast.TODAY + timedelta(days=1)) == 1
    assert fresh(people["outsider"]).suspended_for == "expired"


def test_the_last_system_administrator_is_never_suspended(people, login):
    Person.objects.filter(username="sysadmin").update(last_login=MORNING - timedelta(days=4000))
    assert accounts.review(cast.TODAY) == 0
    with pytest.raises(ValidationError, match="唯一可用的系统管理员"):
        accounts.suspend(people["sysadmin"], why="by_hand", by=people["sysadmin"], reason="离岗")


def test_the_task_of_the_night_brings_grants_in_step(people):
    leave(people["liaison"])
    tasks.review_accounts()
    assert not people["liaison"].userobjectpermission_set.exists()


# ── by the system administrator ──────────────────────────────────────────────────────────────


def saved(client, person: Person, **facts):
    body = {"username": person.username, "name": person.name, "email": ""} | facts
    return client.post(f"/admin/accountability/person/{person.pk}/change/", body)


def test_suspending_by_hand_takes_a_reason(login, people, client_of):
    client, theirs = login("sysadmin"), client_of("liaison")
    page = saved(client, people["liaison"]).content.decode()
    assert "请写明停用或启用的原因" in page
    assert saved(client, people["liaison"], reason="借调离校").status_code == 302
    person = fresh(people["liaison"])
    assert (person.is_active, person.suspended_for) == (False, "by_hand")
    assert person.history.latest().history_change_reason == "借调离校"
    assert person.history.latest().history_user.username == "sysadmin"
    assert theirs.get("/notices/").status_code == 302
    assert "系统管理员停用" in client.get("/admin/accountability/person/").content.decode()
    assert saved(client, person, is_active="on", reason="借调期满返校").status_code == 302
    assert fresh(person).is_active
    assert AuditEvent.objects.filter(kind__startswith="account_").count() == 2


def test_waking_who_has_no_post_takes_a_tick_that_holds(login, people):
    leave(people["liaison"])
    accounts.review(cast.TODAY)
    client, facts = login("sysadmin"), {"is_active": "on", "reason": "返聘协助工作"}
    assert "请先任命，或勾选" in saved(client, people["liaison"], **facts).content.decode()
    assert saved(client, people["liaison"], **facts, keeps_without_post="on").status_code == 302
    assert fresh(people["liaison"]).is_active
    assert accounts.review(cast.TODAY) == 0


def test_waking_an_expired_account_takes_a_new_day(login, people):
    Person.objects.filter(username="outsider").update(expires_on=YESTERDAY)
    accounts.review(cast.TODAY)
    client, facts = login("sysadmin"), {"is_active": "on", "reason": "延长临时账号"}
    page = saved(client, people["outsider"], **facts, expires_on=YESTERDAY.isoformat()).content.decode()
    assert "账号已过有效期" in page
    assert saved(client, people["outsider"], **facts, expires_on="2026-12-31").status_code == 302
    assert fresh(people["outsider"]).is_active


def test_an_end_in_the_past_is_refused(login, people):
    body = {"is_active": "on", "expires_on": "2026-01-01"}
    assert "有效期至不能早于今天" in saved(login("sysadmin"), people["outsider"], **body).content.decode()


def test_the_last_system_administrator_is_not_suspended_by_hand(login, people):
    page = saved(login("sysadmin"), people["sysadmin"], reason="不再担任").content.decode()
    assert "唯一可用的系统管理员" in page
    assert fresh(people["sysadmin"]).is_active


def test_other_fields_need_no_reason(login, people):
    assert saved(login("sysadmin"), people["outsider"], is_active="on", name="无岗者").status_code == 302
    assert fresh(people["outsider"]).name == "无岗者"


def test_an_account_in_use_has_no_reason_to_be_suspended(people):
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.filter(username="liaison").update(suspended_for="unused")
    person = fresh(people["liaison"])
    person.suspended_for = "unused"
    with pytest.raises(ValidationError, match="启用中的账号"):
        person.validate_constraints()


# ── what production must not have ────────────────────────────────────────────────────────────


def found() -> set[str]:
    return {message.id for message in run_checks(tags=["security"], include_deployment_checks=True)}


def test_a_superuser_in_use_stops_a_deployment(people):
    assert "accountability.E001" not in found()
    root = Person.objects.create_superuser("root", "根", cast.PASSWORD)
    assert "accountability.E001" in found()
    root.is_active = False
    root.save()
    assert "accountability.E001" not in found()


def test_superusers_who_may_sign_in_stop_it(settings):
    settings.SUPERUSERS_MAY_SIGN_IN = False
    assert "accountability.E002" not in found()
    settings.SUPERUSERS_MAY_SIGN_IN = True
    assert "accountability.E002" in found()


def test_accounts_of_the_demo_stop_it(people):
    """The cast has the user names of the demo, and its domain."""
    assert "supervision.E001" in found()
    Person.objects.filter(email__endswith=demo.DOMAIN).update(password="!")
    assert "supervision.E001" not in found()


def test_the_demos_password_is_not_asked_to_be_changed(people, settings):
    settings.PASSWORD_MAX_DAYS = 90
    Person.objects.filter(username="office").update(must_change_password=True, password_changed_at=None)
    demo.set_password("海阔天空-2026")
    assert why_change(fresh(people["office"])) == ""
