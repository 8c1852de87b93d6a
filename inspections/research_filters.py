"""调研督查的筛选: the one reading of each list's filters; list, figure and export all use it (三（四）3)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.db.models import Exists, OuterRef, QuerySet

from accountability.filters import Filter
from inspections.models import Reply, Rule, Sign, Topic, VisitUnit

NO_AREA = "不属于重点领域"


@dataclass(frozen=True)
class VisitFilter(Filter):
    ADDRESS: ClassVar[str] = "visits"
    VIEWS: ClassVar[dict] = {"all": "全部", "promised": "有答应办理事项", "signs": "发现苗头"}
    COLUMNS: ClassVar[dict] = {"leader": "record__post", "year": "record__work_year"}
    SEARCHED: ClassVar[tuple] = ("record__title", "place")

    view: str = "all"
    unit: int | None = None
    year: int | None = None
    q: str = ""
    leader: int | None = None

    def rows(self, visits: QuerySet, *, on: date, user) -> QuerySet:
        """Only what every viewer of a visit may read is searched: its title and place."""
        visits = self.narrowed(visits.standing())
        if self.unit:
            visits = visits.filter(Exists(VisitUnit.objects.filter(visit=OuterRef("pk"), organisation=self.unit)))
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
    CHOICES: ClassVar[dict] = {"source": Sign.Source, "category": Sign.Category}
    COLUMNS: ClassVar[dict] = {
        "unit": "organisation",
        "year": "work_year",
        "source": "source",
        "category": "category",
    }
    SEARCHED: ClassVar[tuple] = ("text",)

    view: str = "all"
    unit: int | None = None
    year: int | None = None
    q: str = ""
    source: str = ""
    category: str = ""

    def rows(self, signs: QuerySet, *, on: date, user) -> QuerySet:
        """``signs`` comes scoped, so that no count or search tells more than the list."""
        signs = self.narrowed(signs)
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
    COLUMNS: ClassVar[dict] = {"year": "work_year", "area": "key_area"}
    SEARCHED: ClassVar[tuple] = ("title",)

    view: str = "all"
    year: int | None = None
    q: str = ""
    area: str = ""

    def rows(self, topics: QuerySet, *, on: date, user) -> QuerySet:
        topics = self.narrowed(topics)
        if self.view == "running":
            return topics.running()
        return topics if self.view == "all" else topics.filter(state=Topic.State(self.view))


@dataclass(frozen=True)
class ReplyFilter(Filter):
    """A line of this list is one unit's answer."""

    ADDRESS: ClassVar[str] = "requirements"
    EXPORT: ClassVar[str] = "requirements_export"
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
    COLUMNS: ClassVar[dict] = {
        "unit": "organisation",
        "year": "requirement__work_year",
        "requirement": "requirement",
    }
    SEARCHED: ClassVar[tuple] = ("requirement__title", "requirement__text")

    view: str = "all"
    unit: int | None = None
    year: int | None = None
    q: str = ""
    requirement: int | None = None

    def rows(self, replies: QuerySet, *, on: date, user) -> QuerySet:
        replies = self.narrowed(replies)
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
    EXPORT: ClassVar[str] = "rules_export"
    VIEWS: ClassVar[dict] = {"all": "全部", "new": "新立", "amended": "修订", "repealed": "废止"}
    ORIGINS: ClassVar[dict] = {"topic": "专题调研", "requirement": "工作要求", "measure": "整改措施"}
    CHOICES: ClassVar[dict] = {"origin": ORIGINS}
    COLUMNS: ClassVar[dict] = {"unit": "organisation", "year": "in_force_on__year"}
    SEARCHED: ClassVar[tuple] = ("title", "document_number", "summary")

    view: str = "all"
    unit: int | None = None
    year: int | None = None
    q: str = ""
    area: str = ""
    origin: str = ""

    def rows(self, rules: QuerySet, *, on: date, user) -> QuerySet:
        rules = self.narrowed(rules)
        if self.area:
            rules = rules.filter(key_area="" if self.area == NO_AREA else self.area)
        if self.origin:
            rules = rules.exclude(**{self.origin: None})
        return rules if self.view == "all" else rules.filter(status=Rule.Status(self.view))
