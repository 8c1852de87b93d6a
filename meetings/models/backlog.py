"""会议导入: a file of meetings already held, what it would add, who decided and when (三（一）1)."""

from django.db import models

from accountability.models import WorkYear
from accountability.models.history import kept_history
from accountability.models.imports import FileImport


def backlog_path(row: "MeetingImport", filename: str) -> str:
    return f"meetings/{row.sha256[:2]}/{row.sha256}"


class MeetingImport(FileImport):
    """会议导入."""

    KIND = "meeting_import"

    work_year = models.ForeignKey(WorkYear, models.PROTECT, related_name="+", verbose_name="工作年度")
    file = models.FileField("文件", upload_to=backlog_path, max_length=160)
    added = models.PositiveIntegerField("新增", default=0)
    unchanged = models.PositiveIntegerField("已有", default=0)

    history = kept_history()

    class Meta(FileImport.Meta):
        verbose_name = verbose_name_plural = "会议导入"
