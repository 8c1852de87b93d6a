"""整改进展月报: what a unit said of every measure it leads, month by month, as it was said (三（四）1, 三（三）1)."""

from datetime import date

from django.db import models
from django.db.models import Count, Q

from accountability.models import Duty, Organisation, Record
from accountability.models.history import kept_history
from inspections.models.findings import Measure
from inspections.models.rounds import Round, RoundMember, manages


class ProgressReportQuerySet(models.QuerySet):
    def visible_to(self, user, on: date | None = None) -> "ProgressReportQuerySet":
        """All for who manages; of the units in one's reach; and, while it works, of the team's own round."""
        if manages(user):
            return self
        within = Organisation.objects.reach_of(user)
        return self.filter(Q(organisation__in=within) | Q(round__in=RoundMember.objects.at_work(user, on)))

    def owed(self) -> "ProgressReportQuerySet":
        return self.exclude(duty__state=Duty.State.WAIVED)

    def late(self, on: date) -> "ProgressReportQuerySet":
        return self.filter(duty__state=Duty.State.OPEN, duty__due_on__lt=on)

    def waiting(self) -> "ProgressReportQuerySet":
        """待单位审核: handed in by a liaison, not yet confirmed."""
        return self.filter(record__state=Record.State.SUBMITTED)

    def repeating(self) -> "ProgressReportQuerySet":
        """有与上月相同: at least one measure of which nothing new was said."""
        return self.filter(pk__in=ProgressLine.objects.filter(is_same=True).values("report"))

    def for_list(self) -> "ProgressReportQuerySet":
        return (
            self.select_related("round", "organisation", "duty", "record__entered_by")
            .annotate(lined=Count("lines"), same=Count("lines", filter=Q(lines__is_same=True)))
            .order_by("-month", "organisation__rank", "organisation")
        )


class ProgressReport(models.Model):
    """月报: one unit owes one report of one round for one month; the day, and whether it was kept, are its duty's."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="progress_reports", verbose_name="轮次")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="progress_reports", verbose_name="填报单位"
    )
    month = models.DateField("月份", help_text="当月第一天")
    duty = models.OneToOneField(Duty, models.PROTECT, related_name="progress_report", verbose_name="责任事项")
    record = models.OneToOneField(
        Record, models.PROTECT, null=True, blank=True, related_name="progress_report", verbose_name="履责记录"
    )
    note = models.TextField("总体情况", max_length=2000, blank=True)
    # Set when the system no longer asks for it, so that a rebound may ask again; what the office waived stays waived.
    stopped_on = models.DateField("停报日期", null=True, blank=True)

    history = kept_history()
    objects = ProgressReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "整改进展月报"
        ordering = ("round", "organisation", "month")
        constraints = [
            models.UniqueConstraint(
                fields=("round", "organisation", "month"),
                name="progress_report_once_a_month",
                violation_error_message="该单位本轮本月已有一份月报。",
            ),
            models.CheckConstraint(
                condition=Q(month__day=1),
                name="progress_report_of_a_month",
                violation_error_message="月份以当月第一天表示。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation.name} {self.month_words}整改进展月报"

    @property
    def month_words(self) -> str:
        return f"{self.month.year}年{self.month.month}月"

    @property
    def standing_record(self) -> Record | None:
        """The record that speaks for it: none was filed, or the last one was withdrawn."""
        return self.record if self.record and self.record.state != Record.State.WITHDRAWN else None


class ProgressLine(models.Model):
    """月报的一行: what was said of one measure, beside what had been said before."""

    report = models.ForeignKey(ProgressReport, models.PROTECT, related_name="lines", verbose_name="月报")
    measure = models.ForeignKey(Measure, models.PROTECT, related_name="progress_lines", verbose_name="整改措施")
    progress = models.TextField("整改进展", max_length=5000, blank=True)
    completion = models.CharField("完成情况", max_length=8, choices=Measure.Completion)
    former = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="followers", verbose_name="上次月报"
    )
    was_progress = models.TextField("此前进展", max_length=5000, blank=True)
    was_completion = models.CharField("此前完成情况", max_length=8, choices=Measure.Completion)
    is_same = models.BooleanField("与此前相同", default=False)

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "月报内容"
        ordering = ("report", "measure__finding__serial", "measure__finding__turn", "measure__rank")
        constraints = [
            models.UniqueConstraint(
                fields=("report", "measure"),
                name="progress_line_once",
                violation_error_message="这份月报已有这条措施。",
            ),
            # 已完成 is proved, never repeated: a finished measure is no sign of formalism.
            models.CheckConstraint(
                condition=Q(is_same=False) | ~Q(completion="done"),
                name="progress_line_done_is_not_same",
                violation_error_message="已完成的措施不计为与上月相同。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report}：{self.measure}"

    @property
    def same_words(self) -> str:
        return "与上月相同" if self.former_id else "与台账原文相同"
