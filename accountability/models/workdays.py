from django.db import models

from accountability.models.history import kept_history


class WorkdayOverride(models.Model):
    """工作日调整: the school's own word on a day, before any official calendar (校历、临时调休)."""

    day = models.DateField("日期", unique=True)
    is_workday = models.BooleanField("是工作日")
    reason = models.CharField("说明", max_length=60)

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "工作日调整"
        ordering = ("day",)

    def __str__(self) -> str:
        return f"{self.day} {'上班' if self.is_workday else '放假'}"
