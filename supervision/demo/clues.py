"""线索移送的演示: who is admitted, one sent to three people, one handed in by a department (三（二）3, 四（二）). No detail anywhere."""

from collections.abc import Callable
from datetime import date

from accountability.models import Post, Role
from supervision.demo.clock import moment, standing_at
from supervision.demo.people import commission_head, holder_at, person_of
from supervision.models import Clue, ClueItem
from supervision.services import clue_items, clues

SENT = "反映某类业务劳务费发放审核不严，请协助了解制度和执行情况。"
HANDED = "报销审核中发现同类票据集中出现，建议纪委了解有关管理情况。"


def lay(until: date) -> None:
    """Everything whose day has come by ``until``."""
    scenes: list[tuple[date, Callable[[], object]]] = [
        (date(2026, 10, 29), _send),
        (date(2026, 11, 4), _read),
        (date(2026, 11, 11), _answer),
        (date(2026, 11, 12), _adopt),
        (date(2026, 11, 17), _hand_in),
        (date(2026, 11, 18), _receive),
    ]
    for day, scene in scenes:
        if day <= until:
            with standing_at(moment(day, 17, 5)):
                scene()


def _to(unit: str, asked: str, due_on: date) -> clues.Asked:
    post = Post.objects.select_related("organisation").get(organisation__name=unit, role=Role.DEPARTMENT)
    return clues.Asked(post, asked, due_on)


def _send() -> None:
    """财务处 has read it, 审计处 answers, 人事处 does not."""
    clues.send(
        by=person_of("discipline"),
        source="petition",
        category="money",
        words=SENT,
        reason="三个部门管理职责所在",
        asked=[
            _to("财务处", "说明劳务费发放制度和近两年抽查情况", date(2026, 11, 27)),
            _to("审计处", "提供近两年相关审计意见", date(2026, 11, 20)),
            _to("人事处", "说明兼职取酬备案的管理情况", date(2026, 11, 16)),
        ],
    )


def _item(unit: str) -> ClueItem:
    return ClueItem.objects.select_related("clue", "person").get(clue__words=SENT, post__organisation__name=unit)


def _read() -> None:
    clue_items.perform(_item("财务处"), "read", by=person_of("department"))


def _answer() -> None:
    text = "近两年就此提出审计意见两项，均已整改，意见书由专人送阅。"
    clue_items.answer(_item("审计处"), by=holder_at("审计处", Role.DEPARTMENT), text=text)


def _adopt() -> None:
    clue_items.perform(_item("审计处"), "adopt", by=person_of("discipline"))


def _hand_in() -> None:
    by = person_of("department")
    post = clues.posts_to_hand_in(by)[0]
    clues.hand_in(by=by, post=post, source="finance", category="money", words=HANDED)


def _receive() -> None:
    clues.perform(Clue.objects.get(words=HANDED), "receive", by=commission_head())
