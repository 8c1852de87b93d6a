"""频率计数: how often somebody did something in the window under way; counted where there is no Redis."""

from django.db import models


class RateCount(models.Model):
    """频率计数. One row per kind and person or address, filled anew in each window; swept away a day later."""

    who = models.CharField("对象", max_length=100, unique=True)
    window = models.PositiveBigIntegerField("时段")
    count = models.PositiveIntegerField("次数")
    counted_at = models.DateTimeField("计数时间", db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "频率计数"

    def __str__(self) -> str:
        return f"{self.who}：{self.count}次"
