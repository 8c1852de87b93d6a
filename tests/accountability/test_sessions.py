"""登录会话: limits, reasons, devices, fixation, cookies; nothing typed is lost (8.1.4.1 b; Must show 6)."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accountability.devices import device_of
from accountability.models import AuditEvent, LoginSession, Notice, Person
from accountability.services import accounts, clearing, sessions
from accountability.session_limits import POLLING
from accountability.sessions import kept
from tests import cast
from tests.conftest import MORNING

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parent.parent.parent
POLL = {"HX-Request": "true", "HX-Trigger": "bell", "HX-Current-URL": "http://testserver/records/new/"}
COOKIE = configured.SESSION_COOKIE_NAME


@pytest.fixture(autouse=True)
def as_in_use(settings):
    settings.SESSION_IDLE_MINUTES, settings.SESSION_SEEN_SECONDS = 30, 60


@pytest.fixture
def later(clock):
    return lambda **passed: clock.move_to(MORNING + timedelta(**passed))


def text(response) -> str:
    return response.content.decode()


def is_out(response) -> bool:
    return response.status_code == 302 and response["Location"].startswith("/login/")


def sign_in(client, username: str = "liaison"):
    return client.post("/login/", {"username": username, "password": cast.PASSWORD})


# ── limits ───────────────────────────────────────────────────────────────────────────────────


def test_half_an_hour_without_a_sign_of_life_ends_it(login, later):
    client = login("liaison")
    later(minutes=29)
    assert client.get("/notices/").status_code == 200
    later(minutes=58)
    assert client.get("/notices/").status_code == 200  # seen at 29
    later(minutes=89)
    answer = client.get("/notices/?view=unread")
    assert answer["Location"] == "/login/?next=/notices/%3Fview%3Dunread"
    assert "长时间未操作，已退出登录" in text(client.get(answer["Location"]))
    assert LoginSession.objects.get().ended_for == "idle"
    assert not Session.objects.exists()


def test_who_goes_to_the_door_by_himself_is_told_too(login, later):
    client = login("liaison")
    later(minutes=31)
    assert "长时间未操作，已退出登录" in text(client.get("/login/"))


def test_one_comes_back_to_where_one_was_and_is_told_no_more(client, people, later):
    sign_in(client)
    later(minutes=31)
    door = client.get("/notices/")["Location"]
    answer = client.post(door, {"username": "liaison", "password": cast.PASSWORD, "next": "/notices/"})
    assert answer["Location"] == "/notices/"
    client.get("/notices/")
    assert client.cookies["ended"].value == ""
    client.post("/logout/")
    assert "长时间未操作" not in text(client.get("/login/"))


def test_twelve_hours_end_it_in_any_case(login, later):
    client = login("liaison")
    for minute in range(20, 12 * 60, 20):
        later(minutes=minute)
        assert client.get("/notices/").status_code == 200
    later(hours=12, seconds=30)
    answer = client.get("/notices/")
    assert is_out(answer)
    assert "登录已满 12 小时" in text(client.get("/login/"))
    assert LoginSession.objects.get().ended_for == "absolute"


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(login, later):
    client = login("liaison")
    for minute in range(1, 30):
        later(minutes=minute)
        assert client.get("/notices/unread/?shown=0", headers=POLL).status_code == 204
    later(minutes=31)
    answer = client.get("/notices/unread/?shown=0", headers=POLL)
    assert answer.status_code == 286  # asks no more
    assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("#ended", "innerHTML")
    assert "长时间未操作" in text(answer)
    assert "/login/?next=%2Frecords%2Fnew%2F" in text(answer)


def test_every_page_that_asks_by_itself_is_known():
    """Else it would keep an empty chair signed in for ever."""
    found = set()
    for path in (ROOT / "templates").rglob("*.html"):
        for tag in re.findall(r"<\w+[^<>]*?hx-trigger=\"every.*?>", path.read_text(encoding="utf-8"), re.DOTALL):
            found.add(re.search(r'\bid="([\w-]+)"', tag).group(1))
    assert found == POLLING


def test_a_click_within_a_page_is_a_sign_of_life_and_goes_to_the_door_afterwards(login, later):
    client, click = login("liaison"), {"HX-Request": "true", "HX-Current-URL": "http://testserver/ledger/"}
    later(minutes=20)
    assert client.get("/ledger/", headers=click).status_code == 200
    later(minutes=40)
    assert client.get("/ledger/", headers=click).status_code == 200
    later(minutes=71)
    assert client.get("/ledger/", headers=click)["HX-Redirect"] == "/login/?next=%2Fledger%2F"


def test_a_sign_of_life_is_written_once_a_minute(login, later, django_assert_num_queries):
    client = login("liaison")
    client.get("/notices/unread/", headers={"HX-Request": "true"})
    later(seconds=30)
    with django_assert_num_queries(3):  # session, person, count
        client.get("/notices/unread/?shown=0", headers={"HX-Request": "true"})
    later(seconds=90)
    client.get("/notices/unread/?shown=0", headers={"HX-Request": "true"})
    assert LoginSession.objects.get().seen_at >= MORNING + timedelta(seconds=90)


def test_zero_means_no_idle_limit(login, later, settings):
    settings.SESSION_IDLE_MINUTES = 0
    client = login("liaison")
    later(hours=11)
    assert client.get("/notices/").status_code == 200


# ── what was typed ───────────────────────────────────────────────────────────────────────────


def test_a_form_sent_too_late_is_handed_back_to_be_sent_again(people, later):
    client = Client(enforce_csrf_checks=True)
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', text(client.get("/login/"))).group(1)
    client.post("/login/", {"username": "liaison", "password": cast.PASSWORD, "csrfmiddlewaretoken": token})
    page = text(client.get("/notices/absences/"))
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page).group(1)
    later(minutes=45)
    body = {"reason": '公务外出 <script>"', "until_on": ["2026-11-30", "2026-12-01"], "csrfmiddlewaretoken": token}
    for _ in range(2):  # also when the cookie of the session is gone already
        answer = client.post("/notices/absences/", body)
        assert answer.status_code == 401
        page = text(answer)
        assert "刚才的提交没有保存" in page
        assert 'name="reason" value="公务外出 &lt;script&gt;&quot;"' in page
        assert page.count('name="until_on"') == 2
        assert 'action="/notices/absences/"' in page
        assert page.count('name="csrfmiddlewaretoken"') == 1
    assert client.post("/notices/absences/", body | {"csrfmiddlewaretoken": "x" * 64}).status_code == 403


def test_files_and_passwords_are_not_handed_back(login, later):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = login("liaison")
    later(minutes=45)
    body = {"title": "一次履责的标题", "password": cast.PASSWORD, "files": SimpleUploadedFile("甲.pdf", b"%PDF")}
    page = text(client.post("/records/new/", body))
    assert cast.PASSWORD not in page
    assert "附件需要重新选择" in page
    assert "一次履责的标题" in page
    assert "重新提交</button>" not in page


def test_a_stranger_is_handed_nothing(client):
    assert is_out(client.post("/notices/absences/", {"reason": "x"}))


def test_a_draft_saved_by_itself_sees_the_door(login, later):
    client = login("liaison")
    later(minutes=45)
    assert is_out(client.post("/documents/new/", {}, headers={"X-Autosave": "1"}))


# ── devices ──────────────────────────────────────────────────────────────────────────────────

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"
WECHAT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/116 Mobile MicroMessenger/8.0"
SAFARI = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15"


@pytest.mark.parametrize(
    ("said", "device"),
    [
        (CHROME, "Chrome · Windows"),
        (CHROME + " Edg/126.0", "Edge · Windows"),
        (WECHAT, "微信 · 安卓"),
        (SAFARI, "Safari · macOS"),
        ("curl/8", "未知设备"),
        ("", "未知设备"),
    ],
)
def test_a_device_is_named_as_people_do(said, device):
    assert device_of(said) == device


def test_one_sees_ones_own_devices_and_no_others(client_of):
    client_of("branch", REMOTE_ADDR="10.0.0.3", HTTP_USER_AGENT=SAFARI)
    phone = Client(HTTP_USER_AGENT=WECHAT, REMOTE_ADDR="10.0.0.2")
    sign_in(phone)
    here = Client(HTTP_USER_AGENT=CHROME, REMOTE_ADDR="10.0.0.1")
    sign_in(here)
    page = text(here.get("/sessions/"))
    assert page.index("Chrome · Windows") < page.index("微信 · 安卓")
    assert page.count("本设备</") == 1
    assert "10.0.0.2" in page
    assert "macOS" not in page


def test_the_list_of_devices_costs_the_same_for_one_and_for_twenty(client_of):
    mine = client_of("liaison")
    mine.get("/sessions/")
    with CaptureQueriesContext(connection) as one:
        mine.get("/sessions/")
    for _ in range(19):
        client_of("liaison").get("/")
    with CaptureQueriesContext(connection) as many:
        mine.get("/sessions/")
    assert LoginSession.objects.filter(person__username="liaison", ended_at=None).count() >= 20
    assert len(many) == len(one)


def test_one_ends_another_device(client_of):
    phone, here = client_of("liaison"), client_of("liaison")
    row = sessions.open_sessions(Person.objects.get(username="liaison")).exclude(key=kept(here.session.session_key))
    row = row.get()
    assert here.post(f"/sessions/{row.pk}/end/").status_code == 302
    assert is_out(phone.get("/notices/"))
    assert "已在其他设备上被结束" in text(phone.get("/login/"))
    event = AuditEvent.objects.get(kind="session_ended")
    assert (event.person.username, event.row_id) == ("liaison", str(row.pk))
    assert here.post(f"/sessions/{row.pk}/end/").status_code == 404  # ended already


def test_one_ends_all_others(client_of):
    others, here = [client_of("liaison") for _ in range(3)], client_of("liaison")
    stranger = client_of("branch")
    assert here.post("/sessions/end/").status_code == 302
    assert all(is_out(other.get("/notices/")) for other in others)
    assert here.get("/notices/").status_code == 200
    assert stranger.get("/notices/").status_code == 200
    assert AuditEvent.objects.get(kind="session_ended").detail["sessions_ended"] == 3
    here.post("/sessions/end/")
    assert "没有其他登录" in text(here.get("/sessions/"))
    assert AuditEvent.objects.filter(kind="session_ended").count() == 1


def test_nobody_ends_anothers(login, client_of):
    theirs = client_of("branch")
    row = LoginSession.objects.get(person__username="branch")
    assert login("liaison").post(f"/sessions/{row.pk}/end/").status_code == 404
    assert theirs.get("/notices/").status_code == 200


def test_the_way_there_is_in_the_frame(login):
    assert 'href="/sessions/"' in text(login("liaison").get("/notices/"))


def test_what_ran_out_is_not_a_device_any_more(client_of, later):
    client_of("liaison")
    later(minutes=40)
    here = client_of("liaison")
    assert text(here.get("/sessions/")).count("本设备</") == 1
    assert sessions.open_sessions(Person.objects.get(username="liaison")).count() == 1


# ── keys ─────────────────────────────────────────────────────────────────────────────────────


def test_a_key_planted_before_is_not_the_key_afterwards(client, people):
    """Session fixation: neither a key made up nor one of an anonymous session goes on."""
    client.cookies[COOKIE] = "planted0planted0planted0planted0"
    sign_in(client)
    assert client.cookies[COOKIE].value != "planted0planted0planted0planted0"
    thief = Client()
    thief.cookies[COOKIE] = "planted0planted0planted0planted0"
    assert is_out(thief.get("/notices/"))
    victim, store = Client(), Client().session
    store["x"] = 1
    store.save()
    victim.cookies[COOKIE] = store.session_key
    sign_in(victim)
    thief.cookies[COOKIE] = store.session_key
    assert is_out(thief.get("/notices/"))
    assert victim.get("/notices/").status_code == 200


def test_the_database_knows_no_key(login):
    client = login("liaison")
    key = client.cookies[COOKIE].value
    assert LoginSession.objects.get().key == Session.objects.get().session_key == kept(key)
    thief = Client()
    thief.cookies[COOKIE] = kept(key)
    assert is_out(thief.get("/notices/"))


def test_logging_out_ends_it_in_the_database(login):
    client = login("liaison")
    key = client.cookies[COOKIE].value
    client.post("/logout/")
    assert not Session.objects.exists()
    assert LoginSession.objects.get().ended_for == "logout"
    thief = Client()
    thief.cookies[COOKIE] = key
    assert is_out(thief.get("/notices/"))
    told = AuditEvent.objects.filter(kind__startswith="log").order_by("id")
    assert list(told.values_list("kind", flat=True)) == ["login", "logout"]


def test_another_person_at_the_same_browser_gets_a_session_of_his_own(login):
    client = login("liaison")
    key = client.cookies[COOKIE].value
    login("branch")
    assert client.cookies[COOKIE].value != key
    assert {row.person.username for row in LoginSession.objects.all()} == {"liaison", "branch"}


def test_who_is_suspended_is_out_with_the_next_request(login, people):
    client = login("liaison")
    accounts.suspend(people["liaison"], why="by_hand", by=people["sysadmin"], reason="借调离校")
    assert is_out(client.get("/notices/"))
    assert "账号已停用" in text(client.get("/login/"))
    other = login("branch")
    Person.objects.filter(username="branch").update(is_active=False)  # by any other way
    assert is_out(other.get("/notices/"))
    assert "账号已停用" in text(other.get("/login/"))


def test_a_session_from_before_is_taken_up(people):
    """Signed in before sessions had rows: it goes on, from now."""
    client = Client()
    client.force_login(people["liaison"], backend="django.contrib.auth.backends.ModelBackend")
    LoginSession.objects.all().delete()
    store = client.session
    del store["began"], store["seen"]
    store.save()
    assert client.get("/notices/").status_code == 200
    assert client.session["began"] == client.session["seen"]


def test_a_session_ends_for_a_reason(people):
    now = timezone.now()
    row = LoginSession(person=people["liaison"], key="k", began_at=now, seen_at=now, ended_at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
    with pytest.raises(ValidationError, match="时间和原因"):
        row.validate_constraints()


def test_the_night_closes_what_ran_out_and_drops_what_is_old(login, later, clock):
    login("liaison")
    LoginSession.objects.create(
        person=Person.objects.get(username="branch"),
        key="old",
        began_at=MORNING - timedelta(days=200),
        seen_at=MORNING - timedelta(days=200),
        ended_at=MORNING - timedelta(days=200),
        ended_for="logout",
    )
    later(hours=13)
    assert sessions.tidy(timezone.now()) == 1
    assert LoginSession.objects.get().ended_for == "idle"
    clearing.clear_old(timezone.now())
    assert not Session.objects.exists()
    assert sessions.tidy(timezone.now()) == 0


# ── cookies ──────────────────────────────────────────────────────────────────────────────────


def test_cookies_in_production_are_secure_and_unreadable(tmp_path):
    """Asked of the settings as production reads them."""
    code = (
        "import django; django.setup(); from django.conf import settings as s;"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.CSRF_COOKIE_HTTPONLY,"
        "s.SESSION_COOKIE_SAMESITE, s.CSRF_COOKIE_SAMESITE, s.SESSION_EXPIRE_AT_BROWSER_CLOSE, s.SESSION_IDLE_MINUTES,"
        "s.SESSION_COOKIE_AGE, s.SUPERUSERS_MAY_SIGN_IN, s.PASSWORD_MAX_DAYS)"
    )
    environment = {
        "PATH": os.environ["PATH"],
        "DEBUG": "0",
        "SECRET_KEY": "".join(map(chr, range(40, 120))),
        "ALLOWED_HOSTS": "ledger.example",
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == "True True True True Lax Lax True 30 43200 False 90", done.stderr


def test_the_cookies_themselves_say_so(people, settings):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client = Client()
    client.get("/login/", secure=True)
    client.post("/login/", {"username": "liaison", "password": cast.PASSWORD}, secure=True)
    for name in (COOKIE, "csrftoken"):
        cookie = client.cookies[name]
        assert cookie["httponly"], name
        assert cookie["secure"], name
        assert cookie["samesite"] == "Lax", name
    assert client.cookies[COOKIE]["expires"] == ""  # gone with the browser


def test_notices_are_still_told_by_the_bell(login, people):
    from accountability.services.notices import notify

    notify([people["liaison"]], kind=Notice.Kind.RETURNED, title="一件")
    assert "1" in text(login("liaison").get("/notices/unread/?shown=0", headers=POLL))
