"""渠道: register the robot of a group, change or stop it; what state each channel is in."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, Max, Q

from accountability import access
from accountability.models import Channel, Delivery, Organisation, Person
from accountability.models.history import save_as
from accountability.transport import robots

State = Delivery.State


@transaction.atomic
def register(*, by: Person, kind: str, name: str, organisation: Organisation, secret_name: str) -> Channel:
    """登记机器人 of a unit's or the commission's group."""
    _refuse_others(by)
    channel = Channel(kind=kind, name=name.strip(), organisation=organisation, secret_name=secret_name)
    channel.full_clean()
    save_as(channel, by=by, reason="登记机器人")
    return channel


@transaction.atomic
def change(channel: Channel, *, by: Person, reason: str, is_active: bool) -> Channel:
    """启用、停用; what waits on a stopped channel is not sent, and not by another way."""
    _refuse_others(by)
    channel = Channel.objects.select_for_update().get(pk=channel.pk)
    if channel.is_active == is_active:
        raise ValidationError("渠道已经是这个状态。")
    channel.is_active = is_active
    save_as(channel, by=by, reason=reason)
    if not is_active and not channel.is_mail:
        channel.deliveries.unfinished().update(state=State.DROPPED, error="渠道已停用", lease_until=None)
    return channel


def _refuse_others(by: Person) -> None:
    if not access.may_operate(by):
        raise PermissionDenied("渠道由系统管理员管理。")


# ── the state of each ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Standing:
    """渠道状态: configured or not, when it last worked, what was wrong last, how much waits."""

    channel: Channel
    waiting: int
    dead: int
    worked_at: object
    last_error: Delivery | None
    test: Delivery | None

    @property
    def variable(self) -> str:
        return "EMAIL_URL" if self.channel.is_mail else robots.address_variable(self.channel)

    @property
    def is_configured(self) -> bool:
        return self.channel.is_mail or robots.is_configured(self.channel)

    @property
    def light(self) -> str:
        if not self.channel.is_active:
            return "idle"
        if self.channel.trouble or not self.is_configured:
            return "late"
        return "done" if self.worked_at else "idle"

    @property
    def words(self) -> str:
        if not self.channel.is_active:
            return "已停用"
        if not self.is_configured:
            return "未设置密钥"
        if self.channel.trouble:
            return "不通"
        return "正常" if self.worked_at else "还没有发过"


def standings() -> list[Standing]:
    """Mail first, then the robots; four queries whatever their number."""
    counted = Channel.objects.select_related("organisation__parent").annotate(
        waiting=Count("deliveries", filter=Q(deliveries__state__in=Delivery.UNFINISHED)),
        dead=Count("deliveries", filter=Q(deliveries__state=State.DEAD)),
        worked_at=Max("deliveries__sent_at"),
        failure=Max(
            "deliveries", filter=~Q(deliveries__error="") & Q(deliveries__state__in=(State.FAILED, State.DEAD))
        ),
        tested=Max("deliveries", filter=Q(deliveries__digest=None, deliveries__notice=None)),
    )
    rows = list(counted.order_by("pk"))
    told = Delivery.objects.for_list().in_bulk([pk for row in rows for pk in (row.failure, row.tested) if pk])
    return [
        Standing(row, row.waiting, row.dead, row.worked_at, told.get(row.failure), told.get(row.tested)) for row in rows
    ]
