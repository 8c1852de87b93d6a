"""议题、决议、纪要: what was on the agenda, what came of it, and the paper that is kept (三（一）2, 三（一）3)."""

from django.db import models
from django.db.models import Q

from accountability.models import Duty, Person, Post
from accountability.models.history import kept_history
from accountability.models.kept_papers import KeptPaper, KeptPaperQuerySet
from meetings.models.kinds import RequiredItem
from meetings.models.meetings import Meeting


class AgendaItemQuerySet(models.QuerySet):
    def visible_to(self, user) -> "AgendaItemQuerySet":
        """限知事项 only for those admitted, who chairs and who keeps the meeting; no grant reaches further."""
        keepers = Q(meeting__created_by=user.pk) | Q(meeting__chair=user.pk)
        mine = self.model.admitted.through.objects.filter(person=user.pk).values("agendaitem")
        return self.filter(meeting__in=Meeting.objects.visible_to(user)).filter(
            Q(is_confidential=False) | keepers | Q(pk__in=mine)
        )


class AgendaItem(models.Model):
    """议题. ``required`` names the 必议事项 it deals with; a meeting counts only when all of them were dealt with."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="items", verbose_name="会议")
    rank = models.PositiveSmallIntegerField("次序", default=1)
    title = models.CharField("议题", max_length=120)
    presenter = models.CharField("汇报人", max_length=60, blank=True)
    minutes_planned = models.PositiveSmallIntegerField("预计时长（分钟）", null=True, blank=True)
    required = models.ForeignKey(
        RequiredItem, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="必议事项"
    )
    is_dealt_with = models.BooleanField("已议", default=False)
    report = models.TextField("汇报要点", blank=True, max_length=4_000)
    discussion = models.TextField("讨论情况", blank=True, max_length=4_000)
    is_confidential = models.BooleanField("限知事项", default=False)
    admitted = models.ManyToManyField(Person, blank=True, related_name="+", verbose_name="知情人员")

    history = kept_history()
    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "议题"
        ordering = ("meeting", "rank", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("meeting", "required"),
                condition=Q(required__isnull=False),
                name="agenda_required_once",
                violation_error_message="该必议事项已在议程中。",
            )
        ]

    def __str__(self) -> str:
        return self.title


class AgendaPaperQuerySet(KeptPaperQuerySet):
    def standing(self) -> "AgendaPaperQuerySet":
        return self.filter(is_withdrawn=False)


class AgendaPaper(KeptPaper):
    """会议材料: handed in for an item before the day, seen by whoever sees the item."""

    FOLDER, SEEN_WITH = "agenda", "item"

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="papers", verbose_name="议题")
    is_withdrawn = models.BooleanField("已撤回", default=False)

    history = kept_history()
    objects = AgendaPaperQuerySet.as_manager()

    class Meta(KeptPaper.Meta):
        verbose_name = verbose_name_plural = "会议材料"
        constraints = KeptPaper.once("item", message="这个议题已有这份材料。", condition=Q(is_withdrawn=False))


class ResolutionQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ResolutionQuerySet":
        """Those of meetings he sees; one made under a 限知事项 only with that item, or as its owner."""
        from accountability.access import posts_of

        open_to_him = Q(item=None) | Q(item__in=AgendaItem.objects.visible_to(user))
        seen = Q(meeting__in=Meeting.objects.visible_to(user)) & open_to_him
        return self.filter(seen | Q(owner__in=posts_of(user), duty__isnull=False))


class Resolution(models.Model):
    """决议: what was decided, who carries it out by which day; a duty of the ledger once the minutes are confirmed."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="decided", verbose_name="会议")
    item = models.ForeignKey(
        AgendaItem, models.SET_NULL, null=True, blank=True, related_name="decided", verbose_name="议题"
    )
    rank = models.PositiveSmallIntegerField("次序", default=1)
    text = models.CharField("决议内容", max_length=300)
    owner = models.ForeignKey(Post, models.PROTECT, related_name="+", verbose_name="责任人")
    due_on = models.DateField("完成日期")
    duty = models.OneToOneField(
        Duty, models.PROTECT, null=True, blank=True, related_name="resolution", verbose_name="责任事项"
    )

    history = kept_history()
    objects = ResolutionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "决议"
        ordering = ("meeting", "rank", "id")

    def __str__(self) -> str:
        return self.text


def minutes_path(version: "MinutesVersion", filename: str) -> str:
    return f"minutes/{version.sha256[:2]}/{version.sha256}.pdf"


def full_minutes_path(version: "MinutesVersion", filename: str) -> str:
    return f"minutes/{version.full_sha256[:2]}/{version.full_sha256}.pdf"


class MinutesVersion(models.Model):
    """纪要版本: what the chair confirmed, in words and as frozen PDF. A correction is the next one and says why."""

    # What may be written after the row exists: the chair's word and the paper, each once.
    WRITTEN_ONCE = ("confirmed_by_id", "confirmed_at", "sha256", "full_sha256", "pages")

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="versions", verbose_name="会议")
    number = models.PositiveSmallIntegerField("版次")
    text = models.TextField("正文", max_length=60_000)
    # With the 限知事项, for those admitted; empty when there are none.
    full_text = models.TextField("全文（含限知事项）", blank=True, max_length=60_000)
    # What a correction sets in the meeting once it is confirmed.
    minutes = models.TextField("会议记录", blank=True, max_length=20_000)
    reason = models.CharField("更正原因", max_length=200, blank=True)
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="整理人")
    made_at = models.DateTimeField("整理时间")
    confirmed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认人"
    )
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    refused_reason = models.CharField("退回意见", max_length=200, blank=True)
    pdf = models.FileField("PDF", upload_to=minutes_path, max_length=160, blank=True)
    sha256 = models.CharField("校验值", max_length=64, blank=True)
    full_pdf = models.FileField("PDF（含限知事项）", upload_to=full_minutes_path, max_length=160, blank=True)
    full_sha256 = models.CharField("校验值（含限知事项）", max_length=64, blank=True)
    pages = models.PositiveSmallIntegerField("页数", null=True, blank=True)

    history = kept_history(sought_by=["meeting"])

    class Meta:
        verbose_name = verbose_name_plural = "纪要版本"
        ordering = ("meeting", "number")
        constraints = [
            models.UniqueConstraint(
                fields=("meeting", "number"), name="minutes_number_once", violation_error_message="该版次已有。"
            ),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(reason=""),
                name="minutes_correction_has_reason",
                violation_error_message="更正须写明原因。",
            ),
            models.CheckConstraint(
                condition=Q(number=1) | Q(confirmed_by=None) | ~Q(confirmed_by=models.F("made_by")),
                name="minutes_correction_four_eyes",
                violation_error_message="更正的人不能自己确认。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting} 第 {self.number} 版"

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None

    @property
    def is_pending(self) -> bool:
        return not self.is_confirmed and not self.refused_reason

    @property
    def is_frozen(self) -> bool:
        return bool(self.sha256)

    def save(self, *args, **kwargs):
        """The words never change after they were written, nor does anything that is written once."""
        if self.pk:
            fixed = ("meeting_id", "number", "text", "full_text", "minutes", "reason", "made_by_id")
            before = type(self).objects.values(*fixed, *self.WRITTEN_ONCE).get(pk=self.pk)
            changed = [name for name in fixed if before[name] != getattr(self, name)]
            changed += [name for name in self.WRITTEN_ONCE if before[name] and before[name] != getattr(self, name)]
            if changed:
                raise ValueError(f"minutes are never changed after they were written: {changed}")
        super().save(*args, **kwargs)
