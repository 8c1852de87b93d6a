"""调研督查: each verb's exits, what the database holds, who sees what by every door, figures and their rows (三（四）3)."""

import io
import random
from datetime import date, timedelta

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accountability.models import ActKind, Duty, Evidence, Notice, Organisation, Person, Portfolio, Record
from accountability.models.history import save_as
from accountability.services.duties import waive
from accountability.services.records import decide, file_record
from accountability.services.tenures import add_portfolio
from inspections.contacts import Contacts
from inspections.models import Reply, Requirement, Rule, Sign, Topic, TopicSign, Visit, VisitUnit
from inspections.research_filters import ReplyFilter, RuleFilter, SignFilter, TopicFilter, VisitFilter
from inspections.services import replies, requirements, rules, signs, topics
from tests import acts, cast
from tests.inspections import research
from tests.inspections.rounds import fed_back, finding_of, inspection_officer, measures_of
from tests.test_house import queries

pytestmark = pytest.mark.django_db
LACKING = "没有写明责任人和处理结果，请补充。"


def holder(unit: str, role: str = "department") -> Person:
    return Person.objects.get(tenures__post__organisation__name=unit, tenures__post__role=role)


# ── 调研督查 ──────────────────────────────────────────────────────────────────────────────────


def test_the_office_records_for_a_leader_and_a_unit_for_nobody(people):
    visit = research.visit(people["office"])
    assert visit.record.state == "accepted"
    assert visit.record.evidence.get().duty.owner == research.post_of()
    for who in ("unit_secretary", "department", "discipline"):
        with pytest.raises(PermissionDenied):
            research.visit(people[who], happened_on=date(2026, 11, 3))


def test_the_commission_records_its_own_leaders_visits(people):
    post = research.commission_head().tenures.get(post__organisation__kind="commission").post
    visit = research.visit(people["discipline"], post=post)
    assert visit.record.organisation.kind == "commission" and not visit.record.evidence.exists()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [("learned", " ", "了解的情况"), ("asked", "", "没有的写"), ("happened_on", date(2026, 11, 24), "不能晚于今天")],
)
def test_what_a_visit_must_say(people, field, value, words):
    with pytest.raises(ValidationError, match=words):
        research.visit(people["member"], **{field: value})
    assert not Visit.objects.exists() and not Record.objects.filter(act__code="research-visit").exists()


def test_two_units_on_one_day_are_two_visits_and_one_unit_is_one(people):
    first = research.visit(people["member"])
    second = research.visit(people["member"], cast.THEIRS)
    assert [first.record.sitting, second.record.sitting] == [1, 2]
    with pytest.raises(ValidationError, match="不重复登记"):
        research.visit(people["member"], cast.OURS, "图书馆")
    decide(first.record, "withdraw", by=people["member"], reason="登记有误")
    assert research.visit(people["member"]).pk


def test_a_visit_without_units_counts_for_nothing(people):
    with pytest.raises(ValidationError, match="须写明所到单位"):
        acts.record(people["member"], research.post_of().organisation, "research-visit", post=research.post_of())


def test_a_withdrawn_visit_is_gone_for_the_unit_and_from_the_counts(people):
    visit = research.visit(people["member"])
    decide(visit.record, "withdraw", by=people["member"], reason="登记有误")
    assert not Visit.objects.visible_to(people["unit_secretary"]).exists()
    line = next(one for one in Contacts(people["secretary"], cast.YEAR, cast.TODAY).lines if one.unit.name == cast.OURS)
    assert (line.this_year, line.last_on) == (0, None)


def test_contacts_count_what_their_links_open(login, people):
    chance = random.Random(3)
    links = list(Portfolio.objects.select_related("post", "organisation"))
    for number in range(25):
        link = chance.choice(links)
        research.visit(
            people["office"],
            link.organisation.name,
            post=link.post,
            happened_on=date(2026, 2, 1) + timedelta(days=number),
        )
    client = login("office")
    lines = client.get("/research/contacts/").context["lines"]
    assert sum(line.this_year for line in lines) == 25
    for line in lines:
        assert client.get(line.year_url).context["pager"].total == line.this_year
    counted = client.get("/research/contacts/").context["counted"]
    for key, number in counted.items():
        assert len(client.get(f"/research/contacts/?show={key}").context["lines"]) == number


