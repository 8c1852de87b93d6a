"""任职与分工 over time: who holds a post, which units a leader answers for, from a day to a day (二（四）, 三（三）2).

Nothing is overwritten: a change ends one row and begins another, and a hand-over sheet passes what is still open.
"""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accountability import access
from accountability.locking import lock_and_read
from accountability.models import HandOver, Organisation, Person, Portfolio, Post, Role, Suspension, Tenure
from accountability.models.history import save_as
from accountability.services import handovers
from accountability.services.grants import check_separation, sync_grants

REASON_AT_LEAST = 4
DAY = timedelta(days=1)


def _asked(by: Person, reason: str) -> str:
    if not access.may_manage_duties(by):
        raise PermissionDenied("只有党委办公室可以调整任职和分工。")
    reason = reason.strip()
    if len(reason) < REASON_AT_LEAST:
        raise ValidationError({"reason": f"请写明依据或原因，至少 {REASON_AT_LEAST} 个字，如任免文号。"})
    return reason


@transaction.atomic
def appoint(
    post: Post, person: Person, *, from_on: date, by: Person, reason: str, is_acting: bool = False
) -> tuple[Tenure, HandOver | None]:
    """任命: ``person`` holds ``post`` from that day; who held it until then ends the day before.

    An acting holder (主持工作) stands beside a vacant post and ends when a full holder comes. Returns the tenure and
    the hand-over sheet, if there was somebody to take over from.
    """
    reason = _asked(by, reason)
    post = Post.objects.select_for_update().get(pk=post.pk)
    if post.abolished_on is not None and post.abolished_on <= from_on:
        raise ValidationError(f"{post.full_title}已于 {post.abolished_on} 撤销，不能任命。")
    if not person.is_active and person.suspended_for != Suspension.NO_POST:  # a post brings that one back
        raise ValidationError({"person": f"{person.name}的账号已停用，请先由系统管理员启用。"})
    standing = list(
        Tenure.objects.select_for_update().filter(post=post).filter(Q(ended_on=None) | Q(ended_on__gte=from_on))
    )
    _check_standing(standing, person, from_on, is_acting)
    former = _end_before(standing, from_on, by=by, reason=f"离任：{reason}")
    tenure = Tenure(post=post, person=person, started_on=from_on, is_acting=is_acting)
    tenure.full_clean(validate_constraints=False)
    check_separation(tenure)
    save_as(tenure, by=by, reason=f"{'主持工作' if is_acting else '任命'}：{reason}")
    sync_grants(timezone.localdate())
    giver = former or _last_holder(post, from_on)
    sheet = handovers.make(post, giver=giver, taker=person, on=from_on, by=by) if giver and giver != person else None
    return tenure, sheet


def _check_standing(standing: list[Tenure], person: Person, from_on: date, is_acting: bool) -> None:
    for tenure in standing:
        if tenure.started_on >= from_on:
            raise ValidationError(
                {"from_on": f"{tenure.person.name}自 {tenure.started_on} 起任该岗位，新的起任日期须晚于这一天。"}
            )
        if tenure.person_id == person.pk and tenure.is_acting == is_acting and tenure.ended_on is None:
            raise ValidationError({"person": f"{person.name}自 {tenure.started_on} 起已任该岗位。"})
        if is_acting and not tenure.is_acting and tenure.ended_on is None:
            raise ValidationError({"is_acting": f"{tenure.person.name}在任，主持工作之前请先办理其离任。"})


def _end_before(standing: list[Tenure], from_on: date, *, by: Person, reason: str) -> Person | None:
    """End who stands in the way, the day before; returns the one who hands over: the full holder before the acting."""
    ended = sorted(standing, key=lambda tenure: tenure.is_acting)
    for tenure in ended:
        tenure.ended_on = from_on - DAY
        save_as(tenure, by=by, reason=reason)
    return ended[0].person if ended else None


def _last_holder(post: Post, before: date) -> Person | None:
    """Who left the post vacant: a sheet is owed all the same."""
    last = Tenure.objects.filter(post=post, ended_on__lt=before).order_by("-ended_on", "is_acting", "-id").first()
    return last.person if last else None


