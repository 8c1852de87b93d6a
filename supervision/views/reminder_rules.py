"""提醒规则: the list, one rule with what it would send, the form with its dry run, on and off (一（二）, 四（三）)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability import access
from accountability.forms import add_refusal
from accountability.models import QuietPeriod, ReminderRule, ReminderStep
from accountability.timeline import Change, history_of_rows
from supervision.reminders.forms import Desk
from supervision.rooms import room
from supervision.services import reminder_rules as verbs
from supervision.services.reminders import forecast_of, lines_of

room(
    115, "提醒规则", "reminder_rules", "到期前后何时提醒谁、何时发函、何时静默", icon="bell", may=access.may_see_drafts
)


def _readers_only(request) -> None:
    if not access.may_see_drafts(request.user):
        raise PermissionDenied("提醒规则由党委办公室设定，纪委和党委书记可以查看。")


def _office_only(request) -> None:
    if not verbs.may_set(request.user):
        raise PermissionDenied(verbs.OFFICE_ONLY)


@require_safe
def rule_list(request):
    _readers_only(request)
    today = timezone.localdate()
    rows = (
        ReminderRule.objects.visible_to(request.user).select_related("act").prefetch_related("steps", "quiet_periods")
    )
    in_force = set(ReminderRule.objects.in_force(today).values_list("pk", flat=True))
    context = {
        "rules": [{"rule": row, "is_in_force": row.pk in in_force} for row in rows],
        "may_set": verbs.may_set(request.user),
        "today": today,
    }
    return render(request, "supervision/reminders/rule_list_page.html", context)


def _through_the_door(request, pk: int) -> ReminderRule:
    return get_object_or_404(ReminderRule.objects.visible_to(request.user).select_related("act"), pk=pk)


@require_safe
def rule(request, pk: int):
    return _page(request, _through_the_door(request, pk))


def _page(request, row: ReminderRule, *, refusals=(), status: int = 200):
    steps, periods, today = list(row.steps.all()), list(row.quiet_periods.all()), timezone.localdate()
    context = {
        "rule": row,
        "steps": steps,
        "periods": periods,
        "is_in_force": ReminderRule.objects.in_force(today).filter(pk=row.pk).exists(),
        "forecast": (forecast := _forecast(row, steps, periods)),
        "switch_words": _switch_words(forecast),
        "may_set": verbs.may_set(request.user),
        "changes": _changes(row),
        "refusals": list(refusals),
        "today": today,
    }
    return render(request, "supervision/reminders/rule_page.html", context, status=status)


def _forecast(row: ReminderRule, steps, periods) -> dict | None:
    """预演 for the next day on which the rule could write; of what is confidential there is none."""
    if row.is_quiet_matter:
        return None
    on = verbs.next_day_of(row, periods, timezone.localdate())
    told = forecast_of(row, steps, on)
    return {"on": on, "notices": told.notices, "people": told.people, "lines": lines_of(told)}


def _switch_words(forecast: dict | None) -> str:
    if forecast is None:
        return "自今天起生效，只告知当事人。"
    return f"自今天起生效，{forecast['on']} 将发出 {forecast['notices']} 条通知，涉及 {forecast['people']} 人。"


def _changes(row: ReminderRule) -> list[Change]:
    """办理历史 of the rule, its steps and its quiet periods, newest first."""
    changes = [
        *history_of_rows(ReminderRule.history.filter(id=row.pk), _rule_change),
        *history_of_rows(ReminderStep.history.filter(rule=row.pk), _step_change),
        *history_of_rows(QuietPeriod.history.filter(rule=row.pk), _period_change),
    ]
    return sorted(changes, key=lambda change: change.at, reverse=True)


def _rule_change(before, now) -> str:
    if before is not None and before.name != now.name:
        return f"{before.name} → {now.name}"
    return f"{'启用' if now.is_active else '未启用'}，起始 {now.starts_on}"


def _step_change(before, now) -> str:
    step = ReminderStep(step=now.step, audience=now.audience, paper=now.paper)
    if now.history_type == "-":
        return f"删去{step.words}"
    told = "、".join(step.told)
    return step.words + (f"：{told}" if told else "") + (f"，{step.get_paper_display()}" if step.paper else "")


def _period_change(before, now) -> str:
    return f"{'删去' if now.history_type == '-' else ''}静默期 {now.name} {now.from_on} 至 {now.until_on}"


# ── 设定 ─────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
def rule_new(request):
    _office_only(request)
    return _desk(request, ReminderRule(starts_on=timezone.localdate()))


@require_http_methods(["GET", "HEAD", "POST"])
def rule_edit(request, pk: int):
    row = _through_the_door(request, pk)
    _office_only(request)
    return _desk(request, row)


def _desk(request, row: ReminderRule):
    """First the dry run of what was typed, then, asked for again with it in view, the rule is kept."""
    desk, forecast, is_looked_at = Desk(row, request.POST or None), None, False
    if request.method == "POST" and desk.is_valid():
        typed, steps, periods = desk.typed()
        try:
            verbs.check(typed, steps, periods)
            if "save" in request.POST:
                kept = verbs.keep(typed, by=request.user, steps=steps, periods=periods)
                messages.success(request, "已保存。" if kept.is_active else "已保存，尚未启用；核对预演后启用。")
                return redirect("reminder_rule", pk=kept.pk)
            forecast, is_looked_at = _forecast(typed, steps, periods), True
        except ValidationError as error:
            add_refusal(desk.form, error)
    bad = request.method == "POST" and not is_looked_at
    context = {
        "rule": row,
        "desk": desk,
        "forecast": forecast,
        "is_looked_at": is_looked_at,
        "today": timezone.localdate(),
    }
    return render(request, "supervision/reminders/rule_form_page.html", context, status=400 if bad else 200)


@require_POST
def rule_switch(request, pk: int):
    """启用、停用."""
    row = _through_the_door(request, pk)
    try:
        if request.POST.get("act") == "off":
            done = verbs.switch_off(row, by=request.user)
        else:
            done = verbs.switch_on(row, by=request.user)
    except ValidationError as error:
        return _page(request, row, refusals=error.messages, status=400)
    messages.success(request, f"「{done.name}」已{'启用' if done.is_active else '停用'}。")
    return redirect("reminder_rule", pk=row.pk)