def test_a_leader_of_the_commission_may_have_units_in_contact(people):
    post = research.commission_head().tenures.get(post__organisation__kind="commission").post
    unit = cast.organisation(cast.OURS)
    add_portfolio(post, unit, kind="contact", from_on=cast.TODAY, by=people["office"], reason="校党〔2026〕9号")
    lines = Contacts(people["secretary"], cast.YEAR, cast.TODAY).lines
    assert [line.post for line in lines if line.post == post and line.unit == unit]
    liaison = unit.posts.get(role="liaison")
    with pytest.raises(ValidationError, match="校领导岗位"):
        add_portfolio(liaison, unit, kind="contact", from_on=cast.TODAY, by=people["office"], reason="校党〔2026〕9号")


# ── 苗头 ─────────────────────────────────────────────────────────────────────────────────────


def sees(user: Person, sign: Sign) -> bool:
    return Sign.objects.visible_to(Person.objects.get(pk=user.pk)).filter(pk=sign.pk).exists()


def test_who_enters_a_sign_about_whom(people):
    assert research.sign(people["office"]).pk and research.sign(people["member"]).pk  # 联系会计学院
    assert research.sign(people["department"], cast.THEIRS, source="finance").pk
    for who, unit in (
        ("member", cast.THEIRS),  # not in his portfolio
        ("department", "财务处"),  # his own unit
        ("discipline", "纪委办公室"),
        ("unit_secretary", cast.THEIRS),
        ("liaison", cast.OURS),
        ("inspector", cast.OURS),
        ("outsider", cast.OURS),
    ):
        with pytest.raises(PermissionDenied):
            research.sign(people[who], unit)


def test_a_petition_is_entered_by_the_commission_alone(people):
    with pytest.raises(ValidationError, match="由纪委归口"):
        research.sign(people["office"], source="petition")
    assert research.sign(people["discipline"], source="petition").pk


@pytest.mark.parametrize(("field", "value"), [("text", "太短"), ("noticed_on", date(2026, 11, 24))])
def test_what_a_sign_must_say(people, field, value):
    with pytest.raises(ValidationError) as refusal:
        research.sign(people["discipline"], **{field: value})
    assert field in refusal.value.error_dict


def test_who_sees_a_sign(people):
    """The matrix of decision 15: and every door asks the same queryset."""
    daily = research.sign(people["discipline"])
    petition = research.sign(people["discipline"], source="petition")
    theirs = research.sign(people["department"], cast.THEIRS, source="finance")
    expected = {
        "discipline": {daily, petition, theirs},
        "secretary": {daily, petition, theirs},
        "office": {daily, theirs},
        "member": {daily, petition},  # in contact with 会计学院
        "department": {theirs},
        "unit_secretary": set(), "liaison": set(), "branch": set(), "other_secretary": set(), "other_liaison": set(),
        "inspector": set(), "sysadmin": set(), "secadmin": set(), "auditor": set(), "outsider": set(),
    }  # fmt: skip
    for who, rows in expected.items():
        assert set(Sign.objects.visible_to(people[who])) == rows, who


@pytest.mark.parametrize("who", ["unit_secretary", "liaison", "branch", "other_secretary", "department", "member"])
def test_no_door_leads_to_a_sign_of_others(login, people, who):
    unit = "图书馆"
    sign = research.sign(people["discipline"], unit, text="图书采购合同多由同一家供应商中标。")
    study = research.topic(people["discipline"], sign)
    client = login(who)
    assert client.get(f"/research/signs/{sign.pk}/").status_code == 404
    assert client.post(f"/research/signs/{sign.pk}/act/", {"act": "settle", "reason": LACKING}).status_code == 404
    for address in (
        "/research/",
        "/research/signs/",
        "/research/signs/?q=供应商",
        "/research/signs/?view=open",
        "/notices/",
    ):
        assert "供应商" not in client.get(address).content.decode().replace('value="供应商"', ""), address
    page = client.get("/research/signs/?q=供应商")
    assert page.context["pager"].total == 0 and unit not in [one.name for one in page.context["units"]]
    assert client.get(f"/research/topics/{study.pk}/").status_code == 404
    assert client.get("/research/topics/").context["pager"].total == 0
    assert client.get(f"/research/requirements/new/?sign={sign.pk}").status_code == 404


