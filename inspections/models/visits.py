"""调研督查与苗头性问题: a leader's visit is a record; what was noticed on the way waits to be studied (三（四）3)."""

from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accountability.models import Organisation, Person, Record, WorkYear
from accountability.models.history import kept_history


class VisitQuerySet(models.QuerySet):
    def visible_to(self, user) -> "VisitQuerySet":
        """Whose record one may read, and the units visited: these see what was asked of them and promised to them."""
        reached = VisitUnit.objects.filter(visit=OuterRef("pk"), organisation__in=Organisation.objects.reach_of(user))
        visited = Q(Exists(reached)) & ~Q(record__state=Record.State.WITHDRAWN)
        return self.filter(Q(record__in=Record.objects.ids_visible_to(user)) | visited)

    def standing(self) -> "VisitQuerySet":
        return self.exclude(record__state=Record.State.WITHDRAWN)

    def for_list(self) -> "VisitQuerySet":
        return self.select_related("record__post__organisation__parent", "record__organisation").prefetch_related(
            "units__organisation__parent"
        )


class Visit(models.Model):
    """调研督查. The record says who, when and what was learned; here stand the rest and the units it was about."""

    record = models.OneToOneField(Record, models.PROTECT, related_name="visit", verbose_name="履责记录")
    place = models.CharField("地点", max_length=80)
    companions = models.CharField("陪同和参加人员", max_length=200, blank=True)
    found = models.TextField("发现的问题", max_length=2000, blank=True)
    asked = models.TextField("提出的要求", max_length=2000)
    promised = models.TextField("答应办理的事项", max_length=2000, blank=True)

    history = kept_history()
    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "调研督查"
        ordering = ("-record__happened_on", "-id")
        constraints = [
            models.CheckConstraint(
                condition=~Q(asked=""),
                name="visit_asks_something",
                violation_error_message="请写明提出的要求；没有的写“无”。",
            )
        ]

    def __str__(self) -> str:
        return self.record.title

    @property
    def organisations(self) -> list[Organisation]:
        return [row.organisation for row in self.units.all()]


class VisitUnit(models.Model):
    """走访单位."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="units", verbose_name="调研督查")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="visits", verbose_name="单位")

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "走访单位"
        ordering = ("organisation__rank", "organisation")
        constraints = [
            models.UniqueConstraint(
                fields=("visit", "organisation"),
                name="visit_unit_once",
                violation_error_message="该单位已在本次走访之列。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.visit} · {self.organisation}"


class SignQuerySet(models.QuerySet):
    def visible_to(self, user, on: date | None = None) -> "SignQuerySet":
        """Who entered it; and, unless it is about his own unit: 纪委, 书记, 党办 (not what came by petition), the leader
        in charge of the unit, and whom the commission named to a topic under way (decision 15)."""
        from inspections import research_access as door
        from inspections.models.topics import TopicSign

        if not door.takes_part(user):
            return self.none()
        named = TopicSign.objects.studied_by(user).filter(sign=OuterRef("pk"))
        others = Q(organisation__in=door.in_charge_of(user, on)) | Exists(named) | _by_role(user)
        return self.filter(Q(entered_by=user) | (others & ~Q(organisation__in=door.own_units(user))))

    def open(self) -> "SignQuerySet":
        return self.filter(state=Sign.State.OPEN)

    def in_topic(self) -> "SignQuerySet":
        """在专题调研中."""
        return self.filter(topics__is_current=True)

    def waiting(self) -> "SignQuerySet":
        """待研判: open, in no topic, and nothing asked of anybody because of it."""
        from inspections.models.requirements import Requirement
        from inspections.models.topics import TopicSign

        asked = Requirement.objects.filter(sign=OuterRef("pk"))
        studied = TopicSign.objects.filter(sign=OuterRef("pk"))
        return self.open().exclude(Exists(asked)).exclude(Exists(studied))

    def for_list(self) -> "SignQuerySet":
        return self.select_related("organisation__parent", "entered_by").prefetch_related("topics__topic")


def _by_role(user) -> Q:
    from accountability import access
    from accountability.models import Role

    if access.may_supervise(user) or access.holds(user, Role.SECRETARY):
        return Q(pk__isnull=False)
    if access.may_manage_duties(user):
        return ~Q(source=Sign.Source.PETITION)
    return Q(pk__in=[])


class Sign(models.Model):
    """苗头性问题 noticed in a unit. No details of a clue and no names: those have their own place, not this one."""

    class Source(models.TextChoices):
        VISIT = "visit", "调研督查"
        DAILY = "daily", "日常监督"
        AUDIT = "audit", "审计监督"
        FINANCE = "finance", "财会监督"
        INSPECTION = "inspection", "巡视巡察"
        PETITION = "petition", "信访举报（仅类别）"
        PUBLIC = "public", "群众监督"
        PRESS = "press", "舆论监督"
        DEMOCRATIC = "democratic", "民主监督"

    class Category(models.TextChoices):
        MONEY = "money", "经费管理"
        PURCHASE = "purchase", "采购验收"
        ASSETS = "assets", "资产管理"
        ADMISSION = "admission", "招生考试"
        STAFF = "staff", "选人用人、评聘评审"
        RESEARCH = "research", "科研管理"
        CONDUCT = "conduct", "作风纪律"
        DECISIONS = "decisions", "议事决策"
        DUTIES = "duties", "责任落实"
        OTHER = "other", "其他"

    class State(models.TextChoices):
        OPEN = "open", "跟踪中"
        SETTLED = "settled", "已了结"

    AUTHOR, THING = "录入人", "苗头"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="signs", verbose_name="涉及单位")
    source = models.CharField("来源", max_length=12, choices=Source)
    category = models.CharField("类别", max_length=12, choices=Category)
    noticed_on = models.DateField("发现日期")
    text = models.CharField("苗头表现", max_length=500)
    visit = models.ForeignKey(
        Visit, models.PROTECT, null=True, blank=True, related_name="signs", verbose_name="所在调研督查"
    )
    work_year = models.ForeignKey(WorkYear, models.PROTECT, related_name="signs", verbose_name="工作年度")
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    outcome = models.CharField("处置情况", max_length=300, blank=True)
    settled_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="了结人"
    )
    settled_on = models.DateField("了结日期", null=True, blank=True)
    entered_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="录入人")
    entered_at = models.DateTimeField("录入时间")

    history = kept_history()
    objects = SignQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "苗头性问题"
        ordering = ("-noticed_on", "-id")
        indexes = [models.Index(fields=("organisation", "-noticed_on", "-id"), name="sign_by_organisation")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="settled", settled_by__isnull=False, settled_on__isnull=False) & ~Q(outcome="")
                | Q(state="open", settled_by=None, settled_on=None),
                name="sign_settled_with_outcome",
                violation_error_message="了结须写明处置情况、经办人和日期。",
            ),
            models.CheckConstraint(
                condition=Q(visit=None) | Q(source="visit"),
                name="sign_of_visit_says_so",
                violation_error_message="在调研督查中发现的，来源须为“调研督查”。",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def is_own_work_of(self, person: Person) -> bool:
        return self.entered_by_id == person.pk

    @property
    def is_from_petition(self) -> bool:
        return self.source == self.Source.PETITION

    @property
    def where(self) -> str:
        """办到哪一步, in words for a list; ``topics`` come prefetched."""
        if self.state == self.State.SETTLED:
            return "已了结"
        current = next((link.topic for link in self.topics.all() if link.is_current), None)
        return "专题调研中" if current else ("专题已结束" if self.topics.all() else "跟踪中")