@transaction.atomic
def end_tenure(tenure: Tenure, *, last_on: date, by: Person, reason: str) -> Tenure:
    """离任 on a last day; the post is vacant from the next. The sheet is made when a successor or acting holder comes."""
    reason = _asked(by, reason)
    tenure = Tenure.objects.select_for_update().get(pk=tenure.pk)
    if tenure.ended_on is not None and tenure.ended_on < timezone.localdate():
        raise ValidationError(f"{tenure.person.name}已于 {tenure.ended_on} 离任。")
    if last_on < tenure.started_on:
        raise ValidationError({"last_on": f"离任日期不能早于起任日期 {tenure.started_on}。"})
    tenure.ended_on = last_on
    save_as(tenure, by=by, reason=f"离任：{reason}")
    sync_grants(timezone.localdate())
    return tenure


@transaction.atomic
def add_post(organisation: Organisation, *, title: str, role: str, by: Person, reason: str) -> Post:
    """新设岗位."""
    reason = _asked(by, reason)
    if organisation.abolished_on is not None:
        raise ValidationError(f"{organisation.full_name}已撤销，不能新设岗位。")
    if role not in Role.values or role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN):
        raise ValidationError({"role": "三员岗位由系统管理员在管理后台设置，请选择业务角色。"})
    title = " ".join(title.split())
    if organisation.posts.filter(title=title).exists():
        raise ValidationError({"title": f"{organisation.full_name}已有「{title}」岗位。"})
    last = organisation.posts.order_by("-rank").first()
    post = Post(organisation=organisation, title=title, role=role, rank=last.rank + 1 if last else 1)
    post.full_clean()
    save_as(post, by=by, reason=f"新设岗位：{reason}")
    return post


@transaction.atomic
def abolish_post(post: Post, *, on: date, by: Person, reason: str) -> Post:
    """撤销岗位: nobody may hold it then, and nothing open may hang on it."""
    reason = _asked(by, reason)
    post = lock_and_read(Post.objects.select_related("organisation__parent"), post.pk)
    holder = Tenure.objects.filter(post=post).filter(Q(ended_on=None) | Q(ended_on__gte=on)).first()
    if holder:
        raise ValidationError({"on": f"{holder.person.name}届时仍在任，请先办理离任。"})
    if waiting := post.duties.open().count():
        raise ValidationError(f"还有 {waiting} 项未完成的责任由该岗位负责，请先办结、改由他人负责或标为不再要求。")
    post.abolished_on = on
    save_as(post, by=by, reason=f"撤销岗位：{reason}")
    return post


@transaction.atomic
def add_portfolio(
    post: Post, organisation: Organisation, *, kind: str, from_on: date, by: Person, reason: str
) -> Portfolio:
    """新增分工: 分管部门 or 联系单位 from a day."""
    reason = _asked(by, reason)
    if not post.is_leader:
        raise ValidationError({"post": "分管和联系只登记给校领导岗位。"})
    standing = Portfolio.objects.filter(post=post, organisation=organisation, kind=kind)
    if standing.filter(Q(ended_on=None) | Q(ended_on__gte=from_on)).exists():
        raise ValidationError({"post": f"{post.full_title}已{'分管' if kind == 'charge' else '联系'}{organisation}。"})
    row = Portfolio(post=post, organisation=organisation, kind=kind, started_on=from_on)
    row.full_clean()
    save_as(row, by=by, reason=f"调整分工：{reason}")
    sync_grants(timezone.localdate())
    return row


@transaction.atomic
def end_portfolio(row: Portfolio, *, last_on: date, by: Person, reason: str) -> Portfolio:
    """终止分工 on a last day."""
    reason = _asked(by, reason)
    row = Portfolio.objects.select_for_update().get(pk=row.pk)
    if row.ended_on is not None:
        raise ValidationError(f"这项分工已于 {row.ended_on} 终止。")
    if last_on < row.started_on:
        raise ValidationError({"last_on": f"终止日期不能早于起始日期 {row.started_on}。"})
    row.ended_on = last_on
    save_as(row, by=by, reason=f"调整分工：{reason}")
    sync_grants(timezone.localdate())
    return row
