"""立账与拟定方案: from a finding by hand to duties, through the pages (三（四）1)."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from accountability.models import Duty, Notice
from inspections.models import Finding, Measure
from inspections.services.closing import perform
from inspections.services.rounds import begin, feed_back, name_member, plan_round
from tests import cast

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
