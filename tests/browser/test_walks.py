"""The loop, walked by the people it is for, in a real browser. Few, long, readable."""

import hashlib
from io import BytesIO

import pytest
from pypdf import PdfReader

from accountability.models import Duty, Job, Person, Record
from accountability.services import jobs
from supervision.services import annual_report
from tests import acts, cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
THIRD = "2026 年第三次警示教育大会"


def words_of(file) -> str:
    """The text of a PDF without the breaks its lines and table cells put into it."""
    return "".join("".join(page.extract_text() for page in PdfReader(file).pages).split())


@pytest.fixture
def two_held(people):
    """The first two of three 警示教育大会 were held and recorded."""
    from datetime import date

    school = cast.organisation("学校党委")
    acts.record(people["office"], school, "opening-meeting", title="年初干部大会", on=date(2026, 2, 27))
    acts.record(people["office"], school, "warning-meeting", title="第二次警示教育大会", on=date(2026, 6, 18))
    return acts.duty_of(school, "warning-meeting", occurrence=3)


def record_third(page) -> None:
    page.fill("[name=title]", THIRD)
    page.fill("[name=happened_on]", "2026-11-20")
    page.fill("[name=chaired_by]", "顾怀远")
    page.fill("[name=resolutions]", "各单位年底前组织学习，党委办公室督办。")
    page.click("button:has-text('保存并计入')")


def test_the_third_warning_meeting_turns_green_everywhere(visit, two_held):
    duty = two_held
    office = visit().sign_in("office")
    page = office.open(f"/ledger/{duty.pk}/")
    assert "剩" in page.inner_text("h1 + p, .head__text")
    page.click("text=记录警示教育大会")
    page.set_input_files("[name=files]", {"name": "签到表.pdf", "mimeType": "application/pdf", "buffer": acts.PDF})
    record_third(page)
    page.wait_for_url("**/meetings/*/")
    assert "计入 1 项责任" in page.inner_text("body")

    duty.refresh_from_db()
    assert duty.state == "fulfilled"
    page = office.open(f"/ledger/?obligation={duty.obligation_id}&year=2026")
    line = page.locator("tbody tr", has_text=duty.number)
    assert "完成" in line.inner_text()
    assert line.locator(".light--done").count() == 1
    page = office.open("/supervision/")
    line = page.locator("tr", has=page.locator(f"a[href*='obligation={duty.obligation_id}']")).first
    assert "3/3" in line.inner_text()
    assert line.locator(".light--done").count() == 1
    assert office.complaints == []

    report = annual_report.request(cast.YEAR, by=Person.objects.get(username="office"))
    jobs.run(report.job_id)
    report.refresh_from_db()
    assert "11月20日" in words_of(report.file.open())

    page = office.open("/meetings/new/?kind=warning-meeting")
    record_third(page)
    assert "同一次警示教育大会只计一次" in page.inner_text("main")
    assert page.input_value("[name=title]") == THIRD
    assert page.input_value("[name=sitting]") == "1"
    assert Record.objects.filter(title=THIRD).count() == 1
    held = Duty.objects.filter(obligation=duty.obligation, state="fulfilled").count()
    assert held == 3


