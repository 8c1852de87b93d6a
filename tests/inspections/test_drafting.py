"""立账与拟定方案: from a finding by hand to duties, through the pages (三（四）1)."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from accountability.models import Duty, Notice
from inspections.models import Finding, Measure
from inspections.services.closing import perform
from inspections.services.drafting import enter_finding
from inspections.services.rounds import begin, feed_back, name_member, plan_round
from tests import cast
from tests.inspections.rounds import fed_back, finding_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(people):
    row = plan_round(
        by=people["discipline"],
        units=[cast.organisation(cast.OURS)],
        name="巡察会计学院",
        kind="school",
        starts_on=date(2026, 11, 2),
        ends_on=date(2026, 12, 4),
    )
    begin(row, by=people["discipline"])
    name_member(
        row,
        by=people["discipline"],
        person=people["inspector"],
        duty="member",
        from_on=date(2026, 11, 2),
        until_on=date(2026, 12, 31),
    )
    return row


def test_a_finding_is_entered_planned_approved_and_becomes_duties(login, people, row):
    unit = cast.organisation(cast.OURS)
    client = login("inspector")
    data = {"organisation": unit.pk, "text": "报销审核不严", "symptoms": "抽查发现三笔。", "category": "财务管理方面"}
    assert client.post(f"/inspections/{row.pk}/findings/new/", data | {"symptoms": ""}).status_code == 400
    assert client.post(f"/inspections/{row.pk}/findings/new/", data).status_code == 302
    finding = Finding.objects.get()
    assert Notice.objects.filter(recipient=people["unit_secretary"], title__startswith="请拟定整改方案").exists()
    act, plan = f"/inspections/findings/{finding.pk}/act/", f"/inspections/findings/{finding.pk}/plan/"
    refused = login("unit_secretary").post(act, {"act": "propose"})
    assert "还没有整改措施" in refused.content.decode()
    client = login("liaison")
    assert client.post(plan, {"act": "goal", "goal": "审核率百分之百。"}).status_code == 302
    owner = unit.posts.get(role="unit_secretary")
    measure = {"act": "measure", "text": "修订审核办法", "kinds": ["建章立制"], "lead": unit.pk, "owner": owner.pk}
    assert "请填写整改时限" in client.post(plan, measure).content.decode()
    client.post(plan, measure | {"due_on": "2027-01-29"})
    client.post(plan, measure | {"text": "另一条", "due_on": "2027-02-26"})
    client.post(f"/inspections/findings/{finding.pk}/plan/{Measure.objects.get(text='另一条').pk}/drop/")
    assert Measure.objects.get().kinds == "建章立制"
    assert login("unit_secretary").post(act, {"act": "propose"}).status_code == 302
    assert login("unit_secretary").post(act, {"act": "approve"}).status_code == 403
    early = login("discipline").post(act, {"act": "approve"})
    assert "还没有登记反馈日期" in early.content.decode()
    feed_back(row, by=people["discipline"], on=date(2026, 11, 20))
    assert login("discipline").post(act, {"act": "approve"}).status_code == 302
    finding.refresh_from_db()
    assert (finding.state, finding.due_on) == (Finding.State.WORKING, date(2027, 1, 29))
    duty = Duty.objects.get(measure__finding=finding)
    assert (duty.owner, duty.organisation, duty.due_on) == (owner, unit, date(2027, 1, 29))


def test_others_neither_enter_nor_plan(login, people, row):
    assert login("unit_secretary").get(f"/inspections/{row.pk}/findings/new/").status_code == 403
    assert login("other_secretary").get(f"/inspections/{row.pk}/findings/new/").status_code == 404


def test_a_plan_sent_back_says_what_it_lacks(people, row):
    from inspections.services.drafting import add_measure, enter_finding, set_goal

    unit = cast.organisation(cast.OURS)
    finding = enter_finding(row, by=people["inspector"], organisation=unit, text="报销审核不严", symptoms="三笔。")
    set_goal(finding, by=people["liaison"], goal="审核率百分之百。")
    add_measure(
        finding,
        by=people["liaison"],
        text="修订办法",
        lead=unit,
        owner=unit.posts.get(role="unit_secretary"),
        kinds=[],
        due_on=None,
        is_long_term=True,
    )
    perform(finding, "propose", by=people["unit_secretary"])
    with pytest.raises(PermissionDenied):
        perform(finding, "send_plan_back", by=people["office"], reason="措施过于笼统，没有时限。")
    back = perform(finding, "send_plan_back", by=people["discipline"], reason="措施过于笼统，没有时限。")
    assert (back.state, back.lacking) == (Finding.State.DRAFTING, "措施过于笼统，没有时限。")


# ── 修改问题 ──────────────────────────────────────────────────────────────────────────────────


def edited(finding, **more) -> dict:
    fields = {"organisation": finding.organisation_id, "category": "财务管理方面", "text": "报销审核把关不严", "symptoms": "抽查三十份，两份无附件。",
              "implementation": "governance", "is_focus": "1", "reason": "按反馈意见原文更正"}  # fmt: skip
    return fields | more


def test_the_words_of_a_finding_change_with_a_reason(login, people):
    finding = finding_of(fed_back(people["discipline"]))
    client = login("discipline")
    assert "修改问题" in client.get(f"/inspections/findings/{finding.pk}/").content.decode()
    assert client.post(f"/inspections/findings/{finding.pk}/edit/", edited(finding, reason="改")).status_code == 400
    moved = edited(finding, organisation=cast.organisation(cast.THEIRS).pk)
    refused = client.post(f"/inspections/findings/{finding.pk}/edit/", moved)
    assert "不能更换责任单位" in refused.content.decode()
    assert client.post(f"/inspections/findings/{finding.pk}/edit/", edited(finding)).status_code == 302
    finding.refresh_from_db()
    assert (finding.text, finding.is_focus) == ("报销审核把关不严", True)
    assert finding.history.first().history_change_reason == "修改问题：按反馈意见原文更正"
    for who in ("liaison", "unit_secretary"):
        assert login(who).get(f"/inspections/findings/{finding.pk}/edit/").status_code == 403, who
    assert login("other_liaison").get(f"/inspections/findings/{finding.pk}/edit/").status_code == 404


def test_the_team_mends_words_only_while_the_plan_is_drawn_up(login, people):
    row = fed_back(people["discipline"])
    name_member(
        row, by=people["discipline"], person=people["inspector"], duty="member",
        from_on=date(2026, 11, 1), until_on=date(2026, 12, 31),
    )  # fmt: skip
    client = login("inspector")
    working = finding_of(row, cast.THEIRS)
    assert client.get(f"/inspections/findings/{working.pk}/edit/").status_code == 403
    drafting = enter_finding(
        row, by=people["inspector"], organisation=cast.organisation(cast.THEIRS), text="制度不全", symptoms="缺两项。"
    )
    assert client.post(f"/inspections/findings/{drafting.pk}/edit/", edited(drafting)).status_code == 302


def test_helpers_are_named_in_the_plan_and_help_with_the_duty(login, people):
    row = fed_back(people["discipline"])
    finding = enter_finding(
        row, by=people["discipline"], organisation=cast.organisation(cast.OURS), text="制度不全", symptoms="缺两项。"
    )
    client, ours, helper = login("liaison"), cast.organisation(cast.OURS), cast.organisation("财务处")
    sent = {"act": "measure", "text": "修订办法", "lead": ours.pk, "owner": ours.posts.first().pk,
            "due_on": "2026-12-20", "helpers": [helper.pk, ours.pk]}  # fmt: skip
    refused = client.post(f"/inspections/findings/{finding.pk}/plan/", sent)
    assert "不用再选为配合单位" in refused.content.decode()
    client.post(f"/inspections/findings/{finding.pk}/plan/", sent | {"helpers": [helper.pk]})
    client.post(f"/inspections/findings/{finding.pk}/plan/", {"act": "goal", "goal": "制度齐全。"})
    perform(finding, "propose", by=people["unit_secretary"])
    perform(finding, "approve", by=people["discipline"])
    measure = finding.measures.get()
    assert (measure.helper_words, list(measure.duty.helpers.all())) == ("财务处", [helper])
    assert finding.pk in Finding.objects.visible_to(people["department"]).values_list("pk", flat=True)
