"""对口联系: each leader's units with his visits of the year and the last one ever; who was never visited (二（四）, 三（四）3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, Q

from accountability import access
from accountability.models import Organisation, Person, Portfolio, Post
from inspections.models import Visit, VisitUnit
from inspections.research_access import visiting_posts
from inspections.research_filters import VisitFilter

SHOWN = {"all": "全部", "never": "从未走访", "not_yet": "今年未走访", "visited": "今年已走访"}


@dataclass(frozen=True)
class Line:
    """一对联系: a leader, a unit, how they are linked, and his visits there."""

    post: Post
    unit: Organisation
    kinds: str
    this_year: int
    last_on: date | None
    year: int

    @property
    def state(self) -> str:
        if self.this_year:
            return "visited"
        return "not_yet" if self.last_on else "never"

    @property
    def year_url(self) -> str:
        return VisitFilter(leader=self.post.pk, unit=self.unit.pk, year=self.year).url

    @property
    def ever_url(self) -> str:
        return VisitFilter(leader=self.post.pk, unit=self.unit.pk).url


class Contacts:
    """Every line ``user`` may see: all of them with the whole school in sight, else of his posts and units."""

    def __init__(self, user: Person, year: int, on: date) -> None:
        self.user, self.year, self.on = user, year, on
        self.lines = self._lines()
        self.without = self._without()

    def shown(self, which: str) -> list[Line]:
        if which == "not_yet":  # who was never visited was not visited this year either
            return [line for line in self.lines if not line.this_year]
        return [line for line in self.lines if which in ("all", line.state)]

    def _links(self):
        rows = Portfolio.objects.in_force(self.on).filter(organisation__abolished_on=None, post__abolished_on=None)
        if not access.may_see_whole_school(self.user):
            within = Organisation.objects.reach_of(self.user)
            rows = rows.filter(Q(post__in=access.posts_of(self.user)) | Q(organisation__in=within))
        rows = rows.select_related("post__organisation__parent", "organisation__parent")
        return rows.order_by(
            "post__organisation__path", "post__rank", "post", "organisation__rank", "organisation", "kind"
        )

    def _lines(self) -> list[Line]:
        pairs: dict[tuple[int, int], list[Portfolio]] = {}
        for row in self._links():
            pairs.setdefault((row.post_id, row.organisation_id), []).append(row)
        counted = self._visits()
        lines = []
        for key, rows in pairs.items():
            kinds = "、".join(dict.fromkeys(row.get_kind_display()[:2] for row in rows))
            this_year, last_on = counted.get(key, (0, None))
            lines.append(Line(rows[0].post, rows[0].organisation, kinds, this_year, last_on, self.year))
        return lines

    def _visits(self) -> dict[tuple[int, int], tuple[int, date | None]]:
        seen = Visit.objects.visible_to(self.user).standing()
        rows = (
            VisitUnit.objects.filter(visit__in=seen)
            .order_by()
            .values_list("visit__record__post", "organisation")
            .annotate(
                this_year=Count("pk", filter=Q(visit__record__work_year=self.year)),
                last_on=Max("visit__record__happened_on"),
            )
        )
        return {(post, unit): (this_year, last_on) for post, unit, this_year, last_on in rows}

    def _without(self) -> Sequence[Post]:
        """没有联系单位的校领导."""
        if not access.may_see_whole_school(self.user):
            return []
        linked = Portfolio.objects.in_force(self.on).values("post")
        return list(visiting_posts().exclude(pk__in=linked))
