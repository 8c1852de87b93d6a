"""审计日志: security and business events, appended and never changed; sealed into a chain (GB/T 22239-2019 8.1.4.3).

An event is written in the transaction of what it tells of, so neither exists without the other. It is sealed right
after the commit: a seal binds it to all events before it, so that what is changed, taken out or put in is found.
Triggers of the database refuse every change (``auditing.triggers``); what was archived, and only that, may be deleted.
"""

from django.db import models
from django.db.models import F, Q

from accountability.models.people import Person


class AuditEvent(models.Model):
    """审计事件. ``kind`` is registered in ``services.audit``; ``row_words`` names the row, without its content.

    ``username`` is what was typed at a login that failed: then there is no ``person``. ``detail`` holds words only the
    auditor may read: never a password, a text or a name out of a confidential row. ``stamp`` proves that we wrote it.
    """

    class Result(models.TextChoices):
        DONE = "done", "成功"
        FAILED = "failed", "失败"
        REFUSED = "refused", "被拒绝"

    at = models.DateTimeField("时间")
    kind = models.CharField("事件类型", max_length=60)
    result = models.CharField("结果", max_length=10, choices=Result)
    person = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,  # rows are looked up by user name, which stands in each of them
        related_name="audit_events",
        verbose_name="用户",
    )
    username = models.CharField("用户名", max_length=60, blank=True)
    address = models.CharField("来源地址", max_length=45, blank=True)
    row_model = models.CharField("对象类别", max_length=60, blank=True)
    row_id = models.CharField("对象编号", max_length=40, blank=True)
    row_words = models.CharField("对象", max_length=200, blank=True)
    request_id = models.CharField("请求编号", max_length=32, blank=True)
    detail = models.JSONField("其他信息", default=dict, blank=True)
    stamp = models.CharField("校验码", max_length=44, unique=True)

    class Meta:
        verbose_name = verbose_name_plural = "审计日志"
        ordering = ("-at", "-id")
        indexes = [
            models.Index(fields=("at", "id"), name="audit_by_time"),
            models.Index(fields=("kind", "at", "id"), name="audit_by_kind"),
            models.Index(fields=("username", "at", "id"), name="audit_by_user"),
            models.Index(fields=("address", "at", "id"), name="audit_by_address"),
            models.Index(fields=("row_model", "row_id", "at", "id"), name="audit_by_row"),
            models.Index(fields=("request_id",), name="audit_by_request"),
            models.Index(fields=("result", "at", "id"), name="audit_by_result"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.kind}"


class AuditSeal(models.Model):
    """封存: the place of an event in the chain. ``hash`` covers the event and ``previous``, the hash before it."""

    event = models.OneToOneField(AuditEvent, models.PROTECT, related_name="seal", verbose_name="事件")
    seq = models.PositiveBigIntegerField("链序号", unique=True)
    previous = models.CharField("前一哈希", max_length=64)
    hash = models.CharField("哈希", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "审计封存"
        ordering = ("seq",)

    def __str__(self) -> str:
        return f"第 {self.seq} 条"


class AuditArchive(models.Model):
    """审计归档: a part of the chain as a file. Rows it covers may leave the database; nothing else may."""

    name = models.CharField("文件名", max_length=80, unique=True)
    first_seq = models.PositiveBigIntegerField("起始链序号", unique=True)
    last_seq = models.PositiveBigIntegerField("截止链序号", unique=True)
    previous = models.CharField("之前的哈希", max_length=64)
    last_hash = models.CharField("末条哈希", max_length=64)
    from_at = models.DateTimeField("起始时间")
    until_at = models.DateTimeField("截止时间")
    sha256 = models.CharField("SHA-256", max_length=64)
    signature = models.CharField("签名", max_length=64)
    made_at = models.DateTimeField("归档时间")
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="audit_archives", verbose_name="归档人")

    class Meta:
        verbose_name = verbose_name_plural = "审计归档"
        ordering = ("first_seq",)
        constraints = [
            models.CheckConstraint(
                condition=Q(last_seq__gte=F("first_seq")),
                name="audit_archive_in_order",
                violation_error_message="归档的截止链序号不能小于起始链序号。",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def count(self) -> int:
        return self.last_seq - self.first_seq + 1
