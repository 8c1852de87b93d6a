"""通知 in a real browser: a count that keeps itself, one's own settings, what the system administrator looks after."""

import pytest
from django.utils import timezone

from accountability.models import CalendarFeed, Channel, Delivery, Job, Notice, NoticePreference
from accountability.services.notices import notify
from tests import cast
from tests.browser.mouse import follow

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_bell_counts_by_itself_and_moves_nothing(visit, people):
    window = visit().let_in("liaison")
    window.page.clock.install()
    page = window.open("/")
    bell = page.locator("#bell")
    before = bell.bounding_box()
    notify([people["liaison"]], kind=Notice.Kind.ACCEPTED, title="审核通过：专题会议")
    page.clock.run_for(31_000)
    page.locator(".bell__count", has_text="1").wait_for()
    assert bell.bounding_box() == before
    assert window.complaints == []


def test_signed_out_meanwhile_the_page_stays(visit, people):
    window = visit().let_in("liaison")
    window.page.clock.install()
    page = window.open("/")
    window.context.clear_cookies()
    with page.expect_response(lambda answer: "/login/" in answer.url):
        page.clock.run_for(31_000)
    assert page.locator("#bell").count() == 1
    assert page.locator("input[name=password]").count() == 0


def test_settings_a_pause_and_a_subscription(visit, people):
    window = visit(phone=True).let_in("liaison")
    page = window.open("/notices/preferences/")
    page.check("input[name=meeting][value=in_app]")
    page.click("main button[type=submit]")
    page.get_by_text("更改了 1 项").wait_for()
    assert NoticePreference.objects.get().way == "in_app"
    page = window.open("/notices/absences/")
    page.fill("input[name=from_on]", "2026-11-24")
    page.fill("input[name=until_on]", "2026-11-27")
    page.fill("input[name=reason]", "参加培训")
    page.select_option("select[name=deputy]", label="沈若愚")
    page.click("main button[type=submit]")
    page.get_by_text("已登记暂停提醒").wait_for()
    page = window.open("/calendar/")
    page.fill("input[name=label]", "我的手机")
    follow(page, "main button[type=submit]")
    address = page.input_value("#address")
    assert page.request.get(address).text().startswith("BEGIN:VCALENDAR")
    assert CalendarFeed.objects.get().used_at is not None
    assert window.complaints == []


def test_pages_of_notices_and_operations(visit, people):
    """Something on each; at both widths without a complaint."""
    unit, now = cast.organisation(cast.OURS), timezone.now()
    robot = Channel.objects.create(
        kind="dingtalk", name="会计学院工作群", organisation=unit, secret_name="ACCOUNTING_COLLEGE"
    )
    for channel in (robot, Channel.objects.mail()):
        Delivery.objects.create(
            channel=channel, asked_by=people["sysadmin"], next_try_at=now, state="dead", attempts=6,
            error="邮件服务器拒绝收件人：sysadmin@jhjm.example 550 5.1.1 no such mailbox here, try another one",
        )  # fmt: skip
    for state in ("failed", "running"):
        Job.objects.create(
            kind="report", key=state, requested_by=people["office"], state=state, progress=40, created_at=now,
            error="任务未完成：系统出错，已记入运行日志。" if state == "failed" else "",
        )  # fmt: skip
    pages = {
        "sysadmin": ["/operations/", "/operations/channels/", "/operations/deliveries/", "/notices/preferences/"],
        "office": ["/operations/", "/calendar/", "/notices/absences/"],
        "liaison": ["/notices/", "/notices/preferences/", "/notices/absences/"],
    }
    notify([people["liaison"]], kind=Notice.Kind.RETURNED, title="已退回：" + "很长的名称" * 12)
    troubles = []
    for who, addresses in pages.items():
        window = visit().let_in(who)
        troubles += [f"{who} {each}" for address in addresses for each in window.troubles_at(address, examine=True)]
    assert troubles == []
