"""监督工作: the rooms of this app; navigation, hub and tabs read them here (三（二）1).

Each room registers itself from ``supervision/views/<room>.py``; nobody learns of a room that is not his.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from accountability.models import Person


@dataclass(frozen=True)
class Room:
    """``may`` says who finds the room at all; ``waiting`` how many things in it wait for this person."""

    rank: int
    label: str
    url_name: str
    words: str
    icon: str
    may: Callable[[Person], bool]
    waiting: Callable[[Person], int] = lambda user: 0

    @property
    def url(self) -> str:
        return reverse(self.url_name)


_rooms: dict[str, Room] = {}


def room(rank: int, label: str, url_name: str, words: str, *, icon: str, may, waiting=lambda user: 0) -> Room:
    """登记 a room by its address; registering again replaces it."""
    _rooms[url_name] = Room(rank, label, url_name, words, icon, may, waiting)
    return _rooms[url_name]


def rooms_for(user: Person) -> list[Room]:
    return [one for one in sorted(_rooms.values(), key=lambda each: each.rank) if one.may(user)]


def tabs_for(user: Person, url_name: str) -> list[dict]:
    """The tabs of ``components/_tabs.html``; none where there is only one room."""
    rooms = rooms_for(user)
    return [
        {"label": one.label, "url": one.url, "current": one.url_name == url_name} for one in rooms if len(rooms) > 1
    ]
