"""导入: a file somebody uploaded, the plan that was shown of it, and what became of it."""

from django.db import models
from django.db.models import Q

from accountability.models.people import Person


class FileImport(models.Model):
    """一份导入的文件. ``fingerprint`` is of the plan that was shown: only that may be written. A kind adds its own file."""

    class State(models.TextChoices):
        WAITING = "waiting", "待确定"
        DONE = "done", "已导入"
        DROPPED = "dropped", "已放弃"

    name = models.CharField("文件名", max_length=160)
    sha256 = models.CharField("校验值", max_length=64)
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    uploaded_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间")
    decided_at = models.DateTimeField("办理时间", null=True, blank=True)
    fingerprint = models.CharField("计划校验值", max_length=64)

    class Meta:
        abstract = True
        ordering = ("-uploaded_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None) | (~Q(state="waiting") & Q(decided_at__isnull=False)),
                name="%(class)s_decided_has_time",
                violation_error_message="已办理的导入须有时间。",
            )
        ]

    def __str__(self) -> str:
        return self.name
