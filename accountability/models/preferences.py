"""接收设置与离岗代理: what a person wants by mail within what the rules leave free, and who hears for him while he is away."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from accountability.models.history import kept_history
from accountability.models.notices import Notice
from accountability.models.people import Person


class NoticePreference(models.Model):
    """接收设置: one person's word on one kind of notice; without a row the rule of the kind holds."""

    class Way(models.TextChoices):
        AT_ONCE = "at_once", "立即发邮件"
        DIGEST = "digest", "随每日摘要"
        IN_APP = "in_app", "只在站内"

    person = models.ForeignKey(Person, models.PROTECT, related_name="notice_preferences", verbose_name="人员")
    kind = models.CharField("类别", max_length=12, choices=Notice.Kind)
    way = models.CharField("方式", max_length=10, choices=Way)

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "接收设置"
        ordering = ("person", "kind")
        constraints = [
            models.UniqueConstraint(fields=("person", "kind"), name="preference_once_per_kind"),
            models.CheckConstraint(
                condition=~Q(kind__in=("letter", "audit")),
                name="preference_not_for_alarms",
                violation_error_message="监督文书和审计警报一律立即发送，不能另行设置。",
            ),
            models.CheckConstraint(
                condition=~Q(way="at_once") | Q(kind="returned"),
                name="preference_at_once_for_returns",
                violation_error_message="只有退回可以立即发邮件，其他类别随每日摘要。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.get_kind_display()} {self.get_way_display()}"


class AbsenceQuerySet(models.QuerySet):
    def on(self, day: date) -> "AbsenceQuerySet":
        """在期: not taken back, and ``day`` within."""
        return self.filter(ended_at=None, from_on__lte=day, until_on__gte=day)


class Absence(models.Model):
    """暂停提醒: away from a day to a day (both inclusive), with a reason; a deputy, if named, gets a copy of what he may see."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="absences", verbose_name="人员")
    from_on = models.DateField("开始日期")
    until_on = models.DateField("结束日期")
    reason = models.CharField("原因", max_length=100)
    deputy = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="deputising", verbose_name="代理人"
    )
    created_at = models.DateTimeField("登记时间")
    ended_at = models.DateTimeField("提前结束时间", null=True, blank=True)

    history = kept_history()
    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "暂停提醒"
        ordering = ("-from_on", "-id")
        indexes = [models.Index(fields=("until_on",), condition=Q(ended_at=None), name="absence_standing")]
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__gte=F("from_on")),
                name="absence_ends_after_start",
                violation_error_message="结束日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                condition=Q(deputy=None) | ~Q(deputy=F("person")),
                name="absence_deputy_is_another",
                violation_error_message="代理人须是另一个人。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.from_on} 至 {self.until_on}"

    def stands_on(self, day: date) -> bool:
        """未结束: to come, or under way."""
        return self.ended_at is None and self.until_on >= day
