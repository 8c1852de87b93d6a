"""机构调整: rename, move, merge, abolish on a day; the past keeps its name (一（二）, 三（三）2).

Each is planned first: ``plan`` says what it would touch, ``carry_out`` does exactly that in one transaction.
A merged or abolished organisation stays, with its duties and records; a merged one lies under its successor in the
tree, so that who sees the successor sees its past (docs/decisions/0010).
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from accountability import access
from accountability.locking import lock_and_read
from accountability.models import Duty, FormerName, Organisation, Person, Portfolio, Post, Record, Tenure
from accountability.models.history import save_as
from accountability.services.grants import sync_grants

REASON_AT_LEAST = 4
DAY = timedelta(days=1)


class Kind(models.TextChoices):
    RENAME = "rename", "改名"
    MOVE = "move", "调整隶属"
    MERGE = "merge", "并入其他单位"
    ABOLISH = "abolish", "撤销"


@dataclass
class Plan:
    """拟调整: what it is and what it touches, in rows a reader can check."""

    kind: str
    organisation: Organisation
    on: date
    name: str = ""
    target: Organisation | None = None
    branches: list[Organisation] = field(default_factory=list)
    tenures: list[Tenure] = field(default_factory=list)
    portfolios: list[Portfolio] = field(default_factory=list)
    moved: list[Duty] = field(default_factory=list)
    waived: list[Duty] = field(default_factory=list)
    kept: int = 0

    @property
    def sentence(self) -> str:
        if self.kind == Kind.RENAME:
            return f"{self.organisation.full_name}自 {self.on} 起改名为{self.name}，此前的责任和记录仍显示原名。"
        if self.kind == Kind.MOVE:
            return f"{self.organisation.full_name}自 {self.on} 起隶属{self.target}。"
        if self.kind == Kind.MERGE:
            return f"{self.organisation.full_name}自 {self.on} 起并入{self.target}，已完成的责任和记录留在原单位名下。"
        return f"{self.organisation.full_name}自 {self.on} 起撤销，已完成的责任和记录保留。"


def plan(
    organisation: Organisation, kind: str, *, on: date, name: str = "", target: Organisation | None = None
) -> Plan:
    """预览. Raises ValidationError when it cannot be done, naming the field and the remedy."""
    _check(organisation, kind, on, name, target)
    found = Plan(kind, organisation, on, name=" ".join(name.split()), target=target)
    if kind in (Kind.MERGE, Kind.ABOLISH):
        _gather(found)
    return found


def _check(organisation: Organisation, kind: str, on: date, name: str, target: Organisation | None) -> None:
    if organisation.abolished_on is not None:
        raise ValidationError(f"{organisation.full_name}已于 {organisation.abolished_on} 撤销。")
    if organisation.kind in (Organisation.Kind.SCHOOL, Organisation.Kind.COMMISSION) and kind != Kind.RENAME:
        raise ValidationError("学校党委和学校纪委只能改名。")
    if on > timezone.localdate():
        raise ValidationError({"on": "机构调整在生效当天或之后办理，生效日期不能晚于今天。"})
    if kind == Kind.RENAME:
        _check_name(organisation, " ".join(name.split()))
    if kind in (Kind.MOVE, Kind.MERGE):
        _check_target(organisation, kind, target)
    if kind == Kind.ABOLISH and (below := organisation.children.filter(abolished_on=None).count()):
        raise ValidationError(f"下面还有 {below} 个组织，请先把它们撤销或调整到其他单位。")


def _check_name(organisation: Organisation, name: str) -> None:
    if not 2 <= len(name) <= 60:
        raise ValidationError({"name": "请填写 2 至 60 个字的新名称。"})
    if name == organisation.name:
        raise ValidationError({"name": "新名称与现在的名称相同。"})
    if Organisation.objects.filter(parent=organisation.parent, name=name).exists():
        raise ValidationError({"name": f"同一上级下已有「{name}」。"})


def _check_target(organisation: Organisation, kind: str, target: Organisation | None) -> None:
    if target is None:
        raise ValidationError({"target": "请选择单位。"})
    if target.abolished_on is not None:
        raise ValidationError({"target": f"{target.full_name}已撤销，请选择其他单位。"})
    if target.path.startswith(organisation.path):
        raise ValidationError({"target": "不能是自己或自己下面的组织。"})
    if kind == Kind.MOVE and target.pk == organisation.parent_id:
        raise ValidationError({"target": f"现在就隶属{target}。"})
    if kind == Kind.MERGE and (target.kind == Organisation.Kind.BRANCH) != (
        organisation.kind == Organisation.Kind.BRANCH
    ):
        raise ValidationError({"target": "党支部并入党支部，单位并入单位。"})
    if kind == Kind.MERGE and not (target.is_unit or target.kind == Organisation.Kind.BRANCH):
        raise ValidationError({"target": "请选择二级单位或党支部。"})
    if target.children.filter(name=organisation.name).exists():
        raise ValidationError({"target": f"{target.full_name}下面已有同名的组织。"})


def _check_nothing_waits(organisation: Organisation) -> None:
    """What nobody could decide afterwards must be decided before."""
    waiting = Record.objects.filter(organisation=organisation, state__in=("submitted", "returned")).count()
    if waiting:
        raise ValidationError(f"{organisation.full_name}还有 {waiting} 条待审核或被退回的履责记录，请先办结。")
    elsewhere = Duty.objects.open().filter(owner__organisation=organisation).exclude(organisation=organisation).count()
    if elsewhere:
        raise ValidationError(
            f"还有 {elsewhere} 项其他组织的责任由{organisation.full_name}的岗位负责，不能撤销或并入。"
        )


def _gather(found: Plan) -> None:
    organisation, on = found.organisation, found.on
    _check_nothing_waits(organisation)
    found.branches = list(organisation.children.filter(abolished_on=None).select_related("parent"))
    standing = Q(ended_on=None) | Q(ended_on__gte=on)
    found.tenures = list(
        Tenure.objects.filter(standing, post__organisation=organisation).select_related("person", "post")
    )
    found.portfolios = list(Portfolio.objects.filter(standing, organisation=organisation).select_related("post"))
    duties = Duty.objects.filter(organisation=organisation, state=Duty.State.OPEN).select_related(
        "owner", "bearer_post"
    )
    found.kept = Duty.objects.filter(organisation=organisation).exclude(state=Duty.State.OPEN).count()
    for duty in duties.order_by("due_on", "id"):
        (found.moved if _can_move(duty, found) else found.waived).append(duty)


def _can_move(duty: Duty, found: Plan) -> bool:
    """To the successor goes what it does not owe already and somebody there can answer for; a person's own duty ends."""
    if found.kind != Kind.MERGE or duty.bearer_post_id is not None:
        return False
    if _owner_at(found.target, duty) is None:
        return False
    same = Duty.objects.filter(
        organisation=found.target,
        obligation=duty.obligation_id,
        work_year=duty.work_year_id,
        occurrence=duty.occurrence,
        bearer_post=None,
    )
    return duty.obligation_id is None or not same.exists()


