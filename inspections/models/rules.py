"""建章立制: rules that came out of a topic, a requirement or a measure, so that it does not happen again (三（四）3)."""

from django.db import models
from django.db.models import Q

from accountability.models import Organisation, Person
from accountability.models.history import kept_history
from inspections.models.findings import Measure
from inspections.models.requirements import Requirement
from inspections.models.topics import Topic


class RuleQuerySet(models.QuerySet):
    def visible_to(self, user) -> "RuleQuerySet":
        """Of the units in one's reach, and what one entered oneself."""
        from inspections.research_access import takes_part

        if not takes_part(user):
            return self.none()
        within = Organisation.objects.reach_of(user)
        return self.filter(Q(organisation__in=within) | Q(entered_by=user))

    def in_force(self) -> "RuleQuerySet":
        return self.exclude(status=Rule.Status.REPEALED)

    def for_list(self) -> "RuleQuerySet":
        return self.select_related("organisation__parent", "topic", "requirement", "measure__finding__round")


class Rule(models.Model):
    """制度成果: a unit's own rule, not the regulation this system runs by."""

    class Status(models.TextChoices):
        NEW = "new", "新立"
        AMENDED = "amended", "修订"
        REPEALED = "repealed", "废止"

    title = models.CharField("制度名称", max_length=120)
    document_number = models.CharField("文号", max_length=40, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="rules", verbose_name="制定单位")
    key_area = models.CharField("重点领域", max_length=20, blank=True)
    status = models.CharField("立改废", max_length=10, choices=Status)
    in_force_on = models.DateField("施行日期")
    repealed_on = models.DateField("废止日期", null=True, blank=True)
    summary = models.CharField("解决什么问题", max_length=300)
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, blank=True, related_name="rules", verbose_name="专题")
    requirement = models.ForeignKey(
        Requirement, models.PROTECT, null=True, blank=True, related_name="rules", verbose_name="工作要求"
    )
    measure = models.ForeignKey(
        Measure, models.PROTECT, null=True, blank=True, related_name="rules", verbose_name="整改措施"
    )
    entered_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="登记人")
    entered_at = models.DateTimeField("登记时间")

    history = kept_history()
    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "制度成果"
        ordering = ("-in_force_on", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("organisation", "document_number"),
                condition=~Q(document_number=""),
                name="rule_number_once",
                violation_error_message="该单位已登记过这个文号的制度。",
            ),
            models.CheckConstraint(
                condition=Q(topic__isnull=False) | Q(requirement__isnull=False) | Q(measure__isnull=False),
                name="rule_came_out_of_something",
                violation_error_message="请选择制度来自哪个专题、哪项工作要求或哪条整改措施。",
            ),
            models.CheckConstraint(
                condition=Q(status="repealed", repealed_on__isnull=False)
                | (~Q(status="repealed") & Q(repealed_on=None)),
                name="rule_repealed_has_day",
                violation_error_message="废止的制度须有废止日期，其他的不填。",
            ),
        ]

    def __str__(self) -> str:
        return self.title