@pytest.mark.parametrize("who", ["inspector", "sysadmin", "secadmin", "auditor", "outsider"])
def test_those_without_business_find_every_door_shut(login, people, who):
    sign = research.sign(people["discipline"])
    research.required(sign, people["discipline"])
    client = login(who)
    for page in ("", "contacts/", "visits/", "signs/", "topics/", "requirements/", "rules/", "rules/export/",
                 "requirements/export/", "visits/new/", "signs/new/", "topics/new/", "rules/new/"):  # fmt: skip
        assert client.get(f"/research/{page}").status_code == 403, page
    assert "调研督查" not in client.get("/").content.decode().split("</nav>")[0]


def test_the_unit_learns_of_a_sign_with_the_requirement_and_of_a_petition_only_the_kind(login, people):
    daily = research.sign(people["discipline"])
    petition = research.sign(people["discipline"], source="petition", text="反映评优过程不够公开，集中在一个年级。")
    client = login("unit_secretary")
    for sign, is_quoted in ((daily, True), (petition, False)):
        reply = research.reply_of(research.required(sign, people["discipline"]))
        page = client.get(f"/research/replies/{reply.pk}/").content.decode()
        assert (sign.text in page) is is_quoted
        assert people["discipline"].name not in page.split("办理历史")[0].split("<main")[1]
        assert client.get(f"/research/signs/{sign.pk}/").status_code == 404
    other = research.reply_of(research.required(daily, people["discipline"], cast.THEIRS), cast.THEIRS)
    assert daily.text not in login("other_secretary").get(f"/research/replies/{other.pk}/").content.decode()


def test_whom_the_commission_names_to_a_topic_sees_its_signs_while_it_runs(people):
    finance = people["department"]
    theirs, own = research.sign(people["discipline"]), research.sign(people["discipline"], "财务处")
    study = research.topic(people["discipline"], theirs, own, team=[finance])
    assert sees(finance, theirs) and not sees(finance, own)
    topics.perform(study, "drop", by=people["discipline"], reason="与另一专题合并，不再单独调研。")
    assert not sees(finance, theirs)
    assert Topic.objects.visible_to(finance).get() == study


def test_settling_a_sign(people):
    sign = research.sign(people["discipline"])
    with pytest.raises(PermissionDenied):
        signs.perform(sign, "settle", by=people["office"], reason=LACKING)
    with pytest.raises(ValidationError, match="至少 10 个字"):
        signs.perform(sign, "settle", by=people["discipline"], reason="已办")
    study = research.topic(people["discipline"], sign)
    with pytest.raises(ValidationError, match="专题调研中"):
        signs.perform(sign, "settle", by=people["discipline"], reason=LACKING)
    topics.release(study.signs.get(), by=people["discipline"], reason="单独处置")
    settled = signs.perform(sign, "settle", by=people["discipline"], reason="已提醒单位负责人并完成整改。")
    with pytest.raises(ValidationError, match="已了结"):
        topics.collect(study, [settled], by=people["discipline"])
    assert signs.perform(settled, "reopen", by=people["discipline"], reason="整改后又出现同样的情况。").state == "open"


# ── 专题 ─────────────────────────────────────────────────────────────────────────────────────


def test_a_sign_is_in_one_open_topic_at_most(people):
    sign = research.sign(people["discipline"])
    first, second = research.topic(people["discipline"], sign), research.topic(people["discipline"], title="另一专题")
    with pytest.raises(ValidationError, match="已在专题"):
        topics.collect(second, [sign], by=people["discipline"])
    with pytest.raises(IntegrityError), transaction.atomic():
        TopicSign.objects.create(topic=second, sign=sign, collected_by=people["discipline"], collected_on=cast.TODAY)
    topics.perform(first, "drop", by=people["discipline"], reason="与另一专题合并，不再单独调研。")
    assert topics.collect(second, [sign], by=people["discipline"])[0].is_current


