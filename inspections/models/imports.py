"""台账导入: a file, the plan that was shown, who decided; and what offices call our units (三（四）1)."""

from django.db import models

from accountability.models import Organisation, Person
from accountability.models.history import kept_history
from accountability.models.imports import FileImport
from inspections.models.rounds import Round


def ledger_path(row: "LedgerImport", filename: str) -> str:
    return f"ledgers/{row.sha256[:2]}/{row.sha256}"


def reading_path(row: "LedgerImport", filename: str) -> str:
    return f"readings/{row.sha256[:2]}/{row.sha256}.json"


class LedgerImport(FileImport):
    """台账导入.

    ``reading`` is what the file says, as the child read it, so that preview and confirmation need not read it again.
    """

    KIND = "ledger_import"

    round = models.ForeignKey(Round, models.PROTECT, related_name="imports", verbose_name="轮次")
    file = models.FileField("文件", upload_to=ledger_path, max_length=160)
    reading = models.FileField("读取结果", upload_to=reading_path, max_length=160, blank=True)
    reading_sha256 = models.CharField("读取结果校验值", max_length=64, blank=True)
    problems = models.PositiveIntegerField("问题", default=0)
    measures = models.PositiveIntegerField("措施", default=0)
    created = models.PositiveIntegerField("新增", default=0)
    updated = models.PositiveIntegerField("更新", default=0)
    unchanged = models.PositiveIntegerField("不变", default=0)
    absent = models.PositiveIntegerField("表中没有", default=0)

    history = kept_history()

    class Meta(FileImport.Meta):
        verbose_name = verbose_name_plural = "台账导入"


class UnitAlias(models.Model):
    """单位别称: what a ledger calls one of our units, chosen once and known from then on."""

    name = models.CharField("台账中的名称", max_length=60, unique=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="aliases", verbose_name="单位")
    chosen_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="选定人")

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "单位别称"
        ordering = ("name",)

    def __str__(self) -> str:
        return f"{self.name} → {self.organisation}"
