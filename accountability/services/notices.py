"""通知: tell a person something, in the app at once and in the next morning's digest."""

from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from guardian.models import UserObjectPermission

from accountability.models import Notice, Organisation, Person


def notify(recipients: Iterable[Person], *, kind: str, title: str, body: str = "", url: str = "", duty=None) -> None:
    """发通知 to each recipient once. Rows first; the digest picks them up."""
    now = timezone.now()
    Notice.objects.bulk_create(
        Notice(recipient=person, kind=kind, title=title[:160], body=body[:300], url=url, duty=duty, created_at=now)
        for person in {person.pk: person for person in recipients}.values()
    )


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
