"""调研督查的流程: who settles a sign, concludes a topic, accepts an answer; named transitions as data (三（四）3)."""

from accountability import access
from accountability.models import Person, Role
from accountability.workflow import Choice, Transition
from inspections.models import Reply, Sign, Topic
from inspections.models.topics import WRITTEN_AT_LEAST
from inspections.research_access import leads_research

G, T, R = Sign.State, Topic.State, Reply.State


def _commission(user: Person, row) -> bool:
    return leads_research(user)


def works_on(user: Person, topic: Topic) -> bool:
    """牵头人、调研组成员 and the commission write the topic's findings."""
    return leads_research(user) or topic.lead_id == user.pk or topic.team.filter(pk=user.pk).exists()


def _leads(user: Person, topic: Topic) -> bool:
    return leads_research(user) or topic.lead_id == user.pk


def may_conclude(user: Person) -> bool:
    return leads_research(user) or access.holds(user, Role.SECRETARY)


CONCLUDES = "纪委或党委书记（牵头人、提交人除外）"
ACCEPTS = "纪委（答复单位的人员除外）"


def _by_name(*transitions: Transition) -> dict[str, Transition]:
    return {each.name: each for each in transitions}


SIGN_TRANSITIONS = _by_name(
    Transition(
        "settle",
        "了结",
        (G.OPEN,),
        G.SETTLED,
        _commission,
        "纪委",
        reason_at_least=WRITTEN_AT_LEAST,
        asks="处置情况",
    ),
    Transition("reopen", "重新跟踪", (G.SETTLED,), G.OPEN, _commission, "纪委", reason_at_least=WRITTEN_AT_LEAST),
)

TOPIC_TRANSITIONS = _by_name(
    Transition("begin", "开始调研", (T.PLANNED,), T.RESEARCHING, _leads, "牵头人或纪委", is_primary=True),
    Transition("propose", "提交结论", (T.RESEARCHING,), T.PROPOSED, _leads, "牵头人或纪委", is_primary=True),
    Transition(
        "conclude",
        "审定结题",
        (T.PROPOSED,),
        T.CONCLUDED,
        lambda user, topic: may_conclude(user),
        CONCLUDES,
        four_eyes=True,
        is_primary=True,
    ),
    Transition(
        "send_back",
        "退回补充调研",
        (T.PROPOSED,),
        T.RESEARCHING,
        lambda user, topic: may_conclude(user),
        CONCLUDES,
        four_eyes=True,
        reason_at_least=WRITTEN_AT_LEAST,
        asks="所缺事项",
    ),
    Transition(
        "drop",
        "撤销专题",
        (T.PLANNED, T.RESEARCHING),
        T.DROPPED,
        _commission,
        "纪委",
        reason_at_least=WRITTEN_AT_LEAST,
    ),
)

REPLY_TRANSITIONS = _by_name(
    Transition("accept", "认可", (R.ANSWERED,), R.ACCEPTED, _commission, ACCEPTS, four_eyes=True, is_primary=True),
    Transition(
        "send_back",
        "退回补充",
        (R.ANSWERED,),
        R.SENT_BACK,
        _commission,
        ACCEPTS,
        four_eyes=True,
        reason_at_least=WRITTEN_AT_LEAST,
        asks="所缺事项",
    ),
)


def choices_for(row, transitions: dict[str, Transition], user: Person) -> list[Choice]:
    """Open ones, and the main step also when it is another's, so that one sees whose turn it is."""
    choices = [Choice(each, each.refusal(row, user)) for each in transitions.values() if row.state in each.sources]
    return [choice for choice in choices if choice.is_open or choice.transition.is_primary]
