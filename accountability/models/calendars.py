"""日历订阅: a secret address at which a calendar program reads what its owner may see."""

from django.db import models

from accountability.models.history import kept_history
from accountability.models.organisations import Organisation
from accountability.models.people import Person


class CalendarFeed(models.Model):
    """日历订阅 of one's own, or of a unit. Only the hash of the address is kept: shown once, revocable, never shown again."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="calendar_feeds", verbose_name="人员")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="calendar_feeds", verbose_name="单位"
    )
    label = models.CharField("用途", max_length=40)
    code_sha256 = models.CharField("地址校验值", max_length=64, unique=True)
    created_at = models.DateTimeField("生成时间")
    used_at = models.DateTimeField("最近读取", null=True, blank=True)
    revoked_at = models.DateTimeField("停用时间", null=True, blank=True)

    history = kept_history(excluded_fields=["used_at"])

    class Meta:
        verbose_name = verbose_name_plural = "日历订阅"
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return f"{self.person} {self.label}"
