"""档案与意见的筛选: the one reading of each list's filters; list, figure and export all use it (二（二）)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.db.models import QuerySet

from accountability.filters import Filter
from supervision.archives import cadres
from supervision.models import ArchivePaper, OpeningPurpose, Opinion


@dataclass(frozen=True)
class CadreFilter(Filter):
    """A line is one cadre, with or without an archive; ``year`` is the year asked whether it was updated."""

    ADDRESS: ClassVar[str] = "archives"
    EXPORT: ClassVar[str] = "archives_export"
    VIEWS: ClassVar[dict] = {
        "all": "全部干部",
        "kept": "已建档",
        "none": "没有档案",
        "overdue": "未建档（已过期限）",
        "stale": "未年度更新",
        "updated": "已年度更新",
        "papers": "有材料待确认",
        "left": "已离任",
    }
    SEARCHED: ClassVar[tuple] = ("name",)

    view: str = "all"
    q: str = ""
    year: int | None = None

    def rows(self, people: QuerySet) -> QuerySet:
        """``people`` comes scoped, from ``cadres.in_reach`` of the same year."""
        people = self.narrowed(people)
        return {
            "all": lambda: people,
            "kept": lambda: people.filter(archive__isnull=False),
            "none": lambda: cadres.without_archive(people),
            "overdue": lambda: cadres.overdue(people),
            "stale": lambda: cadres.not_updated(people),
            "updated": lambda: people.filter(is_updated=True),
            "papers": lambda: people.filter(pk__in=_filed().values("person")),
            "left": lambda: people.filter(is_cadre=False),
        }[self.view]()


def _filed() -> QuerySet:
    return ArchivePaper.objects.filter(state=ArchivePaper.State.FILED)


@dataclass(frozen=True)
class OpeningFilter(Filter):
    """查阅登记: by purpose, by who opened or whose it is, from a day to a day."""

    ADDRESS: ClassVar[str] = "archive_openings"
    EXPORT: ClassVar[str] = "archive_openings_export"
    VIEWS: ClassVar[dict] = {"all": "全部", **dict(OpeningPurpose.choices)}
    COLUMNS: ClassVar[dict] = {
        "archive": "archive",
        "from_on": "opened_at__date__gte",
        "until_on": "opened_at__date__lte",
    }
    SEARCHED: ClassVar[tuple] = ("opened_by__name", "person__name")

    view: str = "all"
    q: str = ""
    archive: int | None = None
    from_on: date | None = None
    until_on: date | None = None

    def rows(self, openings: QuerySet) -> QuerySet:
        openings = self.narrowed(openings)
        return openings if self.view == "all" else openings.filter(purpose=self.view)


@dataclass(frozen=True)
class OpinionFilter(Filter):
    """廉洁意见: names are searched by nobody; a list is found by its number and its matter."""

    ADDRESS: ClassVar[str] = "opinions"
    EXPORT: ClassVar[str] = "opinions_export"
    VIEWS: ClassVar[dict] = {"all": "全部", "mine": "待我办理", "open": "办理中", "replied": "已回复"}
    CHOICES: ClassVar[dict] = {"purpose": Opinion.Purpose}
    COLUMNS: ClassVar[dict] = {"purpose": "purpose", "year": "work_year"}
    SEARCHED: ClassVar[tuple] = ("number", "words")

    view: str = "all"
    q: str = ""
    purpose: str = ""
    year: int | None = None

    def rows(self, opinions: QuerySet, *, user) -> QuerySet:
        opinions = self.narrowed(opinions)
        S = Opinion.State
        return {
            "all": lambda: opinions,
            "mine": lambda: opinions.filter(pk__in=Opinion.objects.waiting_for(user).values("pk")),
            "open": lambda: opinions.filter(state__in=(S.ASKED, S.CHECKED, S.APPROVED)),
            "replied": lambda: opinions.filter(state=S.REPLIED),
        }[self.view]()
