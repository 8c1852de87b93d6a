"""二次验证: nothing is reachable before it is done, nothing of it lies open, no code is taken twice (8.1.4.1 d)."""

import time
from base64 import b32decode
from datetime import timedelta

import pytest
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_otp.oath import TOTP

from accountability.models import AuditEvent, Authenticator, Notice, Person, RecoveryCode
from accountability.models.second_factor import new_sealed_key
from accountability.services import second_factor as verbs
from tests import cast

pytestmark = pytest.mark.django_db
CODE, ENROL = "/second-factor/code/", "/second-factor/enrol/"


def code_of(key: bytes, *, steps: int = 0) -> str:
    totp = TOTP(key, 30, 0, 6)
    totp.time = time.time() + 30 * steps
    return f"{totp.token():06d}"


def bound(person: Person) -> tuple[bytes, list[str]]:
    """A person with an authenticator, whose first code is spent: its key and the recovery codes."""
    sealed = new_sealed_key()
    key = Authenticator(sealed_key=sealed).key()
    codes = verbs.bind(person, sealed_key=sealed, code=code_of(key, steps=-1))
    person.refresh_from_db()
    return key, codes


def signed_in(client: Client, username: str, onward: str = ""):
    return client.post(f"/login/{onward}", {"username": username, "password": cast.PASSWORD})


def events(kind: str) -> list[str]:
    return list(AuditEvent.objects.filter(kind=kind).order_by("pk").values_list("result", flat=True))


@pytest.fixture
def required(settings):
    settings.SECOND_FACTOR_REQUIRED = True


# ── who must ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("username", ["discipline", "sysadmin", "secadmin", "auditor"])
@pytest.mark.parametrize(
    "path", ["/", "/admin/", "/ledger/", "/nowhere/", "/search/?q=x", "/password/", "/second-factor/"]
)
def test_the_commission_and_the_administrators_bind_before_anything_else(login, required, username, path):
    answer = login(username).get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith(ENROL)


@pytest.mark.parametrize("username", ["office", "secretary", "liaison", "outsider"])
def test_nobody_else_is_held_up(login, required, username):
    assert login(username).get("/").status_code == 200


def test_where_it_is_not_required_nobody_is_held_up(login):
    assert login("sysadmin").get("/admin/").status_code == 200


def test_until_then_a_page_shows_nothing_but_its_own(login, required):
    text = login("discipline").get(ENROL).content.decode()
    assert "主导航" not in text
    assert "严正明" not in text
    assert "退出登录" in text


