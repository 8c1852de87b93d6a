"""待发: the rows of what is to leave the house, written with what they are about; sending is ``services.deliveries``."""

import logging
from collections.abc import Iterable
from datetime import datetime

from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from accountability.models import Channel, Delivery, Digest, Notice, Organisation, Person

log = logging.getLogger(__name__)
DELIVER = "accountability.tasks.deliver_due"  # by name: the task imports the services
NO_ADDRESS = "无邮箱，仅站内"


def has_address(person: Person | None) -> bool:
    return bool(person and person.email and person.is_active)


def open_deliveries(rows: Iterable[Digest | Notice], channel: Channel, now: datetime) -> None:
    """待发: a delivery for each digest or notice on ``channel``, once; who has no address is told in the app alone."""
    Delivery.objects.bulk_create((_delivery(row, channel, now) for row in rows), ignore_conflicts=True, batch_size=500)


def _delivery(row: Digest | Notice, channel: Channel, now: datetime) -> Delivery:
    subject = {"digest": row} if isinstance(row, Digest) else {"notice": row}
    delivery = Delivery(channel=channel, next_try_at=now, created_at=now, **subject)
    if channel.is_mail and not has_address(row.recipient):
        delivery.state, delivery.error = Delivery.State.DROPPED, NO_ADDRESS
    return delivery


def send_at_once(notices: Iterable[Notice]) -> None:
    """立即发送 by mail, each on its own."""
    open_deliveries(notices, Channel.objects.mail(), timezone.now())
    wake()


def tell_groups(organisation: Organisation, notice: Notice) -> None:
    """即时群消息: the unit's groups hear that something came, with a link; what it says they do not."""
    now = timezone.now()
    for robot in Channel.objects.robots().active().filter(organisation=organisation):
        open_deliveries([notice], robot, now)


def wake() -> None:
    """Tell a worker that something waits, once the rows stand. A lost message is no loss: beat looks again."""
    transaction.on_commit(_send_word)


def _send_word() -> None:
    try:
        current_app.send_task(DELIVER)
    except (OSError, OperationalError) as error:  # the file broker's, Redis'
        log.warning("deliveries wait: the broker cannot be reached (%s)", error)
