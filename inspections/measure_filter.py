"""措施筛选: the one reading of the filters of measures; figure and list agree (三（四）1, decision 4)."""

from dataclasses import dataclass
from typing import ClassVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from accountability.filters import Filter
from accountability.models import Evidence, Record
from inspections.models import Measure, Round

C = Measure.Completion


@dataclass(frozen=True)
class MeasureFilter(Filter):
    """``organisation`` is 牵头单位."""

    ADDRESS: ClassVar[str] = "measures_listed"
    VIEWS: ClassVar[dict] = {
        "all": "全部",
        "done": "已完成",
        "mostly": "基本完成",
        "undone": "未完成",
        "kept_up": "常态化坚持",
        "unproved": "已完成未见佐证",
    }
    COLUMNS: ClassVar[dict] = {"organisation": "lead", "round": "finding__round"}
    SEARCHED: ClassVar[tuple] = ("text", "progress")

    view: str = "all"
    organisation: int | None = None
    round: int | None = None
    year: int | None = None
    q: str = ""

    def rows(self, measures: QuerySet) -> QuerySet:
        """The measures that meet every condition; ``measures`` comes scoped."""
        measures = self.narrowed(measures)
        if self.year:
            measures = measures.filter(finding__round__in=Round.objects.of_year(self.year).values("pk"))
        return measures.filter(self.meaning())

    def meaning(self) -> Q:
        """What the view says of a measure."""
        proof = Evidence.objects.filter(
            duty=OuterRef("duty"), record__state=Record.State.ACCEPTED, record__attachments__isnull=False
        )
        return {
            "all": Q(),
            "done": Q(completion=C.DONE),
            "mostly": Q(completion=C.MOSTLY),
            "undone": Q(completion=C.UNDONE),
            "kept_up": Q(is_kept_up=True),
            "unproved": Q(completion=C.DONE) & ~Exists(proof),
        }[self.view]
