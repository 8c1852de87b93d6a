"""审计日志: security and business events, appended and never changed; sealed into a chain (GB/T 22239-2019 8.1.4.3).

An event is written in the transaction of what it tells of, so neither exists without the other. It is sealed right
after the commit: a seal binds it to all events before it, so that what is changed, taken out or put in is found.
"""

from django.db import models
from django.db.models import Q

from accountability.models.people import Person


class AuditEvent(models.Model):
    """审计事件. ``kind`` is registered in ``services.audit``; ``row_words`` names the row, without its content.

    ``username`` is what was typed at a login that failed: then there is no ``person``. ``detail`` holds words only the
    auditor may read: never a password, a text or a name out of a confidential row.
    """

    class Result(models.TextChoices):
        DONE = "done", "成功"
        FAILED = "failed", "失败"
        REFUSED = "refused", "被拒绝"

    at = models.DateTimeField("时间")
    kind = models.CharField("事件类型", max_length=60)
    result = models.CharField("结果", max_length=10, choices=Result)
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="audit_events", verbose_name="用户"
    )
    username = models.CharField("用户名", max_length=60, blank=True)
    address = models.CharField("来源地址", max_length=45, blank=True)
    row_model = models.CharField("对象类别", max_length=60, blank=True)
    row_id = models.CharField("对象编号", max_length=40, blank=True)
    row_words = models.CharField("对象", max_length=200, blank=True)
    request_id = models.CharField("请求编号", max_length=32, blank=True)
    detail = models.JSONField("其他信息", default=dict, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "审计日志"
        ordering = ("-id",)
        indexes = [
            models.Index(fields=("at", "id"), name="audit_by_time"),
            models.Index(fields=("kind", "id"), name="audit_by_kind"),
            models.Index(fields=("person", "id"), name="audit_by_person"),
            models.Index(fields=("address", "id"), name="audit_by_address"),
            models.Index(fields=("row_model", "row_id", "id"), name="audit_by_row"),
            models.Index(fields=("request_id",), name="audit_by_request"),
            models.Index(fields=("id",), condition=~Q(result="done"), name="audit_not_done"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.kind}"
