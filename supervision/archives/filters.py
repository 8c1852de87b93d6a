"""档案与意见的筛选: the one reading of each list's filters; list, figure and export all use it (二（二）)."""

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import ClassVar, Self
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.dateparse import parse_date

from supervision.archives import cadres
from supervision.models import ArchivePaper, OpeningPurpose, Opinion


@dataclass(frozen=True)
class Filter:
    """筛选条件. Unknown values in an address are dropped, never an error."""

    ADDRESS: ClassVar[str] = ""
    EXPORT: ClassVar[str] = ""
    CHOICES: ClassVar[dict] = {}
    NUMBERS: ClassVar[tuple[str, ...]] = ("year",)
    DAYS: ClassVar[tuple[str, ...]] = ()

    view: str = "all"
    q: str = ""

    @classmethod
    def read(cls, params) -> Self:
        values = {}
        for column in fields(cls):
            value = params.get(column.name, "").replace("\x00", "").strip()
            if column.name in cls.NUMBERS:
                values[column.name] = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None
            elif column.name in cls.DAYS:
                values[column.name] = _day(value)
            elif column.name in cls.CHOICES:
                values[column.name] = value if value in cls.CHOICES[column.name] else column.default
            else:
                values[column.name] = value[:60]
        return cls(**values)

    def but(self, **changes) -> Self:
        return replace(self, **changes)

    def items(self) -> list[tuple[str, str]]:
        pairs = [(column.name, getattr(self, column.name)) for column in fields(self)]
        return [(name, str(value)) for name, value in pairs if value and (name, value) != ("view", "all")]

    def _address(self, name: str) -> str:
        query = urlencode(self.items())
        return reverse(name) + (f"?{query}" if query else "")

    @property
    def url(self) -> str:
        return self._address(self.ADDRESS)

    @property
    def export_url(self) -> str:
        return self._address(self.EXPORT)

    @property
    def narrows(self) -> bool:
        return bool(self.items())


def _day(value: str) -> date | None:
    try:
        day = parse_date(value)
    except ValueError:
        return None
    return day if day and 2000 <= day.year <= 2100 else None


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
    CHOICES: ClassVar[dict] = {"view": VIEWS}

    year: int | None = None

    def rows(self, people: QuerySet) -> QuerySet:
        """``people`` comes scoped, from ``cadres.in_reach`` of the same year."""
        if self.q:
            people = people.filter(name__icontains=self.q)
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
    CHOICES: ClassVar[dict] = {"view": {"all": "全部", **dict(OpeningPurpose.choices)}}
    NUMBERS: ClassVar[tuple[str, ...]] = ("archive",)
    DAYS: ClassVar[tuple[str, ...]] = ("from_on", "until_on")

    archive: int | None = None
    from_on: date | None = None
    until_on: date | None = None

    def rows(self, openings: QuerySet) -> QuerySet:
        if self.view != "all":
            openings = openings.filter(purpose=self.view)
        if self.archive:
            openings = openings.filter(archive=self.archive)
        if self.from_on:
            openings = openings.filter(opened_at__date__gte=self.from_on)
        if self.until_on:
            openings = openings.filter(opened_at__date__lte=self.until_on)
        if self.q:
            openings = openings.filter(Q(opened_by__name__icontains=self.q) | Q(person__name__icontains=self.q))
        return openings


@dataclass(frozen=True)
class OpinionFilter(Filter):
    """廉洁意见: names are searched by nobody; a list is found by its number and its matter."""

    ADDRESS: ClassVar[str] = "opinions"
    EXPORT: ClassVar[str] = "opinions_export"
    VIEWS: ClassVar[dict] = {"all": "全部", "mine": "待我办理", "open": "办理中", "replied": "已回复"}
    CHOICES: ClassVar[dict] = {"view": VIEWS, "purpose": Opinion.Purpose}

    purpose: str = ""
    year: int | None = None

    def rows(self, opinions: QuerySet, *, user) -> QuerySet:
        if self.purpose:
            opinions = opinions.filter(purpose=self.purpose)
        if self.year:
            opinions = opinions.filter(work_year=self.year)
        if self.q:
            opinions = opinions.filter(Q(number__icontains=self.q) | Q(words__icontains=self.q))
        S = Opinion.State
        return {
            "all": lambda: opinions,
            "mine": lambda: opinions.filter(pk__in=Opinion.objects.waiting_for(user).values("pk")),
            "open": lambda: opinions.filter(state__in=(S.ASKED, S.CHECKED, S.APPROVED)),
            "replied": lambda: opinions.filter(state=S.REPLIED),
        }[self.view]()
