"""专题调研: plan, collect signs, write down causes and advice, conclude by another (三（四）3)."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accountability.locking import lock_and_read
from accountability.models import ActKind, Notice, Organisation, Person
from accountability.models.history import save_as
from accountability.services.notices import notify, people_with
from accountability.services.records import file_proof, open_work_year
from inspections.models import Sign, Topic, TopicSign
from inspections.models.topics import WRITTEN_AT_LEAST
from inspections.research_access import leads_research
from inspections.research_flow import TOPIC_TRANSITIONS, works_on

S = Topic.State
ACT = "topic-research"


def _only_commission(by: Person, words: str) -> None:
    if not leads_research(by):
        raise PermissionDenied(f"{words}由纪委办理。")


@transaction.atomic
def plan_topic(*, by: Person, work_year: int, lead: Person, team: Iterable[Person] = (), **fields) -> Topic:
    """专题立项."""
    _only_commission(by, "专题立项")
    topic = Topic(work_year=open_work_year(work_year), lead=lead, planned_by=by, planned_at=timezone.now(), **fields)
    topic.full_clean()
    save_as(topic, by=by, reason="专题立项")
    _name_team(topic, team, by=by)
    return topic


def _name_team(topic: Topic, team: Iterable[Person], *, by: Person) -> None:
    team = [person for person in team if person != topic.lead]
    newcomers = [person for person in {*team, topic.lead} if not _was_told(topic, person)]
    topic.team.set(team)
    notify(
        [person for person in newcomers if person != by],
        kind=Notice.Kind.RESEARCH,
        title=f"您参加专题调研：{topic.title}",
        url=reverse("topic", args=[topic.pk]),
    )


def _was_told(topic: Topic, person: Person) -> bool:
    return Notice.objects.filter(
        recipient=person, kind=Notice.Kind.RESEARCH, url=reverse("topic", args=[topic.pk])
    ).exists()


@transaction.atomic
def change_plan(topic: Topic, *, by: Person, team: Iterable[Person], **fields) -> Topic:
    """调整方案: title, key area, lead, team, plan, day."""
    _only_commission(by, "专题方案的调整")
    topic = _open(topic)
    if topic.state == S.PROPOSED:
        raise ValidationError("结论正在审定，方案不能再改；可先退回补充调研。")
    for name, value in fields.items():
        setattr(topic, name, value)
    team = list(team)
    topic.full_clean()
    names = "、".join(person.name for person in team) or "无"
    save_as(topic, by=by, reason=f"调整方案，调研组成员：{names}")
    _name_team(topic, team, by=by)
    return topic


def _open(topic: Topic) -> Topic:
    topic = Topic.objects.select_for_update(of=("self",)).get(pk=topic.pk)
    if not topic.is_running:
        raise ValidationError(f"专题{topic.get_state_display()}，不能再改。")
    return topic


# ── 苗头 ─────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def collect(topic: Topic, signs: Iterable[Sign], *, by: Person) -> list[TopicSign]:
    """纳入专题. A sign is in one open topic at most; one that was moved out before comes back."""
    _only_commission(by, "苗头纳入专题")
    topic = _open(topic)
    wanted = [sign.pk for sign in signs]
    rows = list(Sign.objects.visible_to(by).select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk"))
    if not rows or len(rows) != len(set(wanted)):
        raise ValidationError({"signs": "请从列表中选择要纳入的苗头。"})
    return [_link(topic, sign, by=by) for sign in rows]


def _link(topic: Topic, sign: Sign, *, by: Person) -> TopicSign:
    if sign.state != Sign.State.OPEN:
        raise ValidationError({"signs": f"「{sign.text[:20]}」已了结，请先重新跟踪。"})
    current = TopicSign.objects.filter(sign=sign, is_current=True).select_related("topic").first()
    if current:
        raise ValidationError({"signs": f"「{sign.text[:20]}」已在专题「{current.topic.title}」中。"})
    link = TopicSign.objects.filter(topic=topic, sign=sign).first() or TopicSign(topic=topic, sign=sign)
    link.is_current, link.collected_by, link.collected_on = True, by, timezone.localdate()
    link.full_clean()
    save_as(link, by=by, reason=f"纳入专题「{topic.title}」")
    return link


@transaction.atomic
def release(link: TopicSign, *, by: Person, reason: str) -> TopicSign:
    """移出专题: the link stays on record."""
    _only_commission(by, "移出专题")
    topic = _open(link.topic)
    if len(reason.strip()) < 4:
        raise ValidationError({"reason": "请写明移出的原因，至少 4 个字。"})
    link = TopicSign.objects.select_for_update(of=("self",)).get(pk=link.pk, topic=topic)
    if not link.is_current:
        raise ValidationError("该苗头已不在本专题中。")
    link.is_current = False
    save_as(link, by=by, reason=f"移出专题：{reason.strip()}")
    return link


# ── 结论 ─────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def write_findings(topic: Topic, *, by: Person, causes: str, advice: str) -> Topic:
    """填写深层次原因和建议."""
    topic = _open(topic)
    if not works_on(by, topic):
        raise PermissionDenied("专题结论由牵头人、调研组成员或纪委填写。")
    if topic.state != S.RESEARCHING:
        raise ValidationError(f"专题当前是「{topic.get_state_display()}」，开始调研后、提交结论前才能填写。")
    topic.causes, topic.advice = causes.strip(), advice.strip()
    topic.full_clean()
    save_as(topic, by=by, reason="填写深层次原因和建议")
    return topic


@transaction.atomic
def perform(topic: Topic, name: str, *, by: Person, reason: str = "") -> Topic:
    """办理 one named transition."""
    transition = TOPIC_TRANSITIONS[name]
    topic = lock_and_read(Topic.objects.select_related("work_year"), topic.pk)
    reason = transition.checked(topic, by=by, reason=reason)
    topic.state = transition.target
    if name == "propose":
        _refuse_unwritten(topic)
        topic.proposed_by, topic.proposed_on, topic.lacking = by, timezone.localdate(), ""
    elif name == "send_back":
        topic.lacking = reason
    elif name == "conclude":
        topic.concluded_by, topic.concluded_on = by, timezone.localdate()
        topic.record = _record(topic, by=by)
    topic.full_clean()
    save_as(topic, by=by, reason=f"{transition.label}：{reason}" if reason else transition.label)
    if name in ("conclude", "drop"):
        _let_go(topic, by=by, reason=transition.label)
    _tell(topic, name, by=by)
    return topic


def _refuse_unwritten(topic: Topic) -> None:
    lacking = []
    if len(topic.causes) < WRITTEN_AT_LEAST:
        lacking.append(f"深层次原因还没有写明，至少 {WRITTEN_AT_LEAST} 个字。")
    if len(topic.advice) < WRITTEN_AT_LEAST:
        lacking.append(f"建议还没有写明，至少 {WRITTEN_AT_LEAST} 个字。")
    if lacking:
        raise ValidationError(lacking)


def _record(topic: Topic, *, by: Person):
    """结题 stands in the commission's records as 专题调研: filed once, counted where such acts are counted."""
    return file_proof(
        by=by,
        organisation=Organisation.objects.get(kind=Organisation.Kind.COMMISSION),
        act=ActKind.objects.get(code=ACT),
        work_year=topic.work_year_id,
        title=f"专题调研：{topic.title}",
        content=f"深层次原因：{topic.causes}\n\n建议：{topic.advice}",
    )


def _let_go(topic: Topic, *, by: Person, reason: str) -> None:
    """The topic is over: its signs may be taken up in another."""
    for link in topic.signs.select_for_update(of=("self",)).filter(is_current=True):
        link.is_current = False
        save_as(link, by=by, reason=f"专题{reason}")


def _tell(topic: Topic, name: str, *, by: Person) -> None:
    url = reverse("topic", args=[topic.pk])
    if name == "propose":
        school = Organisation.objects.get(kind=Organisation.Kind.SCHOOL)
        people = [one for one in people_with("supervise", school) if one not in (by, topic.lead)]
        notify(people, kind=Notice.Kind.TO_CONFIRM, title=f"专题结论待审定：{topic.title}", url=url)
    elif name in ("send_back", "conclude"):
        kind = Notice.Kind.RETURNED if name == "send_back" else Notice.Kind.ACCEPTED
        people = [one for one in (topic.lead, topic.proposed_by) if one and one != by]
        label = TOPIC_TRANSITIONS[name].label
        notify(people, kind=kind, title=f"{label}：{topic.title}", body=topic.lacking, url=url)
