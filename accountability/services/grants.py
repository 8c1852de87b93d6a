"""授权同步: grants follow posts, never people's wishes; run as often as one likes (二（四）, 三（三）3).

From the tenures in office on a day comes the set of grants that ought to stand; what is missing is added,
what is no longer warranted removed. Grants stand on organisations only; ``view_ledger`` reaches down the tree.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from guardian.models import UserObjectPermission

from accountability import acting
from accountability.models import Organisation, Person, Portfolio, Post, Role, Tenure
from accountability.models.history import save_as
from accountability.services import accounts, audit

SYNCED = audit.register("grants_synced", "授权变动")
BATCH = 500
Grant = tuple[int, str, int]  # person, permission, organisation

ROOT, COMMISSION, OWN = "root", "commission", "own"
# 角色授权: where a role holds which permissions. Inspectors and administrators hold none: they read no business content.
GRANTS = {
    Role.OFFICE: {
        ROOT: ("view_ledger", "keep_record", "confirm_record", "manage_duties"),
        OWN: ("keep_record", "confirm_record"),
    },
    Role.DISCIPLINE: {
        ROOT: ("view_ledger", "supervise", "manage_inspections"),
        COMMISSION: ("keep_record", "confirm_record"),
        OWN: ("keep_record", "confirm_record"),
    },
    Role.SECRETARY: {ROOT: ("view_ledger", "confirm_record")},
    Role.UNIT_SECRETARY: {OWN: ("view_ledger", "keep_record", "confirm_record")},
    Role.LIAISON: {OWN: ("view_ledger", "keep_record")},
    Role.BRANCH_SECRETARY: {OWN: ("view_ledger", "keep_record", "confirm_record")},
    Role.DEPARTMENT: {OWN: ("view_ledger", "keep_record")},
    Role.INSPECTION_OFFICE: {ROOT: ("manage_inspections",), OWN: ("view_ledger", "keep_record")},
}

# 三员: three separate people, and none of them in a business post.
ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
POSTS = ("post", "tenure", "portfolio")
ORGANISATION = ("organisation", "workdayoverride")
RULES = (
    "regulation",
    "clause",
    "obligation",
    "occurrence",
    "actkind",
    "meetingkind",
    "requireditem",
    "riskfactor",
    "levelrule",
    "formmeasure",
    "accountabilitykind",
)
REFERENCE = ("person", *POSTS, *ORGANISATION, *RULES)
# 分权: grants follow who holds which post of which role, so tenures, portfolios and roles are the security
# administrator's alone; who makes the accounts gives them no power, who gives power makes no accounts.
GRANTING = ("tenure", "portfolio")
ADMIN_PERMISSIONS = {
    Role.SYSTEM_ADMIN: {
        *(f"view_{model}" for model in REFERENCE),
        *(f"{verb}_{model}" for model in REFERENCE if model not in GRANTING for verb in ("add", "change")),
        "delete_occurrence",
    },
    Role.SECURITY_ADMIN: {
        "view_person",
        "view_organisation",
        *(f"view_{model}" for model in POSTS),
        *(f"{verb}_{model}" for model in GRANTING for verb in ("add", "change")),
        "change_post",
        "view_userobjectpermission",
    },
    Role.AUDIT_ADMIN: {
        "view_logentry",
        *(f"view_{model}" for model in REFERENCE),
        *(f"view_historical{model}" for model in REFERENCE),
    },
}


@transaction.atomic
def sync_grants(on: date | None = None) -> tuple[int, int]:
    """授权同步 for that day (today). Returns how many grants were added and removed."""
    on = on or timezone.localdate()
    accounts.reinstate_needed(on)
    tenures = list(
        Tenure.objects.in_office(on).filter(person__is_active=True).select_related("post").order_by("person_id")
    )
    _sync_administrators(tenures)
    added, removed = _sync_objects(set(_warranted(tenures, on)))
    if added or removed:
        audit.record(SYNCED, by=None if acting.current() else Person.objects.system(), added=added, removed=removed)
    return added, removed


def _warranted(tenures: Iterable[Tenure], on: date) -> Iterator[Grant]:
    places = dict(
        Organisation.objects.filter(kind__in=(Organisation.Kind.SCHOOL, Organisation.Kind.COMMISSION)).values_list(
            "kind", "pk"
        )
    )
    portfolios: dict[int, list[int]] = {}
    for post_id, organisation_id in Portfolio.objects.in_force(on).values_list("post_id", "organisation_id"):
        portfolios.setdefault(post_id, []).append(organisation_id)
    for tenure in tenures:
        post = tenure.post
        where = {
            ROOT: places.get(Organisation.Kind.SCHOOL),
            COMMISSION: places.get(Organisation.Kind.COMMISSION),
            OWN: post.organisation_id,
        }
        for place, permissions in GRANTS.get(post.role, {}).items():
            if where[place]:
                yield from ((tenure.person_id, permission, where[place]) for permission in permissions)
        if post.role == Role.MEMBER:
            yield from ((tenure.person_id, "view_ledger", unit) for unit in portfolios.get(post.pk, ()))


def _sync_objects(warranted: set[Grant]) -> tuple[int, int]:
    content_type = ContentType.objects.get_for_model(Organisation)
    permissions = dict(Permission.objects.filter(content_type=content_type).values_list("codename", "pk"))
    standing = {
        (person_id, codename, int(organisation_id)): pk
        for pk, person_id, codename, organisation_id in UserObjectPermission.objects.filter(
            content_type=content_type
        ).values_list("pk", "user_id", "permission__codename", "object_pk")
    }
    missing = sorted(warranted - standing.keys())
    surplus = [pk for grant, pk in standing.items() if grant not in warranted]
    UserObjectPermission.objects.bulk_create(
        [
            UserObjectPermission(
                user_id=person_id,
                permission_id=permissions[codename],
                content_type=content_type,
                object_pk=str(organisation_id),
            )
            for person_id, codename, organisation_id in missing
        ],
        batch_size=BATCH,
        ignore_conflicts=True,  # two syncs at once: the database holds each grant unique
    )
    for start in range(0, len(surplus), BATCH):
        UserObjectPermission.objects.filter(pk__in=surplus[start : start + BATCH]).delete()
    return len(missing), len(surplus)


# ── 三员 ─────────────────────────────────────────────────────────────────────────────────────


def _sync_administrators(tenures: Iterable[Tenure]) -> None:
    """The groups of the three administrators, who is in them, and who may enter the admin at all."""
    members: dict[str, set[int]] = {role: set() for role in ADMINISTRATORS}
    for tenure in tenures:
        if tenure.post.role in members:
            members[tenure.post.role].add(tenure.person_id)
    for role, people in members.items():
        group = _group_of(role)
        if set(group.user_set.values_list("pk", flat=True)) != people:
            group.user_set.set(people)
    staff = set().union(*members.values())
    for person in Person.objects.filter(Q(pk__in=staff, is_staff=False) | (Q(is_staff=True) & ~Q(pk__in=staff))):
        _set_staff(person, person.pk in staff or person.is_superuser)


def _set_staff(person: Person, is_staff: bool) -> None:
    if person.is_staff != is_staff:
        person.is_staff = is_staff
        save_as(person, by=Person.objects.system(), reason="管理后台权限随三员岗位同步")


def _group_of(role: Role) -> Group:
    """The administrators' group, holding exactly what is declared above."""
    group, _ = Group.objects.get_or_create(name=role.label)
    wanted = set(
        Permission.objects.filter(
            codename__in=ADMIN_PERMISSIONS[role],
            content_type__app_label__in=(
                "accountability",
                "meetings",
                "inspections",
                "supervision",
                "admin",
                "guardian",
            ),
        ).values_list("pk", flat=True)
    )
    if set(group.permissions.values_list("pk", flat=True)) != wanted:
        group.permissions.set(wanted)
    return group


def check_separation(tenure: Tenure) -> None:
    """三员不得兼任: an administrator holds no second administrator's post and no business post at the same time."""
    others = Tenure.objects.filter(person=tenure.person_id).exclude(pk=tenure.pk)
    others = others.filter(Q(ended_on=None) | Q(ended_on__gte=tenure.started_on))
    if tenure.ended_on:
        others = others.filter(started_on__lte=tenure.ended_on)
    _refuse_mixture({tenure.post.role, *others.values_list("post__role", flat=True)}, tenure.person)


def check_role_change(post: Post) -> None:
    """A post that changes its role must not turn its holders into administrators with a second post."""
    for tenure in post.tenures.filter(Q(ended_on=None) | Q(ended_on__gte=timezone.localdate())):
        tenure.post = post
        check_separation(tenure)


def _refuse_mixture(roles: set[str], person: Person) -> None:
    if len(roles) > 1 and roles & set(ADMINISTRATORS):
        labels = "、".join(sorted(Role(role).label for role in roles))
        raise ValidationError(f"三员不得兼任：{person} 同时担任{labels}。请先结束其中一项任职。")
