"""拟不公开: set and lifted by who publishes, each with a reason (三（四）1)."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accountability.models import Person
from accountability.models.history import save_as
from inspections.models import Finding, Withholding
from inspections.models.rounds import manages

REASON_AT_LEAST = 4


def _check(by: Person, reason: str) -> str:
    if not manages(by):
        raise PermissionDenied("拟不公开由巡察办或纪委设置。")
    if len(reason.strip()) < REASON_AT_LEAST:
        raise ValidationError({"reason": f"请写明理由，至少 {REASON_AT_LEAST} 个字。"})
    return reason.strip()


@transaction.atomic
def withhold(
    findings: Iterable[Finding], *, by: Person, scopes: Iterable[str], parts: Iterable[str], category: str, reason: str
) -> int:
    """设为拟不公开; what is set already keeps its reason. Returns how many were set anew."""
    reason = _check(by, reason)
    scopes, parts = list(scopes), list(parts)
    if not scopes or not parts:
        raise ValidationError("请选择公开范围和不公开的内容。")
    rows = list(
        Finding.objects.select_for_update(of=("self",)).filter(pk__in=[one.pk for one in findings]).order_by("pk")
    )
    if not rows:
        raise ValidationError("请至少勾选一个问题。")
    held = set(Withholding.objects.filter(finding__in=rows).values_list("finding", "scope", "part"))
    wanted = [(row, scope, part) for row in rows for scope in scopes for part in parts]
    added = [one for one in wanted if (one[0].pk, one[1], one[2]) not in held]
    for finding, scope, part in added:
        row = Withholding(
            finding=finding, scope=scope, part=part, category=category, reason=reason, set_by=by, set_at=timezone.now()
        )
        row.full_clean()
        save_as(row, by=by, reason=f"设为拟不公开：{reason}")
    return len(added)


def carry_over(old: Finding, new: Finding, *, by: Person) -> None:
    """随问题沿用: what was withheld of a problem is withheld of its new turn, until somebody lifts it."""
    for row in old.withholdings.all():
        row.pk, row.finding, row._state.adding = None, new, True
        save_as(row, by=by, reason=f"随 {old.number} 重新立账沿用：{row.reason}")


@transaction.atomic
def lift(row: Withholding, *, by: Person, reason: str) -> None:
    """取消拟不公开; that it was withheld, and why not any more, stays in the history."""
    reason = _check(by, reason)
    row = Withholding.objects.select_for_update(of=("self",)).filter(pk=row.pk).first()
    if row is None:
        raise ValidationError("这项拟不公开刚刚已取消。")
    row._history_user, row._change_reason = by, f"取消拟不公开：{reason}"
    row.delete()
