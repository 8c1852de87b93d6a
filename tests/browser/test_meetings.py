"""Meetings, walked by the people they are for: from one short to closed minutes; a liaison with a phone."""

from datetime import date

import pytest

from accountability.models import Duty
from accountability.services import jobs
from meetings.models import Meeting
from tests import acts, cast, papers
from tests.browser.conftest import PHONE, WIDE
from tests.browser.mouse import follow
from tests.browser.test_walks import words_of
from tests.meetings.test_life import closed, planned

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
REQUIRED = ("政治生态研判", "监督执纪问责", "重点目标任务", "一岗双责")


def plan_and_hold(office, duty: Duty, *, without: str = "") -> str:
    """Plan from the quota, gather, call, hold and write up; returns the meeting's address."""
    page = office.open(f"/meetings/quota/?year=2026&obligation={duty.obligation_id}")
    assert "还差" in page.inner_text("tbody")
    follow(page, "a.btn--small:has-text('安排')")
    assert "最晚" in page.inner_text(".notice")
    page.fill("[name=day]", f"{cast.TODAY}")
    page.fill("[name=starts_at]", "09:30")
    page.fill("[name=place]", "行政楼第一会议室")
    page.select_option("[name=chair]", label="顾怀远")
    page.click("button:has-text('保存')")
    page.wait_for_url(lambda url: url.rstrip("/").rsplit("/", 1)[-1].isdigit())
    address = page.url.replace(office.address, "")
    follow(page, "button:has-text('发会议通知')")
    follow(page, "nav.tabs a:has-text('名单')")
    follow(page, "button:has-text('其余全部到会并保存')")
    follow(page, "nav.tabs a:has-text('记录')")
    for words in REQUIRED:
        if words != without:
            page.locator(".fieldset", has_text=words).locator("input[type=checkbox]").check()
    page.fill("[name=minutes]", "会议听取报告，研究了采购验收问题。")
    page.locator("#autosaved", has_text="已自动保存").wait_for()
    follow(page, "button:has-text('保存记录')")
    return address


def decide(page, text: str, owner: str, due_on: str) -> None:
    page.fill("[name=text]", text)
    options = [each.inner_text() for each in page.query_selector_all("#id_owner option")]
    page.select_option("[name=owner]", label=next(each for each in options if owner in each))
    page.fill("[name=due_on]", due_on)
    follow(page, "button:has-text('登记决议')")


def hand_in_and_confirm(office, secretary, address: str):
    page = office.open(address)
    page.click("summary:has-text('提交纪要')")
    follow(page, "button:has-text('确定提交')")
    chair = secretary.open(address)
    follow(chair, "button:has-text('确认纪要')")
    return chair


@pytest.fixture
def one_short(people) -> Duty:
    """The first of two special meetings was held in June."""
    school = cast.organisation("学校党委")
    first = closed(people, duties=[acts.duty_of(school, "standing-committee-meeting", 1)])
    Meeting.objects.filter(pk=first.pk).update(day=date(2026, 6, 24))
    type(first.record).objects.filter(pk=first.record_id).update(happened_on=date(2026, 6, 24))
    return acts.duty_of(school, "standing-committee-meeting", 2)


def test_from_one_short_to_closed_minutes(visit, people, one_short):
    office, secretary = visit().sign_in("office"), visit().sign_in("secretary")
    address = plan_and_hold(office, one_short)
    page = office.open(f"{address}resolutions/")
    decide(page, "修订采购验收管理办法", "财务处", "2026-12-25")
    decide(page, "督促往来款清理到位", "分管财务副校长", "2026-12-31")
    chair = hand_in_and_confirm(office, secretary, address)
    assert "已归档" in chair.inner_text(".head")

    assert acts.state(one_short) == "fulfilled"
    page = office.open("/meetings/")
    assert "已召齐" in page.locator("tr", has_text="常委会全面从严治党专题会议").first.inner_text()
    for who, words in (("member", "督促往来款清理到位"), ("department", "修订采购验收管理办法")):
        assert words in visit().sign_in(who).open("/ledger/?q=" + words[:4]).inner_text("main")
    jobs.run(jobs.Job.objects.filter(key=str(Meeting.objects.latest("pk").versions.get().pk)).latest("pk").pk)
    with secretary.page.expect_download() as download:
        chair.click("a:has-text('纪要 PDF')")
    printed = words_of(download.value.path())
    for words in ("修订采购验收管理办法", "主持：顾怀远", "行政楼第一会议室", "听取纪委政治生态研判分析报告"):
        assert words in printed
    assert office.complaints == secretary.complaints == []


