"""演示通知: what the past told has been mailed, but for one mailbox that refuses; somebody is away; a group has a robot."""

from datetime import date, timedelta

from django.db.models import F

from accountability.models import Channel, Delivery, Digest, Notice, Organisation, Person
from accountability.models.history import save_as
from accountability.services import deputies, feeds
from accountability.services.workdays import is_workday
from supervision.demo.clock import moment, standing_at

State = Delivery.State
REFUSED = "邮件服务器拒绝收件人：550 mailbox unavailable"


def lay(on: date) -> None:
    """Up to and including ``on``: nothing of the past is mailed again by the first worker that starts."""
    while not is_workday(on):
        on -= timedelta(days=1)
    _as_mailed(on)
    _robot(on)
    with standing_at(moment(on, 16)):
        person, deputy = (Person.objects.get(username=name) for name in ("liaison", "unit_secretary"))
        deputies.pause(by=person, from_on=on, until_on=on + timedelta(days=4), reason="参加省委党校培训", deputy=deputy)
        feeds.open_feed(by=Person.objects.get(username="office"), label="办公电脑")


def _as_mailed(on: date) -> None:
    mail, at = Channel.objects.mail(), moment(on, 8)
    Delivery.objects.filter(notice__isnull=False, state=State.PENDING).update(
        state=State.SENT, attempts=1, sent_at=F("created_at")
    )
    people = sorted(set(Notice.objects.waiting().values_list("recipient", flat=True)))
    Digest.objects.bulk_create(Digest(recipient_id=person, day=on) for person in people)
    for digest in Digest.objects.filter(day=on):
        Notice.objects.waiting().filter(recipient=digest.recipient_id).update(digest=digest)
    Delivery.objects.bulk_create(
        Delivery(channel=mail, digest=digest, state=State.SENT, attempts=1, next_try_at=at, created_at=at, sent_at=at)
        for digest in Digest.objects.filter(day=on)
    )
    refused = Delivery.objects.filter(digest__recipient__username="department").values("pk")[:1]
    Delivery.objects.filter(pk__in=list(refused.values_list("pk", flat=True))).update(
        state=State.DEAD, attempts=6, sent_at=None, error=REFUSED
    )


def _robot(on: date) -> None:
    """Registered, its secret not set: the page says what is missing."""
    with standing_at(moment(on, 10)):
        unit = Organisation.objects.get(name="会计学院", kind=Organisation.Kind.COLLEGE)
        robot = Channel(kind=Channel.Kind.WECOM, name="会计学院工作群", organisation=unit, secret_name="ACCOUNTING")  # noqa: S106
        save_as(robot, by=Person.objects.get(username="sysadmin"), reason="登记机器人")
