"""A letter from a red cell to the evaluated answer, by the people it passes through (三（二）1)."""

from datetime import date

import pytest

from accountability.models import Notice, Person
from accountability.models.history import save_as
from supervision.models import Letter
from tests import acts, cast
from tests.browser.mouse import follow
from tests.letters import set_papers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def words_of(page) -> str:
    return page.inner_text("main")


@pytest.fixture
def late(people):
    """会计学院's risk self-check, twenty days late."""
    duty = acts.duty_of(cast.organisation(cast.OURS), "risk-self-check")
    duty.due_on = date(2026, 11, 3)
    save_as(duty, by=Person.objects.system(), reason="为演练提前")
    return duty


def draft(discipline, duty) -> str:
    """As 纪委: red cell → its rows → 拟监督文书; a second matter is added without losing what is typed."""
    page = discipline.open("/supervision/")
    follow(page, f"a[href*='organisation={duty.organisation_id}&obligation={duty.obligation_id}']")
    assert duty.number in words_of(page)
    follow(page, "a:has-text('拟监督文书')")
    assert "逾期 20 天" in page.input_value("[name=matters-0-text]")
    page.fill("[name=matters-0-due_on]", "2026-12-18")
    page.click("button:has-text('加一项')")
    assert page.input_value("[name=matters-0-due_on]") == "2026-12-18"
    page.fill("[name=matters-1-text]", "说明自查由谁组织、由谁复核，防止再次逾期。")
    page.fill("[name=matters-1-due_on]", "2026-12-25")
    follow(page, "button:has-text('存为草稿')")
    assert "请写明要求" in words_of(page)
    page.fill("[name=matters-1-asked]", "明确责任人。")
    page.click("button:has-text('存为草稿')")
    page.wait_for_url(lambda url: url.rstrip("/").rpartition("/")[2].isdigit())
    assert "未发出" in words_of(page)
    page.select_option("[name=signer]", label="顾怀远")
    follow(page, "button:has-text('送审')")
    assert "待签发" in words_of(page)
    return page.url.replace(discipline.address, "")


def answer(liaison, address: str, rank: int) -> None:
    page = liaison.open(address)
    page.locator("a:has-text('答复这一项')").first.click()
    page.fill("[name=text]", "好")
    follow(page, "button:has-text('提交答复')")
    assert "至少 10 个字" in words_of(page)
    page.fill("[name=text]", f"第 {rank} 项已整改，责任到人，见附件。")
    page.set_input_files(
        "input[type=file]", files=[{"name": "说明.pdf", "mimeType": "application/pdf", "buffer": acts.PDF}]
    )
    follow(page, "button:has-text('提交答复')")
    assert "等本单位负责人审核" in page.inner_text("body")


def confirm(secretary) -> None:
    """As 学院书记: from what waits for him to the record, and 审核通过."""
    page = secretary.open("/records/?view=waiting")
    page.locator("a.title:has-text('答复纪督')").first.click()
    follow(page, "button:has-text('审核通过')")


def evaluate(discipline, address: str, grade: str, **fields: str) -> str:
    page = discipline.open(address)
    page.locator("a:has-text('评价答复')").first.click()
    page.select_option("[name=grade]", label=grade)
    for name, value in fields.items():
        page.fill(f"[name={name}]", value)
    follow(page, "button:has-text('提交评价')")
    return words_of(page)


def test_from_a_red_cell_to_the_evaluation(visit, people, late):
    discipline, secretary, head, liaison = (
        visit().sign_in(who) for who in ("discipline", "secretary", "unit_secretary", "liaison")
    )
    address = draft(discipline, late)
    page = head.open(address)
    assert "关于" not in words_of(page), "a draft is nobody's but the commission's"
    page = secretary.open("/oversight/")
    assert page.inner_text("a:has-text('一单三书') .count") == "1"
    follow(page, "a:has-text('一单三书')")
    follow(page, "main a.title")
    follow(page, "button:has-text('签发')")
    assert "纪督〔2026〕1号" in words_of(page)
    set_papers()

    page = head.open("/notices/")
    follow(page, "a:has-text('新的督办单纪督〔2026〕1号')")
    follow(page, "button:has-text('已阅签收')")
    assert "已签收" in page.inner_text("body")
    with page.expect_download() as download:
        page.click("a:has-text('下载 PDF')")
    assert download.value.suggested_filename == "纪督〔2026〕1号.pdf"

    answer(liaison, address, 1)
    answer(liaison, address, 2)
    confirm(head)
    confirm(head)
    said = evaluate(discipline, address, "不满意", words="没写完成时限")
    assert "至少 10 个字" in said
    said = evaluate(discipline, address, "不满意", words="没有写明完成时限和复核人。", due_on="2026-12-30")
    assert "不满意，重新答复" in said
    assert "满意" in evaluate(discipline, address, "满意")

    letter = Letter.objects.get()
    first, second = letter.matters.select_related("duty").order_by("rank")
    assert (first.state, first.duty.state, str(first.duty.due_on)) == ("sent_back", "open", "2026-12-30")
    assert (second.state, second.duty.state) == ("settled", "fulfilled")
    assert "2026-12-30" in words_of(head.open(f"/ledger/{first.duty_id}/"))
    assert "看督办单 纪督〔2026〕1号" in words_of(head.page)
    board = discipline.open("/supervision/")
    assert board.locator(f"a[href*='organisation={late.organisation_id}&obligation={late.obligation_id}']").count()
    answer(liaison, address, 1)
    confirm(head)
    evaluate(discipline, address, "基本满意", words="措施可行。")
    for window in (discipline, head, liaison, secretary):
        text = words_of(window.open(address))
        assert "已办结" in text
        assert "评价不满意：没有写明完成时限和复核人。" in text
    assert Notice.objects.filter(recipient=people["liaison"], title__startswith="答复基本满意").exists()
    assert "已办结" in words_of(discipline.open("/oversight/letters/?view=concluded"))

    stranger = visit().sign_in("other_liaison")
    assert "没有找到" in words_of(stranger.open(address)) or "404" in words_of(stranger.page)
    phone = visit(phone=True).sign_in("unit_secretary")
    for window in (discipline, phone):
        for each in (address, "/oversight/letters/", "/oversight/"):
            window.open(each)
            assert window.violations() == []
            assert window.overflow() <= 0
    for window in (discipline, secretary, head, liaison, phone):
        assert [each for each in window.complaints if "400" not in each and "404" not in each] == []


def test_a_letter_is_drafted_without_a_script(visit, people, late):
    window = visit(script=False).sign_in("discipline")
    address = draft(window, late)
    assert Letter.objects.get().matters.count() == 2
    assert address == f"/oversight/letters/{Letter.objects.get().pk}/"
