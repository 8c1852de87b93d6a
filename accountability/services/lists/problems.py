"""问题清单和责任清单: raise a problem, judge it, fix it; name a responsibility, offer it, take it (二（一）, 三（三）2)."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accountability import access
from accountability import list_workflow as steps
from accountability.models import (
    Notice,
    Organisation,
    Person,
    Portfolio,
    Post,
    Problem,
    Responsibility,
    Role,
)
from accountability.models.history import save_as
from accountability.services.lists.common import (
    OPINION_LIMIT,
    SHOWS_LIMIT,
    address,
    fitting,
    locked,
    open_year,
    posts_of_role,
    tell,
)
from accountability.services.notices import notify
from accountability.services.records import may_file


def may_raise(user: Person, organisation: Organisation) -> bool:
    return may_file(user, organisation)


def leader_in_charge(origin: Organisation, on: date) -> Post | None:
    """分管或联系该单位的校领导, of a branch its unit's; nobody when it is in no portfolio (二（四）)."""
    unit = origin.parent if origin.kind == Organisation.Kind.BRANCH else origin
    portfolios = Portfolio.objects.in_force(on).filter(organisation=unit, post__abolished_on=None)
    found = portfolios.order_by("kind", "post__rank", "pk").select_related("post__organisation").first()
    return found.post if found else None


@transaction.atomic
def raise_problem(
    *,
    by: Person,
    origin: Organisation,
    work_year: int,
    source: str,
    origin_words: str,
    text: str,
    shows: str,
    leader_post: Post | None = None,
    record=None,
) -> Problem:
    """提出问题 by a department or from a meeting; the leader in charge and the commission are asked to judge it."""
    if not may_raise(by, origin):
        raise PermissionDenied(f"您不能代表{origin.full_name}提出问题。")
    leader_post = leader_post or leader_in_charge(origin, timezone.localdate())
    if leader_post is None:
        raise ValidationError({"leader_post": "没有分管或联系该单位的校领导，请选择研判的校领导。"})
    problem = Problem(
        work_year=open_year(work_year),
        source=source,
        origin=origin,
        origin_words=origin_words,
        record=record,
        text=text,
        shows=shows,
        leader_post=leader_post,
        raised_by=by,
        raised_at=timezone.now(),
    )
    problem.full_clean()
    save_as(problem, by=by, reason="提出问题")
    tell([leader_post, *posts_of_role(Role.DISCIPLINE)], by, "待研判：问题清单", problem)
    return problem


@transaction.atomic
def handle_problem(problem: Problem, name: str, *, by: Person, words: str) -> Problem:
    """研判、列入、退回、再提出、撤回."""
    transition = steps.PROBLEM_TRANSITIONS[name]
    problem = locked(problem)
    words = fitting(transition.checked(problem, by=by, reason=words), OPINION_LIMIT)
    open_year(problem.work_year_id)
    if name == "judge":
        _judge(problem, by, words)
    elif name == "fix":
        problem.decision, problem.fixed_by, problem.fixed_on = words, by, timezone.localdate()
    elif name == "return":
        problem.returned_reason = words
        problem.leader_opinion = problem.commission_opinion = ""
        problem.leader_by = problem.commission_by = None
    elif name == "resubmit":
        problem.shows = fitting(f"{problem.shows}\n补充：{words}", SHOWS_LIMIT, "具体表现连同补充")
        problem.returned_reason = ""
    if name != "judge" or (problem.leader_by_id and problem.commission_by_id):
        problem.state = transition.target
    problem.full_clean()
    save_as(problem, by=by, reason=f"{transition.label}：{words}")
    if problem.state == Problem.State.JUDGED:
        tell(posts_of_role(Role.OFFICE), by, "两方意见已齐，待党委审定", problem)
    elif name in ("return", "fix"):
        _tell_author(problem, by)
    return problem


def _tell_author(problem: Problem, by: Person) -> None:
    if problem.raised_by_id != by.pk:
        kind = Notice.Kind.ACCEPTED if problem.state == Problem.State.FIXED else Notice.Kind.RETURNED
        title = f"{problem.get_state_display()}：{problem.text}"
        body = problem.decision or problem.returned_reason
        notify([problem.raised_by], kind=kind, title=title, body=body, url=address(problem))


def _judge(problem: Problem, by: Person, words: str) -> None:
    if steps.side_of(by, problem) == "leader":
        problem.leader_opinion, problem.leader_by = words, by
    else:
        problem.commission_opinion, problem.commission_by = words, by


# ── responsibilities ─────────────────────────────────────────────────────────────────────────


@transaction.atomic
def name_responsibility(
    *, by: Person, work_year: int, text: str, organisation: Organisation, owner: Post, problem: Problem | None = None
) -> Responsibility:
    """确定责任 for a problem on the list, or from the year's plan; its owner is asked to claim it."""
    if not access.may_manage_duties(by):
        raise PermissionDenied("责任清单由党委办公室登记。")
    if problem is not None and problem.state != Problem.State.FIXED:
        raise ValidationError("问题列入清单之后才能确定责任。")
    row = Responsibility(
        problem=problem,
        work_year=open_year(work_year),
        text=text,
        organisation=organisation,
        owner=owner,
        named_by=by,
        named_at=timezone.now(),
    )
    row.full_clean()
    save_as(row, by=by, reason="确定责任")
    tell([owner], by, "待认领：责任清单", row)
    return row


@transaction.atomic
def answer_offer(row: Responsibility, name: str, *, by: Person, words: str = "") -> Responsibility:
    """认领 or 退回重定, by the holder of the post himself."""
    transition = steps.RESPONSIBILITY_TRANSITIONS[name]
    row = locked(row)
    words = fitting(transition.checked(row, by=by, reason=words), OPINION_LIMIT)
    open_year(row.work_year_id)
    row.state = transition.target
    if name == "claim":
        row.claimed_by, row.claimed_at = by, timezone.now()
    else:
        row.declined_reason = words
        tell(posts_of_role(Role.OFFICE), by, "责任被退回，请另行确定", row)
    save_as(row, by=by, reason=f"{transition.label}：{words}" if words else transition.label)
    return row


@transaction.atomic
def name_another(
    row: Responsibility, *, by: Person, owner: Post, organisation: Organisation | None = None
) -> Responsibility:
    """另定责任人 after the first declined, or while nobody has claimed it."""
    if not access.may_manage_duties(by):
        raise PermissionDenied("责任清单由党委办公室登记。")
    row = locked(row)
    if row.state == Responsibility.State.CLAIMED:
        raise ValidationError("责任已经认领，不能另定责任人。")
    if row.state == Responsibility.State.DECLINED and owner.pk == row.owner_id:
        raise ValidationError({"owner": f"{owner.full_title}已经退回这项责任，请另定一人。"})
    open_year(row.work_year_id)
    row.owner, row.organisation = owner, organisation or row.organisation
    row.state, row.named_by, row.named_at = Responsibility.State.OFFERED, by, timezone.now()
    row.declined_reason = ""
    row.full_clean()
    save_as(row, by=by, reason="另定责任人")
    tell([owner], by, "待认领：责任清单", row)
    return row
