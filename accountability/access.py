"""权限: the one place that turns posts and grants into "who may"; every door asks here.

Grants are django-guardian rows on organisations, written by ``services.grants.sync_grants``.
``view_ledger`` reaches down the tree; every other grant holds for the organisation it stands on.
"""

from collections.abc import Callable, Hashable
from datetime import date

from django.db.models import BigAutoField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast
from django.utils import timezone
from guardian.models import UserObjectPermission

from accountability import statements
from accountability.models.organisations import Organisation
from accountability.models.people import Person, Post, Role


def grants_of(user: Person) -> dict[str, set[int]]:
    """Permission → ids of the organisations it stands on; read once per request's user object."""
    if not hasattr(user, "_grants_on_organisations"):
        rows = statements.rows(("grants", user.pk), lambda: _grants(user.pk))
        grants: dict[str, set[int]] = {}
        for codename, organisation_id, _ in rows:
            grants.setdefault(codename, set()).add(int(organisation_id))
        user._grants_on_organisations = grants
        user._ledger_paths = sorted({path for codename, _, path in rows if codename == "view_ledger" and path})
    return user._grants_on_organisations


def _grants(user_pk: int) -> QuerySet:
    path = Organisation.objects.filter(pk=Cast(OuterRef("object_pk"), BigAutoField())).order_by().values("path")
    return UserObjectPermission.objects.filter(
        user_id=user_pk,
        permission__content_type__app_label="accountability",
        permission__content_type__model="organisation",
    ).values_list("permission__codename", "object_pk", Subquery(path))


def organisations_where(user: Person, permission: str) -> set[int]:
    """Ids of the organisations on which ``user`` holds ``permission``."""
    if not user.is_authenticated or not user.is_active:
        return set()
    return grants_of(user).get(permission, set())


def visible_paths(user: Person) -> list[str]:
    """The roots of what ``user`` sees: paths of his ``view_ledger`` organisations, none below another."""
    if not hasattr(user, "_visible_paths"):
        roots: list[str] = []
        for path in user._ledger_paths if organisations_where(user, "view_ledger") else ():
            if not roots or not path.startswith(roots[-1]):
                roots.append(path)
        user._visible_paths = roots
    return user._visible_paths


def ids_in_reach(user: Person) -> list[int]:
    """Ids of the organisations ``user`` may look into; read once per request's user object. Nothing for the whole school."""
    if may_see_whole_school(user):
        return []
    if not hasattr(user, "_reach"):
        roots = tuple(visible_paths(user))
        rows = statements.rows(
            ("reach", roots), lambda: Organisation.objects.visible_to(user).order_by("pk").values_list("pk")
        )
        user._reach = [pk for (pk,) in rows]
    return user._reach


def posts_of(user: Person, on: date | None = None) -> list[int]:
    """Ids of the posts ``user`` holds today (or ``on`` that day)."""
    return [post.pk for post in posts_held(user, on)]


def posts_held(user: Person, on: date | None = None) -> list[Post]:
    """岗位: the posts ``user`` holds, by rank; read once per request's user object."""
    if not user.is_authenticated:
        return []
    on = on or timezone.localdate()
    if getattr(user, "_posts_on", None) != on:
        user._posts_held = statements.objects(
            ("posts", user.pk, on), lambda: Post.objects.held_by(user, on).select_related("organisation__parent")
        )
        user._posts_on = on
    return user._posts_held


def standing_of(user: Person) -> tuple:
    """All that decides what ``user`` sees and may do, but for the rows he is told of one by one (``confidential``)."""
    held = posts_held(user)
    if getattr(user, "_standing_by", None) is not held:  # the posts are read again when the day changes
        posts = tuple((post.pk, post.role, post.organisation_id, post.organisation.kind) for post in held)
        grants = frozenset((permission, frozenset(where)) for permission, where in grants_of(user).items())
        user._standing = user.pk, user.is_active, posts, grants, tuple(visible_paths(user)), tuple(ids_in_reach(user))
        user._standing_by = held
    return user._standing


# What a user object remembers that follows from his standing, or says nothing of what he sees.
OF_STANDING = {
    "_state", "_password", "_grants_on_organisations", "_ledger_paths", "_visible_paths", "_reach", "_posts_held", "_posts_on",
    "_standing", "_standing_by",
}  # fmt: skip


def shape_of(user: Person) -> Hashable:
    """His standing today and all else that the user object remembers of him by now, for a key (``statements``).

    What is first read while a statement is written keeps that statement from being kept. Nothing where it is in no key.
    """
    him = getattr(user, "_wrapped", user)
    remembered = {name: value for name, value in vars(him).items() if name.startswith("_") and name not in OF_STANDING}
    try:
        return standing_of(user), timezone.localdate(), _frozen(remembered)
    except TypeError:
        return None


def _frozen(value) -> Hashable:
    if isinstance(value, dict):
        return frozenset((name, _frozen(one)) for name, one in value.items())
    if isinstance(value, set):
        return frozenset(value)
    if isinstance(value, list):
        return tuple(_frozen(one) for one in value)
    hash(value)
    return value


def sees_any(user: Person, find: Callable[[], QuerySet], what: str) -> bool:
    """Whether there is anything of it for him; ``what`` names it."""
    shape = shape_of(user)
    return statements.is_any(shape and ("any", what, shape), find)


def roles_of(user: Person) -> set[str]:
    return {post.role for post in posts_held(user)}


def holds(user: Person, *roles: Role) -> bool:
    return bool(roles_of(user) & set(roles))


def may(user: Person, permission: str, organisation: Organisation) -> bool:
    """Whether ``user`` holds ``permission`` on exactly this organisation."""
    return organisation.pk in organisations_where(user, permission)


def may_see_whole_school(user: Person) -> bool:
    """Whether one of his roots is the top of the tree: only the school has a path of one step."""
    return any(path.count("/") == 1 for path in visible_paths(user))


def may_manage_duties(user: Person) -> bool:
    """党委办公室: opens the year, moves due days."""
    return bool(organisations_where(user, "manage_duties"))


def may_supervise(user: Person) -> bool:
    return bool(organisations_where(user, "supervise"))


def may_operate(user: Person) -> bool:
    """系统管理员: channels, deliveries and workers; he reads no business content."""
    return holds(user, Role.SYSTEM_ADMIN)


def may_audit(user: Person) -> bool:
    """审计管理员 alone: the audit log, which holds no business content (GB/T 22239-2019 8.1.5.2)."""
    return holds(user, Role.AUDIT_ADMIN)


def may_see_drafts(user: Person) -> bool:
    """制度草稿: written by the office, read by the commission and the secretary, nobody else (五)."""
    return may_manage_duties(user) or may_supervise(user) or holds(user, Role.SECRETARY)


def may_verify(user: Person, attachment) -> bool:
    """校验附件: who uploaded it, who keeps the records it belongs to, and who supervises."""
    mine = attachment.uploaded_by_id == user.pk or attachment.record.post_id in posts_of(user)
    return mine or may(user, "keep_record", attachment.record.organisation) or may_supervise(user)
