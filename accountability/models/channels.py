"""渠道与投递: by which way a digest or a notice leaves the house; one row per way, so nothing is lost and nothing doubled."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accountability.models.history import kept_history
from accountability.models.notices import Digest, Notice
from accountability.models.organisations import Organisation
from accountability.models.people import Person


class ChannelQuerySet(models.QuerySet):
    def mail(self) -> "Channel":
        """邮件: the one channel that is always there."""
        return self.get_or_create(kind=Channel.Kind.MAIL, defaults={"name": "邮件"})[0]

    def robots(self) -> "ChannelQuerySet":
        return self.exclude(kind=Channel.Kind.MAIL)

    def active(self) -> "ChannelQuerySet":
        return self.filter(is_active=True)


class Channel(models.Model):
    """渠道: mail, or the robot of a group. Its secret is an environment variable; only its name is kept.

    ``holder`` and ``held_until`` are its turn: of several workers one sends on a channel. ``resting_until``: it was
    down, and nobody knocks before.
    """

    class Kind(models.TextChoices):
        MAIL = "mail", "邮件"
        WECOM = "wecom", "企业微信机器人"
        DINGTALK = "dingtalk", "钉钉机器人"
        FEISHU = "feishu", "飞书机器人"

    kind = models.CharField("类型", max_length=10, choices=Kind)
    name = models.CharField("名称", max_length=40)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="robots", verbose_name="所属单位"
    )
    secret_name = models.CharField(
        "密钥变量",
        max_length=32,
        blank=True,
        validators=[RegexValidator(r"^[A-Z][A-Z0-9_]*$", "密钥变量只用大写字母、数字和下划线，以字母开头。")],
    )
    is_active = models.BooleanField("启用", default=True)
    holder = models.CharField(max_length=32, blank=True, editable=False)
    held_until = models.DateTimeField(null=True, editable=False)
    resting_until = models.DateTimeField("暂歇至", null=True, editable=False)
    trouble = models.CharField("故障", max_length=200, blank=True, editable=False)

    history = kept_history(excluded_fields=["holder", "held_until", "resting_until", "trouble"])
    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "渠道"
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=("kind",), condition=Q(kind="mail"), name="channel_one_mail"),
            models.UniqueConstraint(
                fields=("secret_name",),
                condition=~Q(kind="mail"),
                name="channel_secret_once",
                violation_error_message="这个密钥变量已用于另一个机器人。",
            ),
            models.CheckConstraint(
                condition=Q(kind="mail", organisation=None)
                | (~Q(kind="mail") & Q(organisation__isnull=False) & ~Q(secret_name="")),
                name="channel_robot_has_group",
                violation_error_message="机器人须有所属单位和密钥变量。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_mail(self) -> bool:
        return self.kind == self.Kind.MAIL


class DeliveryQuerySet(models.QuerySet):
    def due(self, now) -> "DeliveryQuerySet":
        """到时可发: new, to be tried again, or taken by a worker that is gone."""
        waiting = Q(state__in=(Delivery.State.PENDING, Delivery.State.FAILED), next_try_at__lte=now)
        return self.filter(waiting | Q(state=Delivery.State.SENDING, lease_until__lt=now))

    def unfinished(self) -> "DeliveryQuerySet":
        return self.filter(state__in=Delivery.UNFINISHED)

    def dead(self) -> "DeliveryQuerySet":
        return self.filter(state=Delivery.State.DEAD)

    def for_list(self) -> "DeliveryQuerySet":
        return self.select_related("channel", "digest__recipient", "notice__recipient")


class Delivery(models.Model):
    """投递 of a digest, of a notice at once, or of a test (neither); once per channel, claimed by conditional update."""

    class State(models.TextChoices):
        PENDING = "pending", "待发"
        SENDING = "sending", "发送中"
        SENT = "sent", "已发"
        FAILED = "failed", "未成，待重试"
        DEAD = "dead", "无法投递"
        DROPPED = "dropped", "不必发"

    UNFINISHED = (State.PENDING, State.SENDING, State.FAILED)

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="deliveries", verbose_name="渠道")
    digest = models.ForeignKey(
        Digest, models.CASCADE, null=True, blank=True, related_name="deliveries", verbose_name="每日摘要"
    )
    notice = models.ForeignKey(
        Notice, models.CASCADE, null=True, blank=True, related_name="deliveries", verbose_name="通知"
    )
    asked_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="试发或重发人"
    )
    state = models.CharField("状态", max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    next_try_at = models.DateTimeField("下次发送")
    lease_until = models.DateTimeField("租约至", null=True, blank=True)
    sent_at = models.DateTimeField("发出时间", null=True, blank=True)
    error = models.CharField("错误", max_length=300, blank=True)
    created_at = models.DateTimeField("时间", default=timezone.now)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "投递"
        ordering = ("-id",)
        indexes = [
            models.Index(
                fields=("channel", "next_try_at"),
                condition=Q(state__in=("pending", "sending", "failed")),
                name="delivery_unfinished",
            ),
            models.Index(fields=("channel", "state", "sent_at"), name="delivery_by_state"),
        ]
        constraints = [
            models.UniqueConstraint(fields=("digest", "channel"), name="delivery_digest_once"),
            models.UniqueConstraint(fields=("notice", "channel"), name="delivery_notice_once"),
            models.CheckConstraint(condition=Q(digest=None) | Q(notice=None), name="delivery_of_one_thing"),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent"), name="delivery_sent_has_moment"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.what} {self.get_state_display()}"

    @property
    def what(self) -> str:
        """摘要、即时通知 or 试发: all an administrator learns of the content."""
        if self.digest_id:
            return "每日摘要"
        return "即时通知" if self.notice_id else "试发"

    @property
    def to_whom(self) -> str:
        """收件人: a person, or the group of a robot."""
        if not self.channel.is_mail:
            return self.channel.name
        subject = self.digest or self.notice
        person = subject.recipient if subject else self.asked_by
        return person.name if person else ""
