"""One year's assessment by the people it passes through: self-assessed, reviewed, objected to, answered, approved (四（四）)."""

from datetime import timedelta

import pytest

from accountability.models import Person
from supervision.models import Assessment, AssessmentSheet
from supervision.services import assessments as verbs
from tests import acts, cast
from tests.browser.mouse import follow
from tests.browser.test_inspections import words_of
from tests.supervision.assessments import WORDS, admitted_one, head_of_commission, line_of, opened, reviewed, sheet_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def chief_with_password(people) -> Person:
    """纪委书记, admitted and with a password of his own."""
    person = admitted_one(people, head_of_commission())
    person.set_password(cast.PASSWORD)
    person.save()
    return person


def assess_oneself(liaison, secretary, sheet: AssessmentSheet) -> None:
    """As 联络员: drafted and handed in, without what only his secretary may know; as 书记: completed and confirmed."""
    page = liaison.open(f"/oversight/assessment/sheets/{sheet.pk}/")
    assert "限定范围" in words_of(page)
    follow(page, "a:has-text('填写自评')")
    assert "由本单位党组织书记填写" in words_of(page)
    human = line_of(sheet, "责任落实质量")
    page.fill(f"[name=points_{human.pk}]", "9")
    follow(page, "button:has-text('送书记确认')")
    assert "请写明总体情况，至少 20 个字" in words_of(page)
    assert page.input_value(f"[name=points_{human.pk}]") == "9"
    page.fill(f"[name=words_{human.pk}]", "有部署、有检查，整改有回访。")
    page.fill("[name=words]", WORDS)
    page.click("button:has-text('送书记确认')")
    page.wait_for_url(lambda url: url.endswith(f"/sheets/{sheet.pk}/"))
    assert "待书记确认" in words_of(page)
    page = secretary.open(f"/oversight/assessment/sheets/{sheet.pk}/")
    follow(page, "a:has-text('核对并确认自评')")
    page.click("button:has-text('确认自评')")
    page.wait_for_url(lambda url: url.endswith(f"/sheets/{sheet.pk}/"))
    assert "已自评" in words_of(page)


def publish(people, assessment: Assessment) -> Assessment:
    """Reviewed by the two of the commission and published, without the 38 pages."""
    low = {f"{cast.OURS}党委": {"专题会议": 3}}
    reviewed(assessment, people, but=low)
    until = cast.TODAY + timedelta(days=7)
    return verbs.perform(assessment, "publish", by=people["discipline"], objections_until=until)


def test_the_path_of_an_objection_to_the_result(visit, people, clock):
    chief = chief_with_password(people)
    assessment = opened(people)
    sheet = sheet_of(assessment)
    liaison, secretary = (visit().sign_in(who) for who in ("liaison", "unit_secretary"))
    assess_oneself(liaison, secretary, sheet)
    publish(people, assessment)
    line = line_of(sheet, "专题会议")

    page = secretary.open(f"/oversight/assessment/sheets/{sheet.pk}/")
    follow(page, "a:has-text('专题会议')")
    assert "少开的会议 1 项 × 5 分，扣 5 分" in words_of(page)
    assert page.locator("table a[href^='/ledger/']").count() == 1
    follow(page, "a:has-text('提出异议')")
    page.fill("[name=words]", "太低了")
    follow(page, "button:has-text('提出异议')")
    assert "至少 10 个字" in words_of(page)
    assert page.input_value("[name=words]") == "太低了"
    page.fill("[name=words]", "第一次会议如期召开，纪要补在附件中。")
    page.set_input_files(
        "[name=files]", files=[{"name": "纪要.pdf", "mimeType": "application/pdf", "buffer": acts.PDF}]
    )
    page.click("button:has-text('提出异议')")
    page.wait_for_url(lambda url: "/objections/" in url)
    address = page.url.replace(secretary.address, "")
    assert "不能" in words_of(page) or "由" in words_of(page)

    discipline = visit().sign_in("discipline")
    assert "评议这一项的同志不能答复" in words_of(discipline.open(address))
    stranger = visit().sign_in("other_secretary")
    assert "没有找到" in words_of(stranger.open(address)) or "404" in words_of(stranger.page)

    answering = visit().sign_in(chief.username)
    page = answering.open("/oversight/assessment/objections/?state=asked")
    follow(page, "table a:has-text('第一次会议如期召开')")
    page.select_option("[name=decision]", "adjust")
    page.fill("[name=words]", "核对纪要，会议如期召开。")
    follow(page, "button:has-text('答复')")
    assert "请填写调整后得分" in words_of(page)
    page.fill("[name=points]", "10")
    follow(page, "button:has-text('答复')")
    assert "已调整" in words_of(page)
    page = secretary.open(address)
    assert "3 → 10 分" in words_of(page)
    line.refresh_from_db()
    assert (line.system_points, line.human_points, line.final_points) == (5, 3, 10)

    page = discipline.open(f"/oversight/assessment/{assessment.pk}/")
    follow(page, "button:has-text('提请审定')")
    assert "期满之后" in words_of(page)
    clock.shift(timedelta(days=8))
    discipline, party = visit().sign_in("discipline"), visit().sign_in("secretary")
    page = discipline.open(f"/oversight/assessment/{assessment.pk}/")
    follow(page, "button:has-text('提请审定')")
    assert page.locator("button:has-text('审定')").count() == 0, "who proposes does not approve"
    page = party.open(f"/oversight/assessment/{assessment.pk}/")
    follow(page, "button:has-text('审定')")
    assert "结果与审定时一致" in words_of(page)
    assessment.refresh_from_db()
    assert (assessment.state, assessment.approved_by) == ("frozen", people["secretary"])

    phone = visit(phone=True).sign_in("unit_secretary")
    phone.open(f"/oversight/assessment/sheets/{sheet.pk}/")
    assert sheet.lines.first().sheet.name in words_of(phone.page)
    assert "填写自评" not in words_of(phone.page)
    for window in (party, phone, answering):
        assert window.violations() == []
        assert window.overflow() <= 0
    for window in (liaison, secretary, answering, party, phone):
        assert [each for each in window.complaints if "400" not in each] == []
