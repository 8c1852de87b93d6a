"""交接清单: what passes when a post changes hands (三（三）2)."""

from django.db import models
from django.db.models import F, Q

from accountability.models.documents import Document
from accountability.models.duties import Duty
from accountability.models.history import kept_history
from accountability.models.organisations import Organisation
from accountability.models.people import Person, Post


class HandOverQuerySet(models.QuerySet):
    def visible_to(self, user) -> "HandOverQuerySet":
        """The two who sign, and those who look after the organisation."""
        within = Organisation.objects.reach_of(user)
        return self.filter(Q(giver=user) | Q(taker=user) | Q(post__organisation__in=within))

    def waiting_for(self, user) -> "HandOverQuerySet":
        """待本人签字."""
        return self.filter(closed_at=None).filter(
            Q(giver=user, giver_signed_at=None) | Q(taker=user, taker_signed_at=None)
        )

    def open(self) -> "HandOverQuerySet":
        return self.filter(closed_at=None).filter(Q(giver_signed_at=None) | Q(taker_signed_at=None))

    def for_list(self) -> "HandOverQuerySet":
        return self.select_related("post__organisation__parent", "giver", "taker", "closed_by")


class HandOver(models.Model):
    """交接清单 of a post between two people. The lines are frozen by the first signature; both sign the same hash."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="handovers", verbose_name="岗位")
    giver = models.ForeignKey(Person, models.PROTECT, related_name="handed_over", verbose_name="移交人")
    taker = models.ForeignKey(Person, models.PROTECT, related_name="taken_over", verbose_name="接收人")
    on = models.DateField("交接日")
    made_at = models.DateTimeField("生成时间")
    sha256 = models.CharField("清单校验值", max_length=64, blank=True)
    giver_signed_at = models.DateTimeField("移交人签字时间", null=True, blank=True)
    taker_signed_at = models.DateTimeField("接收人签字时间", null=True, blank=True)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="代为结束"
    )
    closed_reason = models.CharField("代为结束原因", max_length=200, blank=True)

    history = kept_history()
    objects = HandOverQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "交接清单"
        ordering = ("-on", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("post", "taker", "on"),
                name="handover_once",
                violation_error_message="这次交接已有清单。",
            ),
            models.CheckConstraint(
                condition=~Q(giver=F("taker")),
                name="handover_two_people",
                violation_error_message="移交人和接收人不能是同一人。",
            ),
            models.CheckConstraint(
                condition=Q(giver_signed_at=None, taker_signed_at=None) | ~Q(sha256=""),
                name="handover_signed_has_hash",
                violation_error_message="签过字的清单须有校验值。",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, closed_reason="")
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(closed_reason="")),
                name="handover_closed_has_reason",
                violation_error_message="代为结束须写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.post.full_title}交接清单（{self.on}）"

    @property
    def is_signed(self) -> bool:
        return self.giver_signed_at is not None and self.taker_signed_at is not None

    @property
    def is_frozen(self) -> bool:
        return bool(self.sha256)

    @property
    def state_words(self) -> str:
        if self.is_signed:
            return "双方已签字"
        if self.closed_at:
            return "代为结束"
        if self.giver_signed_at:
            return "待接收人签字"
        return "待移交人签字" if self.taker_signed_at else "待双方签字"


class HandOverLine(models.Model):
    """交接事项: a duty still open or a document not finished, as it stood when the sheet was made."""

    handover = models.ForeignKey(HandOver, models.PROTECT, related_name="lines", verbose_name="交接清单")
    duty = models.ForeignKey(
        Duty, models.PROTECT, null=True, blank=True, related_name="handover_lines", verbose_name="责任事项"
    )
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="handover_lines", verbose_name="文件"
    )
    title = models.CharField("事项", max_length=140)
    due_on = models.DateField("到期日", null=True, blank=True)
    state = models.CharField("交接时状态", max_length=20)
    is_late = models.BooleanField("交接时已逾期", default=False)
    note = models.CharField("移交说明", max_length=200, blank=True)

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "交接事项"
        ordering = ("handover", "due_on", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("handover", "duty"),
                condition=Q(duty__isnull=False),
                name="handover_line_once",
                violation_error_message="这项责任已在清单中。",
            ),
            models.CheckConstraint(
                condition=Q(duty__isnull=False, document=None) | Q(duty=None, document__isnull=False),
                name="handover_line_of_one_thing",
                violation_error_message="一行只写一项责任或一份文件。",
            ),
        ]

    def __str__(self) -> str:
        return self.title
