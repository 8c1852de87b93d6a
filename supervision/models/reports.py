"""年度报告: frozen figures with the rows behind them, and the PDF made of them (三（三）1, 四（三）)."""

from django.db import models
from django.db.models import Q

from accountability.access import may_see_whole_school
from accountability.models import Job, Person, WorkYear
from accountability.models.history import kept_history


class AnnualReportQuerySet(models.QuerySet):
    def visible_to(self, user) -> "AnnualReportQuerySet":
        """It speaks of the whole school, so only those see it who may see the whole school."""
        return self if may_see_whole_school(user) else self.none()

    def made(self) -> "AnnualReportQuerySet":
        return self.exclude(file="")


class AnnualReport(models.Model):
    """年度运行情况报告. ``figures`` keeps each figure with its rows' ids as they were at ``taken_at``."""

    work_year = models.ForeignKey(WorkYear, models.PROTECT, related_name="reports", verbose_name="工作年度")
    job = models.OneToOneField(
        Job, models.PROTECT, null=True, blank=True, related_name="report", verbose_name="后台任务"
    )
    requested_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="发起人")
    created_at = models.DateTimeField("发起时间")
    taken_at = models.DateTimeField("数据时间", null=True, blank=True)
    figures = models.JSONField("数字与依据", default=dict)
    figures_sha256 = models.CharField("数字校验值", max_length=64, blank=True)
    file = models.FileField("文件", upload_to="reports/", max_length=160, blank=True)
    file_sha256 = models.CharField("文件校验值", max_length=64, blank=True)
    size = models.PositiveBigIntegerField("大小（字节）", default=0)
    pages = models.PositiveSmallIntegerField("页数", default=0)

    history = kept_history(excluded_fields=["figures"])
    objects = AnnualReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度报告"
        ordering = ("-work_year", "-created_at")
        constraints = [
            models.CheckConstraint(
                condition=Q(file="") | (Q(taken_at__isnull=False) & ~Q(figures_sha256="") & ~Q(file_sha256="")),
                name="report_file_has_provenance",
                violation_error_message="报告文件须有数据时间和校验值。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.work_year_id} 年度运行情况报告"
