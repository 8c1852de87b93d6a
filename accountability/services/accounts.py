"""账号: suspended when nobody needs it any more, in use again with a post or by decision (GB/T 22239-2019 8.1.4.2 c).

Accounts are suspended, never deleted: the history keeps its names. Who never held a post is left alone, and so is who
still has a hand-over sheet to sign.
"""

from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accountability.models import HandOver, LoginSession, Notice, Person, Role, Suspension, Tenure
from accountability.models.history import save_as
from accountability.services import audit, sessions
from accountability.services.notices import notify

CREATED = audit.register("account_created", "建立账号")
SUSPENDED = audit.register("account_suspended", "停用账号")
REINSTATED = audit.register("account_reinstated", "恢复启用账号")
WARNED_BEFORE = timedelta(days=14)
REASONS = {
    Suspension.NO_POST: "任职已全部结束，账号自动停用",
    Suspension.UNUSED: "长期未使用，账号自动停用",
    Suspension.EXPIRED: "账号有效期已过，自动停用",
}


# ── one account ───────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def suspend(person: Person, *, why: str, by: Person, reason: str) -> bool:
    """停用: out with the next request. False when somebody else was quicker."""
    person = Person.objects.select_for_update().get(pk=person.pk)
    if not person.is_active:
        return False
    if is_last_system_administrator(person, timezone.localdate()):
        raise ValidationError(f"{person.name}是唯一可用的系统管理员，不能停用；请先任命另一名系统管理员。")
    person.is_active, person.suspended_for, person.suspended_at = False, why, timezone.now()
    save_as(person, by=by, reason=reason)
    sessions.end_all(person, why=LoginSession.End.SUSPENDED)
    audit.record(SUSPENDED, by=by, row=person, reason=Suspension(why).label)
    return True


@transaction.atomic
def reinstate(person: Person, *, by: Person, reason: str) -> bool:
    """恢复启用. An unused account starts its time anew."""
    person = Person.objects.select_for_update().get(pk=person.pk)
    if person.is_active:
        return False
    was = person.get_suspended_for_display()
    person.is_active, person.suspended_for, person.suspended_at = True, "", None
    person.reinstated_at = timezone.now()
    save_as(person, by=by, reason=reason)
    audit.record(REINSTATED, by=by, row=person, was_suspended_for=was)
    return True


def decide(person: Person, *, is_active: bool, by: Person, reason: str) -> bool:
    """由系统管理员停用或恢复, whatever it was suspended for."""
    if is_active:
        return reinstate(person, by=by, reason=reason)
    return suspend(person, why=Suspension.BY_HAND, by=by, reason=reason)


def was_created(person: Person, *, by: Person) -> None:
    """已建立 by the system administrator."""
    audit.record(CREATED, by=by, row=person)


def has_post(person: Person, on: date) -> bool:
    return Person.objects.filter(_has_post(on), pk=person.pk).exists()


def is_last_system_administrator(person: Person, on: date) -> bool:
    """Nobody would be left to undo it."""
    held = Tenure.objects.in_office(on).filter(post__role=Role.SYSTEM_ADMIN, person__is_active=True)
    holders = set(held.values_list("person", flat=True))
    return holders == {person.pk}


# ── the night's look ──────────────────────────────────────────────────────────────────────────


def review(today: date) -> int:
    """每夜核查: expired, without a post, unused; who will be is warned. Returns how many were suspended; a second look finds nothing new."""
    reinstate_needed(today)
    warn(today)
    system = Person.objects.system()
    count = 0
    for why, people in (
        (Suspension.EXPIRED, expired(today)),
        (Suspension.NO_POST, without_post(today)),
        (Suspension.UNUSED, unused(today)),
    ):
        for person in people:
            if not is_last_system_administrator(person, today):
                count += suspend(person, why=why, by=system, reason=REASONS[why])
    return count


def warn(today: date) -> int:
    """提前告知: what will be suspended within two weeks, and how to keep it; once for each day of suspension."""
    count = 0
    for person, on, remedy in [*_soon_expired(today), *_soon_unused(today)]:
        title = f"您的账号将于{on.year}年{on.month}月{on.day}日停用"
        if not Notice.objects.filter(recipient=person, kind=Notice.Kind.ACCOUNT, title=title).exists():
            count += len(notify([person], kind=Notice.Kind.ACCOUNT, title=title, body=remedy, url="/"))
    return count


def _soon_expired(today: date) -> list[tuple[Person, date, str]]:
    remedy = "账号有效期将满。仍需使用的，请联系系统管理员延期。"
    rows = _accounts().filter(expires_on__range=(today, today + WARNED_BEFORE))
    return [(person, person.expires_on + timedelta(days=1), remedy) for person in rows]


def _soon_unused(today: date) -> list[tuple[Person, date, str]]:
    """The same people the night in two weeks would find; none of them is found today."""
    days = settings.ACCOUNT_UNUSED_DAYS
    remedy = f"账号已较长时间没有登录，满 {days} 天自动停用。仍需使用的，在此之前登录一次即可。"
    rows = unused(today + WARNED_BEFORE).exclude(pk__in=unused(today).values("pk"))
    return [(person, _last_sign_of(person) + timedelta(days=days + 1), remedy) for person in rows]


def _last_sign_of(person: Person) -> date:
    moments = [person.last_login or person.joined_at, person.reinstated_at]
    return max(timezone.localdate(moment) for moment in moments if moment)


def reinstate_needed(today: date) -> int:
    """恢复任职者: whose account was suspended for want of a post, and who has one again or has a sheet to sign."""
    needed = _has_post(today) | _has_to_sign()
    people = list(Person.objects.filter(needed, is_active=False, suspended_for=Suspension.NO_POST))
    reason = "重新任职或有待签的交接清单，账号恢复启用"
    return sum(reinstate(person, by=Person.objects.system(), reason=reason) for person in people)


def _accounts() -> QuerySet[Person]:
    return Person.objects.filter(is_active=True, is_superuser=False)


def expired(today: date) -> QuerySet[Person]:
    """到期: its last day is over."""
    return _accounts().filter(expires_on__lt=today)


def without_post(today: date) -> QuerySet[Person]:
    """离岗: held a post, holds none, and none is to come."""
    had_one = Exists(Tenure.objects.filter(person=OuterRef("pk")))
    return _accounts().filter(had_one, ~_has_post(today), ~_has_to_sign(), keeps_without_post=False)


def unused(today: date) -> QuerySet[Person]:
    """长期未使用: nobody signed in for so long. Who has no password and never came by another door has nothing to misuse."""
    if not settings.ACCOUNT_UNUSED_DAYS:
        return Person.objects.none()
    since = timezone.make_aware(datetime.combine(today - timedelta(days=settings.ACCOUNT_UNUSED_DAYS), time.min))
    long_ago = Q(last_login__lt=since) | Q(last_login=None, joined_at__lt=since)
    can_come = Q(last_login__isnull=False) | ~(Q(password="") | Q(password__startswith=UNUSABLE_PASSWORD_PREFIX))
    not_lately_reinstated = Q(reinstated_at=None) | Q(reinstated_at__lt=since)
    return _accounts().filter(long_ago, can_come, not_lately_reinstated)


def _has_post(today: date) -> Exists:
    return Exists(Tenure.objects.filter(Q(ended_on=None) | Q(ended_on__gte=today), person=OuterRef("pk")))


def _has_to_sign() -> Exists:
    return Exists(HandOver.objects.filter(closed_at=None, giver=OuterRef("pk"), giver_signed_at=None))
