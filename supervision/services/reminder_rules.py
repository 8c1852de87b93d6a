"""提醒规则: set, switched on and off by the office, each change with its history (四（三））.

Switched on, a rule tells of every open duty the latest step it has reached, once; what was reached before that is past.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import yaml
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accountability import access
from accountability.models import Capacity, Matter, Person, QuietPeriod, ReminderRule, ReminderStep
from accountability.models.history import save_as
from accountability.models.reminders import QUIET_MATTERS
from accountability.services.workdays import is_workday
from supervision.reminders.matters import Obligations

DEFAULT = Path(__file__).parent.parent / "data" / "reminders.yaml"
OFFICE_ONLY = "提醒规则由党委办公室设定。"
STEPS_AT_MOST, PERIODS_AT_MOST = 12, 6
LONGEST_QUIET = 70  # days: a summer's holiday, not a year of silence


def may_set(user: Person) -> bool:
    return access.may_manage_duties(user)


# ── 装载 ─────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def load_rules(path: Path = DEFAULT, *, by: Person) -> int:
    """装载 the rules of a file, in force from today, for matters that have none yet. Returns how many were made."""
    made = 0
    for entry in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("rules") or []:
        if ReminderRule.objects.filter(matter=entry.get("matter"), act=None).exists():
            continue
        rule = ReminderRule(
            name=entry.get("name", ""),
            matter=entry.get("matter", ""),
            is_active=True,
            starts_on=timezone.localdate(),
        )
        steps = [
            ReminderStep(step=each["step"], audience=each.get("tell", []), paper=each.get("paper", ""))
            for each in entry["steps"]
        ]
        _keep(rule, steps, (), by=by, reason="装载提醒规则")
        made += 1
    return made


# ── 设定 ─────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def keep(
    rule: ReminderRule, *, by: Person, steps: Sequence[ReminderStep], periods: Sequence[QuietPeriod] = ()
) -> ReminderRule:
    """保存 a rule with its steps and quiet periods. A new one is not in force until it is switched on."""
    if not may_set(by):
        raise PermissionDenied(OFFICE_ONLY)
    if rule.pk:
        standing = ReminderRule.objects.select_for_update().get(pk=rule.pk)
        rule.is_active, rule.matter, rule.act_id = standing.is_active, standing.matter, standing.act_id
        rule.starts_on = standing.starts_on
    else:
        rule.is_active, rule.starts_on = False, timezone.localdate()
    _keep(rule, steps, periods, by=by, reason="修改提醒规则" if rule.pk else "新建提醒规则")
    return rule


def check(rule: ReminderRule, steps: Sequence[ReminderStep], periods: Sequence[QuietPeriod] = ()) -> None:
    """Raises ValidationError in Chinese when the rule does not hold together."""
    if not steps:
        raise ValidationError("至少设一个提醒节点。")
    if len(steps) > STEPS_AT_MOST or len(periods) > PERIODS_AT_MOST:
        raise ValidationError(f"节点至多 {STEPS_AT_MOST} 个，静默期至多 {PERIODS_AT_MOST} 个。")
    if len({each.step for each in steps}) < len(steps):
        raise ValidationError("提醒节点有重复，请删去一个。")
    for each in steps:
        _check_step(rule, each)
    for period in periods:
        if (period.until_on - period.from_on).days >= LONGEST_QUIET:
            raise ValidationError(f"静默期「{period.name}」超过 {LONGEST_QUIET} 天，请改短。")
    if rule.act_id and rule.act_id not in Obligations().acts_of(rule.matter):
        raise ValidationError({"act": f"「{rule.act.name}」不在{rule.get_matter_display()}之内。"})


def _check_step(rule: ReminderRule, step: ReminderStep) -> None:
    if set(step.audience) - set(Capacity.values):
        raise ValidationError(f"{step.words}：没有这种告知对象。")
    if rule.tells_by_turn and step.audience:
        raise ValidationError(f"{step.words}：{rule.get_matter_display()}只告知轮到办理的人，不选告知对象。")
    if not rule.tells_by_turn and not step.audience:
        raise ValidationError(f"{step.words}：请选择告知对象。")
    if step.paper and rule.matter in QUIET_MATTERS:
        raise ValidationError(f"{step.words}：{rule.get_matter_display()}不发函。")


def _keep(rule: ReminderRule, steps, periods, *, by: Person, reason: str) -> None:
    check(rule, steps, periods)
    rule.full_clean()
    save_as(rule, by=by, reason=reason)
    _replace(rule, rule.steps.all(), steps, ("step",), ("audience", "paper"), by=by, reason=reason)
    _replace(rule, rule.quiet_periods.all(), periods, ("name", "from_on"), ("until_on",), by=by, reason=reason)


def _replace(rule: ReminderRule, standing, rows, key: tuple[str, ...], values: tuple[str, ...], *, by, reason) -> None:
    """What is the same stays, what changed is saved, what is gone is deleted, each with its history."""

    def of(row) -> tuple:
        return tuple(getattr(row, name) for name in key)

    former = {of(row): row for row in standing}
    for row in rows:
        kept = former.pop(of(row), None)
        if kept is None:
            row.rule, kept = rule, row
        elif all(getattr(kept, name) == getattr(row, name) for name in values):
            continue
        for name in values:
            setattr(kept, name, getattr(row, name))
        kept.full_clean()
        save_as(kept, by=by, reason=reason)
    for row in former.values():
        row._history_user, row._change_reason = by, reason
        row.delete()


# ── 启用、停用 ────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def switch_on(rule: ReminderRule, *, by: Person, starts_on: date | None = None) -> ReminderRule:
    """启用 from a day on, today at the earliest."""
    rule, today = _locked(rule, by=by), timezone.localdate()
    if rule.is_active:
        raise ValidationError("这条规则已经启用。")
    starts_on = starts_on or today
    if not today <= starts_on <= date(today.year + 1, 12, 31):
        raise ValidationError({"starts_on": f"起始日期不早于今天，不晚于 {today.year + 1} 年底。"})
    rule.is_active, rule.starts_on = True, starts_on
    rule.full_clean()
    try:
        with transaction.atomic():
            save_as(rule, by=by, reason=f"启用，自 {starts_on} 起")
    except IntegrityError as error:
        raise ValidationError("这类事项已有启用的规则，请先停用那一条。") from error
    return rule


@transaction.atomic
def switch_off(rule: ReminderRule, *, by: Person) -> ReminderRule:
    """停用: its duties are told of no longer, or by the general rule of their matter."""
    rule = _locked(rule, by=by)
    if not rule.is_active:
        raise ValidationError("这条规则已经停用。")
    rule.is_active = False
    save_as(rule, by=by, reason="停用")
    return rule


def _locked(rule: ReminderRule, *, by: Person) -> ReminderRule:
    if not may_set(by):
        raise PermissionDenied(OFFICE_ONLY)
    return ReminderRule.objects.select_for_update().get(pk=rule.pk)


# ── 何时、到哪一步 ────────────────────────────────────────────────────────────────────────────


def next_day_of(rule: ReminderRule, periods: Sequence[QuietPeriod], on: date) -> date:
    """The first working day from ``on`` (or the rule's start) on that lies in none of its quiet periods."""
    day = max(on, rule.starts_on) if rule.is_active else on
    quiet = [(period.from_on, period.until_on) for period in periods]
    while not is_workday(day) or any(first <= day <= last for first, last in quiet):
        day += timedelta(days=1)
    return day


def step_of(matter: Matter, due_on: date, on: date) -> ReminderStep | None:
    """What is told by turn: the latest step a talk or a clue has reached under the rule of its kind; None on days off."""
    if not is_workday(on):
        return None
    left = (due_on - on).days
    rows = ReminderStep.objects.filter(rule__in=ReminderRule.objects.in_force(on).filter(matter=matter), step__gte=left)
    return rows.order_by("step").first()
