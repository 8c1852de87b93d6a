"""统一身份认证: who somebody is comes from there, what he may from here; nobody forges it, nobody is led elsewhere."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from accountability.models import AuditEvent, Person
from accountability.single_sign_on import discovery
from accountability.transport.timely import TimelySession
from tests import cast
from tests.identity_providers import CasServer, OpenIdProvider

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
CAS, OIDC, CALLBACK = "/sso/cas/", "/sso/oidc/", "/sso/oidc/callback/"
PASSWORDS = ["django.contrib.auth.backends.ModelBackend", "guardian.backends.ObjectPermissionBackend"]


def switch_on(settings, backend: str) -> None:
    settings.SINGLE_SIGN_ON_BACKENDS = [backend]
    settings.AUTHENTICATION_BACKENDS = [*PASSWORDS, backend]
    settings.ROOT_URLCONF = "tests.sso_urls"


@pytest.fixture
def cas(settings):
    server = CasServer()
    settings.CAS_SERVER_URL = f"{server.address}/cas/"
    settings.CAS_VERSION, settings.CAS_SESSION_FACTORY = "3", TimelySession
    switch_on(settings, "accountability.single_sign_on.cas.CasBackend")
    yield server
    server.stop()


@pytest.fixture
def oidc(settings):
    provider = OpenIdProvider()
    settings.OIDC_ISSUER = provider.address
    settings.OIDC_RP_CLIENT_ID, settings.OIDC_RP_CLIENT_SECRET = provider.CLIENT, provider.SECRET
    settings.OIDC_RP_SIGN_ALGO, settings.OIDC_RP_SCOPES = "RS256", "openid profile"
    settings.OIDC_USERNAME_CLAIM, settings.OIDC_USE_PKCE, settings.OIDC_TIMEOUT = "preferred_username", True, 5
    settings.LOGIN_REDIRECT_URL_FAILURE = "login"
    switch_on(settings, "accountability.single_sign_on.oidc.OidcBackend")
    discovery._read.clear()
    yield provider
    provider.stop()


def by_cas(client: Client, cas: CasServer, username: str, onward: str = ""):
    """There and back with a ticket: the answer to the ticket."""
    service = service_of(client.get(CAS, {"next": onward} if onward else {}))
    return with_ticket(client, service, cas.ticket(username, service))


def service_of(answer) -> str:
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer["Location"]).query)["service"][0]


def with_ticket(client: Client, service: str, ticket: str):
    parts = urlsplit(service)
    return client.get(
        parts.path, {name: value[0] for name, value in parse_qs(parts.query).items()} | {"ticket": ticket}
    )


def by_oidc(client: Client, oidc: OpenIdProvider, username: str, onward: str = ""):
    location = client.get(OIDC, {"next": onward} if onward else {})["Location"]
    return client.get(CALLBACK, oidc.authorise(location, username))


def user_of(client: Client) -> str:
    pk = client.session.get("_auth_user_id")
    return Person.objects.get(pk=pk).username if pk else ""


def said_at_the_door(client: Client, answer) -> str:
    assert answer["Location"] == "/login/"
    assert user_of(client) == ""
    return client.get("/login/").content.decode()


def events() -> list[str]:
    return list(AuditEvent.objects.filter(kind="single_sign_on").order_by("pk").values_list("result", flat=True))


WAYS = {"cas": by_cas, "oidc": by_oidc}


@pytest.fixture(params=WAYS)
def come(request, client):
    """``come("office")`` by either way: the answer, after which ``client`` is signed in or not."""
    provider = request.getfixturevalue(request.param)

    def as_(username: str, onward: str = "", visitor: Client = client):
        return WAYS[request.param](visitor, provider, username, onward)

    as_.way = request.param
    return as_


# ── both ways ────────────────────────────────────────────────────────────────────────────────


def test_one_comes_in_under_his_own_name_and_where_he_wanted(come, client):
    before = Client()
    assert come("office", "/records/?view=all")["Location"] == "/records/?view=all"
    assert user_of(client) == "office"
    assert client.get("/records/").status_code == 200
    assert events() == ["done"]
    assert user_of(before) == ""


def test_capitals_of_the_provider_do_not_matter(come, client):
    come("Office")
    assert user_of(client) == "office"


@pytest.mark.parametrize("username", ["nobody", "' or 1=1", "管理员", "x" * 300, "system"])
def test_an_unknown_account_is_refused_and_none_is_made(come, client, username):
    Person.objects.system()
    people = Person.objects.count()
    text = said_at_the_door(client, come(username))
    assert "没有登记" in text or "已停用" in text
    assert Person.objects.count() == people
    assert events() == ["refused"]


def test_a_suspended_account_is_refused(come, client, people):
    Person.objects.filter(username="liaison").update(is_active=False)
    assert "您在本系统的账号已停用" in said_at_the_door(client, come("liaison"))
    assert AuditEvent.objects.get(kind="single_sign_on").username == "liaison"


def test_a_superuser_is_refused(come, client):
    Person.objects.create_superuser("root", "根", "a-long-password")
    assert "不能通过统一身份认证登录" in said_at_the_door(client, come("root"))


def test_nothing_of_a_person_changes(come, people):
    before = Person.objects.filter(username="office").values("name", "email", "is_staff", "is_superuser", "is_active")[
        0
    ]
    come("office")
    person = Person.objects.get(username="office")
    assert {name: getattr(person, name) for name in before} == before
    assert person.groups.count() == people["office"].groups.count()


@pytest.mark.parametrize(
    "outside",
    ["https://evil.example/", "//evil.example/x", "/\\evil.example", "javascript:alert(1)", "http:///evil.example"],
)
def test_nobody_is_led_elsewhere(come, client, outside):
    assert come("office", outside)["Location"] == "/"
    assert client.get({"cas": CAS, "oidc": CALLBACK}[come.way], {"next": outside})["Location"] == "/"


def test_the_session_of_before_is_not_the_one_after(come, client):
    client.get({"cas": CAS, "oidc": OIDC}[come.way])
    before = client.session.session_key
    come("office")
    assert client.session.session_key != before


def test_the_second_factor_is_asked_all_the_same(come, client, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    come("discipline")
    assert client.get("/")["Location"].startswith("/second-factor/enrol/")


def test_unless_the_provider_has_asked_for_it(come, client, settings):
    settings.SECOND_FACTOR_REQUIRED = settings.SSO_HAS_SECOND_FACTOR = True
    come("discipline")
    assert client.get("/").status_code == 200
    other = Client()
    other.post("/login/", {"username": "discipline", "password": cast.PASSWORD})
    assert other.get("/")["Location"].startswith("/second-factor/enrol/")


def test_coming_in_is_a_proof_for_a_quarter_of_an_hour(come, client):
    come("discipline")
    assert client.get("/oversight/talks/export/").status_code == 200


def test_a_provider_that_does_not_answer_is_told_in_words(come, client, settings):
    settings.CAS_SERVER_URL, settings.OIDC_ISSUER = "http://127.0.0.1:1/cas/", "http://127.0.0.1:1"
    is_cas = come.way == "cas"
    answer = with_ticket(client, service_of(client.get(CAS)), "ST-x") if is_cas else client.get(OIDC)
    assert "暂时无法使用" in said_at_the_door(client, answer)
    assert events() == ["failed"]


def test_the_door_has_a_button_for_it_and_remembers_where_one_wanted(come, client):
    text = client.get("/login/?next=/records/").content.decode()
    assert f'href="/sso/{come.way}/?next=%2Frecords%2F"' in text
    assert "统一身份认证" in text


def test_whoever_leaves_is_told_that_he_is_still_in_over_there(come, client):
    come("office")
    answer = client.post("/logout/")
    assert answer["Location"] == f"/login/?left={come.way}"
    text = client.get(answer["Location"]).content.decode()
    assert "统一身份认证还没有退出" in text
    assert "/logout" in text
    assert client.get("/records/").status_code == 302


def test_who_came_by_password_is_told_nothing_of_it(come, client):
    client.post("/login/", {"username": "office", "password": cast.PASSWORD})
    assert client.post("/logout/")["Location"] == "/login/"


# ── CAS ──────────────────────────────────────────────────────────────────────────────────────


def test_a_forged_ticket_is_refused(cas, client):
    answer = with_ticket(client, service_of(client.get(CAS)), "ST-forged")
    assert "票据无效" in said_at_the_door(client, answer)
    assert events() == ["failed"]


def test_a_ticket_is_used_once_and_for_this_site(cas, client):
    service = service_of(client.get(CAS))
    ticket = cas.ticket("office", service)
    with_ticket(client, service, ticket)
    assert user_of(client) == "office"
    other = Client()
    other.get(CAS)
    assert "票据无效" in said_at_the_door(other, with_ticket(other, service, ticket))
    third = Client()
    third.get(CAS)
    foreign = cas.ticket("office", "https://other.example/")
    assert "票据无效" in said_at_the_door(third, with_ticket(third, service, foreign))


def test_a_ticket_nobody_asked_for_signs_nobody_in(cas, client):
    ticket = cas.ticket("office", "http://testserver/sso/cas/")
    answer = client.get(CAS, {"ticket": ticket})
    assert answer["Location"].startswith(cas.address)
    assert user_of(client) == ""
    assert ticket in cas.tickets


@pytest.mark.parametrize(
    "says",
    [
        b"",
        b"no xml",
        b"<a/>",
        b"<cas:serviceResponse/>",
        b"<a><authenticationSuccess/></a>",
        b'<!DOCTYPE a [<!ENTITY b "office">]><c xmlns="u"><authenticationSuccess><user></user></authenticationSuccess></c>',
    ],
)
def test_odd_answers_sign_nobody_in(cas, client, says):
    cas.says = says
    said_at_the_door(client, with_ticket(client, service_of(client.get(CAS)), "ST-1"))


# ── OpenID Connect ───────────────────────────────────────────────────────────────────────────


def test_a_token_signed_by_another_is_refused(oidc, client):
    oidc.signing_key = oidc.other_key
    assert "没有通过校验" in said_at_the_door(client, by_oidc(client, oidc, "office"))
    assert events() == ["failed"]


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_that_chooses_its_own_algorithm_is_refused(oidc, client, algorithm):
    oidc.algorithm, oidc.signing_key = algorithm, oidc.SECRET * 2
    assert "没有通过校验" in said_at_the_door(client, by_oidc(client, oidc, "office"))


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"aud": ["a", "b"]},
        {"azp": "another"},
        {"exp": 1},
        {"exp": None},
        {"sub": "id-other"},
        {"sub": None},
        {"nonce": "x"},
        {"nonce": None},
        {"iss": None},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_login_is_refused(oidc, client, changed):
    oidc.changed = changed
    assert "没有通过校验" in said_at_the_door(client, by_oidc(client, oidc, "office"))


@pytest.mark.parametrize(
    "told", [{"preferred_username": None}, {"preferred_username": 7}, {"sub": "id-another"}], ids=str
)
def test_what_is_told_of_a_person_must_be_of_him(oidc, client, told):
    oidc.told = told
    assert "没有通过校验" in said_at_the_door(client, by_oidc(client, oidc, "office"))


def test_a_state_is_used_once(oidc, client):
    location = client.get(OIDC)["Location"]
    client.get(CALLBACK, oidc.authorise(location, "office"))
    client.post("/logout/")
    client.get(OIDC)
    answer = client.get(CALLBACK, oidc.authorise(location, "office"))
    assert "已用过或不是在这个浏览器里发起的" in said_at_the_door(client, answer)


def test_a_state_of_another_browser_is_refused(oidc, client):
    other = Client()
    back = oidc.authorise(other.get(OIDC)["Location"], "office")
    client.get(OIDC)
    assert "不是在这个浏览器里发起的" in said_at_the_door(client, client.get(CALLBACK, back))
    said_at_the_door(Client(), Client().get(CALLBACK, back))


@pytest.mark.parametrize(
    "asked", [{}, {"code": "x"}, {"state": "x"}, {"error": "access_denied", "state": "x"}], ids=str
)
def test_odd_callbacks_sign_nobody_in(oidc, client, asked):
    client.get(OIDC)
    assert "请重新登录" in said_at_the_door(client, client.get(CALLBACK, asked))


def test_a_code_is_used_once(oidc, client):
    back = oidc.authorise(client.get(OIDC)["Location"], "office")
    oidc.codes.clear()
    assert "暂时无法使用" in said_at_the_door(client, client.get(CALLBACK, back))


def test_a_provider_under_another_name_is_not_believed(oidc, client, settings):
    settings.OIDC_ISSUER = oidc.address.replace("127.0.0.1", "localhost")
    assert "暂时无法使用" in said_at_the_door(client, client.get(OIDC))


# ── the environment ──────────────────────────────────────────────────────────────────────────


def told_by(environment: dict[str, str], tmp_path) -> str:
    program = (
        "import django; django.setup()\n"
        "from django.conf import settings\nfrom django.core.management import call_command\nfrom django.urls import get_resolver\n"
        "call_command('check')\n"
        "names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}\n"
        "print(sorted(names & {'cas_sign_in', 'oidc_authentication_init', 'oidc_authentication_callback'}))\n"
        "print([one.rsplit('.')[-1] for one in settings.AUTHENTICATION_BACKENDS if 'single' in one])\n"
        "print(settings.SECOND_FACTOR_REQUIRED)\n"
    )
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    base = {"DEBUG": "1", "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=kept | base | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.once
def test_without_addresses_there_is_no_other_door(tmp_path):
    assert "[]\n[]\nFalse" in told_by({}, tmp_path)


@pytest.mark.once
def test_the_addresses_open_them(tmp_path):
    told = told_by(
        {
            "CAS_SERVER_URL": "https://cas.example.edu/cas",
            "OIDC_ISSUER": "https://id.example.edu/",
            "OIDC_CLIENT_ID": "one",
            "OIDC_CLIENT_SECRET": "two",
        },
        tmp_path,
    )
    assert "['cas_sign_in', 'oidc_authentication_callback', 'oidc_authentication_init']" in told
    assert "['CasBackend', 'OidcBackend']" in told


@pytest.mark.once
def test_in_production_the_second_factor_is_required(tmp_path):
    assert "True" in told_by(
        {"DEBUG": "0", "SECRET_KEY": "".join(map(chr, range(40, 120))), "ALLOWED_HOSTS": "example.edu"}, tmp_path
    )