def _owner_at(target: Organisation, duty: Duty) -> Post | None:
    return target.posts.filter(role=duty.owner.role, abolished_on=None).order_by("rank", "id").first()


@transaction.atomic
def carry_out(found: Plan, *, by: Person, reason: str) -> Organisation:
    """办理机构调整 as planned, in one transaction. Planned anew under the lock, so that nothing has changed since."""
    if not access.may_manage_duties(by):
        raise PermissionDenied("机构调整由党委办公室办理。")
    reason = reason.strip()
    if len(reason) < REASON_AT_LEAST:
        raise ValidationError({"reason": f"请写明依据，至少 {REASON_AT_LEAST} 个字，如发文字号。"})
    organisation = lock_and_read(Organisation.objects.select_related("parent"), found.organisation.pk)
    found = plan(organisation, found.kind, on=found.on, name=found.name, target=found.target)
    why = f"{Kind(found.kind).label}：{reason}"
    if found.kind == Kind.RENAME:
        _rename(found, by=by, why=why)
    elif found.kind == Kind.MOVE:
        _move(found, by=by, why=why)
    else:
        _wind_up(found, by=by, why=why)
    sync_grants(timezone.localdate())
    return organisation


def _remember(organisation: Organisation, found: Plan, *, by: Person, why: str) -> None:
    """曾用名 of what is about to be called otherwise, by a new name or by another unit's in front of it."""
    former = FormerName(organisation=organisation, name=organisation.full_name, until_on=found.on - DAY)
    former.full_clean()
    save_as(former, by=by, reason=why)


def _rename(found: Plan, *, by: Person, why: str) -> None:
    below = Organisation.objects.filter(parent=found.organisation, kind=Organisation.Kind.BRANCH).select_related(
        "parent"
    )
    for row in (found.organisation, *below):
        _remember(row, found, by=by, why=why)
    found.organisation.name = found.name
    save_as(found.organisation, by=by, reason=why)


def _move(found: Plan, *, by: Person, why: str) -> None:
    if found.organisation.kind == Organisation.Kind.BRANCH:
        _remember(found.organisation, found, by=by, why=why)
    found.organisation.parent = found.target
    save_as(found.organisation, by=by, reason=why)


def _wind_up(found: Plan, *, by: Person, why: str) -> None:
    """Everything that stood on the organisation ends the day before, or goes to its successor."""
    organisation, last = found.organisation, found.on - DAY
    if organisation.kind == Organisation.Kind.BRANCH and found.target is not None:
        _remember(organisation, found, by=by, why=why)  # its new place would put another's name before its own
    for branch in found.branches:
        _remember(branch, found, by=by, why=why)
        if found.target.children.filter(name=branch.name).exists():  # 第一党支部 of both
            branch.name = f"{organisation.name}{branch.name}"[:60]
        branch.parent = found.target
        save_as(branch, by=by, reason=why)
    for row in (*found.tenures, *found.portfolios):
        row.ended_on = max(last, row.started_on)
        save_as(row, by=by, reason=why)
    for duty in found.moved:
        duty.owner = _owner_at(found.target, duty)
        duty.organisation = found.target
        save_as(duty, by=by, reason=f"{why}，转由{found.target}承担")
    for duty in found.waived:
        duty.state = Duty.State.WAIVED
        save_as(duty, by=by, reason=f"{why}，不再要求")
    for post in organisation.posts.filter(abolished_on=None):
        post.abolished_on = found.on
        save_as(post, by=by, reason=why)
    organisation.abolished_on = found.on
    if found.target is not None:
        organisation.merged_into = organisation.parent = found.target
    save_as(organisation, by=by, reason=why)
