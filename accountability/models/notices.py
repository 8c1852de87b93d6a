"""通知与提醒: rows first, mail after; a row exists once, so a reminder reaches a person once."""

from datetime import date

from django.db import models
from django.db.models import Q

from accountability.models.duties import Duty
from accountability.models.people import Person
from accountability.models.reminders import Capacity, ReminderRule, step_words


class Digest(models.Model):
    """每日摘要: one mail per person and morning. Claimed by conditional update, repeated only after a crash."""

    class State(models.TextChoices):
        PENDING = "pending", "待发"
        SENDING = "sending", "发送中"
        SENT = "sent", "已发"
        FAILED = "failed", "未发出"

    recipient = models.ForeignKey(Person, models.PROTECT, related_name="digests", verbose_name="收件人")
    day = models.DateField("日期")
    state = models.CharField("状态", max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    claimed_at = models.DateTimeField("领取时间", null=True, blank=True)
    sent_at = models.DateTimeField("发出时间", null=True, blank=True)
    error = models.CharField("错误", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "每日摘要"
        ordering = ("-day", "recipient")
        constraints = [models.UniqueConstraint(fields=("recipient", "day"), name="digest_once_a_day")]

    def __str__(self) -> str:
        return f"{self.recipient} {self.day}"


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user) -> "NoticeQuerySet":
        return self.filter(recipient=user)

    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at=None)


class Notice(models.Model):
    """通知. A reminder is unique per recipient, duty, due day and step: a moved day starts anew, a rerun adds none."""

    class Kind(models.TextChoices):
        REMINDER = "reminder", "到期提醒"
        TO_CONFIRM = "to_confirm", "待审核"
        RETURNED = "returned", "退回"
        ACCEPTED = "accepted", "审核通过"
        REPORT = "report", "报告"
        TO_SIGN = "to_sign", "待签署"
        COMMENT = "comment", "批注"
        REGULATION = "regulation", "制度"
        MEETING = "meeting", "会议"
        INSPECTION = "inspection", "巡察整改"
        RESEARCH = "research", "调研督查"
        SUPERVISION = "supervision", "监督"

    recipient = models.ForeignKey(Person, models.PROTECT, related_name="notices", verbose_name="收件人")
    kind = models.CharField("类别", max_length=12, choices=Kind)
    duty = models.ForeignKey(
        Duty, models.CASCADE, null=True, blank=True, related_name="notices", verbose_name="责任事项"
    )
    due_on = models.DateField("到期日", null=True, blank=True)
    step = models.SmallIntegerField("提前天数", null=True, blank=True)
    rule = models.ForeignKey(
        ReminderRule, models.PROTECT, null=True, blank=True, related_name="notices", verbose_name="提醒规则"
    )
    capacity = models.CharField("身份", max_length=20, choices=Capacity, blank=True)
    title = models.CharField("标题", max_length=160)
    body = models.CharField("内容", max_length=300, blank=True)
    url = models.CharField("链接", max_length=200, blank=True)
    created_at = models.DateTimeField("时间")
    read_at = models.DateTimeField("已读时间", null=True, blank=True)
    digest = models.ForeignKey(
        Digest, models.SET_NULL, null=True, blank=True, related_name="notices", verbose_name="每日摘要"
    )

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "通知"
        ordering = ("-created_at", "-id")
        indexes = [models.Index(fields=("recipient", "read_at"), name="notice_unread")]
        constraints = [
            models.UniqueConstraint(
                fields=("recipient", "duty", "due_on", "step"),
                condition=Q(kind="reminder"),
                name="notice_reminder_once",
            ),
            models.CheckConstraint(
                condition=~Q(kind="reminder")
                | Q(duty__isnull=False, due_on__isnull=False, step__isnull=False, rule__isnull=False) & ~Q(capacity=""),
                name="notice_reminder_complete",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def why(self) -> str:
        """为什么收到: in which capacity, by which rule and at which of its steps; empty for what is no reminder.

        Told by turn the rule is not named: its name would say what the notice keeps quiet (decisions 20, 21).
        """
        if self.rule is None:
            return ""
        if not self.capacity:
            return f"轮到您办理，{step_words(self.step)}提醒"
        return f"您是{self.get_capacity_display()}，按「{self.rule.name}」{step_words(self.step)}提醒"

    def created_on(self) -> date:
        from django.utils import timezone

        return timezone.localdate(self.created_at)
