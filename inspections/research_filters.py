"""调研督查的筛选: the one reading of each list's filters; list, figure and export all use it (三（四）3)."""

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import ClassVar, Self
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from inspections.models import Reply, Rule, Sign, Topic, VisitUnit


@dataclass(frozen=True)
class Filter:
    """筛选条件. Unknown values in an address are dropped, never an error."""

    ADDRESS: ClassVar[str] = ""
    CHOICES: ClassVar[dict] = {}
    NUMBERS: ClassVar[tuple[str, ...]] = ("unit", "year")

    view: str = "all"
    unit: int | None = None
    year: int | None = None
    q: str = ""

    @classmethod
    def read(cls, params) -> Self:
        values = {}
        for column in fields(cls):
            value = params.get(column.name, "").replace("\x00", "").strip()
            if column.name in cls.NUMBERS:
                values[column.name] = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None
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

    @property
    def query(self) -> str:
        return urlencode(self.items())

    @property
    def url(self) -> str:
        return reverse(self.ADDRESS) + (f"?{self.query}" if self.query else "")

    @property
    def narrows(self) -> bool:
        return bool(self.items())


@dataclass(frozen=True)
class VisitFilter(Filter):
    ADDRESS: ClassVar[str] = "visits"
    VIEWS: ClassVar[dict] = {"all": "全部", "promised": "有答应办理事项", "signs": "发现苗头"}
    CHOICES: ClassVar[dict] = {"view": VIEWS}
    NUMBERS: ClassVar[tuple[str, ...]] = ("unit", "year", "leader")

    leader: int | None = None

    def rows(self, visits: QuerySet, *, on: date, user) -> QuerySet:
        """Only what every viewer of a visit may read is searched: its title and place."""
        visits = visits.standing()
        if self.unit:
            visits = visits.filter(Exists(VisitUnit.objects.filter(visit=OuterRef("pk"), organisation=self.unit)))
        if self.leader:
            visits = visits.filter(record__post=self.leader)
        if self.year:
            visits = visits.filter(record__work_year=self.year)
        if self.q:
            visits = visits.filter(Q(record__title__icontains=self.q) | Q(place__icontains=self.q))
        if self.view == "promised":
            return visits.exclude(promised="")
        if self.view == "signs":
            return visits.filter(Exists(Sign.objects.visible_to(user).filter(visit=OuterRef("pk"))))
        return visits


@dataclass(frozen=True)
class SignFilter(Filter):
    ADDRESS: ClassVar[str] = "signs"
    VIEWS: ClassVar[dict] = {
        "all": "全部",
        "waiting": "待研判",
        "open": "跟踪中",
        "topic": "专题调研中",
        "settled": "已了结",
        "mine": "我录入的",
    }
    CHOICES: ClassVar[dict] = {"view": VIEWS, "source": Sign.Source, "category": Sign.Category}

    source: str = ""
    category: str = ""

    def rows(self, signs: QuerySet, *, on: date, user) -> QuerySet:
        """``signs`` comes scoped, so that no count or search tells more than the list."""
        if self.unit:
            signs = signs.filter(organisation=self.unit)
        if self.year:
            signs = signs.filter(work_year=self.year)
        if self.source:
            signs = signs.filter(source=self.source)
        if self.category:
            signs = signs.filter(category=self.category)
        if self.q:
            signs = signs.filter(text__icontains=self.q)
        return {
            "all": lambda: signs,
            "waiting": lambda: signs.waiting(),
            "open": lambda: signs.open(),
            "topic": lambda: signs.in_topic(),
            "settled": lambda: signs.filter(state=Sign.State.SETTLED),
            "mine": lambda: signs.filter(entered_by=user),
        }[self.view]()


@dataclass(frozen=True)
class TopicFilter(Filter):
    ADDRESS: ClassVar[str] = "topics"
    VIEWS: ClassVar[dict] = {
        "all": "全部",
        "running": "在办",
        "proposed": "结论待审定",
        "concluded": "已结题",
        "dropped": "已撤销",
    }
    CHOICES: ClassVar[dict] = {"view": VIEWS}

    area: str = ""

    def rows(self, topics: QuerySet, *, on: date, user) -> QuerySet:
        if self.year:
            topics = topics.filter(work_year=self.year)
        if self.area:
            topics = topics.filter(key_area=self.area)
        if self.q:
            topics = topics.filter(title__icontains=self.q)
        if self.view == "running":
            return topics.running()
        return topics if self.view == "all" else topics.filter(state=Topic.State(self.view))


@dataclass(frozen=True)
class ReplyFilter(Filter):
    """A line of this list is one unit's answer."""

    ADDRESS: ClassVar[str] = "requirements"
    VIEWS: ClassVar[dict] = {
        "all": "全部",
        "mine": "待我办理",
        "waiting": "待答复",
        "late": "逾期未答复",
        "sent_back": "退回补充",
        "answered": "待纪委认可",
        "accepted": "已认可",
        "answered_late": "逾期答复",
        "repeats": "举一反三",
    }
    CHOICES: ClassVar[dict] = {"view": VIEWS}
    NUMBERS: ClassVar[tuple[str, ...]] = ("unit", "year", "requirement")

    requirement: int | None = None

    def rows(self, replies: QuerySet, *, on: date, user) -> QuerySet:
        if self.unit:
            replies = replies.filter(organisation=self.unit)
        if self.year:
            replies = replies.filter(requirement__work_year=self.year)
        if self.requirement:
            replies = replies.filter(requirement=self.requirement)
        if self.q:
            replies = replies.filter(Q(requirement__title__icontains=self.q) | Q(requirement__text__icontains=self.q))
        return {
            "all": lambda: replies,
            "mine": lambda: replies.waiting_for(user),
            "waiting": lambda: replies.unanswered(),
            "late": lambda: replies.late(on),
            "sent_back": lambda: replies.unanswered().filter(state=Reply.State.SENT_BACK),
            "answered": lambda: replies.to_accept(),
            "accepted": lambda: replies.filter(state=Reply.State.ACCEPTED),
            "answered_late": lambda: replies.answered_late(),
            "repeats": lambda: replies.exclude(requirement__repeats=None),
        }[self.view]()


@dataclass(frozen=True)
class RuleFilter(Filter):
    ADDRESS: ClassVar[str] = "rules"
    VIEWS: ClassVar[dict] = {"all": "全部", "new": "新立", "amended": "修订", "repealed": "废止"}
    ORIGINS: ClassVar[dict] = {"topic": "专题调研", "requirement": "工作要求", "measure": "整改措施"}
    CHOICES: ClassVar[dict] = {"view": VIEWS, "origin": ORIGINS}

    area: str = ""
    origin: str = ""

    def rows(self, rules: QuerySet, *, on: date, user) -> QuerySet:
        if self.unit:
            rules = rules.filter(organisation=self.unit)
        if self.year:
            rules = rules.filter(in_force_on__year=self.year)
        if self.area:
            rules = rules.filter(key_area="" if self.area == NO_AREA else self.area)
        if self.origin:
            rules = rules.exclude(**{self.origin: None})
        if self.q:
            found = Q(title__icontains=self.q) | Q(document_number__icontains=self.q) | Q(summary__icontains=self.q)
            rules = rules.filter(found)
        return rules if self.view == "all" else rules.filter(status=Rule.Status(self.view))


NO_AREA = "不属于重点领域"
