"""廉政风险点: what may go wrong where power is used, its level by a rule that is data, its changes (三（四）2、三（三）2)."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accountability.models import Organisation, Person, Post
from accountability.models.history import kept_history


class Level(models.IntegerChoices):
    """等级: 一级 is the gravest."""

    FIRST = 1, "一级"
    SECOND = 2, "二级"
    THIRD = 3, "三级"


class RiskFactor(models.Model):
    """风险情形: a kind of risk a point may bear; some lift it to a level whatever else it bears (一票定级)."""

    code = models.CharField(
        "代码",
        max_length=30,
        unique=True,
        validators=[RegexValidator(r"^[a-z][a-z0-9-]*$", "代码只用小写字母、数字和横线。")],
    )
    name = models.CharField("风险情形", max_length=60, unique=True)
    lifts_to = models.PositiveSmallIntegerField(
        "一票定级",
        choices=Level,
        null=True,
        blank=True,
        help_text="有此情形即至少定为这一级；没有则留空，按情形个数定级",
    )
    is_dropped = models.BooleanField("停用", default=False, help_text="停用后不再可选，也不再参与定级")
    rank = models.PositiveSmallIntegerField("排序", default=0)

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "风险情形"
        ordering = ("rank", "id")

    def __str__(self) -> str:
        return self.name


class LevelRule(models.Model):
    """定级规则: from how many kinds of risk on a point is of this level, and whose it is then."""

    level = models.PositiveSmallIntegerField("等级", choices=Level, unique=True)
    least = models.PositiveSmallIntegerField(
        "风险情形不少于", unique=True, error_messages={"unique": "另一个等级已用这个个数。"}
    )
    owner_titles = models.CharField(
        "责任岗位",
        max_length=200,
        blank=True,
        help_text="职务中的字样，按先后以“、”相连，如“副书记、副处长”；本单位没有这样的岗位，由党组织书记负责",
    )
    names_leader = models.BooleanField("分管（联系）校领导共同负责", default=False)

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "风险定级规则"
        ordering = ("level",)
        constraints = [
            models.CheckConstraint(
                condition=Q(least__gte=1),
                name="level_rule_at_least_one",
                violation_error_message="个数至少为 1。",
            )
        ]

    def __str__(self) -> str:
        return self.get_level_display()

    def clean(self) -> None:
        """The graver the level, the more kinds it takes."""
        for other in LevelRule.objects.exclude(pk=self.pk):
            graver = self if (self.level or 0) < other.level else other
            milder = other if graver is self else self
            if self.level and self.least and graver.least <= milder.least:
                raise ValidationError({"least": f"{graver}的个数须多于{milder}的 {milder.least} 个。"})


class RiskContent(models.Model):
    """What a point says; a change says it anew."""

    class Category(models.TextChoices):
        POST = "post", "岗位职责"
        PROCESS = "process", "业务流程"
        MIND = "mind", "思想道德"
        RULES = "rules", "制度机制"
        OUTSIDE = "outside", "外部环境"

    power_item = models.CharField("权力事项", max_length=80)
    category = models.CharField("风险类别", max_length=8, choices=Category)
    key_area = models.CharField("重点领域", max_length=20, blank=True)
    text = models.CharField("风险点", max_length=200)
    manifestation = models.TextField("表现形式", max_length=1000)
    # Codes of RiskFactor joined by commas: what was chosen then, whatever becomes of the factor.
    factors = models.CharField("风险情形", max_length=400)
    level = models.PositiveSmallIntegerField("等级", choices=Level)
    measures = models.TextField("防控措施", max_length=2000)

    class Meta:
        abstract = True

    @property
    def factor_codes(self) -> list[str]:
        return [code for code in self.factors.split(",") if code]


class RiskPointQuerySet(models.QuerySet):
    def visible_to(self, user) -> "RiskPointQuerySet":
        """Of the organisations in one's reach."""
        return self.filter(organisation__in=Organisation.objects.reach_of(user))

    def in_use(self) -> "RiskPointQuerySet":
        return self.filter(state=RiskPoint.State.IN_USE)

    def changed_in(self, year: int, what: str) -> "RiskPointQuerySet":
        """新增、退出、等级或措施调整 that took effect in that year."""
        return self.filter(Exists(RiskChange.objects.effective(year).of_sort(what).filter(point=OuterRef("pk"))))

    def waiting_for(self, user) -> "RiskPointQuerySet":
        """待我确认: new points or changes of others, where I confirm."""
        from accountability.access import organisations_where

        asked = RiskChange.objects.filter(point=OuterRef("pk"), state=RiskChange.State.ASKED).exclude(asked_by=user)
        new = Q(state=RiskPoint.State.PROPOSED) & ~Q(entered_by=user)
        return self.filter(new | Exists(asked), organisation__in=organisations_where(user, "confirm_record"))

    def for_list(self) -> "RiskPointQuerySet":
        asked = RiskChange.objects.filter(point=OuterRef("pk"), state=RiskChange.State.ASKED)
        return self.select_related("organisation__parent", "owner__organisation__parent").annotate(
            has_asked=Exists(asked)
        )


