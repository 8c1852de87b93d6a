"""年度考核: what the system counted, what the assessed says of himself and what the reviewer says, side by side (四（四）).

None of the three scores overwrites another. What an objection changed is a fourth; the result is frozen with its SHA-256.
"""

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone

from accountability.models import Duty, Organisation, Person, Portfolio, Post, Role
from accountability.models.history import kept_history
from supervision.models.schemes import Scheme, SchemeItem

TOLD = ("published", "proposed", "frozen")


class AssessmentQuerySet(models.QuerySet):
    def visible_to(self, user) -> "AssessmentQuerySet":
        """All for commission, office and secretary; for others those in which a sheet is theirs to see."""
        from supervision.assessment.access import sees_all

        if sees_all(user):
            return self
        return self.filter(pk__in=AssessmentSheet.objects.visible_to(user).values("assessment"))

    def of_year(self, year: int) -> "AssessmentQuerySet":
        return self.filter(scheme__work_year=year)

    def for_list(self) -> "AssessmentQuerySet":
        said = Count("sheets", filter=Q(sheets__self_state="confirmed"))
        return (
            self.select_related("scheme__work_year", "opened_by", "proposed_by", "approved_by")
            .annotate(assessed=Count("sheets"), said=said)
            .order_by("-scheme__work_year_id", "-scheme__kind")
        )


class Assessment(models.Model):
    """年度考核 by one scheme. ``counted_on`` is the day the system's scores speak of: same data, same day, same scores."""

    class State(models.TextChoices):
        OPEN = "open", "自评中"
        REVIEW = "review", "评议中"
        PUBLISHED = "published", "公示中"
        PROPOSED = "proposed", "待审定"
        FROZEN = "frozen", "已审定"

    AUTHOR, THING = "提请人", "考核结果"

    scheme = models.OneToOneField(Scheme, models.PROTECT, related_name="assessment", verbose_name="考核方案")
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    self_due_on = models.DateField("自评期限")
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="启动人")
    opened_at = models.DateTimeField("启动时间")
    counted_on = models.DateField("数据截止日")
    counted_at = models.DateTimeField("计分时间")
    counted_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="计分人")
    inputs_sha256 = models.CharField("依据校验值", max_length=64)
    published_at = models.DateTimeField("公示时间", null=True, blank=True)
    objections_until = models.DateField("异议截止日", null=True, blank=True)
    proposed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提请人"
    )
    proposed_on = models.DateField("提请日期", null=True, blank=True)
    approved_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审定人"
    )
    approved_on = models.DateField("审定日期", null=True, blank=True)
    returned_reason = models.CharField("退回原因", max_length=500, blank=True)
    sha256 = models.CharField("结果校验值", max_length=64, blank=True)

    history = kept_history()
    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度考核"
        ordering = ("-scheme__work_year_id", "-scheme__kind")
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("proposed_by")),
                name="assessment_four_eyes",
                violation_error_message="提请审定的人不能审定考核结果。",
            ),
            models.CheckConstraint(
                condition=Q(state="frozen", approved_by__isnull=False, approved_on__isnull=False) & ~Q(sha256="")
                | ~Q(state="frozen") & Q(approved_by=None, approved_on=None, sha256=""),
                name="assessment_frozen_whole",
                violation_error_message="审定的结果须有审定人、日期和校验值，未审定的没有。",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("open", "review"), published_at=None)
                | Q(state__in=TOLD, published_at__isnull=False, objections_until__isnull=False),
                name="assessment_published_has_day",
                violation_error_message="公示须有时间和异议截止日。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme.work_year_id} 年度{self.scheme.get_kind_display()}考核"

    def is_own_work_of(self, person: Person) -> bool:
        return person.pk == self.proposed_by_id

    @property
    def is_told(self) -> bool:
        """已公示: the assessed sees what the reviewer wrote."""
        return self.state in TOLD

    @property
    def is_frozen(self) -> bool:
        return self.state == self.State.FROZEN


