"""The loop, walked by the people it is for, in a real browser. Few, long, readable."""

import hashlib
from io import BytesIO

import pytest
from pypdf import PdfReader

from accountability.models import Duty, Job, Person, Record
from accountability.services import jobs, papers
from accountability.services.prefill import TO_FILL
from supervision.models import Report
from supervision.services import reports
from tests import acts, cast, letters
from tests.browser.conftest import PHONE
from tests.browser.mouse import follow

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
    follow(page, "button:has-text('保存并计入')")


def test_the_third_warning_meeting_turns_green_everywhere(visit, two_held):
    duty = two_held
    office = visit().sign_in("office")
    page = office.open(f"/ledger/{duty.pk}/")
    assert "剩" in page.inner_text("h1 + p, .head__text")
    follow(page, "text=记录警示教育大会")
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

    office_person, school = Person.objects.get(username="office"), cast.organisation("学校党委")
    report = reports.make_now(letters.kind("written-report"), school, None, cast.YEAR, by=office_person)
    assert "11月20日" in report.document.draft.text

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
    follow(page, "section#waiting a.title")
    page.click("summary:has-text('退回')")
    page.fill("#reason-return", "请补充下一步措施")
    follow(page, "button:has-text('确定退回')")
    assert "请补充下一步措施" in page.inner_text("main")

    page = liaison.open("/")
    follow(page, "section#waiting a.title")
    follow(page, "a.btn:has-text('修改后重新提交')")
    assert page.input_value("[name=content]") == "初稿"
    page.fill("[name=content]", "初稿，补充下一步措施三条")
    page.click("button:has-text('重新提交')")
    page.wait_for_url("**/records/*/")

    page = secretary.open("/")
    follow(page, "section#waiting a.title")
    follow(page, "button:has-text('审核通过')")
    assert "已计入" in page.inner_text("main")
    assert acts.duty_of(cast.organisation(cast.OURS), "duty-report").state == "fulfilled"
    assert liaison.complaints == []
    assert secretary.complaints == []


def test_the_secretary_makes_edits_issues_and_downloads_the_report(visit, people):
    """As the secretary, with his office between: progress, a figure and its rows, the text, the signature, the files."""
    secretary = visit().sign_in("secretary")
    page = secretary.open("/reports/")
    follow(page, "a.btn:has-text('生成')")
    page.click("button:has-text('生成')")
    page.wait_for_selector("text=排队中")
    jobs.run(Job.objects.get(kind="report").pk)
    page.wait_for_selector("a.btn:has-text('打开')")  # by itself
    follow(page, "a.btn:has-text('打开')")
    assert secretary.violations() == []
    follow(page, "article a.traced >> nth=0")
    told = int(page.inner_text("h1").split("：")[1].split()[0])
    assert page.locator("tbody tr").count() == told
    assert secretary.violations() == []
    page.go_back()
    follow(page, "a:has-text('编辑正文')")
    text = page.input_value("[name=text]")
    page.fill("[name=text]", TO_FILL.sub("已由党委会议逐项研究并作出安排。", text))
    follow(page, "button:has-text('保存并送审')")
    assert "待党委办公室审核" in page.inner_text(".head")

    office = visit(script=False).sign_in("office")
    report = Report.objects.get()
    other = office.open(f"/reports/{report.pk}/")
    follow(other, "button:has-text('审核通过')")
    papers.freeze_now(letters.fresh(report.document))

    page = secretary.open(f"/reports/{report.pk}/")
    follow(page, "a:has-text('阅读并签署')")
    page.fill("[name=password]", cast.PASSWORD)
    follow(page, "main form button[type=submit]")
    page = secretary.open(f"/reports/{report.pk}/")
    with page.expect_download() as waiting:
        page.click("a:has-text('下载公文版 PDF')")
    content = waiting.value.path().read_bytes()
    assert waiting.value.suggested_filename.endswith(".pdf")
    assert hashlib.sha256(content).hexdigest() == report.document.versions.first().pdf_sha256
    for words in ("四个责任主体", "四书四会三报告", "会计学院", "警示教育大会"):
        assert words in words_of(BytesIO(content))
    page.click("summary:has-text('登记报送')")
    follow(page, "button:has-text('登记报送')")
    assert "报送中共江海市委教育工作委员会" in page.inner_text("aside")
    page.set_viewport_size(PHONE)
    assert secretary.overflow() <= 0
    assert secretary.violations() == []
    assert secretary.complaints == []
    assert office.complaints == []


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
