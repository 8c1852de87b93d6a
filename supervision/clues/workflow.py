"""线索移送的流程: a clue handed in is received; an item is read, answered, adopted or sent back; transitions as data (三（二）3)."""

from accountability.models import Person
from accountability.workflow import Choice, Transition
from supervision.access import admitted
from supervision.models import Clue, ClueItem, Secret

C, I = Clue.State, ClueItem.State  # noqa: E741
ADMITTED = "知悉授权范围内的纪委同志"
WORDS_AT_LEAST = 10


def _admitted(user: Person, row) -> bool:
    return admitted(user, Secret.CLUE)


def _recipient(user: Person, item: ClueItem) -> bool:
    return item.person_id == user.pk


CLUE_TRANSITIONS = {
    each.name: each
    for each in (
        Transition(
            "receive",
            "接收",
            (C.HANDED,),
            C.OPEN,
            _admitted,
            ADMITTED + "（移送人除外）",
            four_eyes=True,
            is_primary=True,
        ),
        Transition(
            "send_back",
            "退回补充",
            (C.HANDED,),
            C.RETURNED,
            _admitted,
            ADMITTED,
            four_eyes=True,
            reason_at_least=WORDS_AT_LEAST,
            asks="所缺事项（不写细节）",
        ),
        Transition(
            "reopen",
            "重新办理",
            (C.CLOSED,),
            C.OPEN,
            _admitted,
            ADMITTED,
            reason_at_least=WORDS_AT_LEAST,
            asks="重新办理的原因（不写细节）",
        ),
    )
}

ITEM_TRANSITIONS = {
    each.name: each
    for each in (
        Transition("read", "已阅", (I.SENT,), I.READ, _recipient, "接收人", is_primary=True),
        Transition(
            "answer", "答复", ClueItem.TO_ANSWER, I.ANSWERED, _recipient, "接收人", is_primary=True, has_own_page=True
        ),
        Transition("adopt", "采纳", (I.ANSWERED,), I.ADOPTED, _admitted, ADMITTED, four_eyes=True, is_primary=True),
        Transition(
            "send_back",
            "退回补充",
            (I.ANSWERED,),
            I.RETURNED,
            _admitted,
            ADMITTED,
            four_eyes=True,
            reason_at_least=WORDS_AT_LEAST,
            asks="所缺事项（不写细节）",
        ),
        Transition(
            "recall",
            "撤回移送",
            ClueItem.TO_ANSWER,
            I.RECALLED,
            _admitted,
            ADMITTED,
            four_eyes=True,
            reason_at_least=4,
            asks="撤回的原因",
        ),
    )
}


def choices_for(row, transitions: dict[str, Transition], user: Person) -> list[Choice]:
    """Only the open ones: what others could do tells of others."""
    found = [Choice(each, each.refusal(row, user)) for each in transitions.values() if row.state in each.sources]
    return [choice for choice in found if choice.is_open and not choice.transition.has_own_page]
