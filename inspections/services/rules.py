"""建章立制: register what rules came out, amend or repeal them (三（四）3)."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accountability import access
from accountability.models import Organisation, Person
from accountability.models.history import save_as
from inspections.models import Finding, Measure, Requirement, Rule, Topic
from inspections.research_access import leads_research

KIND = "建章立制"
REASON_AT_LEAST = 4


def makers(user: Person) -> QuerySet:
    """Units whose rules ``user`` may register: his own for a unit, all for the commission and the office."""
    units = Organisation.objects.active().units()
    if leads_research(user) or access.may_manage_duties(user):
        return units
    return units.filter(pk__in=access.organisations_where(user, "keep_record"))


def may_change(user: Person, rule: Rule) -> bool:
    return makers(user).filter(pk=rule.organisation_id).exists()


def measures_to_name(user: Person) -> QuerySet:
    """整改措施 of kind 建章立制 that one may see."""
    visible = Finding.objects.visible_to(user).values("pk")
    return (
        Measure.objects.filter(finding__in=visible, kinds__contains=KIND)
        .select_related("finding__round", "lead")
        .order_by("finding__round", "finding__serial", "rank")
    )


def topics_to_name(user: Person) -> QuerySet:
    return Topic.objects.visible_to(user).exclude(state=Topic.State.DROPPED)


@transaction.atomic
def register(*, by: Person, organisation: Organisation, **fields) -> Rule:
    """登记制度成果."""
    if not makers(by).filter(pk=organisation.pk).exists():
        raise PermissionDenied("制度成果由制定单位、纪委或党委办公室登记。")
    rule = Rule(organisation=organisation, entered_by=by, entered_at=timezone.now(), **fields)
    rule.key_area = rule.key_area or organisation.key_area
    return _save(rule, by=by, reason="登记制度成果")


@transaction.atomic
def change(rule: Rule, *, by: Person, reason: str, **fields) -> Rule:
    """更正、修订、废止, with the reason; what it said before stays in its history."""
    rule = Rule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
    if not may_change(by, rule):
        raise PermissionDenied("制度成果由制定单位、纪委或党委办公室更改。")
    if len(reason.strip()) < REASON_AT_LEAST:
        raise ValidationError({"reason": f"请写明更改的依据或原因，至少 {REASON_AT_LEAST} 个字。"})
    for name, value in fields.items():
        setattr(rule, name, value)
    return _save(rule, by=by, reason=reason.strip())


def _save(rule: Rule, *, by: Person, reason: str) -> Rule:
    _check(rule)
    rule.full_clean()
    try:
        with transaction.atomic():
            save_as(rule, by=by, reason=reason)
    except IntegrityError as error:
        raise ValidationError({"document_number": "该单位已登记过这个文号的制度。"}) from error
    return rule


def _check(rule: Rule) -> None:
    errors = {}
    if not (rule.topic_id or rule.requirement_id or rule.measure_id):
        errors["topic"] = "请选择制度来自哪个专题、哪项工作要求或哪条整改措施。"
    if rule.status == Rule.Status.REPEALED and rule.repealed_on is None:
        errors["repealed_on"] = "请填写废止日期。"
    if rule.status != Rule.Status.REPEALED and rule.repealed_on is not None:
        errors["repealed_on"] = "没有废止的制度不填废止日期。"
    if rule.repealed_on and rule.repealed_on < rule.in_force_on:
        errors["repealed_on"] = f"废止日期不能早于施行日期 {rule.in_force_on}。"
    if rule.requirement_id and not _is_asked(rule):
        errors["requirement"] = "制定单位没有收到这项工作要求。"
    if rule.measure_id and not _is_of_measure(rule):
        errors["measure"] = f"请选择制定单位负责或配合的、类型为“{KIND}”的措施。"
    if errors:
        raise ValidationError(errors)


def _is_asked(rule: Rule) -> bool:
    return Requirement.objects.filter(pk=rule.requirement_id, replies__organisation=rule.organisation_id).exists()


def _is_of_measure(rule: Rule) -> bool:
    unit = rule.organisation_id
    mine = Q(lead=unit) | Q(helpers=unit) | Q(finding__organisation=unit)
    return Measure.objects.filter(mine, pk=rule.measure_id, kinds__contains=KIND).exists()
