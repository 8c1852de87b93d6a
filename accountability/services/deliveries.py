"""投递: take a channel's turn, claim one delivery after another, send, write down what came of it.

One worker sends on a channel at a time (its turn is a lease on the row), so a killed worker repeats one delivery at
most, and a channel that is down or slow holds up none but itself. Mail cannot be exactly once: it is never lost, and
repeats only when a worker dies between sending and writing so, then under the same Message-ID (decision 5).
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accountability import access
from accountability.models import Channel, Delivery, Person
from accountability.services import group_messages, mails
from accountability.services.outbox import has_address, wake
from accountability.transport import robots
from accountability.transport.errors import Refused, Stalled, Unreachable
from accountability.transport.post_office import PostOffice

log = logging.getLogger(__name__)
RUN_SECONDS = 60  # then the next round, so that a long queue on one channel does not keep a worker for ever
# 重试: minutes until the next try, by how many were made; after the last the delivery is dead.
PAUSES = (1, 5, 15, 60, 240)
ATTEMPTS = len(PAUSES) + 1
REST = timedelta(minutes=2)  # of a channel that was down
State = Delivery.State

NOTHING_LEFT = "没有需要发出的内容"
NEVER_FINISHED = f"已尝试 {ATTEMPTS} 次仍未发出"


def lease() -> timedelta:
    return timedelta(seconds=settings.DELIVERY_LEASE_SECONDS)


# ── a round ───────────────────────────────────────────────────────────────────────────────────


def waiting_channels(now: datetime) -> list[int]:
    """Channels with something due that are not resting; each is a task of its own."""
    due = Delivery.objects.due(now).order_by().values("channel").distinct()
    rested = Q(resting_until=None) | Q(resting_until__lte=now)
    return list(Channel.objects.active().filter(rested, pk__in=due).values_list("pk", flat=True))


def deliver(channel_id: int) -> int:
    """Send what is due on this channel, if it is nobody else's turn; returns how many went out."""
    turn = Turn.take(channel_id)
    if turn is None:
        return 0
    try:
        return _round(turn)
    finally:
        turn.give_back()


def _round(turn: "Turn") -> int:
    sent, until = 0, time.monotonic() + RUN_SECONDS
    with PostOffice() as office:
        while time.monotonic() < until and turn.goes_on():
            delivery = _claim_next(turn.channel)
            if delivery is None:
                break
            try:
                went = _attempt(delivery, office)
            except (Unreachable, Stalled) as error:
                turn.rest(str(error))
                break
            if went:
                sent += 1
                turn.recover()
    return sent


class Turn:
    """轮到谁发: a lease on the channel's row, renewed with each delivery."""

    def __init__(self, channel: Channel):
        self.channel = channel

    @classmethod
    def take(cls, channel_id: int) -> "Turn | None":
        now, holder = timezone.now(), uuid4().hex
        free = Q(held_until=None) | Q(held_until__lt=now)
        won = Channel.objects.filter(free, pk=channel_id, is_active=True).update(
            holder=holder, held_until=now + lease()
        )
        return cls(Channel.objects.get(pk=channel_id)) if won else None

    @property
    def _mine(self):
        return Channel.objects.filter(pk=self.channel.pk, holder=self.channel.holder)

    def goes_on(self) -> bool:
        """Renew; a worker that slept past its lease finds another at work and stops."""
        return bool(self._mine.update(held_until=timezone.now() + lease()))

    def give_back(self) -> None:
        self._mine.update(held_until=None)

    def rest(self, why: str) -> None:
        log.warning("channel %s rests: %s", self.channel.pk, why)
        self._mine.update(resting_until=timezone.now() + REST, trouble=why[:200])

    def recover(self) -> None:
        """It works again: what was wrong with it is past."""
        if self.channel.trouble:
            self._mine.update(resting_until=None, trouble="")
            self.channel.trouble = ""


