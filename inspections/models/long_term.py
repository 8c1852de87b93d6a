"""长期坚持复核: what is kept up gives account on its days, and somebody else decides what follows (三（四）1)."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from accountability.models import Duty, Person, Record
from accountability.models.history import kept_history
from inspections.models.findings import Finding
from inspections.models.rounds import manages


class LongTermReviewQuerySet(models.QuerySet):
    def visible_to(self, user, on: date | None = None) -> "LongTermReviewQuerySet":
        return self.filter(finding__in=Finding.objects.visible_to(user, on))

    def under_way(self) -> "LongTermReviewQuerySet":
        return self.filter(state__in=LongTermReview.UNDER_WAY)

    def waiting_for(self, user) -> "LongTermReviewQuerySet":
        """待我办理: accounts to give for my unit, accounts to verify; never one's own."""
        from accountability.access import organisations_where

        keeps = organisations_where(user, "keep_record")
        owed = Q(state=LongTermReview.State.OWED, finding__organisation__in=keeps)
        owed &= Q(record=None) | Q(record__state__in=(Record.State.RETURNED, Record.State.WITHDRAWN))
        if not manages(user):
            return self.filter(owed)
        verify = Q(state=LongTermReview.State.FILED) & ~Q(finding__organisation__in=keeps)
        verify &= ~Q(filed_by=user) & (Q(confirmed_by=None) | ~Q(confirmed_by=user))
        return self.filter(owed | verify)

    def for_list(self) -> "LongTermReviewQuerySet":
        return self.select_related(
            "finding__round", "finding__organisation", "duty", "record", "filed_by", "confirmed_by", "decided_by"
        )


class LongTermReview(models.Model):
    """复核: one day on which one finding gives account. ``state`` is moved by ``closing.REVIEW_TRANSITIONS``."""

    class State(models.TextChoices):
        OWED = "owed", "待报告"
        FILED = "filed", "待核验"
        KEPT = "kept", "继续长期坚持"
        CLOSED = "closed", "已销号"
        BACK = "back", "退回补报"
        STOPPED = "stopped", "不再复核"

    UNDER_WAY = (State.OWED, State.FILED)
    AUTHOR, THING = "填报或审核报告的人", "报告"

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="reviews", verbose_name="问题")
    number = models.PositiveSmallIntegerField("第几次复核")
    opened_on = models.DateField("确定日期")
    duty = models.OneToOneField(Duty, models.PROTECT, related_name="long_term_review", verbose_name="责任事项")
    record = models.OneToOneField(
        Record, models.PROTECT, null=True, blank=True, related_name="long_term_review", verbose_name="履责记录"
    )
    state = models.CharField("状态", max_length=8, choices=State, default=State.OWED)
    filed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="填报人")
    # Whoever confirmed for the unit; nobody where the secretary filed his own word.
    confirmed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="单位审核人"
    )
    decided_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核验人"
    )
    decided_on = models.DateField("核验日期", null=True, blank=True)
    opinion = models.CharField("核验意见", max_length=500, blank=True)

    history = kept_history()
    objects = LongTermReviewQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "长期坚持复核"
        ordering = ("finding", "number")
        constraints = [
            models.UniqueConstraint(
                fields=("finding", "number"),
                name="long_term_review_number_once",
                violation_error_message="这个问题已有这一次复核。",
            ),
            models.UniqueConstraint(
                fields=("finding",),
                condition=Q(state__in=("owed", "filed")),
                name="long_term_review_one_under_way",
                violation_error_message="这个问题已有一次复核正在进行。",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("owed", "filed"), decided_by=None, decided_on=None)
                | Q(state="stopped", decided_by__isnull=False, decided_on__isnull=False)
                | Q(
                    state__in=("kept", "closed", "back"),
                    decided_by__isnull=False,
                    decided_on__isnull=False,
                    filed_by__isnull=False,
                    record__isnull=False,
                ),
                name="long_term_review_decided_has_hand",
                violation_error_message="核验结果须有报告、填报人、核验人和日期。",
            ),
            models.CheckConstraint(
                condition=Q(state="stopped")
                | Q(decided_by=None)
                | (~Q(decided_by=F("filed_by")) & (Q(confirmed_by=None) | ~Q(decided_by=F("confirmed_by")))),
                name="long_term_review_four_eyes",
                violation_error_message="填报或审核报告的人不能核验。",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | (Q(confirmed_by__isnull=False) & ~Q(confirmed_by=F("filed_by"))),
                name="long_term_review_closed_by_three",
                violation_error_message="销号须有填报人、单位审核人、核验人三人。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.finding.number} 第 {self.number} 次复核"

    @property
    def standing_record(self) -> Record | None:
        return self.record if self.record and self.record.state != Record.State.WITHDRAWN else None

    def is_own_work_of(self, person: Person) -> bool:
        return person.pk in (self.filed_by_id, self.confirmed_by_id) or self.finding.is_own_work_of(person)
