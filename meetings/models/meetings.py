"""会议: from the plan to the minutes, and who is on its list (三（一）, 三（三）1)."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accountability.models import ActKind, Duty, FormerName, Organisation, Person, Record, WorkYear
from accountability.models.history import kept_history


class MeetingQuerySet(models.QuerySet):
    def visible_to(self, user) -> "MeetingQuerySet":
        """Meetings of organisations in reach, those he is on the list of, keeps or chairs, and those proving what he sees."""
        from accountability.access import may_see_whole_school

        if may_see_whole_school(user):
            return self.all()
        named = Participant.objects.filter(person=user.pk).exclude(meeting__stage=Meeting.Stage.PLANNED)
        return self.filter(
            Q(organisation__in=Organisation.objects.reach_of(user))
            | Q(created_by=user.pk)
            | Q(chair=user.pk)
            | Q(record__in=Record.objects.ids_visible_by_name(user))  # a record stands where its meeting does
            | Q(pk__in=named.values("meeting"))
        )

    def for_list(self) -> "MeetingQuerySet":
        return self.annotate(name_then=FormerName.objects.name_on("organisation", "day")).select_related(
            "record__entered_by", "record__confirmer", "organisation__parent", "act", "chair"
        )

    def of_year(self, year: int) -> "MeetingQuerySet":
        return self.filter(work_year=year)

    def standing(self) -> "MeetingQuerySet":
        """All but the cancelled and the withdrawn."""
        return self.exclude(stage=Meeting.Stage.CANCELLED).exclude(record__state=Record.State.WITHDRAWN)

    def saying(self, words: str) -> "MeetingQuerySet":
        """In its name, its organisation's or its minutes, which whoever sees the meeting reads; 限知事项 stand apart."""
        said = Q(title__icontains=words) | Q(organisation__name__icontains=words) | Q(minutes__icontains=words)
        return self.filter(said)

    def to_come(self) -> "MeetingQuerySet":
        """尚未提交纪要: planned or convened."""
        return self.filter(stage__in=Meeting.BEFORE)

    def held(self) -> "MeetingQuerySet":
        """已召开: its minutes are confirmed. The one count of N meetings: meetings page and annual report both ask here."""
        return self.filter(record__state=Record.State.ACCEPTED)

    def fulfilling(self, obligation) -> "MeetingQuerySet":
        """Of the kinds by which this obligation is fulfilled."""
        return self.filter(act__in=obligation.acts.values("pk"))


