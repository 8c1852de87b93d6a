"""编号: one row per series and year; the row is the lock under which numbers are given."""

from django.db import models


class NumberSeries(models.Model):
    """编号序列. ``last`` is the last number given; without gaps per series and year."""

    series = models.CharField("序列", max_length=60)
    year = models.PositiveSmallIntegerField("年份")
    last = models.PositiveIntegerField("已用到", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "编号序列"
        constraints = [models.UniqueConstraint(fields=("series", "year"), name="number_series_once_a_year")]

    def __str__(self) -> str:
        return f"{self.series}〔{self.year}〕{self.last}号"