def test_a_post_and_a_fragment_are_held_up_too(login, required):
    client = login("discipline")
    assert client.post("/notices/read/")["Location"] == ENROL
    answer = client.get("/notices/unread/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (200, ENROL)


def test_one_may_leave_and_the_probe_goes_on(login, required):
    client = login("discipline")
    assert client.get("/healthz").status_code in (200, 503)
    assert client.post("/logout/")["Location"] == "/login/"


def test_a_new_password_and_a_second_factor_do_not_send_one_in_circles(login, required, people):
    """What is owed at the door is asked one after the other."""
    names = {field.name for field in Person._meta.get_fields()}
    if "must_change_password" in names:
        Person.objects.filter(username="discipline").update(must_change_password=True)
    assert login("discipline").get(ENROL).status_code == 200


# ── binding ──────────────────────────────────────────────────────────────────────────────────


def offered(client: Client) -> tuple[str, bytes]:
    answer = client.get(ENROL)
    assert 'src="data:image/png;base64,' in answer.content.decode()
    typed = answer.context["typed_key"]
    return typed, b32decode(typed.replace(" ", ""))


def test_binding_lets_in_and_shows_ten_recovery_codes_once(login, required, people):
    client = login("discipline")
    _, key = offered(client)
    answer = client.post(ENROL, {"code": code_of(key)})
    assert answer.status_code == 200
    codes = answer.context["codes"]
    assert len(set(codes)) == 10
    assert client.get("/").status_code == 200
    page = client.get("/second-factor/").content.decode()
    assert "还有 10 个" in page
    assert not any(code in page for code in codes)
    assert "停用" not in page.replace("不能停用", "")
    assert Person.objects.get(username="discipline").history.first().history_change_reason == "启用二次验证"
    assert events("second_factor_bound") == ["done"]
    assert Notice.objects.get(recipient=people["discipline"], kind="account").title == "已启用二次验证"


def test_a_wrong_first_code_binds_nothing_and_keeps_the_same_key(login):
    client = login("liaison")
    typed, _ = offered(client)
    answer = client.post(ENROL, {"code": "000000"})
    assert answer.status_code == 400
    assert "动态码不对" in answer.content.decode()
    assert answer.context["typed_key"] == typed
    assert not Authenticator.objects.exists()


def test_a_page_of_binding_is_used_once(login):
    client = login("liaison")
    _, key = offered(client)
    client.post(ENROL, {"code": code_of(key)})
    assert client.post(ENROL, {"code": code_of(key, steps=1)})["Location"] == ENROL
    assert Authenticator.objects.count() == 1


def test_no_secret_lies_open(login, client, people):
    visitor = login("liaison")
    typed, key = offered(visitor)
    session = str(dict(visitor.session.items()))
    codes = visitor.post(ENROL, {"code": code_of(key)}).context["codes"]
    rows = str([*Authenticator.objects.values(), *RecoveryCode.objects.values(), *AuditEvent.objects.values()])
    rows += str([*Person.history.values(), *Notice.objects.values()]) + session
    for secret in (key.hex(), typed, typed.replace(" ", ""), *codes, *(code.replace("-", "") for code in codes)):
        assert secret not in rows
    assert not {Authenticator, RecoveryCode} & set(admin.site._registry)
    assert not any(model.__module__.startswith("django_otp") for model in admin.site._registry)


def test_a_key_sealed_before_opens_with_the_keys_of_old(settings, people):
    key, codes = bound(people["liaison"])
    settings.SECOND_FACTOR_KEYS = ["new", *settings.SECOND_FACTOR_KEYS]
    assert verbs.prove(people["liaison"], code_of(key)) == ""
    assert verbs.prove(people["liaison"], codes[0]) == ""
    settings.SECOND_FACTOR_KEYS = ["quite another"]
    assert "动态码不对" in verbs.prove(people["liaison"], code_of(key, steps=1))


def test_a_person_has_one_authenticator(people):
    bound(people["liaison"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Authenticator.objects.create(user=people["liaison"], sealed_key="x")
    digest = RecoveryCode.objects.first().digest
    with pytest.raises(IntegrityError), transaction.atomic():
        RecoveryCode.objects.create(person=people["liaison"], digest=digest)


# ── at the door ──────────────────────────────────────────────────────────────────────────────


def test_after_the_password_comes_the_code_and_then_the_page_one_wanted(client, people):
    key, _ = bound(people["liaison"])
    assert signed_in(client, "liaison", "?next=/records/")["Location"] == "/records/"
    asked = client.get("/records/")["Location"]
    assert asked == f"{CODE}?next=%2Frecords%2F"
    assert "手机验证器" in client.get(asked).content.decode()
    before = client.session.session_key
    answer = client.post(asked, {"code": f" {code_of(key)[:3]} {code_of(key)[3:]} "})
    assert answer["Location"] == "/records/"
    assert client.session.session_key != before
    assert client.get("/records/").status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/admin/", "/second-factor/", ENROL, "/reauthenticate/", "/nowhere/", "/password/"]
)
def test_with_the_password_alone_nothing_is_reachable(client, people, path):
    bound(people["sysadmin"])
    signed_in(client, "sysadmin")
    for method in (client.get, client.post):
        assert method(path)["Location"].startswith(CODE)


def test_the_code_leads_nowhere_else(client, people):
    key, _ = bound(people["liaison"])
    signed_in(client, "liaison")
    for outside in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        answer = client.get(CODE, {"next": outside})
        assert answer.status_code == 200
    assert client.post(f"{CODE}?next=//evil.example/", {"code": code_of(key)})["Location"] == "/"


def test_a_code_is_taken_once(client, people):
    key, _ = bound(people["liaison"])
    code = code_of(key)
    signed_in(client, "liaison")
    assert client.post(CODE, {"code": code}).status_code == 302
    other = Client()
    signed_in(other, "liaison")
    answer = other.post(CODE, {"code": code})
    assert answer.status_code == 400
    assert "已用过" in answer.content.decode()


def test_a_recovery_code_is_taken_once_however_it_is_typed(client, people):
    _, codes = bound(people["liaison"])
    signed_in(client, "liaison")
    assert client.post(CODE, {"code": f" {codes[0].upper()} "}).status_code == 302
    assert client.get("/").status_code == 200
    other = Client()
    signed_in(other, "liaison")
    assert other.post(CODE, {"code": codes[0]}).status_code == 400
    assert RecoveryCode.objects.unused().count() == 9


def test_who_has_few_recovery_codes_left_is_told(client, people):
    _, codes = bound(people["liaison"])
    RecoveryCode.objects.filter(pk__in=RecoveryCode.objects.values("pk")[:6]).update(used_at=timezone.now())
    rest = [code for code in codes if RecoveryCode.objects.unused().filter(digest__in=RecoveryCode.digests_of(code))]
    signed_in(client, "liaison")
    client.post(CODE, {"code": rest[0]})
    assert "恢复码只剩 3 个" in client.get("/").content.decode()


def test_wrong_codes_make_the_next_wait_longer(client, people, clock):
    key, _ = bound(people["liaison"])
    for _ in range(3):
        verbs.prove(people["liaison"], "000000")
        clock.shift(timedelta(seconds=5))
    verbs.prove(people["liaison"], "000000")
    assert "秒后再试" in verbs.prove(people["liaison"], code_of(key)).replace(" ", "")
    assert events("second_factor_proved") == ["failed"] * 4 + ["refused"]
    clock.shift(timedelta(seconds=9))
    assert verbs.prove(people["liaison"], code_of(key)) == ""


def test_five_wrong_codes_end_the_session(client, people):
    bound(people["liaison"])
    signed_in(client, "liaison")
    answers = [client.post(CODE, {"code": "000000"}) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [400] * 4 + [302]
    assert answers[-1]["Location"] == "/login/"
    assert "_auth_user_id" not in client.session
    assert "连续 5 次" in client.get("/login/").content.decode()


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "１２３", "-12345", "²²²²²²", "0" * 500, "\x00" * 6]
)
def test_odd_codes_are_refused_kindly(client, people, code):
    bound(people["liaison"])
    signed_in(client, "liaison")
    assert client.post(CODE, {"code": code}).status_code == 400


def test_the_gate_asks_the_database_nothing_of_whom_it_lets_through(login, people):
    client = login("liaison")
    client.get("/second-factor/")
    with CaptureQueriesContext(connection) as before:
        client.get("/calendar/")
    key, _ = bound(people["liaison"])
    client.post(CODE, {"code": code_of(key)})
    client.get("/calendar/")
    with CaptureQueriesContext(connection) as after:
        client.get("/calendar/")
    assert len(after) == len(before)


# ── one's own ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def verified(client, people):
    """The liaison, signed in with both."""
    key, codes = bound(people["liaison"])
    signed_in(client, "liaison")
    client.post(CODE, {"code": codes[9]})
    client.key, client.codes = key, codes
    return client


def test_another_session_of_old_has_not_proved_a_new_device(login, people):
    old = login("liaison")
    assert old.get("/").status_code == 200
    key, _ = bound(people["liaison"])
    assert old.get("/")["Location"].startswith(CODE)
    old.post(CODE, {"code": code_of(key)})
    assert old.get("/").status_code == 200
    bound(people["liaison"])
    assert old.get("/")["Location"].startswith(CODE)


def test_a_new_device_voids_the_earlier_one(verified, people):
    page = verified.get(ENROL)
    assert "原来的验证器和恢复码同时作废" in page.content.decode()
    key = b32decode(page.context["typed_key"].replace(" ", ""))
    assert verified.post(ENROL, {"code": code_of(key)}).status_code == 200
    assert verified.get("/").status_code == 200
    assert "不对" in verbs.prove(people["liaison"], verified.codes[0])
    assert Authenticator.objects.count() == 1


def test_recovery_codes_are_renewed(verified, people):
    codes = verified.post("/second-factor/codes/").context["codes"]
    assert len(codes) == 10
    assert "不对" in verbs.prove(people["liaison"], verified.codes[0])
    assert events("recovery_codes_renewed") == ["done"]


def test_who_need_not_have_it_may_remove_it(verified):
    assert verified.post("/second-factor/remove/")["Location"] == "/second-factor/"
    assert verified.get("/").status_code == 200
    assert not Authenticator.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert events("second_factor_removed") == ["done"]
    assert "已停用" in Notice.objects.filter(kind="account").first().title


def test_who_must_have_it_may_not_remove_it(people, required):
    bound(people["discipline"])
    with pytest.raises(PermissionDenied, match="必须启用"):
        verbs.remove(people["discipline"])


def test_nothing_is_renewed_or_removed_that_is_not_there(people):
    for verb in (verbs.renew_codes, verbs.remove):
        with pytest.raises(ValidationError, match="还没有启用"):
            verb(people["liaison"])
    assert "还没有绑定" in verbs.prove(people["liaison"], "123456")


# ── another's ────────────────────────────────────────────────────────────────────────────────


def test_the_system_administrator_resets_anothers_with_a_reason_and_he_is_told(login, people):
    bound(people["discipline"])
    client = login("sysadmin")
    assert "严正明" in client.get("/operations/second-factors/").content.decode()
    address = f"/operations/second-factors/{people['discipline'].pk}/reset/"
    assert "至少 4 个字" in client.post(address, {"reason": "丢"}).content.decode()
    assert client.post(address, {"reason": "手机遗失，已当面核实"}).status_code == 302
    person = Person.objects.get(username="discipline")
    assert person.second_factor_since is None
    assert person.history.first().history_user == people["sysadmin"]
    assert "手机遗失" in person.history.first().history_change_reason
    assert events("second_factor_reset") == ["done"]
    assert "系知常重置了您的二次验证" in Notice.objects.filter(recipient=person, kind="account").first().title


def test_the_list_of_people_costs_the_same_for_one_and_for_many(login, people):
    client = login("sysadmin")
    bound(people["discipline"])
    client.get("/operations/second-factors/")
    with CaptureQueriesContext(connection) as one:
        client.get("/operations/second-factors/")
    for person in list(people.values())[:12]:
        if person.username != "discipline":
            bound(person)
    with CaptureQueriesContext(connection) as many:
        client.get("/operations/second-factors/")
    assert len(many) == len(one)


def test_nobody_resets_his_own(login, people):
    bound(people["sysadmin"])
    with pytest.raises(PermissionDenied, match="不能重置自己"):
        verbs.reset(people["sysadmin"], by=people["sysadmin"], reason="手机丢了")


@pytest.mark.parametrize("username", ["secadmin", "auditor", "office", "discipline"])
def test_nobody_else_resets(login, people, username):
    bound(people["liaison"])
    client = login(username)
    assert client.get("/operations/second-factors/").status_code == 403
    assert (
        client.post(f"/operations/second-factors/{people['liaison'].pk}/reset/", {"reason": "手机丢了"}).status_code
        == 403
    )
    with pytest.raises(PermissionDenied):
        verbs.reset(people["liaison"], by=people[username], reason="手机丢了")


def test_what_is_not_there_and_a_superusers_is_not_reset(people):
    with pytest.raises(ValidationError, match="没有启用"):
        verbs.reset(people["liaison"], by=people["sysadmin"], reason="手机丢了")
    root = Person.objects.create_superuser("root", "根", "a-long-password")
    bound(root)
    with pytest.raises(PermissionDenied):
        verbs.reset(root, by=people["sysadmin"], reason="手机丢了")


def test_the_list_tells_whose_post_asks_for_it_and_who_has_not(login, people):
    bound(people["discipline"])
    client = login("sysadmin")
    missing = client.get("/operations/second-factors/?view=missing").content.decode()
    assert "审知远" in missing
    assert "严正明" not in missing
    assert "叶清和" not in missing
    assert "没有找到" in client.get("/operations/second-factors/?q=查无此人").content.decode()
    for odd in ("?view=x", "?page=x", "?q=%00", "?q=" + "很" * 200):
        assert client.get("/operations/second-factors/" + odd).status_code == 200