def test_a_topic_is_concluded_by_another(people):
    mine, lead = people["discipline"], research.commission_head()
    study = research.topic(mine, lead=lead)
    with pytest.raises(ValidationError, match="不能提交结论"):
        topics.perform(study, "propose", by=lead)
    study = topics.perform(study, "begin", by=lead)
    with pytest.raises(ValidationError, match="深层次原因"):
        topics.perform(study, "propose", by=lead)
    with pytest.raises(PermissionDenied):
        topics.write_findings(study, by=people["office"], causes="原因" * 6, advice="建议" * 6)
    topics.write_findings(
        study, by=lead, causes="制度没有写明谁负责，检查流于形式。", advice="写明责任人，每半年抽查一次。"
    )
    study = topics.perform(study, "propose", by=mine)
    for person in (mine, lead):  # who handed it in, who leads it
        with pytest.raises(PermissionDenied):
            topics.perform(study, "conclude", by=person)
    with pytest.raises(PermissionDenied):
        topics.perform(study, "conclude", by=people["office"])
    study = topics.perform(study, "send_back", by=people["secretary"], reason=LACKING)
    assert (study.state, study.lacking) == ("researching", LACKING)
    study = topics.perform(topics.perform(study, "propose", by=mine), "conclude", by=people["secretary"])
    assert study.record.organisation.kind == "commission" and study.record.title.endswith(study.title)


@pytest.mark.parametrize("who", ["proposed_by", "lead"])
def test_the_database_holds_the_four_eyes_of_a_topic(people, who):
    study = research.concluded(people["discipline"], people["secretary"])
    setattr(study, who, people["secretary"])
    with pytest.raises(IntegrityError), transaction.atomic():
        study.save()


def test_a_topic_without_findings_is_not_concluded_in_the_database(people):
    study = research.topic(people["discipline"])
    study.state, study.concluded_by, study.concluded_on = "concluded", people["secretary"], cast.TODAY
    with pytest.raises(IntegrityError), transaction.atomic():
        study.save()


def test_only_the_commission_plans_and_collects(people):
    study, sign = research.topic(people["discipline"]), research.sign(people["discipline"])
    for who in ("office", "secretary", "member", "unit_secretary"):
        with pytest.raises(PermissionDenied):
            research.topic(people[who])
        with pytest.raises(PermissionDenied):
            topics.collect(study, [sign], by=people[who])


# ── 工作要求 ──────────────────────────────────────────────────────────────────────────────────


def test_each_unit_gets_a_duty_and_a_notice(people):
    requirement = research.required(research.sign(people["discipline"]), people["discipline"], cast.OURS, cast.THEIRS)
    for unit, who in ((cast.OURS, "liaison"), (cast.THEIRS, "other_secretary")):
        reply = research.reply_of(requirement, unit)
        assert reply.duty.due_on == research.DUE and reply.duty.owner.role == "unit_secretary"
        assert Notice.objects.filter(
            recipient=people[who], kind="research", url=f"/research/replies/{reply.pk}/"
        ).exists()


@pytest.mark.parametrize(
    ("field", "value"), [("title", "查"), ("text", "自查"), ("due_on", cast.TODAY), ("due_on", date(2099, 1, 1))]
)
def test_what_a_requirement_must_say(people, field, value):
    with pytest.raises(ValidationError) as refusal:
        research.required(research.sign(people["discipline"]), people["discipline"], **{field: value})
    assert field in refusal.value.error_dict
    assert not Requirement.objects.exists() and not Duty.objects.filter(obligation=None).exists()


def test_who_requires_what(people):
    sign, study = research.sign(people["discipline"]), research.topic(people["discipline"])
    visit = research.visit(people["member"])
    with pytest.raises(ValidationError, match="结题后"):
        research.required(study, people["discipline"])
    for who in ("office", "secretary", "unit_secretary"):
        with pytest.raises(PermissionDenied):
            research.required(sign, people[who])
    assert research.required(visit, people["member"]).issued_by == people["member"]
    with pytest.raises(ValidationError, match=f"不能向{cast.THEIRS}提出"):  # he was not there
        research.required(visit, people["member"], cast.THEIRS)


def test_a_requirement_has_one_origin_in_the_database(people):
    requirement = research.required(research.sign(people["discipline"]), people["discipline"])
    requirement.topic = research.topic(people["discipline"])
    with pytest.raises(IntegrityError), transaction.atomic():
        requirement.save()


