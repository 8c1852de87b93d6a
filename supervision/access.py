"""监督工作的权限: who is admitted to a confidential kind; asked by every ``visible_to`` of this app (二（二）)."""

from django.db.models import Exists, Q
from django.utils import timezone

from accountability import access, statements
from accountability.models import Person, Role
from supervision.models.admissions import Admission


def admitted(user: Person, secret: str) -> bool:
    """知悉: named for this kind, in force today, and still of the commission. Read once per request's user object."""
    if not user.is_authenticated or not access.may_supervise(user):
        return False
    return secret in secrets_of(user)


def secrets_of(user: Person) -> frozenset[str]:
    """All kinds he is admitted to; also for a key (``statements``)."""
    if not hasattr(user, "_admitted_to"):
        rows = statements.rows(
            ("admissions", user.pk, timezone.localdate()),
            lambda: Admission.objects.in_force().filter(person=user.pk).order_by().values_list("secret"),
        )
        user._admitted_to = frozenset(secret for (secret,) in rows)
    return user._admitted_to


def named_for(user: Person, secret: str) -> Q:
    """知悉 as a condition within a query, for scopes that are read where nothing else asks ``admitted``."""
    if not user.is_authenticated or not access.may_supervise(user):
        return Q(pk__in=[])
    return Q(Exists(Admission.objects.in_force().filter(person=user.pk, secret=secret)))


def may_admit(user: Person) -> bool:
    """授权: the secretary, or one of the commission for another of the commission."""
    return access.may_supervise(user) or access.holds(user, Role.SECRETARY)
