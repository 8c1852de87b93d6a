"""工作要求: sent to units because of a topic, a sign or a visit; each unit owes the answer as a duty (三（四）3)."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accountability import access
from accountability.models import Clause, Duty, Notice, Organisation, Person, Post, Role, WorkYear
from accountability.models.history import save_as
from accountability.own_pages import Occasion, OwnPage, recorded_elsewhere
from accountability.services.duties import assign, ways_of
from accountability.services.notices import notify, people_with
from inspections.models import Reply, Requirement, Sign, Topic, Visit
from inspections.models.topics import WRITTEN_AT_LEAST
from inspections.research_access import leads_research

ACT = "requirement-answer"
CLAUSE = "3.4.3"
FULFILLED_WHEN = "写明办理情况，附佐证材料，经本单位党组织书记审核、纪委认可。"
SCOPES = {"picked": "所选单位", "kind": "全部同类单位", "area": "全部同一重点领域单位"}
Origin = Topic | Sign | Visit


def _where_to_answer(occasion: Occasion) -> str:
    reply = Reply.objects.filter(duty=occasion.duty).first() if occasion.duty else None
    return reverse("reply", args=[reply.pk]) if reply else reverse("requirements")


def _reply_told_by(record) -> str:
    reply = Reply.objects.filter(duty__evidence__record=record).first() or record.replies.first()
    return reverse("reply", args=[reply.pk]) if reply else ""


recorded_elsewhere(ACT, OwnPage("看工作要求", _where_to_answer, _reply_told_by))


@ways_of
def ways_to_answer(duty: Duty) -> list[str]:
    return [ACT] if Reply.objects.filter(duty=duty).exists() else []


def may_require(user: Person, origin: Origin) -> bool:
    """纪委; and, of what he asked for on his own visit, the leader himself."""
    if isinstance(origin, Visit) and origin.record.post_id in access.posts_of(user):
        return True
    return leads_research(user)


def units_to_ask(user: Person, origin: Origin) -> QuerySet:
    """All units for the commission; for a leader, those he visited."""
    units = Organisation.objects.active().units()
    return units if leads_research(user) else units.filter(visits__visit=origin)


@transaction.atomic
def require(
    origin: Origin, *, by: Person, units: Sequence[Organisation], title: str, text: str, due_on: date
) -> Requirement:
    """提出工作要求: a duty for each unit, and a notice."""
    if not may_require(by, origin):
        raise PermissionDenied("工作要求由纪委提出；调研中提出的，也可由调研的校领导本人提出。")
    if isinstance(origin, Topic) and origin.state != Topic.State.CONCLUDED:
        raise ValidationError(f"专题{origin.get_state_display()}，结题后才能向单位提出要求。")
    allowed = set(units_to_ask(by, origin).values_list("pk", flat=True))
    if strange := [unit.name for unit in units if unit.pk not in allowed]:
        raise ValidationError({"units": f"不能向{'、'.join(strange)}提出。"})
    name = {Topic: "topic", Sign: "sign", Visit: "visit"}[type(origin)]
    return _send(Requirement(**{name: origin}, title=title, text=text, due_on=due_on), units, by=by)


def peers(requirement: Requirement, scope: str) -> QuerySet:
    """同类单位、同一重点领域单位 not yet asked in this family of requirements."""
    asked = asked_units(requirement)
    units = Organisation.objects.active().units().exclude(pk__in=asked).order_by("rank", "pk")
    if scope == "kind":
        return units.filter(kind__in=set(asked.values_list("kind", flat=True)))
    if scope == "area":
        return units.filter(key_area__in=set(asked.values_list("key_area", flat=True)) - {""})
    return units


def first_of(requirement: Requirement) -> Requirement:
    """The one the others repeat."""
    return requirement.repeats or requirement


def asked_units(requirement: Requirement) -> QuerySet:
    """Units that have this requirement, from the first sending or a later one."""
    first = first_of(requirement)
    family = Requirement.objects.filter(pk=first.pk) | Requirement.objects.filter(repeats=first)
    return Organisation.objects.filter(replies__requirement__in=family.values("pk")).distinct()


@transaction.atomic
def spread(
    requirement: Requirement,
    *,
    by: Person,
    scope: str,
    title: str,
    text: str,
    due_on: date,
    units: Sequence[Organisation] = (),
) -> Requirement:
    """举一反三: the same requirement to other units; linked to the first, never twice to one unit."""
    if not leads_research(by):
        raise PermissionDenied("举一反三由纪委提出。")
    # The first is the lock: two who spread at once do not ask a unit twice.
    first = Requirement.objects.select_for_update(of=("self",)).get(pk=first_of(requirement).pk)
    others = peers(first, scope)
    chosen = list(others if scope in ("kind", "area") else others.filter(pk__in=[unit.pk for unit in units]))
    if scope == "picked" and len(chosen) != len({unit.pk for unit in units}):
        raise ValidationError({"units": "所选单位中有已收到这项要求的，请重新选择。"})
    if not chosen and scope != "picked":
        raise ValidationError({"scope": f"没有尚未收到这项要求的{SCOPES[scope].removeprefix('全部')}。"})
    row = Requirement(repeats=first, title=title, text=text, due_on=due_on)
    row.topic, row.sign, row.visit = first.topic, first.sign, first.visit
    return _send(row, chosen, by=by)


def _send(row: Requirement, units: Sequence[Organisation], *, by: Person) -> Requirement:
    _check(row, units)
    year = _year_of(row.due_on)
    row.title, row.text = row.title.strip(), row.text.strip()
    row.work_year, row.issued_by, row.issued_at = year, by, timezone.now()
    row.full_clean()
    save_as(row, by=by, reason="举一反三，向其他单位提出" if row.repeats_id else "提出工作要求")
    owners = _owners(units)
    clause = Clause.objects.filter(regulation=year.regulation_id, key=CLAUSE).first()
    for unit in units:
        _ask(row, unit, owners[unit.pk], clause, by=by)
    return row


def _check(row: Requirement, units: Sequence[Organisation]) -> None:
    errors = {}
    today = timezone.localdate()
    if not units:
        errors["units"] = "请选择单位。"
    if len(row.title.strip()) < 4:
        errors["title"] = "请写明要求，至少 4 个字。"
    if len(row.text.strip()) < WRITTEN_AT_LEAST:
        errors["text"] = f"请写明具体内容，至少 {WRITTEN_AT_LEAST} 个字。"
    if row.due_on <= today or row.due_on.year > today.year + 1:
        errors["due_on"] = f"答复期限须晚于今天，不晚于 {today.year + 1} 年底。"
    if errors:
        raise ValidationError(errors)


def _year_of(due_on: date) -> WorkYear:
    """The open working year of the day, or the one nearest to it."""
    years = list(WorkYear.objects.filter(closed_on=None))
    if not years:
        raise ValidationError("没有开启的工作年度，要求不能列入责任台账；请先由党委办公室开启年度。")
    return min(years, key=lambda year: (abs(year.year - due_on.year), -year.year))


def _owners(units: Sequence[Organisation]) -> dict[int, Post]:
    """每个单位的责任人: its party secretary, else the first post it has."""
    posts = Post.objects.filter(organisation__in=units, abolished_on=None).order_by("rank", "pk")
    owners: dict[int, Post] = {}
    for post in sorted(posts, key=lambda post: post.role != Role.UNIT_SECRETARY):
        owners.setdefault(post.organisation_id, post)
    if without := [unit.name for unit in units if unit.pk not in owners]:
        raise ValidationError({"units": f"{'、'.join(without)}没有岗位，无人答复。"})
    return owners


def _ask(row: Requirement, unit: Organisation, owner: Post, clause: Clause | None, *, by: Person) -> None:
    duty = assign(
        title=f"答复工作要求：{row.title}"[:120],
        organisation=unit,
        owner=owner,
        work_year=row.work_year_id,
        due_on=row.due_on,
        by=by,
        clause=clause,
        requirement=FULFILLED_WHEN,
    )
    reply = Reply(requirement=row, organisation=unit, duty=duty)
    reply.full_clean()
    save_as(reply, by=by, reason="要求发至单位")
    notify(
        [person for person in people_with("keep_record", unit) if person != by],
        kind=Notice.Kind.RESEARCH,
        title=f"新的工作要求，{row.due_on} 前答复：{row.title}",
        body=row.text[:300],
        url=reverse("reply", args=[reply.pk]),
    )