def test_spreading_reaches_every_other_unit_once(people):
    first = research.required(research.sign(people["discipline"]), people["discipline"])
    facts = {"title": first.title, "text": first.text, "due_on": research.DUE, "by": people["discipline"]}
    colleges = Organisation.objects.active().filter(kind="college").count()
    second = requirements.spread(first, scope="kind", **facts)
    assert second.repeats == first and second.replies.count() == colleges - 1 and second.sign == first.sign
    with pytest.raises(ValidationError, match="没有尚未收到"):
        requirements.spread(second, scope="kind", **facts)
    with pytest.raises(ValidationError, match="没有尚未收到"):  # 会计学院 is in no key area
        requirements.spread(first, scope="area", **facts)
    with pytest.raises(ValidationError, match="已收到这项要求"):
        requirements.spread(second, scope="picked", units=[cast.organisation(cast.THEIRS)], **facts)
    third = requirements.spread(second, scope="picked", units=[cast.organisation("财务处")], **facts)
    assert third.repeats == first  # one family, told from the first
    with pytest.raises(PermissionDenied):
        requirements.spread(first, scope="kind", **facts | {"by": people["office"]})


def test_spreading_by_key_area(people):
    first = research.required(research.sign(people["discipline"], "招投标办公室"), people["discipline"], "招投标办公室")
    second = requirements.spread(
        first, scope="area", title=first.title, text=first.text, due_on=research.DUE, by=people["discipline"]
    )
    assert [reply.organisation.name for reply in second.replies.all()] == ["国有资产管理处"]


# ── 答复 ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def reply(people) -> Reply:
    return research.reply_of(research.required(research.sign(people["discipline"]), people["discipline"]))


def test_another_unit_does_not_answer(people, reply):
    for who in ("other_liaison", "department", "branch", "member"):
        with pytest.raises(PermissionDenied):
            research.answered(reply, people[who])
    with pytest.raises(ValidationError, match="至少 10 个字"):
        research.answered(reply, people["liaison"], "已办")


def test_a_draft_waits_for_the_secretary_and_is_not_written_twice(people, reply):
    drafted = research.answered(reply, people["liaison"])
    assert drafted.state == "drafted"
    with pytest.raises(ValidationError, match="待单位审核"):
        research.answered(reply, people["unit_secretary"])
    with pytest.raises(ValidationError, match="不能认可"):
        replies.perform(reply, "accept", by=people["discipline"])
    decide(drafted.record, "return", by=people["unit_secretary"], reason="请写明责任人")
    reply.refresh_from_db()
    assert reply.state == "drafted"  # the liaison mends his own record
    decide(drafted.record, "withdraw", by=people["liaison"], reason="重新起草")
    reply.refresh_from_db()
    assert (reply.state, reply.record) == ("waiting", None)


def test_the_commission_accepts_what_is_not_its_own(people):
    requirement = research.required(research.sign(people["office"], "纪委办公室"), people["discipline"], "纪委办公室")
    reply = research.reply_of(requirement, "纪委办公室")
    reply = research.answered(reply, holder("纪委办公室", "unit_secretary"))
    with pytest.raises(PermissionDenied):  # he works there
        replies.perform(reply, "accept", by=people["discipline"])
    assert not Reply.objects.visible_to(people["discipline"]).waiting_for(people["discipline"]).exists()
    assert replies.perform(reply, "accept", by=research.commission_head()).state == "accepted"


def test_sent_back_it_counts_no_longer_and_a_new_answer_does(people, reply):
    first = research.answered(reply, people["unit_secretary"]).record
    for who in ("office", "secretary", "unit_secretary"):
        with pytest.raises(PermissionDenied):
            replies.perform(reply, "send_back", by=people[who], reason=LACKING)
    with pytest.raises(ValidationError, match="新的期限"):
        replies.perform(reply, "send_back", by=people["discipline"], reason=LACKING, due_on=cast.TODAY)
    later = date(2026, 12, 28)
    replies.perform(reply, "send_back", by=people["discipline"], reason=LACKING, due_on=later)
    reply.refresh_from_db()
    duty = Duty.objects.get(pk=reply.duty_id)
    assert (reply.state, reply.turns, duty.state) == ("sent_back", 1, "open")
    assert (duty.due_on, duty.scheduled_on) == (later, research.DUE)
    assert not Evidence.objects.filter(record=first).exists() and Record.objects.get(pk=first.pk).state == "accepted"
    assert Evidence.history.filter(record=first.pk, history_type="-", history_change_reason__contains="退回").exists()
    second = research.answered(reply, people["unit_secretary"], "补充：两台设备的责任人已明确并书面说明。")
    assert second.record.sitting == 2 and research.duty_state(reply) == "fulfilled"
    accepted = replies.perform(second, "accept", by=people["discipline"])
    assert accepted.accepted_by == people["discipline"] and accepted.lacking == ""


