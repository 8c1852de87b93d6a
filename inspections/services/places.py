"""台账中的名称 → our units and posts: who leads, who helps, who answers."""

import re
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q
from django.utils import timezone

from accountability.models import Organisation, Post, Role, Tenure
from inspections.models import UnitAlias
from inspections.reading.names import NOTE

PARTY = re.compile(r"(?:党委|党总支|党支部|直属党支部|分党委|党组织)$")
SAYS_WHO = re.compile(r"^(?:牵头|责任|主责|主办|配合|协助|协办)(?:单位|部门)?[:：]\s*")
# 各学院, 相关单位: whoever they are, no one unit of ours; kept as words.
EVERYBODY = re.compile(
    r"^(?:各|相关|有关|全校|全体|其他|所有|各有关|各相关)|等$|相关(?:单位|部门|学院)$|^二级(?:单位|学院|党组织)$"
)


def head_of(posts: list[Post]) -> Post | None:
    """Who answers for a unit: its party secretary, else the first of its posts."""
    return min(posts, key=lambda post: (post.role != Role.UNIT_SECRETARY, post.rank, post.pk), default=None)


def heads_of(units: Iterable[int]) -> dict[int, Post]:
    """The same for many units at once."""
    posts: dict[int, list[Post]] = defaultdict(list)
    for post in Post.objects.filter(organisation__in=units, abolished_on=None):
        posts[post.organisation_id].append(post)
    return {unit: head_of(those) for unit, those in posts.items()}


class Places:
    """Every unit, leader and post by the names people write; read once, then asked for each row."""

    def __init__(self) -> None:
        units = list(Organisation.objects.active().exclude(kind=Organisation.Kind.BRANCH).select_related("parent"))
        self.active = units
        self.units = {unit.name: unit for unit in units}
        for alias in UnitAlias.objects.select_related("organisation__parent"):
            self.units.setdefault(alias.name, alias.organisation)
        self.answers: dict[str, Organisation | None] = {}
        self.lists: dict[tuple[str, ...], list[str]] = {}
        self.posts: dict[int, list[Post]] = defaultdict(list)
        self.leaders: dict[str, Post] = {}
        posts = Post.objects.filter(abolished_on=None).select_related("organisation__parent").order_by("rank", "pk")
        for post in posts:
            self.posts[post.organisation_id].append(post)
            if post.organisation.kind in (Organisation.Kind.SCHOOL, Organisation.Kind.COMMISSION):
                self.leaders.setdefault(post.title, post)
        today = timezone.localdate()
        terms = Tenure.objects.filter(started_on__lte=today).filter(Q(ended_on=None) | Q(ended_on__gte=today))
        self.holders: dict[int, set[str]] = defaultdict(set)
        for post_id, name in terms.values_list("post", "person__name"):
            self.holders[post_id].add(name)
        self.owners: dict[tuple[int, str], Post | None] = {}

    def unit(self, name: str) -> Organisation | None:
        """By name or by what it is called (``UnitAlias``), blanks, notes in brackets and 党委 after it left out."""
        if name not in self.answers:
            self.answers[name] = next((self.units[one] for one in _spellings(name) if one in self.units), None)
        return self.answers[name]

    def named(self, names: Iterable[str]) -> list[str]:
        """One name each: a line break within a name is none, one between two names parts them."""
        key = tuple(names)
        if key not in self.lists:
            self.lists[key] = [one for name in key for one in self._lines_of(name)]
        return self.lists[key]

    def _lines_of(self, name: str) -> list[str]:
        if "\n" not in name:
            return [name]
        if self.unit(joined := name.replace("\n", "")):
            return [joined]
        return [line for line in name.split("\n") if line]

    def nearest(self, name: str) -> Organisation | None:
        """What was probably meant, as a proposal only: 经贸学院 for 国际经贸学院, if there is but one such."""
        asked = _spellings(name)[-1]
        near = [unit for unit in self.active if _is_within(asked, unit.name) or _is_within(unit.name, asked)]
        return near[0] if len(near) == 1 else None

    def leader(self, words: str) -> Post | None:
        """责任领导 by title, or by the name of who holds it."""
        return self.leaders.get(words) or next(
            (post for post in self.leaders.values() if words and words in self.holders[post.pk]), None
        )

    def owner(self, unit: Organisation, words: str) -> Post | None:
        """责任人: the post so called in the unit, else that of the person so named, else the unit's secretary."""
        key = (unit.pk, words)
        if key not in self.owners:
            self.owners[key] = self._owner(unit, words)
        return self.owners[key]

    def _owner(self, unit: Organisation, words: str) -> Post | None:
        posts = self.posts[unit.pk]
        if words:
            for post in posts:
                if words in (post.title, post.full_title) or words in self.holders[post.pk]:
                    return post
        return head_of(posts)


def is_everybody(name: str) -> bool:
    return bool(EVERYBODY.search(name))


def _spellings(name: str) -> list[str]:
    """The name as written first, then with less and less around it."""
    close = SAYS_WHO.sub("", "".join(name.split()))
    bare = NOTE.sub("", close)
    return list(dict.fromkeys([name, close, bare, PARTY.sub("", bare).removeprefix("中共") or bare]))


def _is_within(short: str, long: str) -> bool:
    """Every sign of ``short`` stands in ``long``, in the same order."""
    signs = iter(long)
    return len(short) >= 2 and all(sign in signs for sign in short)
