"""会议: what a record of a meeting holds besides the act itself (三（一）, 三（三）1)."""

from django.db import models

from accountability.models import Organisation, Record
from accountability.models.history import kept_history


class MeetingQuerySet(models.QuerySet):
    def visible_to(self, user) -> "MeetingQuerySet":
        return self.filter(record__in=Record.objects.visible_to(user))

    def for_list(self) -> "MeetingQuerySet":
        return self.select_related("record__act", "record__organisation__parent", "record__entered_by")


class Meeting(models.Model):
    """会议记录: 标题、时间、地点、主持、出席、缺席及原因、记录、决议. Title, day and state are the record's."""

    record = models.OneToOneField(Record, models.PROTECT, related_name="meeting", verbose_name="履责记录")
    place = models.CharField("地点", max_length=80, blank=True)
    chaired_by = models.CharField("主持人", max_length=40)
    expected_count = models.PositiveSmallIntegerField("应到人数", null=True, blank=True)
    present_count = models.PositiveSmallIntegerField("实到人数", null=True, blank=True)
    attendance = models.TextField("出席与列席", blank=True, max_length=4_000)
    absence = models.TextField("缺席及原因", blank=True, max_length=2_000)
    resolutions = models.TextField("决议事项", blank=True, max_length=8_000)

    history = kept_history()
    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "会议"
        ordering = ("-record__happened_on", "-id")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(present_count=None)
                | models.Q(expected_count=None)
                | models.Q(present_count__lte=models.F("expected_count")),
                name="meeting_present_within_expected",
                violation_error_message="实到人数不能多于应到人数。",
            )
        ]

    def __str__(self) -> str:
        return self.record.title

    @property
    def organisation(self) -> Organisation:
        return self.record.organisation