def test_an_accepted_answer_that_is_withdrawn_is_owed_again(people, reply):
    answered = research.answered(reply, people["unit_secretary"])
    replies.perform(reply, "accept", by=people["discipline"])
    decide(answered.record, "withdraw", by=people["unit_secretary"], reason="内容有误")
    reply.refresh_from_db()
    assert (reply.state, reply.accepted_by, research.duty_state(reply)) == ("waiting", None, "open")


def test_the_database_holds_the_four_eyes_of_an_answer(people, reply):
    answered = research.answered(reply, people["unit_secretary"])
    answered = replies.perform(answered, "accept", by=people["discipline"])
    answered.accepted_by = people["unit_secretary"]
    with pytest.raises(IntegrityError), transaction.atomic():
        answered.save()
    answered.refresh_from_db()
    answered.record = None
    with pytest.raises(IntegrityError), transaction.atomic():
        answered.save()


def test_what_is_waived_is_not_waited_for(people, reply):
    waive(reply.duty, by=people["office"], reason="单位已并入其他学院")
    assert not Reply.objects.unanswered().exists()
    with pytest.raises(ValidationError, match="不再要求"):
        research.answered(reply, people["unit_secretary"])


def test_other_acts_do_not_answer(people, reply):
    with pytest.raises(ValidationError, match="以答复工作要求的方式"):
        file_record(
            by=people["unit_secretary"],
            organisation=reply.organisation,
            act=ActKind.objects.get(code="unit-task"),
            work_year=cast.YEAR,
            title="任务完成",
            happened_on=cast.TODAY,
            duties=[reply.duty],
        )


def test_a_late_and_a_missing_answer_show(login, people, reply, clock):
    clock.move_to("2026-12-20T01:00:00+00:00")
    client = login("discipline")
    assert client.get("/research/requirements/?view=late").context["pager"].total == 1
    assert "逾期未答复" in client.get(f"/research/requirements/{reply.requirement_id}/").content.decode()
    research.answered(reply, people["unit_secretary"])
    assert client.get("/research/requirements/?view=late").context["pager"].total == 0
    assert client.get("/research/requirements/?view=answered_late").context["pager"].total == 1


# ── 建章立制 ──────────────────────────────────────────────────────────────────────────────────


def test_a_rule_comes_out_of_something(people, reply):
    requirement = reply.requirement
    with pytest.raises(ValidationError, match="来自哪个专题"):
        research.rule(people["liaison"])
    with pytest.raises(ValidationError, match="没有收到"):
        research.rule(people["other_liaison"], cast.THEIRS, requirement=requirement)
    with pytest.raises(PermissionDenied):
        research.rule(people["liaison"], cast.THEIRS, requirement=requirement)
    made = research.rule(people["liaison"], requirement=requirement, document_number="会院发〔2026〕8号")
    with pytest.raises(ValidationError, match="这个文号"):
        research.rule(people["liaison"], requirement=requirement, document_number="会院发〔2026〕8号")
    made.requirement = None
    with pytest.raises(IntegrityError), transaction.atomic():
        made.save()


def test_a_rule_of_a_measure(people):
    row = fed_back(people["discipline"])
    measure = measures_of(finding_of(row))[0]
    other = measures_of(finding_of(row, kinds="专项整治"))[0]
    assert research.rule(people["liaison"], measure=measure).measure == measure
    with pytest.raises(ValidationError, match="建章立制"):
        research.rule(people["liaison"], measure=other)


def test_amending_and_repealing(people, reply):
    made = research.rule(people["liaison"], requirement=reply.requirement)
    with pytest.raises(ValidationError, match="依据或原因"):
        rules.change(made, by=people["liaison"], reason="改", status="amended")
    with pytest.raises(PermissionDenied):
        rules.change(made, by=people["other_liaison"], reason="依据会议决定", status="amended")
    with pytest.raises(ValidationError, match="废止日期"):
        rules.change(made, by=people["liaison"], reason="依据会议决定", status="repealed")
    rules.change(made, by=people["liaison"], reason="依据会议决定", status="repealed", repealed_on=date(2026, 11, 20))
    assert not Rule.objects.in_force().exists()
    assert made.history.first().history_change_reason == "依据会议决定"


