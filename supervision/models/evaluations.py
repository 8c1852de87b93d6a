"""监督评价: the commission's word beside a subject's own record, which it cannot edit (二（二）, 三（二）1)."""

from django.db import models
from django.db.models import F, Q

from accountability.models import Organisation, Person, Record
from accountability.models.history import kept_history


class RecordEvaluationQuerySet(models.QuerySet):
    def visible_to(self, user) -> "RecordEvaluationQuerySet":
        """The commission and whoever sees the record's unit; who entered or bears the record. Not who merely helps."""
        from accountability.access import posts_of

        within = Organisation.objects.reach_of(user)
        mine = Q(record__post__in=posts_of(user)) | Q(record__entered_by=user)
        return self.filter(Q(record__organisation__in=within) | mine)

    def current(self) -> "RecordEvaluationQuerySet":
        return self.filter(is_current=True)

    def for_list(self) -> "RecordEvaluationQuerySet":
        return self.select_related(
            "record__organisation__parent", "record__act", "record__post__organisation__parent", "evaluated_by"
        )


class RecordEvaluation(models.Model):
    """监督评价 of one record by one evaluator; corrected by a new one that supersedes it, never deleted."""

    class Grade(models.TextChoices):
        GOOD = "good", "认可"
        MEND = "mend", "需改进"
        BAD = "bad", "不认可"

    record = models.ForeignKey(Record, models.PROTECT, related_name="evaluations", verbose_name="履责记录")
    grade = models.CharField("评价", max_length=4, choices=Grade)
    words = models.CharField("评价意见", max_length=500, blank=True)
    evaluated_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="评价人")
    evaluated_at = models.DateTimeField("评价时间")
    # 录入人、审核人 of the moment: neither of them evaluates his own work.
    entered_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="录入人")
    decided_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审核人"
    )
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by", verbose_name="更正"
    )
    is_current = models.BooleanField("现行", default=True)

    history = kept_history()
    objects = RecordEvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "监督评价"
        ordering = ("-evaluated_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("record", "evaluated_by"),
                condition=Q(is_current=True),
                name="evaluation_one_stands",
                violation_error_message="您已评价过这条记录，请更正原来的评价。",
            ),
            models.CheckConstraint(
                condition=~Q(evaluated_by=F("entered_by")) & (Q(decided_by=None) | ~Q(evaluated_by=F("decided_by"))),
                name="evaluation_by_another",
                violation_error_message="录入人、审核人不能评价自己的记录。",
            ),
            models.CheckConstraint(
                condition=Q(grade="good") | ~Q(words=""),
                name="evaluation_says_why",
                violation_error_message="需改进、不认可的，须写明意见。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record}：{self.get_grade_display()}"
