"""日历订阅: a secret address per purpose, shown once, revocable; whose it is decides at each reading what it shows."""

import hashlib
import secrets
from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accountability.models import CalendarFeed, Organisation, Person
from accountability.models.history import save_as

MOST_EACH = 10
USED_EVERY = timedelta(minutes=5)  # how exactly the last reading is kept


@transaction.atomic
def open_feed(*, by: Person, label: str, organisation: Organisation | None = None) -> tuple[CalendarFeed, str]:
    """生成订阅: the row, and the code that stands in its address and nowhere else."""
    Person.objects.select_for_update().get(pk=by.pk)
    if organisation and not Organisation.objects.visible_to(by).filter(pk=organisation.pk).exists():
        raise PermissionDenied("您看不到这个单位，不能订阅它的日历。")
    if CalendarFeed.objects.filter(person=by, revoked_at=None).count() >= MOST_EACH:
        raise ValidationError(f"最多同时有 {MOST_EACH} 个订阅地址，请先停用不用的。")
    code = secrets.token_urlsafe(32)
    feed = CalendarFeed(
        person=by, organisation=organisation, label=label, code_sha256=_hash(code), created_at=timezone.now()
    )
    save_as(feed, by=by, reason="生成日历订阅")
    return feed, code


@transaction.atomic
def revoke(feed: CalendarFeed, *, by: Person) -> None:
    """停用订阅: from this moment the address answers 404."""
    feed = CalendarFeed.objects.select_for_update().get(pk=feed.pk)
    if feed.person_id != by.pk:
        raise PermissionDenied("只能停用自己的订阅。")
    if feed.revoked_at is None:
        feed.revoked_at = timezone.now()
        save_as(feed, by=by, reason="停用日历订阅")


def feed_at(code: str) -> CalendarFeed | None:
    """The feed at this address; none when it was revoked, or its person left. Notes that it was read."""
    standing = CalendarFeed.objects.filter(code_sha256=_hash(code), revoked_at=None, person__is_active=True)
    feed = standing.select_related("person", "organisation__parent").first()
    now = timezone.now()
    if feed and (feed.used_at is None or now - feed.used_at > USED_EVERY):
        CalendarFeed.objects.filter(pk=feed.pk).update(used_at=now)
    return feed


def _hash(code: str) -> str:
    """The code is random and long: a plain hash of it can be neither guessed nor looked up."""
    return hashlib.sha256(code.encode()).hexdigest()
