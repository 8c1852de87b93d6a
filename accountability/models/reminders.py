"""提醒规则: whom to tell how long before and after the day, as data (一（二）, 四（三）)."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from accountability.models.history import kept_history
from accountability.models.regulations import ActKind

FURTHEST, LATEST = 180, -365  # days before the day, and after it


class Matter(models.TextChoices):
    """适用事项: every duty is of exactly one; talks and clues are no duties (decisions 20, 21)."""

    MEETING = "meeting", "会议"
    FORM = "form", "定期报告和自查"
    REGULATION = "regulation", "制度规定的其他责任"
    AD_HOC = "ad_hoc", "交办、整改、督办等临时事项"
    CONFIDENTIAL = "confidential", "限定知悉的责任"
    TALK = "talk", "谈话安排"
    CLUE = "clue", "移送事项答复"


# What the office may not look into: no forecast, no paper.
QUIET_MATTERS = (Matter.CONFIDENTIAL, Matter.TALK, Matter.CLUE)
# Told to whose turn it is, never along the chain.
NO_DUTIES = (Matter.TALK, Matter.CLUE)
OF_ACTS = (Matter.MEETING, Matter.FORM, Matter.REGULATION)


class Capacity(models.TextChoices):
    """告知对象, along the chain: in which capacity a person hears of a duty."""

    OWNER = "owner", "责任人"
    LIAISON = "liaison", "联络员"
    LEADER = "leader", "分管、联系校领导"
    UNIT_SECRETARY = "unit_secretary", "单位党组织书记"
    SECRETARY = "secretary", "学校党委书记"
    COMMISSION = "commission", "学校纪委"


class ReminderPaperKind(models.TextChoices):
    """函: what goes out on paper when a step is reached."""

    REMIND = "remind", "提醒函"
    URGE = "urge", "督办函"


def step_words(step: int) -> str:
    """到期前 10 天、到期当日、逾期第 7 天."""
    if step > 0:
        return f"到期前 {step} 天"
    return f"逾期第 {-step} 天" if step else "到期当日"


class ReminderRuleQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ReminderRuleQuerySet":
        """Set by the office, read by the commission and the secretary."""
        from accountability.access import may_see_drafts

        return self if user.is_authenticated and may_see_drafts(user) else self.none()

    def in_force(self, on: date) -> "ReminderRuleQuerySet":
        """启用 and begun by that day, and not within a quiet period of theirs."""
        quiet = QuietPeriod.objects.filter(from_on__lte=on, until_on__gte=on)
        return self.filter(is_active=True, starts_on__lte=on).exclude(pk__in=quiet.values("rule"))


class ReminderRule(models.Model):
    """提醒规则 for one kind of matter, or for one act of it; of two that fit the one for the act is followed."""

    name = models.CharField("规则名称", max_length=40)
    matter = models.CharField("适用事项", max_length=20, choices=Matter)
    act = models.ForeignKey(
        ActKind, models.PROTECT, null=True, blank=True, related_name="reminder_rules", verbose_name="只用于"
    )
    is_active = models.BooleanField("启用", default=False)
    starts_on = models.DateField("起始日期")

    history = kept_history()
    objects = ReminderRuleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "提醒规则"
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("matter",),
                condition=Q(is_active=True, act=None),
                name="reminder_rule_one_per_matter",
                violation_error_message="这类事项已有启用的规则，请先停用那一条。",
            ),
            models.UniqueConstraint(
                fields=("matter", "act"),
                condition=Q(is_active=True),
                name="reminder_rule_one_per_act",
                violation_error_message="这种履责方式已有启用的规则，请先停用那一条。",
            ),
            models.CheckConstraint(
                condition=Q(act=None) | Q(matter__in=OF_ACTS),
                name="reminder_rule_acts_of_duties",
                violation_error_message="只有会议、定期报告和自查、制度规定的其他责任可以限定履责方式。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_quiet_matter(self) -> bool:
        return self.matter in QUIET_MATTERS

    @property
    def tells_by_turn(self) -> bool:
        return self.matter in NO_DUTIES

    @property
    def scope(self) -> str:
        return f"{self.get_matter_display()}：{self.act.name}" if self.act else self.get_matter_display()


class ReminderStep(models.Model):
    """提醒节点. ``step``: days before the day, negative after it; reached once the day is that near."""

    rule = models.ForeignKey(ReminderRule, models.CASCADE, related_name="steps", verbose_name="提醒规则")
    step = models.SmallIntegerField("提前天数")
    audience = models.JSONField("告知对象", default=list, blank=True)  # values of Capacity
    paper = models.CharField("函", max_length=10, choices=ReminderPaperKind, blank=True)

    history = kept_history(sought_by=["rule"])

    class Meta:
        verbose_name = verbose_name_plural = "提醒节点"
        ordering = ("rule", "-step")
        constraints = [
            models.UniqueConstraint(
                fields=("rule", "step"), name="reminder_step_once", violation_error_message="同一规则的节点不能重复。"
            ),
            models.CheckConstraint(
                condition=Q(step__lte=FURTHEST, step__gte=LATEST),
                name="reminder_step_in_range",
                violation_error_message=f"节点在到期前 {FURTHEST} 天至逾期 {-LATEST} 天之间。",
            ),
            models.CheckConstraint(
                condition=Q(paper="") | Q(step__lt=0),
                name="reminder_paper_when_late",
                violation_error_message="逾期以后才发提醒函、督办函。",
            ),
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def words(self) -> str:
        return step_words(self.step)

    @property
    def told(self) -> list[str]:
        return [Capacity(each).label for each in Capacity.values if each in self.audience]


class QuietPeriod(models.Model):
    """静默期, such as 寒假: steps wait and come afterwards as the one latest step."""

    rule = models.ForeignKey(ReminderRule, models.CASCADE, related_name="quiet_periods", verbose_name="提醒规则")
    name = models.CharField("静默期名称", max_length=20)
    from_on = models.DateField("从")
    until_on = models.DateField("到")

    history = kept_history(sought_by=["rule"])

    class Meta:
        verbose_name = verbose_name_plural = "静默期"
        ordering = ("rule", "from_on")
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__gte=F("from_on")),
                name="quiet_period_ends_after_start",
                violation_error_message="静默期的结束日期不能早于开始日期。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.from_on} 至 {self.until_on}"
