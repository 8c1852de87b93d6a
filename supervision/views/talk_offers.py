"""谈话: its room, its figures, and where a talk is offered (四（三）)."""

from django.urls import reverse

from accountability.offers import Offer, offers
from accountability.own_pages import with_query
from supervision.access import admitted
from supervision.board.indicators import figure
from supervision.models import Secret, Talk
from supervision.rooms import room
from supervision.talks import access as door
from supervision.talks.filter import TalkFilter

room(
    310,
    "谈话",
    "talks",
    "提醒、廉政、任职、监督谈话，约谈、函询、诫勉和谈心：从安排到本人确认、跟踪落实；只有当事人和获准知悉的同志能看到",
    icon="talk",
    may=door.finds_talks,
    waiting=lambda user: Talk.objects.waiting_for(user).count(),
)


def _of_view(view: str):
    def rows(user, year, on):
        return TalkFilter(view=view, year=year).rows(Talk.objects.visible_to(user), user=user, on=on)

    return rows


def _register(name: str, view: str, words: str) -> None:
    figure(
        name,
        "已谈话" if view == "held" else TalkFilter.VIEWS[view],
        unit="次",
        rows=_of_view(view),
        url=lambda year: TalkFilter(view=view, year=year).url,
        words=words,
        may=lambda user: admitted(user, Secret.TALK),
    )


_register("talks", "held", "本年度安排并已谈的")
_register("talks_late", "late", "过了谈话期限还没有谈")
_register("talks_unconfirmed", "unconfirmed", "已谈，本人还没有确认")
_register("talks_untracked", "untracked", "需要跟踪的谈话，没有定报告期限，或到期没有报告")


def _offer(name: str):
    """安排谈话 beside a thing, to who may arrange one; it says nothing of talks held because of it."""

    def offered(user, thing) -> list[Offer]:
        if not door.arranges_by_post(user):
            return []
        return [
            Offer("安排谈话", with_query("talk_new", **{name: thing.pk}), "talk", "只有当事人和获准知悉的同志能看到")
        ]

    return offered


for _name in ("sign", "duty", "finding"):
    offers(_name)(_offer(_name))


@offers("home")
def waiting_talks(user, today) -> list[Offer]:
    """首页: something waits; what it is the page behind the door says."""
    count = Talk.objects.waiting_for(user).count()
    return [Offer(f"监督工作：{count} 项等您办理", reverse("talks") + "?view=mine", "flag")] if count else []
