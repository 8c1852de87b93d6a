"""措施筛选: the one reading of the filters of measures; figure and list agree (三（四）1, decision 4)."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from accountability.models import Evidence, Record
from inspections.finding_filter import number_in, year_in
from inspections.models import Measure, Round

C = Measure.Completion
VIEWS = {
    "all": "全部",
    "done": "已完成",
    "mostly": "基本完成",
    "undone": "未完成",
    "kept_up": "常态化坚持",
    "unproved": "已完成未见佐证",
}


@dataclass(frozen=True)
class MeasureFilter:
    """Unknown values in an address are dropped, never an error. ``organisation`` is 牵头单位."""

    view: str = "all"
    organisation: int | None = None
    round: int | None = None
    year: int | None = None
    q: str = ""

    @classmethod
    def read(cls, params) -> "MeasureFilter":
        return cls(
            view=params.get("view") if params.get("view") in VIEWS else "all",
            organisation=number_in(params, "organisation"),
            round=number_in(params, "round"),
            year=year_in(params),
            q=params.get("q", "").replace("\x00", "").strip()[:60],
        )

    def but(self, **changes) -> "MeasureFilter":
        return replace(self, **changes)

    def items(self) -> list[tuple[str, str]]:
        pairs = [("view", self.view if self.view != "all" else "")]
        pairs += [(name, str(getattr(self, name) or "")) for name in ("organisation", "round", "year", "q")]
        return [(name, value) for name, value in pairs if value]

    @property
    def url(self) -> str:
        query = urlencode(self.items())
        return reverse("measures_listed") + (f"?{query}" if query else "")

    @property
    def narrows(self) -> bool:
        return bool(self.items())

    def rows(self, measures: QuerySet) -> QuerySet:
        """The measures that meet every condition; ``measures`` comes scoped."""
        if self.organisation:
            measures = measures.filter(lead=self.organisation)
        if self.round:
            measures = measures.filter(finding__round=self.round)
        if self.year:
            measures = measures.filter(finding__round__in=Round.objects.of_year(self.year).values("pk"))
        if self.q:
            measures = measures.filter(Q(text__icontains=self.q) | Q(progress__icontains=self.q))
        return measures.filter(self._meaning())

    def _meaning(self) -> Q:
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
