"""对账销号: who proposes, approves, applies, reviews, verifies; named transitions as data (三（四）1).

Whoever did the work does not review it, and neither of the two verifies it: here, in the service and in the database.
"""

from accountability import access
from accountability.models import Person
from accountability.workflow import Choice, Transition
from inspections.models import Finding, LongTermReview
from inspections.models.findings import LACKING_AT_LEAST
from inspections.models.rounds import manages

S = Finding.State


def _unit_keeps(user: Person, finding: Finding) -> bool:
    return access.may(user, "keep_record", finding.organisation)


def _unit_confirms(user: Person, finding: Finding) -> bool:
    return access.may(user, "confirm_record", finding.organisation)


def _is_of_the_unit(user: Person, finding: Finding) -> bool:
    """纪委办公室 and 巡察办 are units too: what they mend, the other one looks at."""
    return any(post.organisation_id == finding.organisation_id for post in access.posts_held(user))


def _verifies(user: Person, finding: Finding) -> bool:
    return _approves(user, finding) and user.pk not in (finding.applied_by_id, finding.reviewed_by_id)


def _approves(user: Person, finding: Finding) -> bool:
    return manages(user) and not _is_of_the_unit(user, finding)


def _unit(finding: Finding) -> str:
    return f"{finding.organisation.name}的经办人员"


def _secretary(finding: Finding) -> str:
    return f"{finding.organisation.name}的党组织书记"


APPROVERS = "巡察办或纪委（本单位人员除外）"
OFFICE = "巡察办或纪委（本单位人员、申请人、单位审核人除外）"
TRANSITIONS = {
    each.name: each
    for each in (
        Transition("propose", "提交整改方案", (S.DRAFTING,), S.PROPOSED, _unit_confirms, _secretary, is_primary=True),
        Transition("approve", "审定方案", (S.PROPOSED,), S.WORKING, _approves, APPROVERS, is_primary=True),
        Transition(
            "send_plan_back",
            "退回方案",
            (S.PROPOSED,),
            S.DRAFTING,
            _approves,
            APPROVERS,
            reason_at_least=LACKING_AT_LEAST,
            asks="方案所缺事项",
        ),
        Transition("apply", "申请销号", (S.WORKING,), S.REVIEWING, _unit_keeps, _unit, is_primary=True),
        Transition(
            "review",
            "单位审核通过",
            (S.REVIEWING,),
            S.VERIFYING,
            _unit_confirms,
            _secretary,
            four_eyes=True,
            is_primary=True,
        ),
        Transition(
            "send_back",
            "退回补充整改",
            (S.REVIEWING, S.VERIFYING),
            S.WORKING,
            lambda user, finding: (
                _unit_confirms(user, finding) if finding.state == S.REVIEWING else _verifies(user, finding)
            ),
            lambda finding: _secretary(finding) if finding.state == S.REVIEWING else OFFICE,
            four_eyes=True,
            reason_at_least=LACKING_AT_LEAST,
            asks="所缺事项",
        ),
        Transition("close", "核验销号", (S.VERIFYING,), S.CLOSED, _verifies, OFFICE, four_eyes=True, is_primary=True),
        Transition(
            "keep_up",
            "转长期坚持",
            (S.VERIFYING,),
            S.LONG_TERM,
            _verifies,
            OFFICE,
            four_eyes=True,
            reason_at_least=LACKING_AT_LEAST,
            asks="长期坚持的理由和复核要求",
        ),
        Transition(
            "rebound",
            "反弹重新立账",
            (S.CLOSED, S.LONG_TERM),
            S.CLOSED,
            _approves,
            APPROVERS,
            reason_at_least=LACKING_AT_LEAST,
            asks="反弹情况",
        ),
    )
}

R = LongTermReview.State


def _verifies_account(user: Person, review: LongTermReview) -> bool:
    """巡察办、纪委, of another unit than the one that gives account."""
    unit = review.finding.organisation
    return manages(user) and not access.may(user, "keep_record", unit) and not access.may(user, "confirm_record", unit)


OTHERS = "巡察办或纪委（填报单位的人员除外）"
# 长期坚持复核: what may follow an account; the two that go on ask for the next day.
REVIEW_TRANSITIONS = {
    each.name: each
    for each in (
        Transition(
            "keep_on",
            "继续长期坚持",
            (R.FILED,),
            R.KEPT,
            _verifies_account,
            OTHERS,
            four_eyes=True,
            reason_at_least=LACKING_AT_LEAST,
            is_primary=True,
            asks="核验意见",
        ),
        Transition("close_kept", "核验销号", (R.FILED,), R.CLOSED, _verifies_account, OTHERS, four_eyes=True),
        Transition(
            "send_kept_back",
            "退回补报",
            (R.FILED,),
            R.BACK,
            _verifies_account,
            OTHERS,
            four_eyes=True,
            reason_at_least=LACKING_AT_LEAST,
            asks="所缺事项",
        ),
    )
}


def choices_for_review(review: LongTermReview, user: Person) -> list[Choice]:
    """What ``user`` could decide on an account, and, where he may not, why."""
    return [
        Choice(each, each.refusal(review, user)) for each in REVIEW_TRANSITIONS.values() if review.state in each.sources
    ]


def choices_for(finding: Finding, user: Person) -> list[Choice]:
    """What ``user`` could do: open ones, and the main step also when it is another's, so that he sees whose turn it is."""
    choices = [
        Choice(each, each.refusal(finding, user)) for each in TRANSITIONS.values() if finding.state in each.sources
    ]
    return [choice for choice in choices if choice.is_open or choice.transition.is_primary]