def _claim_next(channel: Channel) -> Delivery | None:
    """领取 the one that waited longest, by one conditional update."""
    while True:
        now = timezone.now()
        due = Delivery.objects.due(now).filter(channel=channel)
        pk = due.order_by("next_try_at", "pk").values_list("pk", flat=True).first()
        if pk is None:
            return None
        won = due.filter(pk=pk).update(
            state=State.SENDING, lease_until=now + lease(), attempts=F("attempts") + 1, error=""
        )
        if won:
            return Delivery.objects.for_list().get(pk=pk)


def _attempt(delivery: Delivery, office: PostOffice) -> bool:
    """Send one and write down what came of it. A refused recipient stops nobody else."""
    if delivery.attempts > ATTEMPTS:
        _write(delivery, state=State.DEAD, error=NEVER_FINISHED)
        return False
    try:
        said = _hand_over(delivery, office)
    except Unreachable as error:  # nothing was handed over: no attempt of this delivery
        _write(delivery, state=State.FAILED, error=str(error)[:300], attempts=delivery.attempts - 1,
               next_try_at=timezone.now() + REST)  # fmt: skip
        raise
    except (Refused, Stalled) as error:
        _put_off(delivery, str(error))
        if isinstance(error, Stalled):
            raise
        return False
    except Exception as error:
        log.exception("delivery %s was not sent", delivery.pk)
        _put_off(delivery, f"{type(error).__name__}: {error}")
        return False
    if said:
        _write(delivery, state=State.DROPPED, error=said)
        return False
    _write(delivery, state=State.SENT, sent_at=timezone.now())
    return True


def _hand_over(delivery: Delivery, office: PostOffice) -> str:
    """To its channel; returns why there was nothing to say, if so."""
    make: Callable = mails.mail_of if delivery.channel.is_mail else group_messages.message_of
    message = make(delivery)
    if message is None:
        return NOTHING_LEFT
    if delivery.channel.is_mail:
        office.send(message)
    else:
        robots.say(delivery.channel, message.title, message.text)
    return ""


def _put_off(delivery: Delivery, error: str) -> None:
    if delivery.attempts >= ATTEMPTS:
        _write(delivery, state=State.DEAD, error=error[:300])
    else:
        later = timezone.now() + timedelta(minutes=PAUSES[delivery.attempts - 1])
        _write(delivery, state=State.FAILED, error=error[:300], next_try_at=later)


def _write(delivery: Delivery, **fields) -> None:
    """While our claim stands: a worker that lost its lease writes nothing."""
    mine = Delivery.objects.filter(pk=delivery.pk, state=State.SENDING, lease_until=delivery.lease_until)
    mine.update(lease_until=None, **fields)


# ── what an administrator does ────────────────────────────────────────────────────────────────


@transaction.atomic
def retry(delivery: Delivery, *, by: Person) -> None:
    """重发 what was given up; its attempts begin anew."""
    _refuse_others(by)
    dead = Delivery.objects.dead().filter(pk=delivery.pk)
    if not dead.update(state=State.PENDING, attempts=0, next_try_at=timezone.now(), asked_by=by):
        raise ValidationError("这次投递已经在办理，不需要重发。")
    wake()


@transaction.atomic
def retry_all(*, by: Person) -> int:
    """全部重发."""
    _refuse_others(by)
    dead = Delivery.objects.dead()
    count = dead.update(state=State.PENDING, attempts=0, next_try_at=timezone.now(), asked_by=by)
    wake()
    return count


@transaction.atomic
def test(channel: Channel, *, by: Person) -> Delivery:
    """试发: through the worker, as every other delivery; at once, also on a channel that rests."""
    _refuse_others(by)
    if not channel.is_active:
        raise ValidationError("渠道已停用，启用后再试发。")
    if channel.is_mail and not has_address(by):
        raise ValidationError("您的账号没有电子邮箱，收不到试发的邮件。请先在管理后台填写。")
    Channel.objects.filter(pk=channel.pk).update(resting_until=None)
    delivery = Delivery.objects.create(channel=channel, asked_by=by, next_try_at=timezone.now())
    wake()
    return delivery


def _refuse_others(by: Person) -> None:
    if not access.may_operate(by):
        raise PermissionDenied("渠道和投递由系统管理员管理。")
