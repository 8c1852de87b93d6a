"""考核方案: what a year's assessment asks, how each item is scored and which grade a score is, all as data (四（四）)."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q, Sum

from accountability.models import Person, WorkYear
from accountability.models.history import kept_history

FULL = Decimal(100)


class AssessedKind(models.TextChoices):
    """考核对象: second-level organisations, and the leaders of the school."""

    UNIT = "unit", "二级单位"
    LEADER = "leader", "校领导"


class Purpose(models.TextChoices):
    """结果运用: the lists a result and a measure feed (四（四）)."""

    ANNUAL = "annual", "年度考核"
    HONOURS = "honours", "评先评优"
    PROMOTION = "promotion", "选拔任用"


class SchemeQuerySet(models.QuerySet):
    def visible_to(self, user) -> "SchemeQuerySet":
        """A scheme under way is between commission, office and secretary; once in use, for whoever is assessed by it."""
        from supervision.assessment.access import sees_all
        from supervision.models.assessments import Assessment

        if sees_all(user):
            return self
        return self.filter(assessment__in=Assessment.objects.visible_to(user))

    def for_list(self) -> "SchemeQuerySet":
        return self.select_related("work_year", "prepared_by", "proposed_by", "approved_by")


class Scheme(models.Model):
    """考核方案 of one working year for one kind of assessed: prepared by the commission, approved by the secretary."""

    class State(models.TextChoices):
        DRAFT = "draft", "拟订中"
        PROPOSED = "proposed", "待审定"
        APPROVED = "approved", "已审定"
        IN_USE = "in_use", "已启用"

    AUTHOR, THING = "拟订人", "考核方案"

    work_year = models.ForeignKey(WorkYear, models.PROTECT, related_name="schemes", verbose_name="工作年度")
    kind = models.CharField("考核对象", max_length=8, choices=AssessedKind)
    title = models.CharField("方案名称", max_length=120)
    guidance = models.TextField("考核说明", max_length=3000, blank=True)
    # [{"name": "好", "least": 90, "bars": []}, …], best first; ``bars`` are purposes such a result excludes from.
    grades = models.JSONField("等次", default=list)
    objection_days = models.PositiveSmallIntegerField("公示天数（工作日）", default=5)
    answer_days = models.PositiveSmallIntegerField("异议答复期限（工作日）", default=5)
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    prepared_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="拟订人")
    prepared_at = models.DateTimeField("拟订时间")
    edited_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="最后修改人")
    proposed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="送审人"
    )
    proposed_on = models.DateField("送审日期", null=True, blank=True)
    approved_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审定人"
    )
    approved_on = models.DateField("审定日期", null=True, blank=True)
    returned_reason = models.CharField("退回原因", max_length=500, blank=True)

    history = kept_history()
    objects = SchemeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "考核方案"
        ordering = ("-work_year_id", "-kind")
        constraints = [
            models.UniqueConstraint(
                fields=("work_year", "kind"),
                name="scheme_once_a_year",
                violation_error_message="这一年度已有这类对象的考核方案。",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None)
                | (
                    ~Q(approved_by=F("proposed_by")) & ~Q(approved_by=F("prepared_by")) & ~Q(approved_by=F("edited_by"))
                ),
                name="scheme_four_eyes",
                violation_error_message="拟订、修改或送审方案的人不能审定方案。",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("approved", "in_use"), approved_by__isnull=False, approved_on__isnull=False)
                | Q(state__in=("draft", "proposed"), approved_by=None, approved_on=None),
                name="scheme_approved_by_one",
                violation_error_message="审定的方案须有审定人和日期，未审定的没有。",
            ),
            models.CheckConstraint(
                condition=Q(objection_days__gte=1, objection_days__lte=30, answer_days__gte=1, answer_days__lte=30),
                name="scheme_days_in_range",
                violation_error_message="公示和答复的期限须在 1 至 30 个工作日之间。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def is_own_work_of(self, person: Person) -> bool:
        return person.pk in (self.prepared_by_id, self.edited_by_id, self.proposed_by_id)

    @property
    def may_change(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def weight(self) -> Decimal:
        """基本分: what all items that start full add up to; bonuses come on top."""
        return self.items.filter(is_bonus=False, is_dropped=False).aggregate(sum=Sum("points"))["sum"] or Decimal(0)

    def grade_of(self, total: Decimal) -> str:
        """等次 of a score; the grades stand best first."""
        reached = [grade for grade in self.grades if total >= Decimal(str(grade["least"]))]
        return max(reached, key=lambda grade: Decimal(str(grade["least"])))["name"] if reached else ""

    def barred_by(self, grade: str) -> list[str]:
        return next((one.get("bars", []) for one in self.grades if one["name"] == grade), [])


class SchemeItem(models.Model):
    """考核项目: its points and its rule. Without a rule people score it; a veto has no points but a grade."""

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="items", verbose_name="考核方案")
    rank = models.PositiveSmallIntegerField("排序")
    group = models.CharField("类别", max_length=20, help_text="如 明责、履责、督责、追责")
    title = models.CharField("考核项目", max_length=60)
    standard = models.CharField("评分标准", max_length=300)
    points = models.DecimalField("分值", max_digits=5, decimal_places=2)
    is_bonus = models.BooleanField("加分项", default=False)
    rule = models.JSONField("计分规则", default=dict, blank=True)
    is_dropped = models.BooleanField("已删去", default=False)

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "考核项目"
        ordering = ("scheme", "rank", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(points__gte=0, points__lte=100),
                name="scheme_item_points_in_range",
                violation_error_message="分值须在 0 至 100 之间。",
            ),
            models.UniqueConstraint(
                fields=("scheme", "title"),
                condition=Q(is_dropped=False),
                name="scheme_item_once",
                violation_error_message="方案中已有同名的考核项目。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_human(self) -> bool:
        return not self.rule

    @property
    def is_veto(self) -> bool:
        return "grade" in self.rule

    @property
    def rule_words(self) -> str:
        from supervision.assessment.rules import words_of

        return words_of(self.rule)