class SheetQuerySet(models.QuerySet):
    def visible_to(self, user) -> "SheetQuerySet":
        """All for commission, office, secretary; a unit's for its secretary, head and liaison; a leader's for himself;
        and what was published of the units in a member's portfolio, for him."""
        from accountability.access import posts_held
        from supervision.assessment.access import OF_A_UNIT, sees_all

        if sees_all(user):
            return self
        held = posts_held(user)
        own = [post.organisation_id for post in held if post.role in OF_A_UNIT]
        in_charge = Portfolio.objects.in_force(timezone.localdate()).filter(
            post__in=[post.pk for post in held if post.role == Role.MEMBER]
        )
        told = Q(assessment__state__in=TOLD, organisation__in=in_charge.values("organisation"))
        return self.filter(Q(organisation__in=own) | Q(person=user.pk) | told)

    def of_year(self, year: int) -> "SheetQuerySet":
        return self.filter(assessment__scheme__work_year=year)

    def unsaid(self) -> "SheetQuerySet":
        """未自评, while it is owed or was never given."""
        return self.exclude(self_state="confirmed")

    def unreviewed(self) -> "SheetQuerySet":
        """未评完: an item that has points has no human score yet."""
        return self.filter(Exists(_items_of_sheet().filter(human_points=None)))

    def objected(self) -> "SheetQuerySet":
        return self.filter(Exists(_items_of_sheet().filter(objections__state="asked")))

    def frozen(self) -> "SheetQuerySet":
        return self.filter(assessment__state="frozen")

    def for_list(self) -> "SheetQuerySet":
        asked = Count("lines__objections", filter=Q(lines__objections__state="asked"))
        return (
            self.select_related("assessment__scheme", "organisation__parent", "post__organisation", "person")
            .annotate(open_objections=asked)
            .order_by("assessment", "rank", "pk")
        )


def _items_of_sheet():
    return ScoreLine.objects.filter(sheet=OuterRef("pk"), item__points__gt=0)


