"""调研督查的权限: who takes part, who leads it, whose own unit a sign is about (三（四）3, decision 15)."""

from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from accountability import access
from accountability.models import Organisation, Person, Portfolio, Post, Role

NO_BUSINESS = {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, Role.INSPECTOR}
# 监督合力: the departments that see signs in their own line of supervision (三（二）3).
SUPERVISING_DEPARTMENTS = (Role.DEPARTMENT, Role.INSPECTION_OFFICE)
LEADERS = (Role.SECRETARY, Role.MEMBER)


def takes_part(user: Person) -> bool:
    """Whoever does business; 三员, inspectors and people without a post do not."""
    return bool(access.roles_of(user) - NO_BUSINESS)


def leads_research(user: Person) -> bool:
    """纪委: collects signs, plans topics, sends requirements, accepts answers."""
    return access.may_supervise(user)


def own_units(user: Person) -> set[int]:
    """Organisations he holds a post in, and the units of his branches: a sign about them is not for his eyes."""
    posts = access.posts_held(user)
    return {post.organisation_id for post in posts} | {post.organisation.parent_id or 0 for post in posts} - {0}


def in_charge_of(user: Person, on: date | None = None) -> QuerySet:
    """Ids of the units in his portfolio, in charge or in contact."""
    rows = Portfolio.objects.in_force(on or timezone.localdate()).filter(post__in=access.posts_of(user))
    return rows.values("organisation")


def units_to_note(user: Person) -> QuerySet:
    """Units he may enter a sign about: all of them for who supervises the whole, the portfolio for a leader; never his own."""
    units = Organisation.objects.active().units().exclude(pk__in=own_units(user))
    if leads_research(user) or access.may_manage_duties(user):
        return units
    if access.holds(user, Role.SECRETARY, *SUPERVISING_DEPARTMENTS):
        return units
    return units.filter(pk__in=in_charge_of(user)) if access.holds(user, Role.MEMBER) else units.none()


def visiting_posts() -> QuerySet:
    """校党委、纪委领导: the posts whose visits are recorded."""
    of_commission = Q(role=Role.DISCIPLINE, organisation__kind=Organisation.Kind.COMMISSION)
    posts = Post.objects.filter(Q(role__in=LEADERS) | of_commission, abolished_on=None)
    return posts.select_related("organisation__parent").order_by("organisation__path", "rank", "pk")


def posts_to_record_for(user: Person) -> QuerySet:
    """Leaders whose visits ``user`` may record: his own posts, and those of the committee or commission he keeps."""
    kept = access.organisations_where(user, "keep_record")
    return visiting_posts().filter(Q(pk__in=access.posts_of(user)) | Q(organisation__in=kept))
