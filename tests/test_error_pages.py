"""出错页: whatever breaks, the caller reads what to do and a number, and nothing of how the product is made."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404
from django.test import Client, RequestFactory

from accountability import acting
from accountability.views import errors, home

pytestmark = pytest.mark.django_db
LEAKS = (
    "Traceback",
    "Error",
    "Exception",
    "settings",
    "accountability",
    "django.",
    ".py",
    "SELECT",
    "秘密的细节",
    "<script>alert",
)


@pytest.fixture
def broken_home(people, settings, monkeypatch):
    """The home page of somebody signed in, with ``error`` raised where it would answer."""
    settings.DEBUG = False

    def answer(error: Exception):
        def crash(*args, **kwargs):
            raise error

        monkeypatch.setattr(home, "render", crash)
        client = Client(raise_request_exception=False)
        client.force_login(people["liaison"], backend="django.contrib.auth.backends.ModelBackend")
        return client.get("/", {"q": "<script>alert(1)</script>"}, secure=True)

    return answer


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (RuntimeError("秘密的细节"), 500, "系统出错了"),
        (SuspiciousOperation("秘密的细节"), 400, "无法处理这个请求"),
        (OperationalError("秘密的细节"), 503, "系统暂时不能使用"),
        (PermissionDenied(), 403, "没有权限办理"),
        (Http404("秘密的细节"), 404, "没有找到这一页"),
    ],
)
def test_what_breaks_says_what_to_do_and_no_more(broken_home, error, status, words):
    answer = broken_home(error)
    page = answer.content.decode()
    assert answer.status_code == status
    assert words in page and 'lang="zh-CN"' in page
    assert [leak for leak in LEAKS if leak in page] == []


def test_what_passes_by_itself_says_when_to_come_again(broken_home):
    assert broken_home(OperationalError("gone"))["Retry-After"] == errors.AGAIN_AFTER


def test_a_host_that_is_not_ours(settings):
    settings.DEBUG = False
    answer = Client().get("/login/", headers={"Host": "evil.example"}, secure=True)
    assert answer.status_code == 400
    assert "无法处理这个请求" in answer.content.decode() and "evil" not in answer.content.decode()


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver@evil.example", "a b", "", "["])
def test_no_other_host_is_taken_at_its_word(settings, host):
    settings.DEBUG = False
    answer = Client().get("/login/", headers={"Host": host, "X-Forwarded-Host": "testserver"}, secure=True)
    assert answer.status_code == 400


def test_a_forwarded_host_is_not_believed(login):
    answer = login("liaison").get("/calendar/", headers={"X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in answer.content.decode()


def test_a_form_without_its_token(settings):
    settings.DEBUG = False
    answer = Client(enforce_csrf_checks=True).post("/login/", {"username": "a"}, secure=True)
    assert answer.status_code == 403
    assert "页面已过期" in answer.content.decode() and "CSRF" not in answer.content.decode()


def test_a_body_beyond_all_measure(people, settings):
    settings.DEBUG = False
    client = Client(enforce_csrf_checks=True)
    client.force_login(people["office"], backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["csrftoken"] = "c" * 32
    answer = client.post("/meetings/new/?kind=warning-meeting", {"content": "x" * 3_000_000})
    assert answer.status_code == 413
    assert "提交的内容太大" in answer.content.decode()


def test_a_thousand_and_one_fields(settings, people):
    settings.DEBUG = False
    client = Client()
    client.force_login(people["office"], backend="django.contrib.auth.backends.ModelBackend")
    fields = "&".join(f"f{number}=1" for number in range(1100))
    answer = client.post("/calendar/", fields, content_type="application/x-www-form-urlencoded", secure=True)
    assert answer.status_code == 400 and "无法处理这个请求" in answer.content.decode()


@pytest.mark.parametrize("page", [errors.bad_request, errors.broken])
def test_the_pages_of_trouble_ask_no_database(page, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert page(RequestFactory().get("/")).status_code in (400, 500)


@pytest.mark.parametrize(
    "page", [errors.bad_request, errors.broken, errors.not_found, errors.forbidden, errors.csrf_failure]
)
def test_each_page_gives_the_number_to_tell_us(page):
    with acting.acting(acting.Act(source="home", request_id="f00dcafe00000001")):
        assert "f00dcafe00000001" in page(RequestFactory().get("/")).content.decode()


def test_a_reason_of_ours_is_told_and_escaped(rf):
    page = errors.forbidden(rf.get("/"), PermissionDenied("只有<b>上传人</b>可以校验。")).content.decode()
    assert "只有&lt;b&gt;上传人&lt;/b&gt;可以校验。" in page
    assert "object at 0x" not in errors.forbidden(rf.get("/"), PermissionDenied({"a": object()})).content.decode()


@pytest.mark.parametrize(
    "wanted", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_the_door_leads_nowhere_else(client, people, wanted):
    office = people["office"]
    office.set_password("Zhongguo-2026-x")
    office.save()
    answer = client.post(
        f"/login/?next={wanted}", {"username": "office", "password": "Zhongguo-2026-x", "next": wanted}
    )
    if answer.status_code == 302:
        assert "evil" not in answer["Location"] and answer["Location"].startswith("/")


@pytest.mark.parametrize(
    "wanted", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_no_page_leads_elsewhere_by_a_field(login, wanted):
    """Where one came from stands in one field of one view; every other way back is written in the code."""
    import re
    from pathlib import Path

    from django.conf import settings

    from inspections.views.progress_notices import _back

    class Request:
        POST = {"next": wanted}

    class Finding:
        pk = 7

    assert _back(Request, Finding)["Location"] == "/inspections/findings/7/"
    taken = re.compile(r"""redirect\((request\.(POST|GET|META|headers)|wanted|.*HTTP_REFERER)""")
    found = [
        path.name
        for app in ("accountability", "meetings", "inspections", "supervision", "config")
        for path in (Path(settings.BASE_DIR) / app).rglob("*.py")
        if taken.search(path.read_text(encoding="utf-8"))
    ]
    assert found == ["progress_notices.py"]