def test_who_sees_a_rule(login, people, reply):
    made = research.rule(people["liaison"], requirement=reply.requirement)
    for who in ("liaison", "unit_secretary", "office", "discipline", "secretary", "member"):
        assert list(Rule.objects.visible_to(people[who])) == [made], who
    for who in ("other_liaison", "department", "inspector", "sysadmin", "outsider"):
        assert not Rule.objects.visible_to(people[who]).exists(), who
    for who, expected in (("liaison", 2), ("other_liaison", 1)):
        book = openpyxl.load_workbook(io.BytesIO(login(who).get("/research/rules/export/").content))
        assert book.active.max_row == expected


def test_nothing_in_an_export_acts_as_a_formula(login, people, reply):
    research.rule(people["liaison"], requirement=reply.requirement, title="=1+1 管理办法")
    book = openpyxl.load_workbook(io.BytesIO(login("office").get("/research/rules/export/").content))
    assert (book.active["A2"].value, book.active["A2"].data_type) == ("=1+1 管理办法", "s")


# ── 数字与名单 ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def busy(people):
    """Signs, topics, requirements, answers and rules of many units in every state, by chance."""
    chance = random.Random(7)
    commission, head = people["discipline"], research.commission_head()
    units = list(Organisation.objects.active().filter(kind="college").values_list("name", flat=True))
    noted = [
        research.sign(
            commission,
            chance.choice(units),
            source=chance.choice(list(Sign.Source)),
            category=chance.choice(list(Sign.Category)),
        )
        for _ in range(24)
    ]
    for sign in noted[:4]:
        signs.perform(sign, "settle", by=commission, reason="已提醒单位负责人并完成整改。")
    research.topic(commission, *noted[4:9])
    study = research.concluded(commission, head, *noted[9:12], title="经费管理薄弱环节")
    asked = [research.required(study, commission, *chance.sample(units, 4)) for _ in range(3)]
    asked.append(
        requirements.spread(
            asked[0],
            scope="kind",
            title="举一反三自查",
            text="对照同类问题逐项自查。",
            due_on=research.DUE,
            by=commission,
        )
    )
    for reply in Reply.objects.select_related("organisation"):
        step = chance.randrange(5)
        secretary = Person.objects.filter(
            tenures__post__organisation=reply.organisation, tenures__post__role="unit_secretary"
        ).first()
        if step:
            reply = research.answered(reply, secretary)
        if step in (2, 3):
            replies.perform(reply, "accept", by=commission)
        if step == 4:
            replies.perform(reply, "send_back", by=commission, reason=LACKING)
    for requirement in asked:
        for reply in list(requirement.replies.select_related("organisation"))[:3]:
            research.rule(
                commission, reply.organisation.name, requirement=requirement, status=chance.choice(["new", "amended"])
            )
    return people


@pytest.mark.parametrize("who", ["discipline", "office", "secretary", "member", "unit_secretary", "department"])
def test_every_figure_opens_its_rows(login, busy, who):
    client = login(who)
    for page in ("/research/", "/research/requirements/", "/research/rules/"):
        for figure in client.get(page).context["figures"]:
            assert client.get(figure.url).context["pager"].total == figure.value, (page, figure)
    rules_page = client.get("/research/rules/").context
    for kind in ("by_unit", "by_area"):
        total = sum(figure.value for figure in rules_page[kind])
        assert total == rules_page["pager"].total
        for figure in rules_page[kind]:
            assert client.get(figure.url).context["pager"].total == figure.value


@pytest.mark.parametrize("who", ["discipline", "office", "member", "unit_secretary"])
def test_every_view_lists_what_it_says(login, busy, who):
    client, user = login(who), busy[who]
    for chosen, rows in (
        (VisitFilter, Visit), (SignFilter, Sign), (TopicFilter, Topic), (ReplyFilter, Reply), (RuleFilter, Rule)
    ):  # fmt: skip
        for view in chosen.VIEWS:
            asked = chosen(view=view)
            expected = asked.rows(rows.objects.visible_to(user), on=cast.TODAY, user=user).count()
            assert client.get(asked.url).context["pager"].total == expected, (who, chosen, view)
    book = openpyxl.load_workbook(io.BytesIO(client.get("/research/requirements/export/").content))
    assert book.active.max_row == 1 + Reply.objects.visible_to(user).count()


