"""书记: a sign leads to a talk, the talk is held, the head confirms and reports, and others find nothing (二（三）)."""

import pytest

from supervision.models import Talk
from tests import cast
from tests.browser.mouse import follow
from tests.inspections import research
from tests.supervision import talks as made

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def words_of(page) -> str:
    return page.inner_text("main")


def arrange(secretary, sign) -> str:
    """As 书记, from the sign: whom, what about, by when; a day left out comes back beside its field."""
    page = secretary.open(f"/research/signs/{sign.pk}/")
    follow(page, "a:has-text('安排谈话')")
    page.select_option("[name=tenure]", label="沈若愚（党委书记）")
    page.select_option("[name=kind]", label="提醒谈话")
    page.select_option("[name=matter]", label="采购验收")
    page.fill("[name=words]", "设备验收后长期没有启用")
    follow(page, "main button:has-text('安排谈话')")
    assert "请填写日期" in words_of(page)
    assert page.input_value("[name=words]") == "设备验收后长期没有启用"
    page.fill("[name=due_on]", "2026-11-30")
    page.click("main button:has-text('安排谈话')")
    page.wait_for_url(lambda url: "/talks/" in url and "new" not in url)
    assert "待谈话" in words_of(page)
    return page.url.replace(secretary.address, "")


def record(secretary, address: str) -> None:
    page = secretary.open(address)
    page.fill("[name=place]", "书记办公室")
    page.fill("[name=recorder]", "秦文舒")
    page.fill("[name=issues]", made.ISSUES)
    page.fill("[name=said]", made.SAID)
    page.fill("[name=requirements]", made.REQUIRED)
    page.fill("[name=report_by]", "2026-12-23")
    follow(page, "main button:has-text('登记谈话')")
    assert "待本人确认" in words_of(page)


def test_from_the_sign_to_the_follow_up(visit, people):
    sign = research.sign(people["discipline"], cast.OURS)
    secretary, head = visit().sign_in("secretary"), visit().sign_in("unit_secretary")
    page = secretary.open("/")
    follow(page, "a:has-text('本周需要书记亲自办理')")
    assert "本周需要书记亲自办理" in words_of(page)

    address = arrange(secretary, sign)
    assert "提醒谈话：沈若愚" in words_of(secretary.open("/oversight/in-person/"))
    record(secretary, address)

    page = head.open("/notices/")
    assert "有一项安排请您查看" in words_of(page)
    assert "采购" not in words_of(page)
    page = head.open(address)
    assert made.ISSUES in words_of(page)
    assert sign.text not in words_of(page), "a sign is not shown to its unit"
    page.fill("[name=words]", "以后由我本人抽查。")
    follow(page, "button:has-text('确认已知晓')")
    assert "待报落实情况" in words_of(page)
    page.locator("form:has(button:has-text('报告落实情况')) [name=words]").fill("已改为现场签到，每周抽查一次。")
    follow(page, "button:has-text('报告落实情况')")
    assert "已改为现场签到" in words_of(page)

    for who in ("liaison", "office", "discipline"):
        stranger = visit().let_in(who)
        assert made.ISSUES not in words_of(stranger.open(address)), who
        assert "没有与您有关的谈话" in words_of(stranger.open("/oversight/talks/")), who

    page = secretary.open(address)
    follow(page, "button:has-text('认可落实情况')")
    page.click("summary:has-text('办结')")
    page.fill("#reason-conclude", "整改到位，予以办结")
    follow(page, "button:has-text('确定办结')")
    assert "已办结" in words_of(page)
    with page.expect_download() as paper:
        page.click("a:has-text('谈话记录表')")
    assert paper.value.suggested_filename.startswith("谈话记录表_")
    assert Talk.objects.get().state == "concluded"
    assert secretary.violations() == []
    complaints = [each for window in (secretary, head) for each in window.complaints]
    assert [each for each in complaints if "400" not in each] == [], "the form sent back is answered with 400"
