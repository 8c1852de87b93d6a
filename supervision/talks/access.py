"""谈话的权限: who may arrange a talk with whom, and who may be asked to hold it (二（三）, 二（四）, 三（三）3)."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from accountability import access
from accountability.models import Organisation, Person, Portfolio, Role, Tenure
from supervision.access import admitted
from supervision.models import Secret, Talk

# Those who do no business of the party organisations are not talked to in these posts.
NO_BUSINESS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, Role.INSPECTOR)
LEADERS = (Role.SECRETARY, Role.MEMBER)
ARRANGES = "谈话由党委书记、纪委、分管联系该单位的校领导或者本单位党组织书记安排。"


def _leads_commission(person: Person) -> bool:
    return any(
        post.is_leader and post.organisation.kind == Organisation.Kind.COMMISSION for post in access.posts_held(person)
    )


def reaches_all(person: Person) -> bool:
    """党委书记, the leaders of the commission and who of it is admitted talk to anybody."""
    return access.holds(person, Role.SECRETARY) or _leads_commission(person) or admitted(person, Secret.TALK)


def _in_office() -> QuerySet[Tenure]:
    rows = Tenure.objects.in_office(timezone.localdate()).filter(person__is_active=True)
    return rows.exclude(post__role__in=NO_BUSINESS)


def to_talk_to(person: Person) -> QuerySet[Tenure]:
    """谈话对象: whom ``person`` may arrange a talk with, as holders of posts; never himself."""
    others = _in_office().exclude(person=person)
    if reaches_all(person):
        return others
    return others.filter(_within(_paths(person)))


def _paths(person: Person) -> list[str]:
    """The subtrees he answers for: the portfolio of a member, the own unit of its secretary."""
    posts = access.posts_held(person)
    own = [post.organisation.path for post in posts if post.role == Role.UNIT_SECRETARY]
    leading = [post.pk for post in posts if post.role == Role.MEMBER]
    held = Portfolio.objects.in_force(timezone.localdate()).filter(post__in=leading) if leading else None
    return own + (list(held.values_list("organisation__path", flat=True)) if held is not None else [])


def _within(paths: list[str]) -> Q:
    within = Q(pk__in=[])
    for path in paths:
        within |= Q(post__organisation__path__startswith=path)
    return within


def may_arrange(person: Person) -> bool:
    """Whether he may arrange talks at all."""
    return access.sees_any(person, lambda: to_talk_to(person), "whom to talk to")


def arranges_by_post(person: Person) -> bool:
    """The same, told from his posts alone: asked beside every duty, so it costs no query of people."""
    leads = access.holds(person, Role.SECRETARY, Role.MEMBER, Role.UNIT_SECRETARY)
    return leads or _leads_commission(person) or admitted(person, Secret.TALK)


def talkers_for(leader: Person) -> QuerySet[Person]:
    """谈话人 a leader may name: himself; school leaders and unit secretaries for who reaches all; else those below him
    who answer for a unit or a branch."""
    rows = _in_office()
    of_commission = Q(post__role=Role.DISCIPLINE, post__organisation__kind=Organisation.Kind.COMMISSION)
    heads = Q(post__role__in=(Role.UNIT_SECRETARY, Role.BRANCH_SECRETARY, Role.DEPARTMENT))
    if reaches_all(leader):
        rows = rows.filter(of_commission | Q(post__role__in=LEADERS) | Q(post__role=Role.UNIT_SECRETARY))
    else:
        rows = rows.filter(heads & _within(_paths(leader)))
    return Person.objects.filter(Q(pk__in=rows.values("person")) | Q(pk=leader.pk), is_active=True).order_by("name")


def refusal_of_talker(talker: Person, leader: Person, post) -> str:
    """Why ``talker`` cannot hold a talk with the holder of ``post``; who answers for a unit talks within it."""
    if talker == leader:
        return ""
    if not talkers_for(leader).filter(pk=talker.pk).exists():
        return f"{talker.name}不在可以指定的谈话人之列。"
    posts = access.posts_held(talker)
    if access.holds(talker, *LEADERS) or access.may_supervise(talker):
        return ""
    if any(post.organisation.path.startswith(one.organisation.path) for one in posts):
        return ""
    return f"{talker.name}只能与本单位的同志谈话。"


def leaders_to_ask() -> QuerySet[Person]:
    """提请对象: the secretary, the members, the leaders of the commission."""
    of_commission = Q(post__role=Role.DISCIPLINE, post__organisation__kind=Organisation.Kind.COMMISSION)
    rows = _in_office().filter(of_commission | Q(post__role__in=LEADERS))
    return Person.objects.filter(pk__in=rows.values("person")).order_by("name")


def finds_talks(user: Person) -> bool:
    """Whoever does business finds the room; a party finds his talk though he has left his post."""
    return bool(access.roles_of(user) - set(NO_BUSINESS)) or access.sees_any(
        user, lambda: Talk.objects.visible_to(user), "talks"
    )
