"""One finding from entry to closing, by the people it passes through, and every wrong door on its way (三（四）1)."""

from datetime import date

import pytest

from inspections.models import Finding
from inspections.services.rounds import name_member
from tests import acts, cast
from tests.browser.mouse import follow
from tests.inspections.rounds import fed_back, inspection_officer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
COMPLETE = "form:has(input[name=act][value=complete])"


def words_of(page) -> str:
    return page.inner_text("main")


@pytest.fixture
def officer(people):
    """巡察办主任, with a password of his own."""
    person = inspection_officer()
    person.set_password(cast.PASSWORD)
    person.save()
    return person


def enter(discipline, row) -> str:
    """As 纪委: the finding, as the feedback words it; returns its address."""
    page = discipline.open(f"/inspections/{row.pk}/")
    follow(page, "a:has-text('登记问题')")
    page.select_option("[name=organisation]", label=cast.OURS)
    page.fill("[name=text]", "报销审核不够严格")
    page.fill("[name=symptoms]", "抽查三十份凭证，四份没有附件。")
    page.click("button:has-text('登记')")
    page.wait_for_url(lambda url: "/findings/" in url and "new" not in url)
    return page.url.replace(discipline.address, "")


def draw_up(liaison, address: str) -> None:
    """As 联络员: the goal and one measure; handing in the plan is not his."""
    page = liaison.open(address)
    assert "党组织书记可以提交整改方案" in words_of(page)
    follow(page, "a:has-text('拟定整改方案')")
    page.fill("[name=goal]", "凭证附件齐全，审核责任到人。")
    follow(page, "button:has-text('保存目标')")
    page.fill("[name=text]", "修订报销审核办法")
    page.check("input[name=kinds][value=建章立制]")
    options = [each.inner_text() for each in page.query_selector_all("#id_owner option")]
    page.select_option("[name=owner]", label=next(each for each in options if each.startswith(cast.OURS)))
    page.fill("[name=due_on]", "2026-12-20")
    follow(page, "button:has-text('添加')")
    assert "共 1 条" in words_of(page)


def prove(liaison, address: str) -> None:
    """As 联络员: without a paper it is refused and what was typed stays; with one it waits for the secretary."""
    page = liaison.open(address)
    assert "没有审核通过的佐证材料" in words_of(page)
    follow(page, "a:has-text('填报进展、提交佐证')")
    form = page.locator(COMPLETE)
    form.locator("[name=progress]").fill("办法已经党委会审议后印发执行。")
    form.locator("[name=result_建章立制]").fill("印发《报销审核办法》一项。")
    follow(page, COMPLETE + " button[type=submit]")
    assert "请上传至少一份佐证材料" in words_of(page)
    form = page.locator(COMPLETE)
    assert form.locator("[name=progress]").input_value() == "办法已经党委会审议后印发执行。"
    form.locator("input[type=file]").set_input_files(
        files=[{"name": "办法.pdf", "mimeType": "application/pdf", "buffer": acts.PDF}]
    )
    follow(page, COMPLETE + " button[type=submit]")
    assert "等本单位党组织书记审核" in words_of(page)


def press(window, address: str, label: str):
    page = window.open(address)
    follow(page, f"button:has-text('{label}')")
    return page


def test_the_whole_life_of_a_finding(visit, people, officer):
    row = fed_back(people["discipline"])
    other = fed_back(people["discipline"], name="另一轮巡察")
    name_member(
        other, by=people["discipline"], person=people["inspector"], duty="member",
        from_on=date(2026, 11, 1), until_on=date(2026, 12, 31),
    )  # fmt: skip
    discipline, liaison, secretary = (visit().sign_in(who) for who in ("discipline", "liaison", "unit_secretary"))
    verifier = visit().sign_in(officer.username)

    address = enter(discipline, row)
    draw_up(liaison, address)
    page = press(secretary, address, "提交整改方案")
    assert "可以审定方案" in words_of(page), "his own plan is approved by another"
    assert page.locator("button:has-text('审定方案')").count() == 0
    press(discipline, address, "审定方案")

    prove(liaison, address)
    page = secretary.open(address)
    follow(page, "a:has-text('整改措施落实')")
    follow(page, "button:has-text('审核通过')")

    page = press(liaison, address, "申请销号")
    assert "不能单位审核通过自己的" in words_of(page)
    page = press(secretary, address, "单位审核通过")
    assert page.locator("button:has-text('核验销号')").count() == 0
    assert "可以核验销号" in words_of(page)

    for who in ("inspector", "other_liaison"):
        stranger = visit().sign_in(who)
        assert "404" in stranger.open(address).inner_text("main") or "没有找到" in words_of(stranger.page), who
        assert "报销审核不够严格" not in words_of(stranger.page)

    page = discipline.open(address)
    page.click("summary:has-text('退回补充整改')")
    page.fill("[name=reason]", "不够")
    follow(page, "button:has-text('确定退回补充整改')")
    assert "至少 10 个字" in words_of(page)
    assert page.input_value("[name=reason]") == "不够"
    page.fill("[name=reason]", "缺少办法印发后的执行情况说明，请补充。")
    follow(page, "button:has-text('确定退回补充整改')")
    assert "已退回" in words_of(liaison.open(address))

    press(liaison, address, "申请销号")
    press(secretary, address, "单位审核通过")
    late = discipline.open(address)  # both have the page open; one of them is first
    press(verifier, address, "核验销号")
    follow(late, "button:has-text('核验销号')")
    assert "当前状态是「已销号」" in words_of(late)

    finding = Finding.objects.get()
    assert (finding.state, finding.verified_by, finding.closed_in_time) == ("closed", officer, True)
    assert len({finding.applied_by_id, finding.reviewed_by_id, finding.verified_by_id}) == 3
    phone = visit(phone=True).sign_in("unit_secretary")
    for window in (verifier, phone):
        window.open(address)
        assert "按期" in words_of(window.page)
        assert window.violations() == []
        assert window.overflow() <= 0
    for window in (discipline, liaison, secretary, verifier, phone):
        assert [each for each in window.complaints if "400" not in each] == []
