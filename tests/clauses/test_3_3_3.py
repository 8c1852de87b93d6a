"""三（三）3: yearly reports from units, hearings by members."""

import pytest

from accountability.models import Duty
from tests import acts, cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_papers")]


def test_a_unit_reports(login, people):
    duty = acts.duty_of(cast.organisation(cast.OURS), "duty-report")
    assert acts.post_record(login("unit_secretary"), duty, "duty-report").status_code == 302
    assert acts.state(duty) == "fulfilled"


def test_a_member_hears_his_portfolio_twice(login, people):
    hearings = (
        Duty.objects.of_year(cast.YEAR)
        .filter(obligation__code="member-hearings", owner__title="分管财务副校长")
        .order_by("occurrence")
    )
    assert hearings.count() == 2
    client = login("member")
    assert acts.post_record(client, hearings[0], "hearing", happened_on="2026-06-12").status_code == 302
    assert [duty.state for duty in hearings.all()] == ["fulfilled", "open"]


def test_a_leader_without_portfolio_hears_nobody(people):
    assert not Duty.objects.filter(obligation__code="member-hearings", owner__title="分管校友副校长").exists()


def test_a_problem_goes_up_and_an_answer_comes_down_by_a_day(login, people):
    from accountability.models import Document
    from tests import letters

    unit = cast.organisation(cast.OURS)
    data = {"kind": letters.kind("problem-report").pk, "organisation": unit.pk, "addressee": "committee", "year": 2026}
    path = login("liaison").post("/documents/new/", data)["Location"].removesuffix("edit/")
    text = {"title": "问题上报", "text": "一、问题\n设备闲置，请学校协调。", "revision": 0, "submit": "1"}
    assert login("liaison").post(f"{path}edit/", text).status_code == 302
    letters.set_papers()
    document = Document.objects.get()
    sign = {"password": cast.PASSWORD, "sha256": document.versions.first().pdf_sha256}
    assert login("liaison").post(f"{path}sign/", sign).status_code == 403
    assert login("unit_secretary").post(f"{path}sign/", sign).status_code == 302
    document = letters.fresh(document)
    duty = document.answer_duty
    assert f"{duty.due_on}" in login("unit_secretary").get(path).content.decode()
    assert duty.number in login("office").get("/ledger/?mine=1").content.decode()
    answer = {"text": "请资产处十日内会同学院落实使用责任人。"}
    assert login("unit_secretary").post(f"{path}answer/", answer).status_code == 403
    assert login("office").post(f"{path}answer/", answer).status_code == 302
    assert acts.state(duty) == "fulfilled"
    assert "请资产处十日内" in login("unit_secretary").get(path).content.decode()


def test_the_heads_own_debrief_is_signed_by_himself_alone(login, people):
    from tests import letters

    head = people["unit_secretary"]
    document = letters.draft(head, "debrief", post=letters.post_of(head))
    path = f"/documents/{document.pk}/"
    assert login("unit_secretary").post(f"{path}act/", {"transition": "submit"}).status_code == 302
    assert login("office").post(f"{path}act/", {"transition": "pass"}).status_code == 302
    letters.set_papers()
    sign = {"password": cast.PASSWORD, "sha256": document.versions.first().pdf_sha256}
    assert login("liaison").post(f"{path}sign/", sign).status_code == 403
    assert login("unit_secretary").post(f"{path}sign/", sign).status_code == 302


def test_talks_run_along_the_chain_of_secretary_member_and_head(login, people):
    """书记—班子成员—二级负责人: each talks with those below him, and with nobody beside or above."""
    from tests.supervision.talks import tenure_of

    data = {"kind": "remind", "matter": "duties", "words": "责任落实不够有力", "due_on": "2026-11-30"}
    for by, person, status in (
        ("secretary", "member", 302),
        ("member", "unit_secretary", 302),
        ("unit_secretary", "liaison", 302),
        ("member", "secretary", 400),
        ("member", "other_secretary", 400),
        ("unit_secretary", "member", 400),
        ("liaison", "branch", 403),
    ):
        sent = data | {"tenure": tenure_of(people[person]).pk}
        assert login(by).post("/oversight/talks/new/", sent).status_code == status, (by, person)


def test_a_unit_long_late_gets_a_paper_and_its_secretary_signs_for_it(login, people):
    """书记—班子成员—二级单位负责人: the paper goes down the chain with a copy to the leader, and is signed for."""
    from datetime import timedelta

    from supervision.services.reminder_papers import issue

    duty = acts.duty_of(cast.organisation(cast.OURS), "duty-report")
    Duty.objects.exclude(pk=duty.pk).update(state="waived")
    Duty.objects.filter(pk=duty.pk).update(due_on=cast.TODAY - timedelta(days=7))
    assert issue(cast.TODAY) == 1
    client = login("unit_secretary")
    page = client.get("/reminders/papers/?view=mine")
    paper = page.context["pager"].page.object_list[0]
    assert client.post(f"/reminders/papers/{paper.pk}/read/").status_code == 302
    seen = login("member").get(f"/reminders/papers/{paper.pk}/").content.decode()
    assert "沈若愚" in seen
    assert "分管财务副校长" in seen
