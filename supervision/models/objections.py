"""考核异议: raised by the assessed against one item, answered by somebody who did not review it (四（四）)."""

from django.db import models
from django.db.models import F, Q

from accountability.models import Duty, Person, Role
from accountability.models.history import kept_history
from accountability.models.kept_papers import KeptPaper
from supervision.models.admissions import Secret
from supervision.models.assessments import AssessmentSheet, ScoreLine


class ObjectionQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ObjectionQuerySet":
        """Of the sheets in one's reach; to a restricted item only for who may know what it counts."""
        from accountability import access
        from supervision.access import admitted

        seen = self.filter(line__sheet__in=AssessmentSheet.objects.visible_to(user).values("pk"))
        if admitted(user, Secret.MEASURE) or access.holds(user, Role.SECRETARY):
            return seen
        own = [post.organisation_id for post in access.posts_held(user) if post.role == Role.UNIT_SECRETARY]
        known = Q(line__is_restricted=False) | Q(line__sheet__person=user.pk) | Q(line__sheet__organisation__in=own)
        if access.may_manage_duties(user):
            known |= Q(line__sheet__organisation__isnull=False)
        return seen.filter(known)

    def of_year(self, year: int) -> "ObjectionQuerySet":
        return self.filter(line__sheet__assessment__scheme__work_year=year)

    def open(self) -> "ObjectionQuerySet":
        return self.filter(state=Objection.State.ASKED)

    def for_list(self) -> "ObjectionQuerySet":
        return self.select_related(
            "line__item", "line__sheet__assessment__scheme", "raised_by", "answered_by", "reviewer", "duty"
        ).order_by("-raised_at", "-pk")


class Objection(models.Model):
    """异议. ``reviewer`` is kept beside it: who scored the item does not answer."""

    class State(models.TextChoices):
        ASKED = "asked", "待答复"
        KEPT = "kept", "维持原分"
        ADJUSTED = "adjusted", "已调整"

    line = models.ForeignKey(ScoreLine, models.PROTECT, related_name="objections", verbose_name="逐项得分")
    words = models.TextField("异议内容", max_length=2000)
    state = models.CharField("状态", max_length=10, choices=State, default=State.ASKED)
    raised_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="提出人")
    raised_at = models.DateTimeField("提出时间")
    reviewer = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="原评议人")
    duty = models.OneToOneField(
        Duty, models.PROTECT, null=True, blank=True, related_name="objection", verbose_name="答复责任"
    )
    answer = models.TextField("答复", max_length=2000, blank=True)
    points_before = models.DecimalField("原得分", max_digits=5, decimal_places=2)
    points_after = models.DecimalField("调整后得分", max_digits=5, decimal_places=2, null=True, blank=True)
    answered_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复人"
    )
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)

    history = kept_history()
    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "考核异议"
        ordering = ("-raised_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("line",),
                condition=Q(state="asked"),
                name="objection_one_open",
                violation_error_message="这一项已有待答复的异议。",
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | (~Q(answered_by=F("reviewer")) & ~Q(answered_by=F("raised_by"))),
                name="objection_answered_by_another",
                violation_error_message="异议不能由提出人或原评议人答复。",
            ),
            models.CheckConstraint(
                condition=Q(state="asked", answered_by=None, answered_at=None, points_after=None, answer="")
                | (
                    Q(state="kept", points_after=None, answered_by__isnull=False, answered_at__isnull=False)
                    & ~Q(answer="")
                )
                | (
                    Q(state="adjusted", points_after__gte=0, answered_by__isnull=False, answered_at__isnull=False)
                    & ~Q(answer="")
                    & ~Q(points_after=F("points_before"))
                ),
                name="objection_answer_whole",
                violation_error_message="答复须写明理由；调整的须有不同于原得分的新得分。",
            ),
            models.CheckConstraint(
                condition=~Q(words=""), name="objection_says_something", violation_error_message="请写明异议内容。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line.sheet.name}对「{self.line.item}」的异议"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.ASKED


class ObjectionPaper(KeptPaper):
    """异议材料, seen by whoever sees the objection."""

    FOLDER, SEEN_WITH = "objections", "objection"

    objection = models.ForeignKey(Objection, models.PROTECT, related_name="papers", verbose_name="考核异议")

    history = kept_history()

    class Meta(KeptPaper.Meta):
        verbose_name = verbose_name_plural = "异议材料"
        constraints = KeptPaper.once("objection")
