"""档案与廉洁意见的流程: papers, requests to open and opinions; named transitions as data (二（二）)."""

from accountability.models import Person
from accountability.workflow import Choice, Transition
from supervision.archives.access import approves_opinions, asking_units, decides_requests, is_keeper, keeps_apart
from supervision.models import ArchivePaper, OpeningRequest, Opinion

REASON_AT_LEAST = 4
KEEPER = "获得廉政档案知悉授权的同志"
ANOTHER = "获得廉政档案知悉授权的另一位同志"
P, R, O = ArchivePaper.State, OpeningRequest.State, Opinion.State  # noqa: E741


def _keeps(user: Person, paper: ArchivePaper) -> bool:
    """Who must keep apart is asked once for the whole archive, by its scope and by the verb."""
    return is_keeper(user)


PAPER_TRANSITIONS = {
    each.name: each
    for each in (
        Transition("confirm", "确认归档", (P.FILED,), P.CONFIRMED, _keeps, ANOTHER, four_eyes=True, is_primary=True),
        Transition(
            "return", "退回", (P.FILED,), P.RETURNED, _keeps, ANOTHER, four_eyes=True, reason_at_least=REASON_AT_LEAST
        ),
        Transition(
            "withdraw", "撤出", (P.FILED, P.CONFIRMED), P.WITHDRAWN, _keeps, KEEPER, reason_at_least=REASON_AT_LEAST
        ),
    )
}


def _decides(user: Person, request: OpeningRequest) -> bool:
    return decides_requests(user) and not keeps_apart(user, [request.person_id])


def _asked(user: Person, request: OpeningRequest) -> bool:
    return request.asked_by_id == user.pk


DECIDERS = "党委书记或获得廉政档案知悉授权的同志"
REQUEST_TRANSITIONS = {
    each.name: each
    for each in (
        Transition("grant", "批准", (R.ASKED,), R.GRANTED, _decides, DECIDERS, four_eyes=True, is_primary=True),
        Transition(
            "refuse",
            "不予批准",
            (R.ASKED,),
            R.REFUSED,
            _decides,
            DECIDERS,
            four_eyes=True,
            reason_at_least=REASON_AT_LEAST,
        ),
        Transition("withdraw", "撤回", (R.ASKED, R.GRANTED), R.WITHDRAWN, _asked, "申请人"),
    )
}


def is_near(user: Person, opinion: Opinion) -> bool:
    """回避: himself or a relative on the list."""
    return keeps_apart(user, opinion.cadres.values_list("person", flat=True))


def checks(user: Person, opinion: Opinion) -> bool:
    return is_keeper(user) and not is_near(user, opinion)


def _approves(user: Person, opinion: Opinion) -> bool:
    return (is_keeper(user) or approves_opinions(user)) and not is_near(user, opinion)


def _asks(user: Person, opinion: Opinion) -> bool:
    return opinion.organisation_id in asking_units(user)


APPROVER = "未参加查核的另一位同志，或党委书记、纪委书记"
OPINION_TRANSITIONS = {
    each.name: each
    for each in (
        Transition("propose", "提交审核", (O.ASKED,), O.CHECKED, checks, KEEPER, is_primary=True),
        Transition(
            "approve", "审核并回复", (O.CHECKED,), O.APPROVED, _approves, APPROVER, four_eyes=True, is_primary=True
        ),
        Transition(
            "send_back", "退回重新查核", (O.CHECKED,), O.ASKED, _approves, APPROVER, reason_at_least=REASON_AT_LEAST
        ),
        Transition(
            "withdraw",
            "撤回征求",
            (O.ASKED, O.CHECKED),
            O.WITHDRAWN,
            _asks,
            "征求单位",
            reason_at_least=REASON_AT_LEAST,
        ),
    )
}


def choices_for(row, transitions: dict[str, Transition], user: Person) -> list[Choice]:
    """Open ones; of the closed, only those the reader would otherwise do: four eyes are worth a word."""
    choices = [Choice(each, each.refusal(row, user)) for each in transitions.values() if row.state in each.sources]
    return [one for one in choices if one.is_open or (one.transition.is_primary and one.transition.may(user, row))]
