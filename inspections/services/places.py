"""台账中的名称 → our units and posts: who leads, who helps, who answers."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q
from django.utils import timezone

from accountability.models import Organisation, Post, Role, Tenure
from inspections.models import UnitAlias


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
        self.units = {unit.name: unit for unit in units}
        for alias in UnitAlias.objects.select_related("organisation__parent"):
            self.units.setdefault(alias.name, alias.organisation)
        self.posts: dict[int, list[Post]] = defaultdict(list)
        self.leaders: dict[str, Post] = {}
        self.by_pk: dict[int, Post] = {}
        posts = Post.objects.filter(abolished_on=None).select_related("organisation__parent").order_by("rank", "pk")
        for post in posts:
            self.posts[post.organisation_id].append(post)
            self.by_pk[post.pk] = post
            if post.organisation.kind in (Organisation.Kind.SCHOOL, Organisation.Kind.COMMISSION):
                self.leaders.setdefault(post.title, post)
        today = timezone.localdate()
        terms = Tenure.objects.filter(started_on__lte=today).filter(Q(ended_on=None) | Q(ended_on__gte=today))
        self.holders: dict[int, set[str]] = defaultdict(set)
        for post_id, name in terms.values_list("post", "person__name"):
            self.holders[post_id].add(name)

    def leader(self, words: str) -> Post | None:
        """责任领导 by title, or by the name of who holds it."""
        return self.leaders.get(words) or next(
            (post for post in self.leaders.values() if words and words in self.holders[post.pk]), None
        )

    def owner(self, unit: Organisation, words: str) -> Post | None:
        """责任人: the post so called in the unit, else that of the person so named, else the unit's secretary."""
        posts = self.posts[unit.pk]
        if words:
            for post in posts:
                if words in (post.title, post.full_title) or words in self.holders[post.pk]:
                    return post
        return head_of(posts)
