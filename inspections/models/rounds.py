"""巡察轮次: what is inspected when, by whom, and from which day rectification runs (三（四）1)."""

from datetime import date

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accountability.models import Organisation, Person
from accountability.models.history import kept_history
from inspections.models.kinds import RoundKind
from inspections.models.terms import Term


def manages(user) -> bool:
    """巡察办、纪委: plan rounds, approve plans, verify what is closed."""
    from accountability.access import organisations_where

    return bool(organisations_where(user, "manage_inspections"))


class RoundQuerySet(models.QuerySet):
    def of_year(self, year: int) -> "RoundQuerySet":
        """本年度的轮次: begun or fed back in the year, or from before it and still in rectification."""
        earlier = Q(starts_on__year__lt=year, stage=Round.Stage.RECTIFYING)
        return self.filter(Q(starts_on__year=year) | Q(feedback_on__year=year) | earlier)

    def visible_to(self, user, on: date | None = None) -> "RoundQuerySet":
        """All for who manages; of one's reach; where one answers for a finding; and, while it runs, one's own round."""
        from inspections.models.findings import Finding

        if manages(user):
            return self
        within = Organisation.objects.reach_of(user)
        units = RoundUnit.objects.filter(round=OuterRef("pk"), organisation__in=within)
        findings = Finding.objects.answered_by(user).filter(round=OuterRef("pk"))
        return self.filter(Exists(units) | Exists(findings) | Q(pk__in=RoundMember.objects.at_work(user, on)))


class Round(models.Model):
    """轮次: 巡视, 巡察, 专项巡察 or 回头看. ``rectify_by`` follows the day of feedback by 3 or 6 months, a setting."""

    Kind = RoundKind

    class Stage(models.TextChoices):
        PLANNED = "planned", "计划中"
        RUNNING = "running", "进驻中"
        RECTIFYING = "rectifying", "整改中"
        ENDED = "ended", "已结束"

    number = models.CharField("轮次编号", max_length=12, unique=True)
    name = models.CharField("名称", max_length=80)
    kind = models.CharField("类型", max_length=10, choices=Kind)
    term = models.ForeignKey(Term, models.PROTECT, null=True, blank=True, related_name="rounds", verbose_name="届次")
    key_area = models.CharField("重点领域", max_length=20, blank=True, help_text="专项巡察的领域，没有则留空")
    scope = models.CharField("范围与重点", max_length=300, blank=True)
    starts_on = models.DateField("进驻日期")
    ends_on = models.DateField("撤点日期")
    feedback_on = models.DateField("反馈日期", null=True, blank=True)
    rectify_by = models.DateField("集中整改截止日", null=True, blank=True)
    stage = models.CharField("阶段", max_length=12, choices=Stage, default=Stage.PLANNED)
    revisits = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="revisited_by", verbose_name="回头看的轮次"
    )
    created_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="登记人")
    created_at = models.DateTimeField("登记时间")

    history = kept_history()
    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "巡察轮次"
        ordering = ("-starts_on", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="round_ends_after_start",
                violation_error_message="撤点日期不能早于进驻日期。",
            ),
            models.CheckConstraint(
                condition=Q(feedback_on=None, rectify_by=None)
                | Q(feedback_on__gte=F("starts_on"), rectify_by__gt=F("feedback_on")),
                name="round_rectifies_after_feedback",
                violation_error_message="反馈日期不能早于进驻日期，整改截止日须在反馈之后。",
            ),
            models.CheckConstraint(
                condition=~Q(stage="rectifying") | Q(feedback_on__isnull=False),
                name="round_rectifying_after_feedback",
                violation_error_message="反馈之后才能进入整改。",
            ),
            models.CheckConstraint(
                condition=~Q(kind="revisit") | Q(revisits__isnull=False),
                name="round_revisit_of_one",
                violation_error_message="回头看须选择是对哪一轮的回头看。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def takes_findings(self) -> bool:
        return self.stage in (self.Stage.RUNNING, self.Stage.RECTIFYING)


class RoundUnit(models.Model):
    """被巡察单位."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="units", verbose_name="轮次")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="rounds", verbose_name="单位")

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "被巡察单位"
        ordering = ("organisation__rank", "organisation")
        constraints = [
            models.UniqueConstraint(
                fields=("round", "organisation"), name="round_unit_once", violation_error_message="该单位已在本轮之列。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.round}"


class RoundMemberQuerySet(models.QuerySet):
    def at_work(self, user, on: date | None = None):
        """Ids of the rounds ``user`` works in on that day (today): named, within his days, and the round not ended."""
        on = on or timezone.localdate()
        return (
            self.filter(person=user.pk, from_on__lte=on, until_on__gte=on)
            .exclude(round__stage=Round.Stage.ENDED)
            .values("round")
        )


class RoundMember(models.Model):
    """巡察组成员: access to this round alone, from a day to a day, and never beyond the round's end."""

    class Duty(models.TextChoices):
        HEAD = "head", "组长"
        DEPUTY = "deputy", "副组长"
        LIAISON = "liaison", "联络员"
        MEMBER = "member", "组员"

    round = models.ForeignKey(Round, models.PROTECT, related_name="members", verbose_name="轮次")
    person = models.ForeignKey(Person, models.PROTECT, related_name="inspection_rounds", verbose_name="人员")
    duty = models.CharField("职务", max_length=10, choices=Duty, default=Duty.MEMBER)
    from_on = models.DateField("自")
    until_on = models.DateField("至")

    history = kept_history()
    objects = RoundMemberQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "巡察组成员"
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("round", "person"), name="round_member_once", violation_error_message="该人员已在组内。"
            ),
            models.CheckConstraint(
                condition=Q(until_on__gte=F("from_on")),
                name="round_member_until_after_from",
                violation_error_message="截止日期不能早于开始日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_duty_display()}"
