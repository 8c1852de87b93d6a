"""会议导入: a file of meetings already held, what it would add, who decided and when (三（一）1)."""

from django.db import models
from django.db.models import Q

from accountability.models import Person, WorkYear
from accountability.models.history import kept_history


def backlog_path(row: "MeetingImport", filename: str) -> str:
    return f"meetings/{row.sha256[:2]}/{row.sha256}"


class MeetingImport(models.Model):
    """会议导入. ``fingerprint`` is of the plan that was shown: only that may be written."""

    class State(models.TextChoices):
        WAITING = "waiting", "待确定"
        DONE = "done", "已导入"
        DROPPED = "dropped", "已放弃"

    work_year = models.ForeignKey(WorkYear, models.PROTECT, related_name="+", verbose_name="工作年度")
    name = models.CharField("文件名", max_length=160)
    sha256 = models.CharField("校验值", max_length=64)
    file = models.FileField("文件", upload_to=backlog_path, max_length=160)
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    uploaded_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间")
    decided_at = models.DateTimeField("办理时间", null=True, blank=True)
    added = models.PositiveIntegerField("新增", default=0)
    unchanged = models.PositiveIntegerField("已有", default=0)
    fingerprint = models.CharField("计划校验值", max_length=64)

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "会议导入"
        ordering = ("-uploaded_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None) | (~Q(state="waiting") & Q(decided_at__isnull=False)),
                name="meeting_import_decided_has_time",
                violation_error_message="已办理的导入须有时间。",
            )
        ]

    def __str__(self) -> str:
        return self.name
