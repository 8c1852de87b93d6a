"""花名册导入: a file, what it would change, who decided and when (一（二）)."""

from django.db import models

from accountability.models.history import kept_history
from accountability.models.imports import FileImport
from accountability.models.people import Person


def roster_path(row: "RosterImport", filename: str) -> str:
    return f"rosters/{row.sha256[:2]}/{row.sha256}"


class RosterImport(FileImport):
    """花名册导入."""

    KIND = "roster_import"

    file = models.FileField("文件", upload_to=roster_path, max_length=160)
    decided_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="办理人"
    )
    added = models.PositiveIntegerField("新增", default=0)
    changed = models.PositiveIntegerField("修改", default=0)
    unchanged = models.PositiveIntegerField("未变", default=0)

    history = kept_history()

    class Meta(FileImport.Meta):
        verbose_name = verbose_name_plural = "花名册导入"
