"""知悉范围: which of the commission's people may see a confidential kind, named one by one (二（二）, 三（二）3)."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accountability.models import Person
from accountability.models.history import kept_history


class Secret(models.TextChoices):
    """知悉类别: kinds that are confidential by nature. None of them is a state secret: those are refused."""

    TALK = "talk", "谈话提醒"
    CLUE = "clue", "线索移送"
    FORM = "form", "四种形态"
    ARCHIVE = "archive", "廉政档案"
    MEASURE = "measure", "问责处理"


class AdmissionQuerySet(models.QuerySet):
    def visible_to(self, user) -> "AdmissionQuerySet":
        from supervision.access import may_admit

        return self if may_admit(user) else self.none()

    def in_force(self, on: date | None = None) -> "AdmissionQuerySet":
        on = on or timezone.localdate()
        return self.filter(Q(until_on=None) | Q(until_on__gte=on), from_on__lte=on)


class Admission(models.Model):
    """知悉授权: one person, one kind, from a day to a day; named by another, with a reason."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="admissions", verbose_name="人员")
    secret = models.CharField("知悉类别", max_length=10, choices=Secret)
    from_on = models.DateField("开始日期")
    until_on = models.DateField("截止日期", null=True, blank=True)
    reason = models.CharField("理由", max_length=200)
    named_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="授权人")
    named_at = models.DateTimeField("授权时间")

    history = kept_history()
    objects = AdmissionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "知悉授权"
        ordering = ("secret", "person", "from_on")
        constraints = [
            models.CheckConstraint(
                condition=~Q(named_by=F("person")),
                name="admission_by_another",
                violation_error_message="不能给自己授权。",
            ),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("from_on")),
                name="admission_ends_after_it_begins",
                violation_error_message="截止日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="admission_has_reason", violation_error_message="授权须有理由。"
            ),
            models.UniqueConstraint(
                fields=("person", "secret"),
                condition=Q(until_on=None),
                name="admission_open_once",
                violation_error_message="这位同志已有这一类的授权。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}：{self.get_secret_display()}"