def test_states_of_answers_part_the_whole(busy):
    visible = Reply.objects.all()
    assert visible.count() == (
        visible.unanswered().count() + visible.to_accept().count() + visible.filter(state="accepted").count()
    )
    assert visible.unanswered().count() == Duty.objects.open().filter(reply__isnull=False).count()


def test_a_list_costs_the_same_at_one_row_and_at_fifty(login, people):
    pages = ("visits/", "signs/", "topics/", "requirements/", "rules/", "contacts/", "")

    def costs() -> dict[tuple[str, str], int]:
        return {
            (who, page): queries(client, f"/research/{page}")
            for who in ("discipline", "unit_secretary")
            if (client := login(who))
            for page in pages
        }

    def add(count: int, day: date) -> None:
        for number in range(count):
            research.visit(people["office"], happened_on=day + timedelta(days=number))
            sign = research.sign(people["discipline"], text=f"第 {number} 个苗头，部分设备长期没有启用。")
            research.topic(people["discipline"], sign)
            requirement = research.required(sign, people["discipline"])
            research.rule(people["discipline"], requirement=requirement)

    add(2, date(2026, 1, 5))
    few = costs()
    add(50, date(2026, 2, 1))
    assert costs() == few


@pytest.mark.parametrize(
    "query",
    [
        "?unit=99999999999",
        "?unit=x",
        "?year=²",
        "?q=%00%27",
        "?view=nowhere",
        "?page=-1",
        "?leader=abc",
        "?requirement=0",
    ],
)
@pytest.mark.parametrize("path", ["visits", "signs", "topics", "requirements", "rules", "contacts"])
def test_no_address_falls_over(login, people, path, query):
    assert login("discipline").get(f"/research/{path}/{query}").status_code == 200


def test_odd_forms_are_answered_and_keep_what_was_typed(login, people, reply):
    client = login("discipline")
    sign = reply.requirement.sign
    for address, data in (
        ("/research/visits/new/", {"place": ""}),
        ("/research/signs/new/", {"text": "打" * 501, "noticed_on": "0001-01-01", "organisation": "x"}),
        ("/research/signs/new/", {"text": "秘密★三年 某单位的事项不得外传", "noticed_on": "2026-11-01"}),
        ("/research/topics/new/", {"title": "题目", "team": ["x"], "lead": "9999"}),
        (
            f"/research/requirements/new/?sign={sign.pk}",
            {"title": "标题写好了", "due_on": "2099-99-99", "units": ["x"]},
        ),
        (f"/research/requirements/{reply.requirement_id}/spread/", {"scope": "everybody"}),
        ("/research/rules/new/", {"title": "办法", "status": "x", "measure": "9999"}),
    ):
        answer = client.post(address, data)
        assert answer.status_code == 400, address
        if "title" in data:
            assert f'value="{data["title"]}"' in answer.content.decode()
    for address in ("requirements/new/?topic=99999999999", "visits/new/?duty=x"):
        assert client.get(f"/research/{address}").status_code == 404
    long = {"act": "send_back", "reason": "缺" * 301, "due_on": "明天"}
    assert client.post(f"/research/replies/{reply.pk}/act/", long).status_code == 400
    for path, act in ((f"signs/{sign.pk}", "vanish"), (f"replies/{reply.pk}", "")):
        assert client.post(f"/research/{path}/act/", {"act": act}).status_code == 400


def test_a_visit_unit_and_a_reply_exist_once(people, reply):
    visit = research.visit(people["member"])
    with pytest.raises(IntegrityError), transaction.atomic():
        save_as(VisitUnit(visit=visit, organisation=reply.organisation), by=people["member"])
    twin = Reply(
        requirement=reply.requirement,
        organisation=reply.organisation,
        duty=acts.duty_of(reply.organisation, "duty-report"),
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        save_as(twin, by=people["discipline"])


def test_the_inspection_office_enters_signs_of_its_line(people):
    officer = inspection_officer()
    sign = research.sign(officer, source="inspection")
    assert list(Sign.objects.visible_to(officer)) == [sign]
