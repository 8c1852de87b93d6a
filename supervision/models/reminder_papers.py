"""提醒函、督办函: one paper to one unit and day about its duties overdue, receipt recorded (三（三）3, 四（三）; decision 23)."""

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accountability.counting import number_of
from accountability.models import UNIT_KINDS, Duty, Job, Organisation, Person, Post, ReminderPaperKind
from accountability.models.history import kept_history


class ReminderPaperQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ReminderPaperQuerySet":
        """Who sees every duty on it: a paper shows them all."""
        if not user.is_authenticated:
            return self.none()
        seen = Duty.objects.ids_visible_to(user)
        hidden = ReminderPaperLine.objects.filter(paper=OuterRef("pk")).exclude(duty__in=seen)
        return self.exclude(Exists(hidden))

    def unread(self) -> "ReminderPaperQuerySet":
        return self.filter(read_at=None)

    def waiting_for(self, user) -> "ReminderPaperQuerySet":
        """待签收 by him: as holder of the post it is addressed to, or for the unit. Comes scoped."""
        from accountability import access

        here = access.organisations_where(user, "confirm_record")
        mine = Q(post__in=access.posts_of(user)) | Q(organisation__in=here, organisation__kind__in=UNIT_KINDS)
        return self.unread().filter(mine)

    def for_list(self) -> "ReminderPaperQuerySet":
        related = ("organisation__parent", "post__organisation__parent", "read_by", "job")
        lines = ReminderPaperLine.objects.filter(paper=OuterRef("pk"))
        rows = self.select_related(*related).annotate(
            asked=number_of(lines), still_open=number_of(lines.filter(duty__state=Duty.State.OPEN))
        )
        return rows.order_by("-issued_at", "-pk")


class ReminderPaper(models.Model):
    """提醒函 or 督办函. Written by the sweep under a rule in force; what it says never changes."""

    kind = models.CharField("种类", max_length=10, choices=ReminderPaperKind)
    number = models.CharField("文号", max_length=60, unique=True)
    # 收函单位; of a duty the school itself owes, the school, and the paper goes to the post that answers for it.
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="reminder_papers", verbose_name="收函单位"
    )
    post = models.ForeignKey(Post, models.PROTECT, related_name="reminder_papers", verbose_name="收函岗位")
    issued_on = models.DateField("发函日期")
    issued_at = models.DateTimeField("发函时间")
    copies_to = models.CharField("抄送", max_length=300, blank=True)
    read_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="签收人")
    read_at = models.DateTimeField("签收时间", null=True, blank=True)
    job = models.ForeignKey(Job, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="后台任务")
    pdf = models.FileField("PDF", upload_to="reminder-papers/", max_length=160, blank=True)
    pdf_sha256 = models.CharField("校验值", max_length=64, blank=True)
    pages = models.PositiveSmallIntegerField("页数", default=0)

    history = kept_history()
    objects = ReminderPaperQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "提醒函、督办函"
        ordering = ("-issued_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("kind", "organisation", "post", "issued_on"),
                name="reminder_paper_one_a_day",
                violation_error_message="当天已向这个单位发过同类的函。",
            ),
            models.CheckConstraint(
                condition=Q(read_by=None, read_at=None) | Q(read_by__isnull=False, read_at__isnull=False),
                name="reminder_paper_read_by_one",
                violation_error_message="签收须有签收人和时间。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}{self.number}"

    @property
    def is_to_unit(self) -> bool:
        return self.organisation.is_unit

    @property
    def addressee(self) -> str:
        return self.organisation.party_name if self.is_to_unit else self.post.full_title


class ReminderPaperLine(models.Model):
    """函中一项: the duty in the words it had that day; a duty stands in one paper per due day and step."""

    paper = models.ForeignKey(ReminderPaper, models.PROTECT, related_name="lines", verbose_name="函")
    duty = models.ForeignKey(Duty, models.PROTECT, related_name="reminder_lines", verbose_name="责任事项")
    due_on = models.DateField("到期日")
    step = models.SmallIntegerField("提前天数")
    title = models.CharField("责任事项名称", max_length=140)
    owner_title = models.CharField("责任人", max_length=160)

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "函中事项"
        ordering = ("due_on", "duty_id")
        constraints = [
            models.UniqueConstraint(
                fields=("duty", "due_on", "step"),
                name="reminder_line_once",
                violation_error_message="这项责任已在另一份函中。",
            ),
            models.CheckConstraint(
                condition=Q(step__lt=0),
                name="reminder_line_is_late",
                violation_error_message="函中只列逾期的责任。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.due_on} 到期）"

    @property
    def days_late(self) -> int:
        return (self.paper.issued_on - self.due_on).days
