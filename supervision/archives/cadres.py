"""干部: whose archives are kept. Who counts as one is a setting: the roles of their posts (``CADRE_ROLES``)."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from accountability.models import Person, Tenure
from supervision.archives.access import relatives_of
from supervision.models import Archive, ArchiveUpdate


def with_state(people: QuerySet, on: date, year: int) -> QuerySet:
    """Annotate ``is_cadre`` today, ``is_settled``: so long in such posts that an archive is owed, ``is_updated`` this year."""
    posts = Tenure.objects.filter(person=OuterRef("pk"), post__role__in=settings.CADRE_ROLES)
    owed_since = on - timedelta(days=settings.ARCHIVE_WITHIN_DAYS)
    return people.annotate(
        is_cadre=Exists(posts.in_office(on)),
        is_settled=Exists(posts.filter(started_on__lt=owed_since)),
        is_updated=Exists(ArchiveUpdate.objects.filter(person=OuterRef("pk"), work_year=year)),
    )


def all_cadres(on: date, year: int) -> QuerySet:
    """In office today, or with an archive."""
    rows = with_state(Person.objects.all(), on, year)
    return rows.filter(Q(is_cadre=True, is_active=True) | Q(archive__isnull=False))


def in_reach(user: Person, on: date, year: int) -> QuerySet:
    """All cadres but the reader himself and his relatives: the register as he may see it."""
    return all_cadres(on, year).exclude(pk=user.pk).exclude(pk__in=relatives_of(user))


def without_archive(cadres: QuerySet) -> QuerySet:
    return cadres.filter(is_cadre=True, archive=None)


def overdue(cadres: QuerySet) -> QuerySet:
    """未建档: longer in office than the days allowed."""
    return without_archive(cadres).filter(is_settled=True)


def not_updated(cadres: QuerySet) -> QuerySet:
    """未年度更新: in office, with an archive, not confirmed for the year."""
    return cadres.filter(is_cadre=True, archive__isnull=False, is_updated=False)


def in_order(cadres: QuerySet) -> QuerySet:
    return cadres.order_by("name", "pk")


def for_list(on: date, cadres: QuerySet | None = None) -> QuerySet:
    """With the posts held today (``held``) and the archive or none (``kept``), in a fixed number of queries."""
    held = Tenure.objects.in_office(on).select_related("post__organisation__parent").order_by("post__rank", "pk")
    kept = Prefetch("archive", Archive.objects.all(), to_attr="kept")
    people = Person.objects.all() if cadres is None else cadres
    return in_order(people.prefetch_related(Prefetch("tenures", held, to_attr="held"), kept))


def titles_of(held: Iterable[Tenure]) -> str:
    """现任职务, each said once: 纪委书记 sits in two bodies under one title."""
    return "、".join(dict.fromkeys(one.post.full_title for one in held))


def posts_in_words(person: Person, on: date) -> str:
    held = Tenure.objects.in_office(on).filter(person=person).select_related("post__organisation__parent")
    return titles_of(held.order_by("post__rank", "pk"))
