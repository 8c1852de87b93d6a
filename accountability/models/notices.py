"""通知与提醒: rows first, mail after; a row exists once, so a reminder reaches a person once."""

from datetime import date

from django.db import models
from django.db.models import Q

from accountability.models.duties import Duty
from accountability.models.people import Person
from accountability.models.reminders import Capacity, ReminderRule, step_words


class Digest(models.Model):
    """每日摘要: one per person and working morning, and one per group of a robot; by which way it went, its deliveries say."""

    recipient = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="digests", verbose_name="收件人"
    )
    robot = models.ForeignKey(
        "accountability.Channel", models.PROTECT, null=True, blank=True, related_name="digests", verbose_name="机器人"
    )
    day = models.DateField("日期")

    class Meta:
        verbose_name = verbose_name_plural = "每日摘要"
        ordering = ("-day", "recipient")
        constraints = [
            models.UniqueConstraint(fields=("recipient", "day"), name="digest_once_a_day"),
            models.UniqueConstraint(fields=("robot", "day"), name="digest_once_a_day_per_group"),
            models.CheckConstraint(
                condition=Q(recipient__isnull=False, robot=None) | Q(recipient=None, robot__isnull=False),
                name="digest_for_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient or self.robot} {self.day}"


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user) -> "NoticeQuerySet":
        return self.filter(recipient=user)

    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at=None)

    def waiting(self) -> "NoticeQuerySet":
        """待入摘要: not yet part of a digest, and not sent by itself."""
        return self.filter(digest=None, at_once=False)

    def owed_by_mail(self, on: date) -> "NoticeQuerySet":
        """不能关闭: letters, alarms, and reminders of what is overdue are mailed whatever one prefers."""
        return self.filter(Q(kind__in=Notice.ALWAYS_MAILED) | Q(kind=Notice.Kind.REMINDER, due_on__lt=on))


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
        LETTER = "letter", "监督文书"
        IMPORT = "import", "导入"
        ACCOUNT = "account", "账号"
        AUDIT = "audit", "审计"

    ALWAYS_MAILED = (Kind.LETTER, Kind.AUDIT)

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
    at_once = models.BooleanField("即时发送", default=False)
    # 代理: the absent person's notice of which this is his deputy's copy.
    copy_of = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="copies", verbose_name="代理抄送自"
    )

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "通知"
        ordering = ("-created_at", "-id")
        indexes = [
            models.Index(fields=("recipient", "read_at"), name="notice_unread"),
            models.Index(fields=("recipient",), condition=Q(digest=None, at_once=False), name="notice_waiting"),
        ]
        constraints = [
            models.UniqueConstraint(fields=("copy_of", "recipient"), name="notice_copied_once"),
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
        """为什么收到: for whom one stands in; in which capacity, by which rule and at which of its steps; or by its kind.

        Told by turn the rule is not named: its name would say what the notice keeps quiet (decisions 20, 21).
        """
        if self.copy_of is not None:
            return f"{self.copy_of.recipient.name}离岗期间由您代理，抄送给您"
        if self.rule is None:
            return _WHY[self.kind]
        if not self.capacity:
            return f"轮到您办理，{step_words(self.step)}提醒"
        return f"您是{self.get_capacity_display()}，按「{self.rule.name}」{step_words(self.step)}提醒"

    def created_on(self) -> date:
        from django.utils import timezone

        return timezone.localdate(self.created_at)


_WHY = {
    Notice.Kind.TO_CONFIRM: "这件事等您审核或确认",
    Notice.Kind.RETURNED: "您提交的这件事被退回，需要您修改",
    Notice.Kind.ACCEPTED: "您提交的这件事有了结果",
    Notice.Kind.REPORT: "您发起或负责这份报告",
    Notice.Kind.TO_SIGN: "这份文书等您签署",
    Notice.Kind.COMMENT: "您负责的文件有新的批注",
    Notice.Kind.REGULATION: "您的岗位适用这项制度",
    Notice.Kind.MEETING: "您在这次会议的名单上，或负责筹备",
    Notice.Kind.INSPECTION: "您所在的单位或岗位参与这项巡察整改",
    Notice.Kind.RESEARCH: "您所在的单位或岗位参与这项调研督查",
    Notice.Kind.SUPERVISION: "您是这项监督工作的当事人或办理人",
    Notice.Kind.LETTER: "您所在的单位收到监督文书，由您办理",
    Notice.Kind.IMPORT: "您确定了这次导入",
    Notice.Kind.ACCOUNT: "这是您本人的账号",
    Notice.Kind.AUDIT: "您是审计管理员",
}
