"""每日摘要: one per person and working morning, with all he has not been told by mail yet; the same for groups of robots.

Rows first: a digest and its delivery stand in one transaction, under a lock, so two beats open each once. What could
not be sent on earlier days joins today's: after days of silence comes one mail, not many. Nothing on days off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accountability.models import Absence, Channel, Delivery, Digest, Duty, Notice, NoticePreference, Person
from accountability.services import deputies
from accountability.services.outbox import open_deliveries
from accountability.services.workdays import is_workday

PEOPLE_AT_ONCE = 500
ROWS_PER_GROUP = 20  # the rest is one click away
CARRIED_OVER = "当日未发出，并入之后的摘要"
State = Delivery.State


def open_digests(on: date, now: datetime) -> int:
    """生成摘要: on a working day from ``DIGEST_HOUR`` on, for everybody with something to hear; returns how many are new."""
    if timezone.localtime(now).hour < settings.DIGEST_HOUR or not is_workday(on):
        return 0
    deputies.copy_notices(on)
    made = 0
    while batch := list(_to_be_told(on)[:PEOPLE_AT_ONCE]):
        made += _open(batch, on, now)
    return made + _open_for_groups(on, now)


def _to_be_told(on: date) -> QuerySet:
    """People with something waiting, or left over from a morning it did not go out, and no digest yet today."""
    away = Absence.objects.on(on).values("person")
    waiting = Notice.objects.waiting()
    urgent = waiting.owed_by_mail(on).filter(recipient__in=away)
    told = Digest.objects.filter(day=on, recipient__isnull=False).values("recipient")
    heard = Q(pk__in=waiting.exclude(recipient__in=away).values("recipient")) | Q(pk__in=urgent.values("recipient"))
    left = Q(pk__in=_left_over(on).values("digest__recipient"))
    return Person.objects.filter(heard | left).exclude(pk__in=told).order_by("pk").values_list("pk", flat=True)


def _left_over(on: date) -> QuerySet:
    """Deliveries of earlier digests that reached nobody, with notices still hanging on them."""
    gone = Q(state=State.SENDING, lease_until__lt=timezone.now())
    unsent = Q(state__in=(State.PENDING, State.FAILED, State.DEAD)) | gone
    return Delivery.objects.filter(unsent, channel__kind=Channel.Kind.MAIL, digest__day__lt=on)


@transaction.atomic
def _open(people: Sequence[int], on: date, now: datetime) -> int:
    """Digest, notices and delivery of some people, in one transaction under the lock of the mail channel."""
    mail = Channel.objects.select_for_update().get(pk=Channel.objects.mail().pk)
    told = Digest.objects.filter(day=on, recipient__in=people).values_list("recipient", flat=True)
    new = sorted(set(people) - set(told))
    Digest.objects.bulk_create(Digest(recipient_id=person, day=on) for person in new)
    _carry_over(new, on)
    todays = Digest.objects.filter(day=on, recipient=OuterRef("recipient")).values("pk")[:1]
    away = Absence.objects.on(on).filter(person__in=new).values("person")
    waiting = Notice.objects.waiting().filter(recipient__in=new)
    waiting.exclude(recipient__in=away).update(digest=Subquery(todays))
    waiting.owed_by_mail(on).update(digest=Subquery(todays))
    digests = Digest.objects.filter(day=on, recipient__in=new).select_related("recipient").order_by("pk")
    open_deliveries(list(digests), mail, now)
    return len(new)


def _carry_over(people: Sequence[int], on: date) -> None:
    """并入: first take the old deliveries out of the senders' reach, then their notices."""
    old = _left_over(on).filter(digest__recipient__in=people)
    digests = list(old.values_list("digest", flat=True))
    old.update(state=State.DROPPED, error=CARRIED_OVER, lease_until=None)
    dropped = Delivery.objects.filter(digest__in=digests, state=State.DROPPED).values("digest")
    Notice.objects.filter(digest__in=dropped).update(digest=None)


@transaction.atomic
def _open_for_groups(on: date, now: datetime) -> int:
    """群摘要: counts and a link for each active robot; what is left to say is counted when it is sent."""
    robots = Channel.objects.robots().active().exclude(digests__day=on)
    made = 0
    for robot in robots.select_for_update(of=("self",)):
        digest, is_new = Digest.objects.get_or_create(robot=robot, day=on)
        if is_new:
            open_deliveries([digest], robot, now)
            made += 1
    return made


# ── what is in it ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Line:
    """One line of the mail: the notice, and why its reader gets it."""

    notice: Notice
    why: str
    title: str


@dataclass(frozen=True)
class Group:
    """One heading of the mail with its first lines."""

    title: str
    tone: str
    lines: list[Line]

    @property
    def shown(self) -> list[Line]:
        return self.lines[:ROWS_PER_GROUP]

    @property
    def left_out(self) -> int:
        return len(self.lines) - len(self.shown)


def shown_in(notice: Notice, on: date | None = None) -> Line:
    """A reminder says how it stands on the day of the digest: it may have waited over days off."""
    title = notice.title
    if notice.kind == Notice.Kind.REMINDER and on is not None:
        title = f"{_how_long((notice.due_on - on).days)}：{notice.duty.title}"
    return Line(notice, notice.why, title)


def _how_long(days: int) -> str:
    if days < 0:
        return f"已逾期 {-days} 天"
    return f"剩 {days} 天" if days else "今日到期"


def groups_of(digest: Digest) -> list[Group]:
    """已逾期、将到期、其他、代理; what has been done or moved since is left out, and a duty is named once."""
    unwanted = set(
        NoticePreference.objects.filter(person=digest.recipient, way=NoticePreference.Way.IN_APP).values_list(
            "kind", flat=True
        )
    )
    reminders: dict[int, Notice] = {}
    others, for_others = [], []
    rows = digest.notices.select_related("duty", "copy_of__recipient").order_by("created_at", "pk")
    for notice in rows:
        if notice.kind in unwanted and not _cannot_be_refused(notice, digest.day):
            continue
        if notice.kind == Notice.Kind.REMINDER and not _still_stands(notice):
            continue
        if notice.copy_of_id:
            for_others.append(notice)
        elif notice.kind == Notice.Kind.REMINDER:
            reminders[notice.duty_id] = notice
        else:
            others.append(notice)
    by_day = sorted(reminders.values(), key=lambda notice: (notice.due_on, notice.pk))
    late = [notice for notice in by_day if notice.due_on < digest.day]
    soon = [notice for notice in by_day if notice.due_on >= digest.day]
    headings = (
        ("已逾期", "late", late),
        ("将到期", "soon", soon),
        ("其他", "idle", others),
        ("代理", "idle", for_others),
    )
    return [Group(title, tone, [shown_in(row, digest.day) for row in rows]) for title, tone, rows in headings if rows]


def _cannot_be_refused(notice: Notice, on: date) -> bool:
    """The rows of ``owed_by_mail``, asked of one already read."""
    return notice.kind == Notice.Kind.REMINDER and notice.due_on < on


def _still_stands(notice: Notice) -> bool:
    return notice.duty.state == Duty.State.OPEN and notice.duty.due_on == notice.due_on