class AssessmentSheet(models.Model):
    """考核表 of one unit or one leader. ``name`` is kept as it was when the assessment was opened."""

    class SelfState(models.TextChoices):
        EMPTY = "empty", "未自评"
        DRAFT = "draft", "起草中"
        HANDED = "handed", "待书记确认"
        CONFIRMED = "confirmed", "已自评"

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="sheets", verbose_name="年度考核")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="assessment_sheets", verbose_name="单位"
    )
    post = models.ForeignKey(
        Post, models.PROTECT, null=True, blank=True, related_name="assessment_sheets", verbose_name="岗位"
    )
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="assessment_sheets", verbose_name="人员"
    )
    name = models.CharField("考核对象", max_length=120)
    rank = models.PositiveSmallIntegerField("排序", default=0)
    duty = models.OneToOneField(
        Duty, models.PROTECT, null=True, blank=True, related_name="assessment_sheet", verbose_name="自评责任"
    )
    system_total = models.DecimalField("系统得分", max_digits=6, decimal_places=2, default=0)
    self_state = models.CharField("自评", max_length=10, choices=SelfState, default=SelfState.EMPTY)
    self_words = models.TextField("自评总体情况", max_length=3000, blank=True)
    self_total = models.DecimalField("自评分", max_digits=6, decimal_places=2, null=True, blank=True)
    drafted_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="起草人"
    )
    confirmed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="自评确认人"
    )
    confirmed_at = models.DateTimeField("自评确认时间", null=True, blank=True)
    returned_reason = models.CharField("退回修改的原因", max_length=300, blank=True)
    # Counts the savings of self-assessment and review, so that a page opened before another's saving overwrites nothing.
    turn = models.PositiveIntegerField("第几次保存", default=0)
    human_total = models.DecimalField("评议分", max_digits=6, decimal_places=2, null=True, blank=True)
    final_total = models.DecimalField("最终得分", max_digits=6, decimal_places=2, null=True, blank=True)
    grade = models.CharField("等次", max_length=10, blank=True)
    is_vetoed = models.BooleanField("一票否决", default=False)
    graded_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="等次审定人"
    )

    history = kept_history()
    objects = SheetQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "考核表"
        ordering = ("assessment", "rank", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("assessment", "organisation"),
                name="sheet_once_per_unit",
                violation_error_message="该单位已在考核之列。",
            ),
            models.UniqueConstraint(
                fields=("assessment", "post"),
                name="sheet_once_per_post",
                violation_error_message="该岗位已在考核之列。",
            ),
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, post=None, person=None)
                | Q(organisation=None, post__isnull=False, person__isnull=False),
                name="sheet_of_unit_or_leader",
                violation_error_message="考核表属于一个单位，或者一位校领导。",
            ),
            models.CheckConstraint(
                condition=Q(self_state="confirmed", confirmed_by__isnull=False, confirmed_at__isnull=False)
                | (~Q(self_state="confirmed") & Q(confirmed_by=None, confirmed_at=None)),
                name="sheet_confirmed_by_one",
                violation_error_message="确认的自评须有确认人和时间。",
            ),
            models.CheckConstraint(
                condition=Q(grade="", graded_by=None) | (~Q(grade="") & Q(graded_by__isnull=False)),
                name="sheet_graded_by_one",
                violation_error_message="等次须有审定人。",
            ),
            models.CheckConstraint(
                condition=Q(person=None) | Q(graded_by=None) | ~Q(graded_by=F("person")),
                name="sheet_nobody_grades_himself",
                violation_error_message="本人不能审定自己的考核等次。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.assessment}"

    @property
    def is_confirmed(self) -> bool:
        return self.self_state == self.SelfState.CONFIRMED


class ScoreLineQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ScoreLineQuerySet":
        return self.filter(sheet__in=AssessmentSheet.objects.visible_to(user).values("pk"))


class ScoreLine(models.Model):
    """逐项得分: system, own, human and final score of one item, each in its own column."""

    sheet = models.ForeignKey(AssessmentSheet, models.PROTECT, related_name="lines", verbose_name="考核表")
    item = models.ForeignKey(SchemeItem, models.PROTECT, related_name="lines", verbose_name="考核项目")
    system_points = models.DecimalField("系统得分", max_digits=5, decimal_places=2, null=True, blank=True)
    system_words = models.CharField("系统得分说明", max_length=500, blank=True)
    # The rows behind it as they were counted: [{"kind": "duty", "pk": 1, "label": "…", "on": "2026-03-31", "tag": ""}]
    rows = models.JSONField("依据", default=list, blank=True)
    veto_grade = models.CharField("否决等次", max_length=10, blank=True)
    # Its rows are known to few: shown only to whom ``assessment_access.sees_restricted`` names.
    is_restricted = models.BooleanField("限定范围", default=False)
    self_points = models.DecimalField("自评分", max_digits=5, decimal_places=2, null=True, blank=True)
    self_words = models.CharField("自评说明", max_length=500, blank=True)
    human_points = models.DecimalField("评议分", max_digits=5, decimal_places=2, null=True, blank=True)
    human_words = models.CharField("评议说明", max_length=500, blank=True)
    reviewed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="评议人"
    )
    reviewed_at = models.DateTimeField("评议时间", null=True, blank=True)
    final_points = models.DecimalField("最终得分", max_digits=5, decimal_places=2, null=True, blank=True)

    history = kept_history(excluded_fields=["rows"])
    objects = ScoreLineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "逐项得分"
        ordering = ("sheet", "item__rank", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("sheet", "item"), name="score_line_once", violation_error_message="这一项已在考核表中。"
            ),
            models.CheckConstraint(
                condition=Q(human_points=None, reviewed_by=None, reviewed_at=None)
                | Q(human_points__isnull=False, reviewed_by__isnull=False, reviewed_at__isnull=False),
                name="score_line_reviewed_by_one",
                violation_error_message="评议分须有评议人和时间。",
            ),
            # Side by side, and never without a word where the two differ.
            models.CheckConstraint(
                condition=Q(human_points=None)
                | Q(system_points=None)
                | Q(human_points=F("system_points"))
                | ~Q(human_words=""),
                name="score_line_differs_with_words",
                violation_error_message="评议分与系统得分不同的，须写明理由。",
            ),
            models.CheckConstraint(
                condition=(Q(system_points=None) | Q(system_points__gte=0))
                & (Q(human_points=None) | Q(human_points__gte=0))
                & (Q(self_points=None) | Q(self_points__gte=0))
                & (Q(final_points=None) | Q(final_points__gte=0)),
                name="score_line_not_below_zero",
                violation_error_message="得分不能为负数。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} · {self.sheet.name}"

    @property
    def differs(self) -> bool:
        """The reviewer scores otherwise than the system."""
        return None not in (self.human_points, self.system_points) and self.human_points != self.system_points

    @property
    def was_adjusted(self) -> bool:
        return None not in (self.human_points, self.final_points) and self.human_points != self.final_points
