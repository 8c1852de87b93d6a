"""口令规则: three of four classes, not one of the last five, ninety days, never another's choice (8.1.4.1 a)."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from accountability import passwords
from accountability.models import AuditEvent, FormerPassword, LoginSession, Person
from accountability.services import sessions
from tests import cast
from tests.conftest import MORNING

pytestmark = pytest.mark.django_db
GOOD = "Wu-tong-yu-2026"


def changed(client, old: str, new: str, again: str | None = None):
    body = {"old_password": old, "new_password1": new, "new_password2": again or new}
    return client.post("/password/", body)


def text(response) -> str:
    return response.content.decode()


# ── what it must be ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("Ab-3456789", ""),
        ("abcdefgh-1", ""),
        ("春风又绿江南岸-2026a", ""),
        ("Ab-345678", "至少"),
        ("lowercase-only", "至少 3 类"),
        ("onlyletters9", "至少 3 类"),
        ("ABCDEFGHIJ12", "至少 3 类"),
        ("9876543210", "至少 3 类"),
        ("Liaison-12", "相似"),
    ],
)
def test_three_of_four_classes_and_ten_characters(people, password, said):
    if not said:
        validate_password(password, people["liaison"])
        return
    with translation.override("zh-hans"), pytest.raises(ValidationError, match=said):
        validate_password(password, people["liaison"])


def test_none_of_the_last_five_is_taken_again(login, people):
    client, old = login("liaison"), cast.PASSWORD
    for number in range(5):
        assert changed(client, old, f"{GOOD}-{number}").status_code == 302
        old = f"{GOOD}-{number}"
    for number in range(5):
        assert "最近 5 次用过的密码不能再用" in text(changed(client, old, f"{GOOD}-{number}"))
    assert changed(client, old, f"{GOOD}-5").status_code == 302
    assert changed(client, f"{GOOD}-5", f"{GOOD}-0").status_code == 302  # six changes ago


def test_the_present_password_is_none_either_even_without_a_trace(people):
    person = people["liaison"]
    FormerPassword.objects.all().delete()
    person.set_password(GOOD)
    Person.objects.filter(pk=person.pk).update(password=person.password)  # a database from before there were traces
    with pytest.raises(ValidationError, match="用过"):
        validate_password(GOOD, Person.objects.get(pk=person.pk))


def test_five_hashes_are_kept_of_each_and_no_password(people):
    person = people["liaison"]
    for number in range(8):
        person.set_password(f"{GOOD}-{number}")
        person.save()
    kept = person.former_passwords.all()
    assert len(kept) == 5
    assert all(GOOD not in row.password for row in kept)
    assert FormerPassword.objects.filter(person=people["branch"]).count() == 1  # the cast's first


def test_a_stronger_hash_of_the_same_password_is_no_change(people, settings):
    person = people["liaison"]
    before, traces = person.password_changed_at, person.former_passwords.count()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]
    assert person.check_password(cast.PASSWORD)
    person = Person.objects.get(pk=person.pk)
    assert person.password.startswith("pbkdf2")
    assert (person.password_changed_at, person.former_passwords.count()) == (before, traces)


# ── the page ─────────────────────────────────────────────────────────────────────────────────


def test_the_page_tells_the_rules(login, settings):
    settings.PASSWORD_MAX_DAYS = 90
    page = text(login("liaison").get("/password/"))
    for words in ("至少 10 个字符", "至少 3 类", "最近 5 次", "每 90 天", "其他设备上的登录会全部结束"):
        assert words in page, words


def test_a_wrong_old_password_changes_nothing(login, people):
    response = changed(login("liaison"), "nonsense", GOOD)
    assert "原密码不正确" in text(response)
    assert Person.objects.get(username="liaison").check_password(cast.PASSWORD)


def test_two_that_differ_change_nothing(login):
    response = changed(login("liaison"), cast.PASSWORD, GOOD, f"{GOOD}x")
    assert response.status_code == 200
    assert Person.objects.get(username="liaison").check_password(cast.PASSWORD)


def test_a_change_keeps_this_session_ends_the_others_and_is_told(login, client, people, client_of):
    elsewhere = client_of("liaison")
    client = login("liaison")
    assert changed(client, cast.PASSWORD, GOOD).status_code == 302
    assert "其他设备上的登录已结束" in text(client.get("/"))
    assert "/login/" in elsewhere.get("/notices/")["Location"]
    assert "密码已修改，请用新密码登录" in text(elsewhere.get("/login/"))
    person = Person.objects.get(username="liaison")
    assert person.history.latest().history_change_reason == "本人修改密码"
    assert person.history.latest().history_user == person
    assert AuditEvent.objects.get(kind="password_changed").detail == {"sessions_ended": 1}
    assert sessions.open_sessions(person).count() == 1
    assert LoginSession.objects.get(person=person, ended_at__isnull=False).ended_for == "password"


# ── first signing-in ─────────────────────────────────────────────────────────────────────────


def reset_by_administrator(login, people):
    address = f"/admin/accountability/person/{people['liaison'].pk}/password/"
    body = {"usable_password": "true", "password1": GOOD, "password2": GOOD, "set-password": "1"}
    assert login("sysadmin").post(address, body).status_code == 302


def test_a_password_of_the_administrators_choice_is_changed_before_anything_else(login, people, client_of):
    standing = client_of("liaison")
    reset_by_administrator(login, people)
    assert standing.get("/notices/").status_code == 302  # out at once
    assert AuditEvent.objects.get(kind="password_reset").detail == {"sessions_ended": 1}
    client = client_of("liaison")
    for path in ("/", "/notices/", "/sessions/", "/ledger/", "/admin/", "/nowhere/"):
        answer = client.get(path)
        assert answer.status_code == 404 if path == "/nowhere/" else answer["Location"] == "/password/", path
    assert client.post("/notices/read/")["Location"] == "/password/"
    page = text(client.get("/password/"))
    assert "请先设置自己的密码" in page
    assert "退出登录" in page
    assert 'class="side"' not in page
    assert changed(client, GOOD, GOOD).status_code == 200  # not the same again
    assert changed(client, GOOD, f"{GOOD}-mine").status_code == 302
    assert client.get("/notices/").status_code == 200


def test_who_must_change_may_leave(login, people, client_of):
    reset_by_administrator(login, people)
    client = client_of("liaison")
    assert client.post("/logout/").status_code == 302
    assert "/login/" in client.get("/password/")["Location"]


def test_a_new_account_must_change(login, client):
    body = {"username": "newcomer", "name": "新来", "email": "", "password1": GOOD, "password2": GOOD}
    login("sysadmin").post("/admin/accountability/person/add/", body)
    assert Person.objects.get(username="newcomer").must_change_password
    assert AuditEvent.objects.filter(kind="account_created").count() == 1
    client.logout()
    client.post("/login/", {"username": "newcomer", "password": GOOD})
    assert client.get("/")["Location"] == "/password/"


def test_a_page_that_asks_by_itself_is_led_to_the_change_too(login, people, client_of):
    reset_by_administrator(login, people)
    answer = client_of("liaison").get("/notices/unread/", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == "/password/"


def test_the_cast_is_not_sent_away(login):
    assert login("liaison").get("/").status_code == 200


# ── ninety days ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def set_days_ago(settings, people):
    settings.PASSWORD_MAX_DAYS = 90

    def ago(days: int) -> Person:
        Person.objects.filter(username="liaison").update(password_changed_at=MORNING - timedelta(days=days))
        return Person.objects.get(username="liaison")

    return ago


@pytest.mark.parametrize(
    ("days", "warned", "why"),
    [(0, None, ""), (75, None, ""), (76, 14, ""), (89, 1, ""), (90, 0, "expired"), (400, -310, "expired")],
)
def test_it_holds_ninety_days_and_warns_fourteen_before(set_days_ago, days, warned, why):
    person = set_days_ago(days)
    assert passwords.days_to_warn_of(person) == warned
    assert passwords.why_change(person) == why


def test_the_home_page_warns_of_the_end(set_days_ago, login):
    set_days_ago(80)
    assert "密码还有 10 天到期" in text(login("liaison").get("/"))
    set_days_ago(10)
    assert "天到期" not in text(login("liaison").get("/"))


def test_what_is_too_old_is_changed_first(set_days_ago, login):
    set_days_ago(91)
    client = login("liaison")
    assert client.get("/")["Location"] == "/password/"
    assert "密码已到期" in text(client.get("/password/"))
    assert changed(client, cast.PASSWORD, GOOD).status_code == 302
    assert client.get("/").status_code == 200


def test_for_ever_where_the_house_says_so(set_days_ago, settings):
    settings.PASSWORD_MAX_DAYS = 0
    assert passwords.why_change(set_days_ago(4000)) == ""


def test_who_has_no_password_has_none_to_change(set_days_ago):
    person = set_days_ago(400)
    person.set_unusable_password()
    person.must_change_password = True
    assert passwords.why_change(person) == ""


def test_an_account_from_before_counts_from_its_beginning(set_days_ago):
    person = set_days_ago(0)
    person.password_changed_at = None
    person.joined_at = timezone.make_aware(datetime(2026, 9, 1))
    assert passwords.days_left(person) == 7