class Meeting(models.Model):
    """会议. Once its minutes are handed in the record carries its state: 待审核、已计入、已退回、已作废."""

    class Stage(models.TextChoices):
        PLANNED = "planned", "筹备中"
        CONVENED = "convened", "已通知"
        FILED = "filed", "已提交纪要"
        CANCELLED = "cancelled", "已取消"

    BEFORE = (Stage.PLANNED, Stage.CONVENED)

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="meetings", verbose_name="单位")
    act = models.ForeignKey(ActKind, models.PROTECT, related_name="meetings", verbose_name="会议类型")
    work_year = models.ForeignKey(WorkYear, models.PROTECT, related_name="meetings", verbose_name="工作年度")
    title = models.CharField("会议名称", max_length=120)
    day = models.DateField("召开日期")
    starts_at = models.TimeField("开始时间", null=True, blank=True)
    ends_at = models.TimeField("结束时间", null=True, blank=True)
    place = models.CharField("地点", max_length=80, blank=True)
    chair = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="主持人账号"
    )
    chaired_by = models.CharField("主持人", max_length=40, blank=True)
    # 依据: the higher document or meeting for whose sake an N meeting is held (三（一）3).
    trigger = models.CharField("召开依据", max_length=200, blank=True)
    stage = models.CharField("阶段", max_length=10, choices=Stage, default=Stage.PLANNED)
    sequence = models.PositiveSmallIntegerField("变更次数", default=0, editable=False)
    change_reason = models.CharField("改期或取消的原因", max_length=200, blank=True)
    counts_for = models.ManyToManyField(Duty, blank=True, related_name="planned_meetings", verbose_name="拟计入的责任")
    record = models.OneToOneField(
        Record, models.PROTECT, null=True, blank=True, related_name="meeting", verbose_name="履责记录"
    )
    minutes = models.TextField("会议记录", blank=True, max_length=20_000)
    resolutions = models.TextField("决议事项", blank=True, max_length=8_000)
    expected_count = models.PositiveSmallIntegerField("应到人数", null=True, blank=True)
    present_count = models.PositiveSmallIntegerField("实到人数", null=True, blank=True)
    attendance = models.TextField("出席与列席", blank=True, max_length=20_000)
    absence = models.TextField("缺席及原因", blank=True, max_length=8_000)
    # 修订号: rises with every save of the minutes, so that two recorders do not overwrite one another.
    revision = models.PositiveIntegerField("修订号", default=0, editable=False)
    saved_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="保存人")
    saved_at = models.DateTimeField("保存时间", null=True, blank=True)
    # 签到: opened by the recorder; the code shown in the room is made from it and the clock.
    check_in_nonce = models.CharField("签到随机数", max_length=40, blank=True, editable=False)
    created_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="登记人")
    created_at = models.DateTimeField("登记时间")

    history = kept_history(excluded_fields=["check_in_nonce"])
    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "会议"
        ordering = ("-day", "-id")
        indexes = [models.Index(fields=("organisation", "-day", "-id"), name="meeting_by_organisation")]
        constraints = [
            models.CheckConstraint(
                condition=Q(present_count=None) | Q(expected_count=None) | Q(present_count__lte=F("expected_count")),
                name="meeting_present_within_expected",
                violation_error_message="实到人数不能多于应到人数。",
            ),
            models.CheckConstraint(
                condition=Q(stage="filed", record__isnull=False) | (~Q(stage="filed") & Q(record=None)),
                name="meeting_filed_has_record",
                violation_error_message="提交纪要的会议须有履责记录。",
            ),
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="meeting_ends_after_start",
                violation_error_message="结束时间须晚于开始时间。",
            ),
            models.CheckConstraint(
                condition=~Q(stage="cancelled") | ~Q(change_reason=""),
                name="meeting_cancelled_with_reason",
                violation_error_message="取消会议须写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def organisation_name(self) -> str:
        return getattr(self, "name_then", None) or self.organisation.full_name

    @property
    def is_to_come(self) -> bool:
        return self.stage in self.BEFORE

    @property
    def is_cancelled(self) -> bool:
        return self.stage == self.Stage.CANCELLED

    @property
    def is_closed(self) -> bool:
        """已归档: confirmed by the chair; from here on only a correction, in a version of its own."""
        return self.record is not None and self.record.state == Record.State.ACCEPTED

    @property
    def awaits_minutes(self) -> bool:
        """已到召开日而未提交纪要."""
        return self.is_to_come and self.day <= timezone.localdate()

    @property
    def state_words(self) -> str:
        if self.record is None:
            return "待整理纪要" if self.awaits_minutes else self.get_stage_display()
        return {"submitted": "待主持人确认" if self.record.confirmer_id else "待审核", "accepted": "已归档"}.get(
            self.record.state, self.record.get_state_display()
        )

    @property
    def state_light(self) -> str:
        if self.record is None:
            return "idle" if self.is_cancelled or not self.awaits_minutes else "soon"
        return {"submitted": "soon", "accepted": "done", "returned": "late"}.get(self.record.state, "idle")


class Participant(models.Model):
    """参会人员: name and title as they were on the list that day; the account, where he has one."""

    class Seat(models.TextChoices):
        ATTENDS = "attends", "出席"
        SITS_IN = "sits_in", "列席"

    class Answer(models.TextChoices):
        EXPECTED = "expected", "未签到"
        PRESENT = "present", "到会"
        LEAVE = "leave", "请假"
        SUBSTITUTE = "substitute", "委托他人"
        ABSENT = "absent", "缺席"

    THERE = (Answer.PRESENT, Answer.SUBSTITUTE)

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="participants", verbose_name="会议")
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="人员")
    name = models.CharField("姓名", max_length=40)
    title = models.CharField("职务", max_length=80, blank=True)
    seat = models.CharField("席位", max_length=10, choices=Seat, default=Seat.ATTENDS)
    answer = models.CharField("到会情况", max_length=10, choices=Answer, default=Answer.EXPECTED)
    reason = models.CharField("原因", max_length=100, blank=True)
    substitute = models.CharField("代会人", max_length=40, blank=True)
    checked_in_at = models.DateTimeField("签到时间", null=True, blank=True)
    wrong_codes = models.PositiveSmallIntegerField("签到码输错次数", default=0, editable=False)
    rank = models.PositiveSmallIntegerField("排序", default=0)

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "参会人员"
        ordering = ("meeting", "seat", "rank", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("meeting", "person"),
                condition=Q(person__isnull=False),
                name="participant_once",
                violation_error_message="该人员已在参会名单中。",
            ),
            models.CheckConstraint(
                condition=~Q(answer__in=("leave", "absent")) | ~Q(reason=""),
                name="participant_absent_with_reason",
                violation_error_message="请假和缺席须写明原因。",
            ),
            models.CheckConstraint(
                condition=~Q(answer="substitute") | ~Q(substitute=""),
                name="participant_substitute_named",
                violation_error_message="委托他人参会须写明代会人。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_there(self) -> bool:
        """到会, himself or by somebody sent in his place."""
        return self.answer in self.THERE
