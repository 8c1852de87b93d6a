"""立账与拟定方案: a finding entered by hand, its goal and its measures until the plan is approved (三（四）1)."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accountability import access
from accountability.locking import lock_and_read
from accountability.models import Organisation, Person, Post
from accountability.models.history import save_as
from inspections.models import Finding, Measure, Round, RoundMember
from inspections.models.findings import KINDS
from inspections.models.rounds import manages
from inspections.services.measures import tell_confirmers


def may_enter(user: Person, row: Round) -> bool:
    """巡察办、纪委, and the round's team while it works."""
    return row.takes_findings and (manages(user) or RoundMember.objects.at_work(user).filter(round=row.pk).exists())


def may_plan(user: Person, finding: Finding) -> bool:
    return finding.state == Finding.State.DRAFTING and access.may(user, "keep_record", finding.organisation)


@transaction.atomic
def enter_finding(row: Round, *, by: Person, organisation: Organisation, **fields) -> Finding:
    """登记问题; the unit is asked for its plan."""
    row = Round.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if not may_enter(by, row):
        if not row.takes_findings:
            raise ValidationError(f"本轮当前是「{row.get_stage_display()}」，不能登记问题。")
        raise PermissionDenied("问题由巡察办、纪委或在组的巡察组成员登记。")
    last = row.findings.aggregate(last=Max("serial"))["last"] or 0
    finding = Finding(
        round=row, serial=last + 1, organisation=organisation, entered_by=by, entered_at=timezone.now(), **fields
    )
    finding.full_clean()
    save_as(finding, by=by, reason="登记巡察问题")
    tell_confirmers(finding, title=f"请拟定整改方案：{finding.text}", by=by)
    return finding


def may_revise(user: Person, finding: Finding) -> bool:
    """巡察办、纪委 until it is under examination; the round's team while the plan is being drawn up."""
    if not may_enter(user, finding.round):
        return False
    return finding.state == Finding.State.DRAFTING or (finding.state in Finding.CHANGEABLE and manages(user))


@transaction.atomic
def revise_finding(finding: Finding, *, by: Person, reason: str, organisation: Organisation, **fields) -> Finding:
    """修改问题: its words as fed back; who answers may change only while there is no measure yet."""
    finding = lock_and_read(Finding.objects.select_related("organisation", "round"), finding.pk)
    if finding.state not in Finding.CHANGEABLE:
        raise ValidationError(f"问题当前是「{finding.get_state_display()}」，不能修改。")
    if not may_revise(by, finding):
        raise PermissionDenied("问题由巡察办、纪委修改；方案拟定阶段，在组的巡察组成员也可以修改。")
    if organisation != finding.organisation and finding.measures.exists():
        raise ValidationError({"organisation": "已有整改措施，不能更换责任单位。"})
    finding.organisation = organisation
    for name, value in fields.items():
        setattr(finding, name, value)
    finding.full_clean()
    save_as(finding, by=by, reason=f"修改问题：{reason.strip()}"[:100])
    return finding


def _drafting(finding: Finding, *, by: Person) -> Finding:
    finding = lock_and_read(Finding.objects.select_related("organisation"), finding.pk)
    if finding.state != Finding.State.DRAFTING:
        raise ValidationError(f"问题当前是「{finding.get_state_display()}」，方案不能再改。")
    if not may_plan(by, finding):
        raise PermissionDenied(f"整改方案由{finding.organisation.name}的经办人员拟定。")
    return finding


@transaction.atomic
def set_goal(finding: Finding, *, by: Person, goal: str) -> Finding:
    finding = _drafting(finding, by=by)
    finding.goal = goal.strip()
    finding.full_clean()
    save_as(finding, by=by, reason="拟定整改目标")
    return finding


@transaction.atomic
def add_measure(
    finding: Finding,
    *,
    by: Person,
    text: str,
    lead: Organisation,
    owner: Post,
    kinds: list[str],
    due_on: date | None,
    is_long_term: bool = False,
    leader: Post | None = None,
    helpers: list[Organisation] = (),
) -> Measure:
    """添加措施: a day, or 长期坚持. It becomes a duty when the plan is approved."""
    finding = _drafting(finding, by=by)
    if (due_on is None) != is_long_term:
        raise ValidationError({"due_on": "请填写整改时限；没有时限、需要长期坚持的，勾选「长期坚持」并留空日期。"})
    last = finding.measures.aggregate(last=Max("rank"))["last"] or 0
    measure = Measure(
        finding=finding,
        rank=last + 1,
        text=text,
        kinds="、".join(kind for kind in KINDS if kind in kinds),
        lead=lead,
        owner=owner,
        owner_words=owner.title,
        leader=leader,
        leader_words=leader.title if leader else "",
        helper_words="、".join(unit.name for unit in helpers),
        term=Measure.Term.LONG if is_long_term else Measure.Term.DAY,
        due_on=due_on,
        is_kept_up=is_long_term,
        in_period=bool(due_on and finding.round.rectify_by and due_on <= finding.round.rectify_by),
    )
    measure.full_clean()
    save_as(measure, by=by, reason="添加整改措施")
    measure.helpers.set(helpers)
    _settle_day(finding, by=by)
    return measure


@transaction.atomic
def drop_measure(measure: Measure, *, by: Person) -> None:
    """删去措施 of a plan not yet handed in; its history stays."""
    finding = _drafting(measure.finding, by=by)
    measure = Measure.objects.get(pk=measure.pk, finding=finding, duty=None)
    measure._history_user, measure._change_reason = by, "删去整改措施"
    measure.helpers.clear()
    measure.delete()
    _settle_day(finding, by=by)


def _settle_day(finding: Finding, *, by: Person) -> None:
    due_on = finding.measures.aggregate(last=Max("due_on"))["last"] or finding.round.rectify_by
    if finding.due_on != due_on:
        finding.due_on = due_on
        save_as(finding, by=by, reason="整改期限随措施调整")
