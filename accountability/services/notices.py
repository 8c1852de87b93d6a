"""通知: tell a person something, in the app at once and in the next morning's digest; letters and returns by mail at once."""

from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from guardian.models import UserObjectPermission

from accountability.models import Absence, Notice, NoticePreference, Organisation, Person
from accountability.services import deputies, outbox

# 即时: one's own return, a letter that waits for its answer, a broken chain; a flood is made of everything else.
AT_ONCE = (Notice.Kind.RETURNED, *Notice.ALWAYS_MAILED)


def notify(
    recipients: Iterable[Person], *, kind: str, title: str, body: str = "", url: str = "", duty=None
) -> list[Notice]:
    """发通知 to each recipient once. Rows first; the digest picks them up, or a delivery of their own."""
    now = timezone.now()
    people = {person.pk: person for person in recipients}
    patient = _patient(people) if kind == Notice.Kind.RETURNED else set()
    rows = [
        Notice(
            recipient=person,
            kind=kind,
            title=title[:160],
            body=body[:300],
            url=url,
            duty=duty,
            created_at=now,
            at_once=kind in AT_ONCE and person.pk not in patient,
        )
        for person in people.values()
    ]
    Notice.objects.bulk_create(rows)
    if at_once := [row for row in rows if row.at_once]:
        outbox.send_at_once([*at_once, *deputies.copy_at_once(at_once)])
    return rows


def _patient(people: Iterable[int]) -> set[int]:
    """Who wants returns with the digest or not by mail, and who is away: they are not mailed at once."""
    elsewhere = NoticePreference.objects.filter(person__in=people, kind=Notice.Kind.RETURNED).exclude(way="at_once")
    away = Absence.objects.on(timezone.localdate()).filter(person__in=people)
    return set(elsewhere.values_list("person", flat=True)) | set(away.values_list("person", flat=True))


def people_with(permission: str, organisation: Organisation) -> list[Person]:
    """Active people holding ``permission`` on exactly this organisation."""
    holders = UserObjectPermission.objects.filter(
        content_type=ContentType.objects.get_for_model(Organisation),
        object_pk=str(organisation.pk),
        permission__codename=permission,
    ).values("user")
    return list(Person.objects.filter(pk__in=holders, is_active=True))


def mark_read(notices, *, at=None) -> int:
    """标为已读. Notices carry no history: they are themselves the trace."""
    return notices.unread().update(read_at=at or timezone.now())
