"""廉政风险点: propose, confirm, adjust, retire; each verb one transaction, lock → check → write (三（三）2、三（四）2)."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from accountability.locking import lock_and_read
from accountability.models import Notice, Organisation, Person
from accountability.models.history import save_as
from accountability.services.notices import notify, people_with
from inspections.models import RiskChange, RiskPoint
from inspections.risk_grading import Grading
from inspections.risk_workflow import (
    CHANGE_TRANSITIONS,
    POINT_TRANSITIONS,
    REASON_AT_LEAST,
    is_own_word,
    may_draft,
)

TYPED = ("power_item", "category", "key_area", "text", "manifestation", "factors", "measures")
CONTENT = (*TYPED, "level")
S = RiskPoint.State


def _only_who_may(by: Person, organisation: Organisation) -> None:
    if not may_draft(by, organisation):
        raise PermissionDenied(f"风险点由{organisation.name}的经办人员填报。")


def _fill(row: RiskPoint | RiskChange, grading: Grading, content: dict) -> None:
    for name in TYPED:
        value = content[name]
        setattr(row, name, value.strip() if isinstance(value, str) else value)
    row.level = grading.graded(row.factor_codes)


@transaction.atomic
def propose(organisation: Organisation, *, by: Person, **content) -> RiskPoint:
    """填报风险点: a liaison's waits for the secretary, the secretary's own is in use at once."""
    _only_who_may(by, organisation)
    # The row of the school is the lock under which numbers are given.
    Organisation.objects.select_for_update().get(kind=Organisation.Kind.SCHOOL)
    last = RiskPoint.objects.aggregate(last=Max("serial"))["last"] or 0
    point = RiskPoint(organisation=organisation, serial=last + 1, entered_by=by, entered_at=timezone.now())
    return _hand_in(point, by=by, content=content, reason="填报风险点")


@transaction.atomic
def rewrite(point: RiskPoint, *, by: Person, **content) -> RiskPoint:
    """修改后重新提交 what is not in use yet; who writes it last does not confirm it."""
    point = _locked(point)
    _only_who_may(by, point.organisation)
    if not point.is_open:
        raise ValidationError(f"风险点当前是「{point.get_state_display()}」，不能这样修改。")
    point.entered_by, point.entered_at, point.opinion = by, timezone.now(), ""
    return _hand_in(point, by=by, content=content, reason="修改后重新提交")


def _hand_in(point: RiskPoint, *, by: Person, content: dict, reason: str) -> RiskPoint:
    grading = Grading()
    _fill(point, grading, content)
    point.owner = grading.owner_of(point.organisation, point.level)
    point.state = S.PROPOSED
    point.full_clean()
    own_word = is_own_word(by, point.organisation)
    if own_word:
        point.state, point.in_use_from = S.IN_USE, timezone.localdate()
    save_as(point, by=by, reason=f"{reason}，当即启用" if own_word else reason)
    if own_word:
        _file_new(point, by=by)
    else:
        _ask(point, f"待确认风险点：{point.text}", by=by)
    return point


def _file_new(point: RiskPoint, *, by: Person) -> None:
    """新增报备: what came into use when, for the commission."""
    is_others = point.entered_by_id != by.pk
    change = RiskChange(
        **{name: getattr(point, name) for name in CONTENT},
        point=point,
        kind=RiskChange.Kind.NEW,
        state=RiskChange.State.CONFIRMED,
        asked_by=point.entered_by,
        asked_at=point.entered_at,
        decided_by=by if is_others else None,
        decided_at=timezone.now() if is_others else None,
        effective_on=point.in_use_from,
    )
    save_as(change, by=by, reason="新增风险点")


def _locked(point: RiskPoint) -> RiskPoint:
    return lock_and_read(RiskPoint.objects.select_related("organisation__parent"), point.pk)


@transaction.atomic
def decide(point: RiskPoint, name: str, *, by: Person, reason: str = "") -> RiskPoint:
    """确认启用、退回修改、撤回."""
    transition = POINT_TRANSITIONS[name]
    point = _locked(point)
    reason = transition.checked(point, by=by, reason=reason)[:300]
    point.state = transition.target
    if name == "confirm":
        point.confirmed_by, point.in_use_from, point.opinion = by, timezone.localdate(), ""
    else:
        point.opinion = reason
    save_as(point, by=by, reason=f"{transition.label}：{reason}" if reason else transition.label)
    if name == "confirm":
        _file_new(point, by=by)
    if name != "withdraw":
        kind = Notice.Kind.ACCEPTED if name == "confirm" else Notice.Kind.RETURNED
        _tell(point.entered_by, point, f"风险点{point.get_state_display()}：{point.text}", kind, reason, by=by)
    return point


# ── 变更 ─────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def adjust(point: RiskPoint, *, by: Person, reason: str, **content) -> RiskChange:
    """调整 of a point in use: its level follows from the kinds of risk; what it was stays in its changes."""
    grading = Grading()
    point = _in_use(point, by=by)
    change = _change_of(point, RiskChange.Kind.ADJUST, by=by, reason=reason)
    _fill(change, grading, content)
    if all(getattr(change, name) == getattr(point, name) for name in CONTENT):
        raise ValidationError("内容与原来相同，没有需要调整的。")
    _refuse_same(point, change)
    return _ask_or_apply(change, point, by=by)


@transaction.atomic
def retire(point: RiskPoint, *, by: Person, reason: str) -> RiskChange:
    """退出: the power is gone or the risk is; the point stays on record with the reason."""
    point = _in_use(point, by=by)
    change = _change_of(point, RiskChange.Kind.RETIRE, by=by, reason=reason)
    for name in CONTENT:
        setattr(change, name, getattr(point, name))
    return _ask_or_apply(change, point, by=by)


def _in_use(point: RiskPoint, *, by: Person) -> RiskPoint:
    point = _locked(point)
    _only_who_may(by, point.organisation)
    if point.state != S.IN_USE:
        raise ValidationError(f"风险点当前是「{point.get_state_display()}」，不能变更。")
    return point


def _change_of(point: RiskPoint, kind: str, *, by: Person, reason: str) -> RiskChange:
    """A new change, or the one already asked for by the unit's staff, written anew."""
    if len(reason.strip()) < REASON_AT_LEAST:
        raise ValidationError({"reason": f"请写明变更原因，至少 {REASON_AT_LEAST} 个字。"})
    asked = point.changes.select_for_update(of=("self",)).filter(state=RiskChange.State.ASKED).first()
    if asked and is_own_word(by, point.organisation) and asked.asked_by_id != by.pk:
        raise ValidationError("这个风险点有一项待确认的变更，请先同意或不同意。")
    change = asked or RiskChange(point=point)
    change.kind, change.reason = kind, reason.strip()[:300]
    change.level_before, change.measures_before = point.level, point.measures
    change.asked_by, change.asked_at = by, timezone.now()
    return change


