"""后台任务: a row with a lease is the record of a long task; the broker only wakes a worker."""

from django.db import models
from django.db.models import Q

from accountability.models.people import Person


class Job(models.Model):
    """后台任务: queued → running (lease renewed with progress) → done | failed. ``progress`` in per cent."""

    class State(models.TextChoices):
        QUEUED = "queued", "排队中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "未完成"

    kind = models.CharField("类别", max_length=40)
    key = models.CharField("对象", max_length=80)
    requested_by = models.ForeignKey(Person, models.PROTECT, related_name="jobs", verbose_name="发起人")
    state = models.CharField("状态", max_length=10, choices=State, default=State.QUEUED)
    progress = models.PositiveSmallIntegerField("进度", default=0)
    step = models.CharField("步骤", max_length=80, blank=True)
    error = models.CharField("错误", max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    lease_until = models.DateTimeField("租约至", null=True, blank=True)
    created_at = models.DateTimeField("发起时间")
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "后台任务"
        ordering = ("-created_at", "-id")
        constraints = [
            # Two people asking for the same thing share one job.
            models.UniqueConstraint(
                fields=("kind", "key"), condition=Q(state__in=("queued", "running")), name="job_one_under_way"
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="job_progress_in_percent"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)


class Heartbeat(models.Model):
    """心跳: written by a worker on beat's order; fresh means broker, beat and worker all live."""

    name = models.CharField("名称", max_length=20, primary_key=True)
    beat_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "心跳"

    def __str__(self) -> str:
        return self.name
