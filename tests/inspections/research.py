"""What tests of research stand on: a visit, a sign, a topic concluded, a requirement and its answers."""

from datetime import date

from accountability.models import Duty, Organisation, Person, Post, Role
from inspections.models import Reply, Requirement, Rule, Sign, Topic, Visit
from inspections.services import replies, requirements, rules, signs, topics, visits
from tests import cast

DUE = date(2026, 12, 18)


def post_of(title: str = "分管财务副校长") -> Post:
    return Post.objects.get(organisation__kind=Organisation.Kind.SCHOOL, title=title)


def commission_head() -> Person:
    """纪委书记: another of the commission, besides the one who signs in as ``discipline``."""
    return Person.objects.get(tenures__post__role=Role.DISCIPLINE, tenures__post__organisation__kind="commission")


def visit(by: Person, *units: str, post: Post | None = None, **facts) -> Visit:
    values = {
        "happened_on": date(2026, 11, 18),
        "place": "学院会议室",
        "learned": "座谈两场，师生反映总体平稳。",
        "found": "三台设备验收后半年未启用。",
        "asked": "年底前完成设备验收自查。",
        "promised": "协调资产处派人指导。",
    } | facts
    organisations = [cast.organisation(unit) for unit in units or (cast.OURS,)]
    return visits.record_visit(by=by, post=post or post_of(), units=organisations, work_year=cast.YEAR, **values)


def sign(by: Person, unit: str = cast.OURS, **facts) -> Sign:
    values = {
        "source": Sign.Source.DAILY,
        "category": Sign.Category.PURCHASE,
        "noticed_on": date(2026, 11, 16),
        "text": "部分设备验收后长期没有启用，责任不明确。",
    } | facts
    return signs.enter_sign(by=by, organisation=cast.organisation(unit), work_year=cast.YEAR, **values)


def topic(by: Person, *collected: Sign, lead: Person | None = None, **facts) -> Topic:
    values = {"title": "设备采购验收与使用脱节问题", "plan": "查合同、看现场、谈保管人员。", "team": []} | facts
    made = topics.plan_topic(by=by, work_year=cast.YEAR, lead=lead or by, **values)
    if collected:
        topics.collect(made, collected, by=by)
    return made


def concluded(by: Person, approver: Person, *collected: Sign, **facts) -> Topic:
    made = topic(by, *collected, **facts)
    made = topics.perform(made, "begin", by=by)
    topics.write_findings(
        made,
        by=by,
        causes="采购、验收、使用三个环节各管一段，没有人对闲置负责。",
        advice="修订验收办法，把启用期限写进验收单。",
    )
    made = topics.perform(made, "propose", by=by)
    return topics.perform(made, "conclude", by=approver)


def required(origin, by: Person, *units: str, **facts) -> Requirement:
    values = {"title": "开展设备验收自查", "text": "逐台核对近三年设备的验收和启用情况。", "due_on": DUE} | facts
    organisations = [cast.organisation(unit) for unit in units or (cast.OURS,)]
    return requirements.require(origin, by=by, units=organisations, **values)


def reply_of(requirement: Requirement, unit: str = cast.OURS) -> Reply:
    return Reply.objects.select_related("duty", "organisation").get(requirement=requirement, organisation__name=unit)


def answered(reply: Reply, by: Person, text: str = "已核对设备三十二台，两台闲置已调剂使用。") -> Reply:
    return replies.answer(reply, by=by, text=text)


def rule(by: Person, unit: str = cast.OURS, **facts) -> Rule:
    values = {
        "title": "设备验收管理办法",
        "status": Rule.Status.NEW,
        "in_force_on": date(2026, 11, 1),
        "summary": "验收与启用脱节，责任不明确。",
    } | facts
    return rules.register(by=by, organisation=cast.organisation(unit), **values)


def duty_state(reply: Reply) -> str:
    return Duty.objects.get(pk=reply.duty_id).state


def of_unit(people, unit: str) -> dict:
    """Ids of what research has of one unit, by the name of the address that shows it; a visit by another than the cast."""
    noticed = sign(people["discipline"], unit)
    study = concluded(people["discipline"], people["secretary"], noticed)
    asked = required(study, people["discipline"], unit)
    reply = reply_of(asked, unit)
    gone = visit(people["office"], unit, post=post_of("纪委书记"))
    made = rule(people["discipline"], unit, requirement=asked)
    return {
        "visit": gone.pk,
        **dict.fromkeys(("sign", "sign_act"), noticed.pk),
        **{f"topic{name}": study.pk for name in ("", "_edit", "_findings", "_collect", "_act")},
        "topic_release": (study.pk, study.signs.get().pk),
        **dict.fromkeys(("requirement", "requirement_spread"), asked.pk),
        **dict.fromkeys(("reply", "reply_act"), reply.pk),
        **dict.fromkeys(("rule", "rule_edit"), made.pk),
    }
