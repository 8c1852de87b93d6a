"""导入: a file somebody uploaded, the plan that was shown of it, and what became of it."""

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Cast
from django.urls import reverse

from accountability.models.jobs import Job
from accountability.models.people import Person


class FileImportQuerySet(models.QuerySet):
    def for_list(self) -> "FileImportQuerySet":
        """With ``job_state``, how its writing stands."""
        ours = Job.objects.filter(kind=self.model.KIND, key=Cast(OuterRef("pk"), Job._meta.get_field("key")))
        latest = ours.order_by("-created_at", "-pk").values("state")[:1]
        return self.select_related("uploaded_by").annotate(job_state=Subquery(latest))


class FileImport(models.Model):
    """一份导入的文件. ``fingerprint`` is of the plan that was shown: only that may be written. A kind adds its own file.

    It waits until a worker has written all of it: while that is under way, and after it failed.
    """

    KIND: str  # of the job that writes it, and the name of its page

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

    objects = FileImportQuerySet.as_manager()

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

    @property
    def job(self) -> Job | None:
        """写入任务: the last one; one that was retried is as young as its retry."""
        return Job.objects.filter(kind=self.KIND, key=f"{self.pk}").order_by("-created_at", "-pk").first()

    @property
    def standing(self) -> str:
        """状态 in a list (``for_list``): while it waits, how its writing stands."""
        if self.state == self.State.WAITING and self.job_state:
            return Job.State(self.job_state).label
        return self.get_state_display()

    def get_absolute_url(self) -> str:
        return reverse(self.KIND, args=[self.pk])
