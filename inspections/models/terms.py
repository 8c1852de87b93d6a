"""巡察工作规划: what a term of office means to inspect in which year, and what it has not yet (三（四）1)."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accountability.models import Organisation, Person
from accountability.models.history import kept_history
from inspections.models.kinds import RoundKind


def sees_plans(user) -> bool:
    """巡察办、纪委, and who sees the whole school: a unit does not learn beforehand when it is inspected."""
    from accountability.access import may_see_whole_school
    from inspections.models.rounds import manages

    return manages(user) or may_see_whole_school(user)


class TermQuerySet(models.QuerySet):
    def visible_to(self, user) -> "TermQuerySet":
        return self if sees_plans(user) else self.none()

    def on(self, day: date) -> "Term | None":
        return self.filter(starts_on__lte=day, ends_on__gte=day).first()


class Term(models.Model):
    """届: a committee's term of office, within which every unit and key area is to be inspected once."""

    name = models.CharField("届次", max_length=40, unique=True)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("届满日期")
    created_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="登记人")
    created_at = models.DateTimeField("登记时间")

    history = kept_history()
    objects = TermQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "届次"
        ordering = ("-starts_on", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="term_ends_after_start",
                violation_error_message="届满日期须晚于开始日期。",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def years(self) -> range:
        return range(self.starts_on.year, self.ends_on.year + 1)


class PlannedQuerySet(models.QuerySet):
    def visible_to(self, user) -> "PlannedQuerySet":
        return self if sees_plans(user) else self.none()

    def standing(self) -> "PlannedQuerySet":
        return self.filter(withdrawn_on=None)


class PlannedInspection(models.Model):
    """规划事项: one unit or one key area, in one year of the term. Taken out of the plan, it stays on record."""

    term = models.ForeignKey(Term, models.PROTECT, related_name="planned", verbose_name="届次")
    year = models.PositiveSmallIntegerField("计划年度")
    kind = models.CharField("类型", max_length=10, choices=RoundKind)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="planned_inspections", verbose_name="单位"
    )
    key_area = models.CharField("重点领域", max_length=20, blank=True)
    withdrawn_on = models.DateField("调出规划日期", null=True, blank=True)
    planned_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="列入人")
    planned_at = models.DateTimeField("列入时间", default=timezone.now)

    history = kept_history(sought_by=["term"])
    objects = PlannedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "规划事项"
        ordering = ("year", "organisation__rank", "key_area", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, key_area="") | (Q(organisation=None) & ~Q(key_area="")),
                name="planned_unit_or_area",
                violation_error_message="规划事项须是一个单位或一个重点领域。",
            ),
            models.UniqueConstraint(
                fields=("term", "year", "organisation"),
                condition=Q(withdrawn_on=None, organisation__isnull=False),
                name="planned_unit_once_a_year",
                violation_error_message="该单位已列入这一年度的规划。",
            ),
            models.UniqueConstraint(
                fields=("term", "year", "key_area"),
                condition=Q(withdrawn_on=None, organisation=None),
                name="planned_area_once_a_year",
                violation_error_message="该领域已列入这一年度的规划。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.subject}"

    @property
    def subject(self) -> str:
        return self.organisation.name if self.organisation_id else self.key_area