def test_the_same_without_one_item_does_not_count_and_says_why(visit, people, one_short):
    office, secretary = visit().sign_in("office"), visit().sign_in("secretary")
    address = plan_and_hold(office, one_short, without="政治生态研判")
    chair = hand_in_and_confirm(office, secretary, address)
    assert "这次会议不计入：听取纪委政治生态研判分析报告" in chair.inner_text(".notice--late")
    assert acts.state(one_short) == "open"
    page = office.open("/meetings/")
    assert "还差 1 次" in page.locator("tr", has_text="常委会全面从严治党专题会议").first.inner_text()


class Thumb:
    """A thumb on a phone: counts what it touches; typing is not counted."""

    def __init__(self, page):
        self.page, self.touches = page, 0

    def tap(self, selector: str) -> None:
        self.touches += 1
        self.page.locator(selector).first.click()

    def type(self, selector: str, words: str) -> None:
        self.touches += 1  # into the field
        self.page.fill(selector, words)


def test_a_liaison_records_a_special_meeting_on_a_phone(visit, people):
    phone = visit(phone=True).sign_in("liaison")
    duty = acts.duty_of(cast.organisation(cast.OURS), "unit-special-meeting", 1)
    page = phone.open("/")
    thumb = Thumb(page)
    thumb.tap(f"main a[href='/ledger/{duty.pk}/']")
    thumb.tap("main a.btn:has-text('记录')")
    thumb.type("[name=happened_on]", "2026-11-20")
    thumb.type("[name=chaired_by]", "沈若愚")
    thumb.type("[name=content]", "传达学校党委专题会议精神，研判本单位政治生态。")
    photo = {"name": "会场.png", "mimeType": "image/png", "buffer": papers.picture(size=(1200, 900))}
    page.set_input_files("[name=files]", photo)
    thumb.touches += 2  # the button, and the picture
    thumb.tap("button:has-text('提交书记审核')")
    page.wait_for_url("**/meetings/*/")
    assert thumb.touches <= 12
    assert "会场.png" in page.inner_text("main")
    assert phone.overflow() <= 0
    meeting = Meeting.objects.get()
    assert (meeting.record.state, meeting.record.attachments.count()) == ("submitted", 1)
    assert phone.complaints == []


def test_every_room_of_a_meeting_is_clean(visit, people):
    """Empty console, no serious accessibility violation, no sideways scrolling, at both widths."""
    meeting = planned(people)
    addresses = ["/meetings/", "/meetings/calendar/?scope=all", "/meetings/plan/?kind=warning-meeting"]
    addresses += [f"/meetings/plan/?copy={meeting.pk}", f"/meetings/quota/?obligation={acts_obligation()}"]
    rooms = ("", "agenda/", "people/", "minutes/", "resolutions/", "edit/", "check-in/code/")
    addresses += [f"/meetings/{meeting.pk}/{room}" for room in rooms]
    addresses += [f"/meetings/{meeting.pk}/agenda/{meeting.items.first().pk}/"]
    done = closed(people, title="另一次会议", duties=[])
    addresses += [f"/meetings/{done.pk}/", f"/meetings/{done.pk}/correct/"]
    office = visit().sign_in("office")
    for address in addresses:
        office.open(address)
        for width in (WIDE, PHONE):
            office.page.set_viewport_size(width)
            assert (address, office.violations(), max(0, office.overflow()), office.complaints) == (address, [], 0, [])


def acts_obligation() -> int:
    return acts.duty_of(cast.organisation("学校党委"), "standing-committee-meeting").obligation_id
