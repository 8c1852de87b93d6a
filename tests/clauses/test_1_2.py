"""一（二）: every organisation and leader has duties; what is not covered is listed with its reason."""

import pytest

from accountability.models import Duty, Organisation, Post
from tests import cast

pytestmark = pytest.mark.django_db


def test_everybody_owes_something(people):
    owing = set(Duty.objects.of_year(cast.YEAR).values_list("organisation", flat=True))
    units = Organisation.objects.units().exclude(name=cast.VACANT)
    assert set(units.values_list("pk", flat=True)) <= owing
    leaders = Post.objects.filter(role__in=("secretary", "member"))
    assert set(leaders.values_list("pk", flat=True)) <= set(Duty.objects.values_list("owner", flat=True))


def test_gaps_in_coverage_are_listed(login):
    page = login("office").get(f"/years/?open={cast.YEAR}").content.decode()
    assert "岗位暂无人任职" in page
    assert cast.VACANT in page
    assert "没有分管部门和联系单位" in page


def test_the_chain_reaches_the_branch(login):
    duties = login("branch").get("/ledger/").context["pager"].page.object_list
    assert {duty.organisation.name for duty in duties} == {"第一党支部"}


def test_the_chain_is_walked_from_the_school_to_the_branch_and_back(login):
    client = login("office")
    school = Organisation.objects.get(kind="school")
    page = client.get(f"/organisations/{school.pk}/").content.decode()
    unit = cast.organisation(cast.OURS)
    assert f"/organisations/{unit.pk}/" in page
    branch = unit.children.first()
    page = client.get(f"/organisations/{unit.pk}/").content.decode()
    assert f"/organisations/{branch.pk}/" in page
    page = client.get(f"/organisations/{branch.pk}/").content.decode()
    assert f"/organisations/{unit.pk}/" in page
    assert f"/organisations/{school.pk}/" in page


def test_a_unit_that_came_to_an_end_is_kept_with_what_it_did(login, people):
    from tests import acts

    unit = cast.organisation(cast.OURS)
    record = acts.record(people["unit_secretary"], unit, "duty-report")
    data = {
        "target": cast.organisation(cast.THEIRS).pk,
        "on": "2026-11-23",
        "reason": "校发〔2026〕40号",
        "confirm": "1",
    }
    assert login("office").post(f"/organisations/{unit.pk}/reorganise/?kind=merge", data).status_code == 302
    page = login("office").get(f"/records/{record.pk}/").content.decode()
    assert cast.OURS in page
    assert not Duty.objects.open().filter(organisation=unit).exists()


def test_each_subject_has_its_six_steps_on_the_dashboard(login):
    bands = login("discipline").get("/supervision/").context["subjects"]
    assert len(bands) == 4
    for band in bands:
        assert [step.name for step in band.steps] == ["知责", "明责", "履责", "尽责", "督责", "问责"]
        assert all(step.words and step.url.startswith("/ledger/") for step in band.steps)


def test_what_is_overdue_climbs_to_the_secretary_and_each_is_told_why(login, people):
    """强问责: owner first, then leader and secretary of the unit, then those of the school; the page tells the chain."""
    from datetime import timedelta

    from supervision.services.reminding import remind_on
    from tests import acts

    duty = acts.duty_of(cast.organisation(cast.OURS), "implementing-measures")
    Duty.objects.exclude(pk=duty.pk).update(state="waived")
    for days, who in ((3, "liaison"), (-7, "member"), (-14, "secretary")):
        assert login(who).get("/notices/").context["unread"] == 0
        Duty.objects.filter(pk=duty.pk).update(due_on=cast.TODAY + timedelta(days=days))
        remind_on(cast.TODAY)
        page = login(who).get("/notices/").content.decode()
        assert duty.title in page
        assert "为什么收到" in page
    page = login("office").get(f"/ledger/{duty.pk}/").content.decode()
    assert page.index("逾期第 14 天") < page.index("到期前 3 天")
    assert "顾怀远（学校党委书记）" in page
