"""廉政档案: one per leading cadre, a thin index of what the system knows plus filed papers (二（二）).

What the system knows is never copied here: the page of an archive computes it (``supervision.archives.lines``).
"""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accountability.models import Person, WorkYear
from accountability.models.history import kept_history
from accountability.models.kept_papers import KeptFile


class ArchiveQuerySet(models.QuerySet):
    def visible_to(self, user, on: date | None = None) -> "ArchiveQuerySet":
        """All for who is admitted, one for whom it was granted until a day; nobody's own, nobody's relative's."""
        from supervision.archives.access import is_keeper, may_ask_to_open, relatives_of
        from supervision.models.openings import OpeningRequest

        if not user.is_authenticated:
            return self.none()
        kept_apart = self.exclude(person=user.pk).exclude(person__in=relatives_of(user))
        if is_keeper(user):
            return kept_apart
        if not may_ask_to_open(user):
            return self.none()
        granted = OpeningRequest.objects.granted(on or timezone.localdate()).filter(asked_by=user.pk)
        return kept_apart.filter(pk__in=granted.values("archive"))


class Archive(models.Model):
    """廉政档案, 一人一档. Opened by somebody else than its person."""

    person = models.OneToOneField(Person, models.PROTECT, related_name="archive", verbose_name="干部")
    established_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="建档人")
    established_on = models.DateField("建档日期")

    history = kept_history()
    objects = ArchiveQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "廉政档案"
        ordering = ("person__username",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(established_by=F("person")),
                name="archive_by_another",
                violation_error_message="本人不能为自己建档。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person.name}的廉政档案"


class PaperKind(models.Model):
    """材料类别: what may be filed is data; the admitted change it."""

    name = models.CharField("名称", max_length=30, unique=True, error_messages={"unique": "已有这个类别。"})
    needs_file = models.BooleanField("须附文件", default=True)
    is_dropped = models.BooleanField("停用", default=False)
    rank = models.PositiveSmallIntegerField("排序", default=0)

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "档案材料类别"
        ordering = ("rank", "id")

    def __str__(self) -> str:
        return self.name


class ArchivePaperQuerySet(models.QuerySet):
    def visible_to(self, user, on: date | None = None) -> "ArchivePaperQuerySet":
        """Those of the archives in reach; what is not confirmed yet, only for who keeps them."""
        from supervision.archives.access import is_keeper

        rows = self.filter(archive__in=Archive.objects.visible_to(user, on))
        return rows if is_keeper(user) else rows.confirmed()

    def standing(self) -> "ArchivePaperQuerySet":
        return self.filter(state__in=(ArchivePaper.State.FILED, ArchivePaper.State.CONFIRMED))

    def confirmed(self) -> "ArchivePaperQuerySet":
        return self.filter(state=ArchivePaper.State.CONFIRMED)

    def waiting_for(self, user) -> "ArchivePaperQuerySet":
        """待确认, filed by somebody else."""
        return self.visible_to(user).filter(state=ArchivePaper.State.FILED).exclude(filed_by=user.pk)


class ArchivePaper(KeptFile):
    """归档材料: filed by one, confirmed by another. ``person`` is kept so that the database can refuse his own hand."""

    class State(models.TextChoices):
        FILED = "filed", "待确认"
        CONFIRMED = "confirmed", "已归档"
        RETURNED = "returned", "已退回"
        WITHDRAWN = "withdrawn", "已撤出"

    AUTHOR, THING = "归档人", "材料"
    FOLDER = "archives"

    archive = models.ForeignKey(Archive, models.PROTECT, related_name="papers", verbose_name="档案")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="干部")
    kind = models.ForeignKey(PaperKind, models.PROTECT, related_name="papers", verbose_name="类别")
    title = models.CharField("名称", max_length=120)
    dated_on = models.DateField("日期")
    words = models.CharField("要点", max_length=500, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.FILED)
    filed_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="归档人")
    filed_at = models.DateTimeField("归档时间")
    confirmed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认人"
    )
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    reason = models.CharField("退回或撤出原因", max_length=300, blank=True)

    history = kept_history(sought_by=["archive"])
    objects = ArchivePaperQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "归档材料"
        ordering = ("kind__rank", "-dated_on", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("archive", "sha256"),
                condition=Q(state__in=("filed", "confirmed")) & ~Q(sha256=""),
                name="archive_paper_once",
                violation_error_message="这份文件已在档案中。",
            ),
            models.CheckConstraint(
                condition=~Q(filed_by=F("person")) & (Q(confirmed_by=None) | ~Q(confirmed_by=F("person"))),
                name="archive_paper_by_another",
                violation_error_message="本人不能办理自己的档案。",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("filed_by")),
                name="archive_paper_four_eyes",
                violation_error_message="归档人不能确认自己归档的材料。",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="archive_paper_confirmed_by_one",
                violation_error_message="已归档的材料须有确认人和时间。",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("returned", "withdrawn")) | ~Q(reason=""),
                name="archive_paper_has_reason",
                violation_error_message="退回或撤出须写明原因。",
            ),
            models.CheckConstraint(
                condition=Q(file="", sha256="", name="") | (~Q(file="") & ~Q(sha256="") & ~Q(name="")),
                name="archive_paper_file_whole",
                violation_error_message="文件须有文件名和校验值。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def is_own_work_of(self, person: Person) -> bool:
        return self.filed_by_id == person.pk


class ArchiveUpdate(models.Model):
    """年度更新: somebody who keeps it confirms that it is up to date for the year, and says what changed."""

    archive = models.ForeignKey(Archive, models.PROTECT, related_name="updates", verbose_name="档案")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="干部")
    work_year = models.ForeignKey(WorkYear, models.PROTECT, related_name="+", verbose_name="工作年度")
    words = models.CharField("更新内容", max_length=500)
    updated_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="更新人")
    updated_at = models.DateTimeField("更新时间")

    history = kept_history(sought_by=["archive"])

    class Meta:
        verbose_name = verbose_name_plural = "档案年度更新"
        ordering = ("-work_year_id", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("archive", "work_year"),
                name="archive_updated_once_a_year",
                violation_error_message="这份档案本年度已更新。",
            ),
            models.CheckConstraint(
                condition=~Q(updated_by=F("person")),
                name="archive_updated_by_another",
                violation_error_message="本人不能更新自己的档案。",
            ),
            models.CheckConstraint(
                condition=~Q(words=""),
                name="archive_update_has_words",
                violation_error_message="请写明更新内容。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.archive} {self.work_year_id} 年度更新"
