"""廉政档案与廉洁意见的权限: who keeps, who may ask, who decides, and who must keep apart (二（二）).

Nobody touches his own archive or a declared relative's, in whatever capacity: every scope and every verb asks here.
"""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from accountability import access
from accountability.models import Organisation, Person, Role, Tenure
from accountability.services.notices import people_with
from supervision.access import admitted
from supervision.models.admissions import Admission, Secret
from supervision.models.openings import Kinship

KEEPERS = "廉政档案由获得知悉授权的纪委同志管理；授权由党委书记或纪委在「知悉授权」中办理。"
APART = "您与这份档案的干部是同一人或有回避关系，应当回避，请由其他同志办理。"


def is_keeper(user: Person) -> bool:
    """管档人: admitted to 廉政档案."""
    return admitted(user, Secret.ARCHIVE)


def relatives_of(user: Person) -> QuerySet:
    """Ids of those declared related to ``user``, for use within a query."""
    standing = Kinship.objects.standing()
    one = standing.filter(person=user.pk).order_by().values("relative")
    other = standing.filter(relative=user.pk).order_by().values("person")
    return Person.objects.filter(Q(pk__in=one) | Q(pk__in=other)).order_by().values("pk")


def keeps_apart(user: Person, people: Iterable[int]) -> bool:
    """回避: he is one of them, or related to one."""
    ids = set(people)
    return user.pk in ids or relatives_of(user).filter(pk__in=ids).exists()


def may_ask_to_open(user: Person) -> bool:
    """可申请查阅: holders of posts whose roles the setting names; the admitted need not ask."""
    return bool(access.roles_of(user) & set(settings.ARCHIVE_ASKER_ROLES)) and not is_keeper(user)


def decides_requests(user: Person) -> bool:
    """批准查阅: the secretary, or one who is admitted."""
    return is_keeper(user) or access.holds(user, Role.SECRETARY)


def finds_archives(user: Person) -> bool:
    return is_keeper(user) or decides_requests(user) or may_ask_to_open(user)


def asking_units(user: Person) -> list[int]:
    """征求单位: organisations for which ``user`` may ask for opinions: 组织部 by its department posts, the office."""
    named = Organisation.objects.filter(
        Q(name__in=settings.OPINION_UNITS) | Q(former_names__name__in=settings.OPINION_UNITS)
    )
    departments = [post.organisation_id for post in access.posts_held(user) if post.role == Role.DEPARTMENT]
    offices = [post.organisation_id for post in access.posts_held(user) if post.role == Role.OFFICE]
    if not departments:
        return offices
    return [*offices, *named.filter(pk__in=departments).values_list("pk", flat=True)]


def heads_commission(user: Person) -> bool:
    """纪委书记: a post of the commission itself, not of its office."""
    held = access.posts_held(user)
    return any(post.role == Role.DISCIPLINE and post.organisation.kind == Organisation.Kind.COMMISSION for post in held)


def approves_opinions(user: Person) -> bool:
    """审核廉洁意见 without being admitted: 党委书记, 纪委书记."""
    return access.holds(user, Role.SECRETARY) or heads_commission(user)


def finds_opinions(user: Person) -> bool:
    return is_keeper(user) or approves_opinions(user) or bool(asking_units(user))


def keepers(but: Iterable[int] = ()) -> list[Person]:
    """Who is to be told: the admitted who need not keep apart from any of these people."""
    named = set(Admission.objects.in_force().filter(secret=Secret.ARCHIVE).values_list("person", flat=True))
    school = Organisation.objects.get(kind=Organisation.Kind.SCHOOL)
    ids = set(but)
    return [one for one in people_with("supervise", school) if one.pk in named and not keeps_apart(one, ids)]


def approvers(but: Iterable[int] = ()) -> list[Person]:
    """党委书记、纪委书记 who need not keep apart."""
    held = Tenure.objects.in_office(timezone.localdate()).filter(
        Q(post__role=Role.SECRETARY)
        | Q(post__role=Role.DISCIPLINE, post__organisation__kind=Organisation.Kind.COMMISSION)
    )
    ids = set(but)
    people = Person.objects.filter(is_active=True, pk__in=held.values("person"))
    return [one for one in people if not keeps_apart(one, ids)]