def _refuse_same(point: RiskPoint, change: RiskChange) -> None:
    same = RiskPoint.objects.filter(organisation=point.organisation_id, power_item=change.power_item, text=change.text)
    if same.exclude(pk=point.pk).filter(state__in=(S.PROPOSED, S.RETURNED, S.IN_USE)).exists():
        raise ValidationError({"text": "本单位的这项权力已有相同的风险点。"})


def _ask_or_apply(change: RiskChange, point: RiskPoint, *, by: Person) -> RiskChange:
    change.full_clean()
    own_word = is_own_word(by, point.organisation)
    if own_word:
        change.state, change.effective_on = RiskChange.State.CONFIRMED, timezone.localdate()
    save_as(change, by=by, reason=f"{change.get_kind_display()}：{change.reason}")
    if own_word:
        _apply(change, point, by=by)
    else:
        _ask(point, f"待确认风险点变更：{change.words} · {point.text}", by=by)
    return change


def _apply(change: RiskChange, point: RiskPoint, *, by: Person) -> None:
    if change.kind == RiskChange.Kind.RETIRE:
        point.state, point.retired_on, point.retired_why = S.RETIRED, change.effective_on, change.reason
    else:
        for name in CONTENT:
            setattr(point, name, getattr(change, name))
        point.owner = Grading().owner_of(point.organisation, point.level)
    save_as(point, by=by, reason=f"{change.words}：{change.reason}")


@transaction.atomic
def decide_change(change: RiskChange, name: str, *, by: Person, reason: str = "") -> RiskChange:
    """同意变更、不同意变更."""
    transition = CHANGE_TRANSITIONS[name]
    point = _locked(change.point)
    change = RiskChange.objects.select_for_update(of=("self",)).get(pk=change.pk)
    change.point = point
    reason = transition.checked(change, by=by, reason=reason)[:300]
    change.state, change.opinion = transition.target, reason
    change.decided_by, change.decided_at = by, timezone.now()
    if name == "confirm":
        if change.kind == RiskChange.Kind.ADJUST:
            _refuse_same(point, change)
        change.effective_on = timezone.localdate()
    save_as(change, by=by, reason=f"{transition.label}：{reason}" if reason else transition.label)
    if name == "confirm":
        _apply(change, point, by=by)
    kind = Notice.Kind.ACCEPTED if name == "confirm" else Notice.Kind.RETURNED
    _tell(
        change.asked_by, point, f"变更{change.get_state_display()}：{change.words} · {point.text}", kind, reason, by=by
    )
    return change


# ── 通知 ─────────────────────────────────────────────────────────────────────────────────────


def _ask(point: RiskPoint, title: str, *, by: Person) -> None:
    people = [person for person in people_with("confirm_record", point.organisation) if person != by]
    notify(people, kind=Notice.Kind.TO_CONFIRM, title=title[:160], body=point.number, url=_url(point))


def _tell(person: Person, point: RiskPoint, title: str, kind: str, body: str, *, by: Person) -> None:
    if person.pk != by.pk:
        notify([person], kind=kind, title=title[:160], body=body[:300], url=_url(point))


def _url(point: RiskPoint) -> str:
    return reverse("risk", args=[point.pk])
