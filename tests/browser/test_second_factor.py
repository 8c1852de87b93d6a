"""二次验证与重新验证 in a real browser, wide and narrow: bound, asked at the door, asked again with what was typed."""

import re
from base64 import b32decode

import pytest
from django.test import Client

from accountability.models import LoginSession
from accountability.services import audit
from tests import cast
from tests.accountability.test_second_factor import bound, code_of
from tests.browser import keyboard
from tests.browser.conftest import Visit
from tests.browser.mouse import follow

pytestmark = [pytest.mark.browser]


def looks_right(visit: Visit, status: int = 0) -> None:
    """Nothing serious to axe, nothing wider than the window, nothing in the console but the refusal itself."""
    assert visit.violations() == []
    assert visit.overflow() == 0
    assert [one for one in visit.complaints if not (status and str(status) in one)] == []
    visit.complaints.clear()


def send(visit: Visit, name: str, value: str) -> None:
    visit.page.fill(f"[name={name}]", value)
    follow(visit.page, "main form >> nth=0 >> button[type=submit]")


def at_the_door(visit: Visit, username: str) -> None:
    visit.page.goto(f"{visit.address}/login/")
    visit.page.fill("input[name=username]", username)
    send(visit, "password", cast.PASSWORD)


@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_the_commission_binds_is_asked_and_is_asked_again(visit, people, settings, phone):
    settings.SECOND_FACTOR_REQUIRED = True
    first = visit(phone=phone)
    at_the_door(first, "discipline")
    first.page.wait_for_url(re.compile("/second-factor/enrol/"))
    assert first.page.evaluate("document.querySelector('.enrol__code').naturalWidth") > 200
    looks_right(first)
    key = b32decode(first.page.inner_text(".enrol__key").replace(" ", ""))
    send(first, "code", "000000")
    looks_right(first, 400)
    send(first, "code", code_of(key))
    codes = first.page.locator(".recovery li").all_inner_texts()
    assert len(codes) == 10
    looks_right(first)
    follow(first.page, "text=已保存，继续")
    first.open("/second-factor/")
    looks_right(first)

    second = visit(phone=phone)
    at_the_door(second, "discipline")
    looks_right(second)
    send(second, "code", codes[0])
    second.page.wait_for_url(f"{second.address}/")
    settings.REAUTH_MINUTES = 0
    second.open("/oversight/talks/export/")
    looks_right(second)

    third = visit(phone=phone)
    settings.SECOND_FACTOR_REQUIRED = False
    third.sign_in("sysadmin")
    third.open("/operations/second-factors/")
    looks_right(third)
    follow(third.page, "td a.btn")
    looks_right(third)
    send(third, "reason", "手机遗失，已当面核实")
    assert "还没有提交" in third.page.inner_text("main")
    looks_right(third, 403)
    settings.REAUTH_MINUTES = 15
    send(third, "proof-secret", cast.PASSWORD)
    third.page.wait_for_url(re.compile("/operations/second-factors/$"))
    assert "已重置严正明的二次验证" in third.page.inner_text("body")


def test_signing_in_and_looking_after_it_by_keyboard_alone(visit, client_of, people, settings):
    """纪委: bound, recovery codes, another device ended, proven again; the auditor narrows the log. No pointer touches a page."""
    settings.SECOND_FACTOR_REQUIRED = True
    client_of("discipline", headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Edg/130"}).get("/")
    one = visit()
    page = one.open("/login/")
    keyboard.type_in(page, "username", "discipline")
    keyboard.type_in(page, "password", cast.PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/second-factor/enrol/"))
    key = b32decode(page.inner_text(".enrol__key").replace(" ", ""))
    keyboard.type_in(page, "code", code_of(key))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    keyboard.press(page, "已保存，继续")
    page = one.open("/sessions/")
    keyboard.press(page, "^退出")
    assert LoginSession.objects.filter(person=people["discipline"], ended_at=None).count() == 1
    settings.REAUTH_MINUTES = 0
    one.open("/oversight/talks/export/")
    keyboard.type_in(page, "password", cast.PASSWORD)
    assert one.complaints == []


def test_the_auditor_narrows_the_log_by_keyboard_alone(visit, people):
    audit.record("login", by=people["liaison"])
    window = visit().let_in("auditor")
    page = window.open("/audit/")
    keyboard.type_in(page, "who", "叶清和")
    keyboard.press(page, "^筛选$")
    assert page.locator("tbody tr").count() == 1
    keyboard.press(page, r"^20\d\d-")
    page.wait_for_url(re.compile(r"/audit/\d+/"))
    assert window.complaints == []


def test_locks_and_second_factors_are_looked_after_by_keyboard_alone(visit, people, settings):
    """系统管理员: a locked name let in again, a lost telephone's second factor reset, his own password typed for it."""
    settings.LOGIN_FAILURES = 3
    for _ in range(4):
        Client().post("/login/", {"username": "liaison", "password": "不对的口令1"})
    bound(people["discipline"])
    window = visit().let_in("sysadmin")
    page = window.open("/operations/")
    keyboard.press(page, "登录锁定")
    keyboard.press(page, "^解除")
    assert "已解除锁定" in page.inner_text("body")
    page = window.open("/operations/second-factors/")
    keyboard.press(page, "^重置")
    keyboard.type_in(page, "reason", "手机遗失，已当面核实")
    settings.REAUTH_MINUTES = 0
    keyboard.press(page, "^重置$")
    assert "还没有提交" in page.inner_text("main")
    settings.REAUTH_MINUTES = 15
    keyboard.type_in(page, "proof-secret", cast.PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert f"已重置{people['discipline'].name}的二次验证" in page.inner_text("body")
    assert [one for one in window.complaints if "403" not in one] == []
