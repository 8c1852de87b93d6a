"""谈话的流程: named transitions as data; the talked-to person does nothing but confirm and report (二（三）)."""

from accountability import access
from accountability.models import Person
from accountability.workflow import Transition
from supervision.access import admitted
from supervision.models import FollowUp, Secret, Talk

S, R = Talk.State, FollowUp.State
REASON_AT_LEAST, WRITTEN_AT_LEAST = 4, 10


def _leader(user: Person, talk: Talk) -> bool:
    return talk.leader_id == user.pk


def _holds(user: Person, talk: Talk) -> bool:
    return user.pk in (talk.talker_id, talk.leader_id)


def _himself(user: Person, talk: Talk) -> bool:
    return talk.person_id == user.pk


def _concludes(user: Person, talk: Talk) -> bool:
    """Who arranged it; once he holds no post any more, who of the commission is admitted."""
    return _leader(user, talk) or (not access.posts_held(talk.leader) and admitted(user, Secret.TALK))


def _table(*transitions: Transition) -> dict[str, Transition]:
    return {each.name: each for each in transitions}


LEADER, HOLDS, HIMSELF = "安排谈话的领导", "谈话人或安排谈话的领导", "谈话对象本人"
TRANSITIONS = _table(
    Transition("order", "安排谈话", (S.PROPOSED,), S.ORDERED, _leader, LEADER, True, is_primary=True),
    Transition("decline", "不安排", (S.PROPOSED,), S.DECLINED, _leader, LEADER, True, REASON_AT_LEAST),
    Transition("hold", "登记谈话", (S.ORDERED, S.HELD), S.HELD, _holds, HOLDS, True, is_primary=True),
    Transition("cancel", "取消谈话", (S.ORDERED,), S.CANCELLED, _leader, LEADER, True, REASON_AT_LEAST),
    Transition("confirm", "确认已知晓", (S.HELD,), S.CONFIRMED, _himself, HIMSELF, is_primary=True),
    Transition("refuse", "登记本人未予确认", (S.HELD,), S.CONFIRMED, _holds, HOLDS, True, REASON_AT_LEAST, asks="情况"),
    Transition("track", "明确报告期限", (S.HELD, S.CONFIRMED), S.CONFIRMED, _holds, HOLDS, True),
    Transition(
        "conclude",
        "办结",
        (S.CONFIRMED,),
        S.CONCLUDED,
        _concludes,
        LEADER,
        True,
        REASON_AT_LEAST,
        is_primary=True,
        asks="办结意见",
    ),
)
REPORT_TRANSITIONS = _table(
    Transition(
        "report", "报告落实情况", FollowUp.OWED, R.REPORTED, lambda user, row: row.owed_by_id == user.pk, HIMSELF
    ),
    Transition("accept", "认可", (R.REPORTED,), R.ACCEPTED, lambda user, row: _holds(user, row.talk), HOLDS),
    Transition(
        "send_back",
        "退回补充",
        (R.REPORTED,),
        R.SENT_BACK,
        lambda user, row: _holds(user, row.talk),
        HOLDS,
        reason_at_least=WRITTEN_AT_LEAST,
        asks="所缺事项",
    ),
)


def open_to(talk: Talk, user: Person) -> set[str]:
    """Names of what ``user`` can do to the talk now; the report's verbs among them."""
    names = {name for name, each in TRANSITIONS.items() if not each.refusal(talk, user)}
    if talk.report is not None:
        names.discard("track")
        if talk.state == S.CONFIRMED:
            names |= {name for name, each in REPORT_TRANSITIONS.items() if not each.refusal(talk.report, user)}
        if not talk.is_settled:
            names.discard("conclude")
    return names
