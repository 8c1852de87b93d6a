"""清单流程: who judges, fixes, claims, reports and comments; named transitions as data (二（一）).

Every transition takes words: an opinion, a reason, a note. What they are called stands in ``ASKS``.
"""

from dataclasses import replace

from django.db.models import Q, QuerySet

from accountability import access
from accountability.models import Person, Problem, Project, Responsibility, Role
from accountability.workflow import Choice, Transition

P, R, J = Problem.State, Responsibility.State, Project.State

# What the words of a transition are, for the label of its field.
ASKS = {
    "judge": "研判意见",
    "fix": "审定的会议和日期",
    "return": "退回原因",
    "resubmit": "补充了什么",
    "withdraw": "撤回原因",
    "decline": "退回原因",
    "half_year": "半年进展",
    "report": "年终结果",
    "comment": "点评",
}


def _judges(user: Person, problem: Problem) -> bool:
    return bool(side_of(user, problem))


def side_of(user: Person, problem: Problem) -> str:
    """leader or commission: on which side ``user`` still owes an opinion; empty when on none."""
    if problem.leader_by_id is None and problem.leader_post_id in access.posts_of(user):
        return "leader"
    if problem.commission_by_id is None and access.holds(user, Role.DISCIPLINE):
        return "commission"
    return ""


def _may_return(user: Person, problem: Problem) -> bool:
    return (
        problem.leader_post_id in access.posts_of(user)
        or access.holds(user, Role.DISCIPLINE)
        or (problem.state == P.JUDGED and access.may_manage_duties(user))
    )


def _office(user: Person, row) -> bool:
    return access.may_manage_duties(user)


def _raised(user: Person, problem: Problem) -> bool:
    return problem.raised_by_id == user.pk


def _holds_it(user: Person, responsibility: Responsibility) -> bool:
    return responsibility.owner_id in access.posts_of(user)


def _owns(user: Person, project: Project) -> bool:
    return project.responsibility.owner_id in access.posts_of(user)


def _secretary(user: Person, project: Project) -> bool:
    return access.holds(user, Role.SECRETARY) and not _owns(user, project)


def _judges_words(problem: Problem) -> str:
    missing = []
    if problem.leader_by_id is None:
        missing.append(problem.leader_post.full_title)
    if problem.commission_by_id is None:
        missing.append("纪委")
    return "和".join(missing) or "研判人"


def _table(*transitions: Transition) -> dict[str, Transition]:
    return {each.name: replace(each, asks=ASKS.get(each.name, "")) for each in transitions}


PROBLEM_TRANSITIONS = _table(
    Transition(
        "judge",
        "提出研判意见",
        (P.RAISED,),
        P.JUDGED,
        _judges,
        _judges_words,
        four_eyes=True,
        reason_at_least=4,
        is_primary=True,
    ),
    Transition(
        "fix",
        "列入清单",
        (P.JUDGED,),
        P.FIXED,
        _office,
        "党委办公室",
        four_eyes=True,
        reason_at_least=4,
        is_primary=True,
    ),
    Transition("return", "退回", (P.RAISED, P.JUDGED), P.RETURNED, _may_return, "研判人", reason_at_least=4),
    Transition(
        "resubmit", "补充后再提出", (P.RETURNED,), P.RAISED, _raised, "提出人", reason_at_least=4, is_primary=True
    ),
    Transition("withdraw", "撤回", (P.RAISED, P.RETURNED), P.WITHDRAWN, _raised, "提出人", reason_at_least=4),
)
RESPONSIBILITY_TRANSITIONS = _table(
    Transition("claim", "认领", (R.OFFERED,), R.CLAIMED, _holds_it, lambda row: row.owner.full_title, is_primary=True),
    Transition(
        "decline", "退回重定", (R.OFFERED,), R.DECLINED, _holds_it, lambda row: row.owner.full_title, reason_at_least=4
    ),
)
PROJECT_TRANSITIONS = _table(
    Transition("start", "开始实施", (J.DRAFT,), J.RUNNING, _owns, "项目责任人", is_primary=True),
    Transition("half_year", "报半年进展", (J.RUNNING,), J.RUNNING, _owns, "项目责任人", reason_at_least=10),
    Transition(
        "report", "报年终结果", (J.RUNNING,), J.REPORTED, _owns, "项目责任人", reason_at_least=10, is_primary=True
    ),
    Transition(
        "comment",
        "点评",
        (J.REPORTED,),
        J.CLOSED,
        _secretary,
        "党委书记",
        four_eyes=True,
        reason_at_least=4,
        is_primary=True,
    ),
)


def choices_for(table: dict[str, Transition], row, user: Person) -> list[Choice]:
    """What ``user`` could do to the row; the main step also when it is another's, so that he sees whose turn it is."""
    choices = [Choice(each, each.refusal(row, user)) for each in table.values() if row.state in each.sources]
    return [choice for choice in choices if choice.is_open or choice.transition.is_primary]


def problems_waiting(user: Person) -> QuerySet[Problem]:
    """待我研判、审定或补充."""
    judged = Q(leader_by=None, leader_post__in=access.posts_of(user))
    if access.holds(user, Role.DISCIPLINE):
        judged |= Q(commission_by=None)
    waiting = Q(state=P.RAISED) & judged & ~Q(raised_by=user)
    waiting |= Q(state=P.RETURNED, raised_by=user)
    if access.may_manage_duties(user):
        waiting |= Q(state=P.JUDGED) & ~Q(raised_by=user)
    return Problem.objects.visible_to(user).filter(waiting)


def responsibilities_waiting(user: Person) -> QuerySet[Responsibility]:
    """待我认领 or, for the office, to be given to another."""
    waiting = Q(state=R.OFFERED, owner__in=access.posts_of(user))
    if access.may_manage_duties(user):
        waiting |= Q(state=R.DECLINED)
    return Responsibility.objects.visible_to(user).filter(waiting)


def projects_waiting(user: Person) -> QuerySet[Project]:
    """待我点评."""
    if not access.holds(user, Role.SECRETARY):
        return Project.objects.none()
    reported = Project.objects.visible_to(user).filter(state=J.REPORTED)
    return reported.exclude(responsibility__owner__in=access.posts_of(user))
