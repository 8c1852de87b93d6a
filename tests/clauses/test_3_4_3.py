"""三（四）3: leaders visit the grass roots; signs are studied; units answer; rules come out; others learn from it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accountability.models import Duty, Notice
from inspections.models import Reply, Requirement, Rule, Sign, Topic, Visit
from tests import acts, cast
from tests.inspections import research

pytestmark = pytest.mark.django_db


def visit_duty() -> Duty:
    return Duty.objects.get(
        obligation__code="member-research-visits", work_year=cast.YEAR, owner__title="分管财务副校长"
    )


def post_visit(client, **fields):
    """A member records his visit to our college through the page his duty leads to."""
    duty = visit_duty()
    data = {
        "post": duty.bearer_post_id,
        "happened_on": "2026-11-18",
        "units": [cast.organisation(cast.OURS).pk],
        "place": "学院会议室",
        "learned": "召开座谈会两场，走访实验室。",
        "found": "三台设备验收后半年未启用。",
        "asked": "年底前完成设备验收自查。",
        "promised": "协调资产处派人指导。",
    } | fields
    return client.post(f"/research/visits/new/?duty={duty.pk}", data)


def test_a_member_records_his_visit_once_and_it_counts(login, people):
    duty = visit_duty()
    member = login("member")
    page = member.get(f"/ledger/{duty.pk}/").content.decode()
    assert f"/research/visits/new/?duty={duty.pk}" in page
    # The ordinary form leads here: there is one way to record a visit.
    assert member.get(f"/records/new/?duty={duty.pk}&act=research-visit")["Location"].startswith(
        "/research/visits/new/"
    )
    assert post_visit(member).status_code == 302
    assert acts.state(duty) == "fulfilled"
    visit = Visit.objects.get()
    assert duty.evidence.get().record == visit.record
    assert "看这次调研督查" in member.get(f"/records/{visit.record_id}/").content.decode()
    # The same visit again is refused, with nothing typed lost.
    again = post_visit(member)
    assert again.status_code == 400 and "召开座谈会两场" in again.content.decode()
    assert Visit.objects.count() == 1


def test_the_visited_unit_sees_what_was_asked_and_promised_and_nothing_more(login, people):
    post_visit(login("member"))
    visit = Visit.objects.get()
    page = login("unit_secretary").get(f"/research/visits/{visit.pk}/").content.decode()
    assert visit.asked in page and visit.promised in page
    assert visit.found not in page and visit.record.content not in page
    assert login("unit_secretary").get(f"/records/{visit.record_id}/").status_code == 404
    assert login("other_secretary").get(f"/research/visits/{visit.pk}/").status_code == 404
    assert Notice.objects.filter(recipient=people["unit_secretary"], url=f"/research/visits/{visit.pk}/").exists()


def test_who_is_linked_to_which_unit_and_never_went_there(login, people):
    before = login("secretary").get("/research/contacts/").context["counted"]
    post_visit(login("member"))
    client = login("secretary")
    page = client.get("/research/contacts/")
    assert page.context["counted"]["visited"] == before["visited"] + 1
    line = next(line for line in page.context["lines"] if line.unit.name == cast.OURS and line.this_year)
    assert client.get(line.year_url).context["pager"].total == line.this_year == 1
    assert "从未走访" in page.content.decode()


def test_from_a_sign_to_a_rule_and_to_the_other_units(login, people):
    """The whole way of the clause, each step in the role it names."""
    ours = cast.organisation(cast.OURS)
    # 班子成员: a visit, and a sign noticed on it.
    client = login("member")
    post_visit(client)
    visit = Visit.objects.get()
    facts = {"source": "visit", "category": "purchase", "noticed_on": "2026-11-18", "organisation": ours.pk}
    answer = client.post(
        f"/research/signs/new/?visit={visit.pk}", facts | {"text": "部分设备验收后长期没有启用，责任不明确。"}
    )
    assert answer.status_code == 302
    sign = Sign.objects.get()
    assert sign.text not in login("liaison").get("/research/signs/").content.decode()

    # 纪委: into a topic, down to its causes.
    client = login("discipline")
    lead = people["discipline"].pk
    client.post("/research/topics/new/", {"title": "设备验收与使用脱节", "lead": lead, "plan": "查合同、看现场。"})
    topic = Topic.objects.get()
    assert client.post(f"/research/topics/{topic.pk}/collect/", {"signs": [sign.pk]}).status_code == 302
    act = f"/research/topics/{topic.pk}/act/"
    client.post(act, {"act": "begin"})
    findings = {"causes": "采购、验收、使用各管一段，无人对闲置负责。", "advice": "修订验收办法，写明启用期限。"}
    client.post(f"/research/topics/{topic.pk}/findings/", findings)
    assert client.post(act, {"act": "propose"}).status_code == 302
    assert client.post(act, {"act": "conclude"}).status_code == 403  # four eyes
    assert login("secretary").post(act, {"act": "conclude"}).status_code == 302
    topic.refresh_from_db()
    assert topic.state == "concluded" and topic.record.act.code == "topic-research"

    # 纪委: a requirement to the unit.
    client = login("discipline")
    asked = {"title": "开展设备验收自查", "text": "逐台核对近三年设备的验收和启用。", "due_on": "2026-12-18"}
    assert client.post(f"/research/requirements/new/?topic={topic.pk}", asked | {"units": [ours.pk]}).status_code == 302
    requirement = Requirement.objects.get()
    reply = Reply.objects.get(requirement=requirement)
    assert reply.duty.is_open and reply.duty.clause.key == "3.4.3"

    # 联络员 drafts with a paper, 书记 confirms, 纪委 accepts.
    client = login("liaison")
    assert f"/research/replies/{reply.pk}/" in client.get(f"/ledger/{reply.duty_id}/").content.decode()
    files = [SimpleUploadedFile("自查表.pdf", acts.PDF)]
    client.post(f"/research/replies/{reply.pk}/", {"text": "核对设备三十二台，两台闲置已调剂。", "files": files})
    reply.refresh_from_db()
    assert reply.state == "drafted" and acts.state(reply.duty) == "open"
    login("unit_secretary").post(f"/records/{reply.record_id}/decide/", {"transition": "accept"})
    assert acts.state(reply.duty) == "fulfilled"
    client = login("discipline")
    assert reply.requirement.title in client.get("/research/").content.decode()
    answer = client.post(f"/research/replies/{reply.pk}/act/", {"act": "accept"})
    assert answer.status_code == 302
    reply.refresh_from_db()
    assert reply.state == "accepted" and reply.accepted_by == people["discipline"]

    # 单位: a rule came out of it.
    rule = {
        "title": "设备验收管理办法", "document_number": "会院发〔2026〕8号", "organisation": ours.pk, "status": "new",
        "in_force_on": "2026-11-20", "summary": "验收后长期不启用。", "requirement": requirement.pk,
    }  # fmt: skip
    assert login("liaison").post("/research/rules/new/", rule).status_code == 302
    assert Rule.objects.get().requirement == requirement

    # 纪委: the other colleges learn from it.
    spread = {"scope": "kind", "title": requirement.title, "text": requirement.text, "due_on": "2026-12-25"}
    client = login("discipline")
    assert client.post(f"/research/requirements/{requirement.pk}/spread/", spread).status_code == 302
    others = Requirement.objects.get(repeats=requirement)
    kinds = set(others.replies.values_list("organisation__kind", flat=True))
    assert kinds == {"college"} and not others.replies.filter(organisation=ours).exists()
    theirs = research.reply_of(others, cast.THEIRS)
    page = login("other_liaison").get(f"/research/replies/{theirs.pk}/").content.decode()
    assert "其他单位举一反三" in page and sign.text not in page
    assert login("liaison").get(f"/research/replies/{theirs.pk}/").status_code == 404


def test_an_answer_that_lacks_something_goes_back_and_the_duty_is_open_again(login, people):
    sign = research.sign(people["discipline"])
    requirement = research.required(sign, people["discipline"])
    reply = research.answered(research.reply_of(requirement), people["unit_secretary"])
    assert reply.state == "answered" and acts.state(reply.duty) == "fulfilled"
    client, act = login("discipline"), f"/research/replies/{reply.pk}/act/"
    short = client.post(act, {"act": "send_back", "reason": "太少"})
    assert short.status_code == 400 and "至少 10 个字" in short.content.decode()
    assert client.post(act, {"act": "send_back", "reason": "没有写明两台设备的责任人和处理结果。"}).status_code == 302
    assert acts.state(reply.duty) == "open"
    page = login("liaison").get(f"/research/replies/{reply.pk}/").content.decode()
    assert "没有写明两台设备的责任人" in page and "提交答复" in page
    assert Notice.objects.filter(recipient=people["liaison"], kind="returned").exists()
