"""知悉授权: name somebody, end it; who did it and why stays (二（二）)."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accountability import access
from accountability.models import Person
from accountability.models.history import save_as
from supervision.access import may_admit
from supervision.models import Admission

REASON_AT_LEAST = 4


def candidates():
    """可授权的人员: who holds a post of the commission today."""
    from accountability.models import Role, Tenure

    held = Tenure.objects.in_office(timezone.localdate()).filter(post__role=Role.DISCIPLINE)
    return Person.objects.filter(is_active=True, pk__in=held.values("person")).order_by("name", "pk")


def _check(by: Person, reason: str) -> str:
    if not may_admit(by):
        raise PermissionDenied("知悉授权由党委书记或纪委办理。")
    if len(reason.strip()) < REASON_AT_LEAST:
        raise ValidationError({"reason": f"请写明理由，至少 {REASON_AT_LEAST} 个字。"})
    return reason.strip()


@transaction.atomic
def admit(*, by: Person, person: Person, secret: str, reason: str, until_on: date | None = None) -> Admission:
    """授权: never oneself, only people of the commission."""
    reason = _check(by, reason)
    if person == by:
        raise ValidationError({"person": "不能给自己授权，请由党委书记或纪委其他同志办理。"})
    if not access.may_supervise(person):
        raise ValidationError({"person": f"{person.name}不在纪委任职，不能授权。"})
    if Admission.objects.in_force().filter(person=person, secret=secret).exists():
        raise ValidationError({"person": f"{person.name}已有这一类的授权。"})
    row = Admission(
        person=person,
        secret=secret,
        from_on=timezone.localdate(),
        until_on=until_on,
        reason=reason,
        named_by=by,
        named_at=timezone.now(),
    )
    row.full_clean()
    save_as(row, by=by, reason=f"授权：{reason}")
    return row


@transaction.atomic
def end(row: Admission, *, by: Person, reason: str) -> Admission:
    """终止 from today on: the day before is the last."""
    reason = _check(by, reason)
    row = Admission.objects.select_for_update(of=("self",)).get(pk=row.pk)
    today = timezone.localdate()
    if row.until_on and row.until_on < today:
        raise ValidationError("这项授权已经终止。")
    if row.from_on >= today:  # named today: the row never took effect beyond today
        row.from_on = today - timezone.timedelta(days=1)
    row.until_on = today - timezone.timedelta(days=1)
    save_as(row, by=by, reason=f"终止授权：{reason}")
    return row