class RiskPoint(RiskContent):
    """廉政风险点 of a unit or department: drafted by its liaison, in use once its secretary confirmed it."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "待确认"
        RETURNED = "returned", "已退回"
        IN_USE = "in_use", "在用"
        RETIRED = "retired", "已退出"
        WITHDRAWN = "withdrawn", "已撤回"

    AUTHOR, THING = "填报人", "风险点"

    serial = models.PositiveIntegerField("编号", unique=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="risk_points", verbose_name="单位")
    owner = models.ForeignKey(
        Post, models.PROTECT, null=True, blank=True, related_name="risk_points", verbose_name="责任岗位"
    )
    state = models.CharField("状态", max_length=10, choices=State, default=State.PROPOSED)
    entered_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="填报人")
    entered_at = models.DateTimeField("填报时间")
    # Empty when the secretary entered it himself: his own word counts at once.
    confirmed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认人"
    )
    opinion = models.CharField("退回原因", max_length=300, blank=True)
    in_use_from = models.DateField("启用日期", null=True, blank=True)
    retired_on = models.DateField("退出日期", null=True, blank=True)
    retired_why = models.CharField("退出原因", max_length=300, blank=True)

    history = kept_history()
    objects = RiskPointQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "廉政风险点"
        ordering = ("organisation__rank", "organisation", "level", "serial")
        indexes = [
            models.Index(fields=("organisation", "state", "level"), name="risk_point_by_organisation"),
            models.Index(fields=("state", "key_area", "level"), name="risk_point_by_area"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("organisation", "power_item", "text"),
                condition=Q(state__in=("proposed", "returned", "in_use")),
                name="risk_point_once",
                violation_error_message="本单位的这项权力已有相同的风险点。",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("entered_by")),
                name="risk_point_four_eyes",
                violation_error_message="填报人不能确认自己填报的风险点。",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("in_use", "retired"), in_use_from__isnull=False)
                | (~Q(state__in=("in_use", "retired")) & Q(in_use_from=None)),
                name="risk_point_in_use_from_a_day",
                violation_error_message="在用的风险点须有启用日期，未启用的没有。",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state="retired", retired_on__isnull=False, retired_on__gte=F("in_use_from")) & ~Q(retired_why="")
                )
                | (~Q(state="retired") & Q(retired_on=None, retired_why="")),
                name="risk_point_retired_with_reason",
                violation_error_message="退出的风险点须有退出日期和原因，日期不早于启用日期。",
            ),
            models.CheckConstraint(
                condition=Q(level__in=Level.values),
                name="risk_point_level_known",
                violation_error_message="等级只有一级、二级、三级。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.text}"

    @property
    def number(self) -> str:
        """编号: FX0012, given once for the whole school, so that it outlives every renaming."""
        return f"FX{self.serial:04d}"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.PROPOSED, self.State.RETURNED)

    def is_own_work_of(self, person: Person) -> bool:
        return self.entered_by_id == person.pk


class RiskChangeQuerySet(models.QuerySet):
    def visible_to(self, user) -> "RiskChangeQuerySet":
        return self.filter(point__organisation__in=Organisation.objects.reach_of(user))

    def effective(self, year: int | None = None) -> "RiskChangeQuerySet":
        """已生效, in that year."""
        rows = self.filter(state=RiskChange.State.CONFIRMED)
        return rows.filter(effective_on__year=year) if year else rows

    def of_sort(self, what: str) -> "RiskChangeQuerySet":
        return self.filter(SORTS[what]) if what in SORTS else self

    def for_list(self) -> "RiskChangeQuerySet":
        return self.select_related("point__organisation__parent", "asked_by", "decided_by")


class RiskChange(RiskContent):
    """风险点变更: new, adjusted or retired; kept for good and filed with the commission (变更报备)."""

    class Kind(models.TextChoices):
        NEW = "new", "新增"
        ADJUST = "adjust", "调整"
        RETIRE = "retire", "退出"
        RULE = "rule", "规则调整"

    class State(models.TextChoices):
        ASKED = "asked", "待确认"
        CONFIRMED = "confirmed", "已生效"
        REFUSED = "refused", "未同意"

    AUTHOR, THING = "申请人", "变更"

    point = models.ForeignKey(RiskPoint, models.PROTECT, related_name="changes", verbose_name="风险点")
    kind = models.CharField("变更类型", max_length=8, choices=Kind)
    state = models.CharField("状态", max_length=10, choices=State, default=State.ASKED)
    reason = models.CharField("变更原因", max_length=300, blank=True)
    level_before = models.PositiveSmallIntegerField("原等级", choices=Level, null=True, blank=True)
    measures_before = models.TextField("原防控措施", max_length=2000, blank=True)
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="申请人")
    asked_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认人"
    )
    decided_at = models.DateTimeField("确认时间", null=True, blank=True)
    opinion = models.CharField("确认意见", max_length=300, blank=True)
    effective_on = models.DateField("生效日期", null=True, blank=True)

    history = kept_history()
    objects = RiskChangeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "风险点变更"
        ordering = ("-effective_on", "-id")
        indexes = [models.Index(fields=("state", "effective_on", "kind"), name="risk_change_by_day")]
        constraints = [
            models.UniqueConstraint(
                fields=("point",),
                condition=Q(state="asked"),
                name="risk_change_one_under_way",
                violation_error_message="这个风险点已有一项待确认的变更。",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")),
                name="risk_change_four_eyes",
                violation_error_message="申请人不能确认自己申请的变更。",
            ),
            models.CheckConstraint(
                condition=Q(state="confirmed", effective_on__isnull=False)
                | (~Q(state="confirmed") & Q(effective_on=None)),
                name="risk_change_effective_from_a_day",
                violation_error_message="生效的变更须有生效日期。",
            ),
            models.CheckConstraint(
                condition=Q(kind="new", level_before=None) | (~Q(kind="new") & Q(level_before__isnull=False)),
                name="risk_change_of_a_level",
                violation_error_message="新增之外的变更须写明原等级。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.point.number} {self.get_kind_display()}"

    def is_own_work_of(self, person: Person) -> bool:
        return self.asked_by_id == person.pk

    @property
    def is_level_change(self) -> bool:
        return self.level_before is not None and self.level_before != self.level

    @property
    def words(self) -> str:
        """等级 二级 → 一级；措施已调整. What it changes, in words."""
        if self.kind == self.Kind.NEW:
            return f"新增，{self.get_level_display()}"
        if self.kind == self.Kind.RETIRE:
            return f"退出，原为{self.get_level_before_display()}"
        parts = [f"等级 {self.get_level_before_display()} → {self.get_level_display()}"] if self.is_level_change else []
        if self.measures != self.measures_before:
            parts.append("防控措施调整")
        return "，".join(parts) or "文字调整"


# What a figure of the year counts.
_ALTERED = Q(kind__in=(RiskChange.Kind.ADJUST, RiskChange.Kind.RULE))
SORTS = {
    "new": Q(kind=RiskChange.Kind.NEW),
    "retired": Q(kind=RiskChange.Kind.RETIRE),
    "level": _ALTERED & ~Q(level=F("level_before")),
    "measures": _ALTERED & ~Q(measures=F("measures_before")),
}
SORT_WORDS = {"new": "新增", "retired": "退出", "level": "等级调整", "measures": "措施调整"}
