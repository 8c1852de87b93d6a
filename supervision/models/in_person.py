"""四个亲自: what the party secretary did in person, as his records, each beside what it was about (二（三）)."""

from django.db import models
from django.db.models import Q

from accountability.models import Duty, Problem, Record
from accountability.models.history import kept_history
from inspections.models import Finding
from meetings.models import Meeting
from supervision.models.talks import Talk

# The acts of the regulation; their names and the obligations they fulfil are its data.
ACTS = ("personal-deployment", "personal-inquiry", "personal-coordination", "personal-oversight")
ABOUT = ("duty", "finding", "meeting", "problem", "talk")


class InPerson(models.Model):
    """亲自办理. The record says which of the four, when and what; here stands what it was about, if one thing."""

    record = models.OneToOneField(Record, models.PROTECT, related_name="in_person", verbose_name="履责记录")
    duty = models.ForeignKey(Duty, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="责任事项")
    finding = models.ForeignKey(
        Finding, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="巡察问题"
    )
    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="会议")
    problem = models.ForeignKey(
        Problem, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="清单问题"
    )
    talk = models.ForeignKey(Talk, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="谈话")

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "亲自办理"
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(*((f"{name}__isnull", True) for name in ABOUT))
                | Q(
                    *(Q(*((f"{name}__isnull", name != one) for name in ABOUT)) for one in ABOUT),
                    _connector=Q.OR,
                ),
                name="in_person_about_one",
                violation_error_message="所办事项只选一项。",
            )
        ]

    def __str__(self) -> str:
        return self.record.title

    @property
    def about(self) -> str:
        """Which of the five it is about; empty for none."""
        return next((name for name in ABOUT if getattr(self, f"{name}_id")), "")