def test_draft_return_mend_accept(visit, people):
    liaison = visit().sign_in("liaison")
    page = liaison.open(f"/records/new/?act=duty-report&bearer=organisation-{cast.organisation(cast.OURS).pk}")
    page.fill("[name=title]", "会计学院 2026 年履责报告")
    page.fill("[name=happened_on]", "2026-11-19")
    page.fill("[name=content]", "初稿")
    page.click("button:has-text('提交书记审核')")
    page.wait_for_url("**/records/*/")
    assert "待审核" in page.inner_text("main")
    assert "录入人不能审核通过自己的记录" in page.inner_text("main")

    secretary = visit(script=False).sign_in("unit_secretary")
    page = secretary.open("/")
    page.click("section#waiting a.title")
    page.click("summary:has-text('退回')")
    page.fill("#reason-return", "请补充下一步措施")
    page.click("button:has-text('确定退回')")
    assert "请补充下一步措施" in page.inner_text("main")

    page = liaison.open("/")
    page.click("section#waiting a.title")
    page.click("a.btn:has-text('修改后重新提交')")
    assert page.input_value("[name=content]") == "初稿"
    page.fill("[name=content]", "初稿，补充下一步措施三条")
    page.click("button:has-text('重新提交')")
    page.wait_for_url("**/records/*/")

    page = secretary.open("/")
    page.click("section#waiting a.title")
    page.click("button:has-text('审核通过')")
    assert "已计入" in page.inner_text("main")
    assert acts.duty_of(cast.organisation(cast.OURS), "duty-report").state == "fulfilled"
    assert liaison.complaints == []
    assert secretary.complaints == []


def test_the_secretary_makes_and_downloads_the_report(visit, people):
    secretary = visit().sign_in("secretary")
    page = secretary.open("/reports/")
    page.click("button:has-text('生成')")
    page.wait_for_load_state()
    job = Job.objects.get(kind="annual_report")
    jobs.run(job.pk)
    page = secretary.open("/reports/")
    with page.expect_download() as waiting:
        page.click("a[href*='/download/']")
    download = waiting.value
    assert download.suggested_filename.endswith(".pdf")
    assert "2026" in download.suggested_filename
    content = download.path().read_bytes()
    report = job.report
    assert hashlib.sha256(content).hexdigest() == report.file_sha256
    text = words_of(BytesIO(content))
    for words in ("四个责任主体", "四书四会三报告", "二级单位", "会计学院", "警示教育大会"):
        assert words in text
    assert secretary.complaints == []


def test_opening_a_year_from_the_preview(visit, people):
    office = visit().sign_in("office")
    page = office.open("/years/?open=2027")
    assert "2027 年度预览" in page.inner_text("main")
    assert "放假安排尚未公布" in page.inner_text("main")
    page.click("button:has-text('开启 2027 年度')")
    page.click("[role=dialog] button:has-text('取消')")
    assert not Duty.objects.of_year(2027).exists()
    page.click("button:has-text('开启 2027 年度')")
    page.click("[role=dialog] button:has-text('确定')")
    page.wait_for_url("**/years/")
    made = Duty.objects.of_year(2027).count()
    assert f"已生成 {made} 项责任" in page.inner_text("body")
    assert made > 500
    assert office.complaints == []


def test_the_ledger_narrows_without_leaving_the_page(visit, people):
    office = visit().sign_in("office")
    page = office.open("/ledger/")
    page.evaluate("window.stayed = true")
    page.click("nav.tabs a:has-text('将到期')")
    page.wait_for_url("**state=soon**")
    assert page.locator("tbody .light--soon").count() == page.locator("tbody tr").count() > 0
    page.click("summary:has-text('责任主体')")
    page.click(".menu__list a:has-text('纪委监督责任')")
    page.wait_for_url("**subject=discipline**")
    assert page.locator(".chip").count() == 2
    assert page.evaluate("window.stayed") is True
    page.go_back()
    page.wait_for_url(lambda url: "subject" not in url)
    page.click("tbody a.title >> nth=0")
    page.wait_for_url("**/ledger/*/")
    assert page.locator("h1").is_visible()
    assert office.complaints == []


def test_the_keyboard_alone_is_enough(visit, people):
    """Skip link, a filter menu opened and left, a duty reached: no pointer touches the page."""
    office = visit().sign_in("office")
    page = office.open("/ledger/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.locator("summary:has-text('层级')").focus()
    page.keyboard.press("Enter")
    assert page.locator(".menu[open] a:has-text('党支部')").is_visible()
    page.keyboard.press("Escape")
    assert page.locator(".menu[open]").count() == 0
    assert "层级" in page.evaluate("document.activeElement.textContent")
    page.locator("tbody a.title").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/ledger/*/")
    assert office.complaints == []
