"""四个亲自: its room, the way to it from home, and beside what the secretary may do in person (二（三）)."""

from django.urls import reverse

from accountability import access
from accountability.models import Record, Role
from accountability.offers import Offer, offers
from accountability.own_pages import with_query
from supervision.in_person.forms import thing_of, words_of
from supervision.models import InPerson
from supervision.rooms import room
from supervision.services import in_person as verbs
from supervision.views.in_person import finds_in_person


def _waiting(user) -> int:
    """Entries of the office that wait for the secretary's word."""
    return verbs.entries().filter(pk__in=Record.objects.visible_to(user).waiting_for(user).values("pk")).count()


room(
    50,
    "书记亲自办理",
    "in_person",
    "本周需要书记亲自办理的事，和本年度的四个亲自：部署、过问、协调、督办",
    icon="flag",
    may=finds_in_person,
    waiting=_waiting,
)


@offers("home")
def to_the_page(user, today) -> list[Offer]:
    if not access.holds(user, Role.SECRETARY):
        return []
    return [Offer("本周需要书记亲自办理", reverse("in_person"), "flag")]


def _beside(name: str):
    def offered(user, thing) -> list[Offer]:
        if not access.holds(user, Role.SECRETARY):
            return []
        return [
            Offer("记为亲自办理", with_query("in_person_new", about=f"{name}-{thing.pk}"), "flag", "四个亲自，二（三）")
        ]

    return offered


for _name in ("duty", "finding", "meeting", "problem", "talk"):
    offers(_name)(_beside(_name))


@offers("record")
def what_it_was_about(user, record) -> list[Offer]:
    """所办事项 beside the record, to who may see that thing."""
    row = InPerson.objects.filter(record=record).first()
    if row is None or not row.about:
        return []
    thing = thing_of(user, f"{row.about}-{getattr(row, f'{row.about}_id')}")
    if thing is None:
        return []
    return [Offer(f"所办事项：{words_of(row.about, thing)}", reverse(row.about, args=[thing.pk]), "link")]
