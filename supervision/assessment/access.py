"""年度考核的权限: who prepares, approves, reviews, answers, and who may read what of a sheet (四（四）)."""

from accountability import access
from accountability.models import Person, Role
from supervision.access import admitted
from supervision.models.admissions import Secret
from supervision.models.assessments import AssessmentSheet

OF_A_UNIT = (Role.UNIT_SECRETARY, Role.DEPARTMENT, Role.LIAISON)  # who reads their own unit's sheet


def sees_all(user: Person) -> bool:
    """纪委、党委办公室、党委书记."""
    return access.may_supervise(user) or access.may_manage_duties(user) or access.holds(user, Role.SECRETARY)


def prepares(user: Person) -> bool:
    """纪委: prepares the scheme, opens, reviews, publishes."""
    return access.may_supervise(user)


def approves(user: Person) -> bool:
    """党委书记."""
    return access.holds(user, Role.SECRETARY)


def finds_the_room(user: Person) -> bool:
    """Whoever sees all, is assessed, or has units in his portfolio."""
    return sees_all(user) or bool(access.roles_of(user) & {*OF_A_UNIT, Role.MEMBER})


def is_assessed_in(user: Person, sheet: AssessmentSheet) -> bool:
    """本人或本单位 is assessed by this sheet, so that he neither reviews nor answers it."""
    if sheet.person_id:
        return sheet.person_id == user.pk
    return sheet.organisation_id in {post.organisation_id for post in access.posts_held(user)}


def may_draft(user: Person, sheet: AssessmentSheet) -> bool:
    """自评: the leader himself; the unit's liaison and secretary."""
    if sheet.person_id:
        return sheet.person_id == user.pk
    roles = (Role.UNIT_SECRETARY, Role.LIAISON)
    return _has_post(user, sheet, *roles)


def may_confirm(user: Person, sheet: AssessmentSheet) -> bool:
    """确认自评、提出异议: the leader himself; the unit's secretary."""
    if sheet.person_id:
        return sheet.person_id == user.pk
    return _has_post(user, sheet, Role.UNIT_SECRETARY)


def _has_post(user: Person, sheet: AssessmentSheet, *roles: str) -> bool:
    return any(post.organisation_id == sheet.organisation_id and post.role in roles for post in access.posts_held(user))


def sees_review(user: Person, sheet: AssessmentSheet) -> bool:
    """评议分: told to the assessed when it is published."""
    return sheet.assessment.is_told or sees_all(user)


def sees_restricted(user: Person, sheet: AssessmentSheet) -> bool:
    """限定范围的项目, scored by measures: who may see every measure on this unit or leader."""
    if admitted(user, Secret.MEASURE) or access.holds(user, Role.SECRETARY):
        return True
    if sheet.person_id:
        return sheet.person_id == user.pk
    return access.may_manage_duties(user) or _has_post(user, sheet, Role.UNIT_SECRETARY)
