"""形式主义提示: signs for a person to look at, confirm in words or dismiss with a reason; never a score (四（三）)."""

from django.db import models
from django.db.models import F, Q

from accountability.models import Organisation, Person, WorkYear
from accountability.models.history import kept_history


class HintQuerySet(models.QuerySet):
    def visible_to(self, user) -> "HintQuerySet":
        """The commission and the office; a unit learns nothing of a hint about it."""
        from supervision.hints.workflow import may_read_hints

        return self if may_read_hints(user) else self.none()

    def of_year(self, year: int) -> "HintQuerySet":
        return self.filter(work_year=year)

    def open(self) -> "HintQuerySet":
        return self.filter(state=Hint.State.OPEN)

    def confirmed(self) -> "HintQuerySet":
        return self.filter(state=Hint.State.CONFIRMED)

    def for_list(self) -> "HintQuerySet":
        return self.select_related("organisation__parent", "other__parent", "decided_by", "work_year").order_by(
            "-found_at", "-pk"
        )


class Hint(models.Model):
    """提示. What it is about stands in two places at most: ``later`` and, where there are two, ``earlier``.

    Places are named by kind and number (``supervision.hints.sources``), so that a new kind of text needs no new column.
    """

    class Kind(models.TextChoices):
        BETWEEN = "between", "不同单位文字雷同"
        YEARS = "years", "与往年文字雷同"
        AGAIN = "again", "本年度前后文字雷同"
        PHOTO = "photo", "同一张照片重复使用"
        PHOTO_NEAR = "photo_near", "照片高度近似"
        OLDER = "older", "佐证早于要求"
        LATE = "late", "事后很久才录入"
        BURST = "burst", "集中突击录入"
        UNDECIDED = "undecided", "会议没有决议"
        ZERO = "zero", "自查零问题"

    class State(models.TextChoices):
        OPEN = "open", "待查看"
        CONFIRMED = "confirmed", "已确认"
        DISMISSED = "dismissed", "已排除"
        GONE = "gone", "已消失"

    AUTHOR, THING = "经办人", "材料"
    TEXTS = (Kind.BETWEEN, Kind.YEARS, Kind.AGAIN)
    PHOTOS = (Kind.PHOTO, Kind.PHOTO_NEAR)

    kind = models.CharField("类别", max_length=12, choices=Kind)
    # What makes it the same hint when it is found again: the two places, or the unit and the day.
    key = models.CharField("标识", max_length=80)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="hints", verbose_name="单位")
    other = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="另一单位"
    )
    work_year = models.ForeignKey(WorkYear, models.PROTECT, related_name="hints", verbose_name="工作年度")
    later_kind = models.CharField("材料种类", max_length=16, blank=True)
    later_id = models.PositiveBigIntegerField("材料号", null=True, blank=True)
    earlier_kind = models.CharField("对照材料种类", max_length=16, blank=True)
    earlier_id = models.PositiveBigIntegerField("对照材料号", null=True, blank=True)
    day = models.DateField("录入日期", null=True, blank=True)
    why = models.CharField("依据", max_length=400)
    # Who brought in the later one: he does not judge of it himself.
    author = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办人")
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    found_at = models.DateTimeField("发现时间")
    gone_at = models.DateTimeField("消失时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="查看人"
    )
    decided_at = models.DateTimeField("查看时间", null=True, blank=True)
    words = models.CharField("查看意见", max_length=500, blank=True)

    history = kept_history()
    objects = HintQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "形式主义提示"
        ordering = ("-found_at", "-id")
        indexes = [models.Index(fields=("work_year", "state", "kind"), name="hint_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=("kind", "key"), name="hint_once", violation_error_message="这条提示已经有了。"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("confirmed", "dismissed"), decided_by__isnull=False, decided_at__isnull=False)
                & ~Q(words="")
                | Q(state__in=("open", "gone"), decided_by=None, decided_at=None, words=""),
                name="hint_decided_in_words",
                violation_error_message="确认或排除须有查看人、时间和意见。",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(author=None) | ~Q(decided_by=F("author")),
                name="hint_decided_by_another",
                violation_error_message="经办人不能确认或排除关于自己材料的提示。",
            ),
            models.CheckConstraint(
                condition=Q(state="gone", gone_at__isnull=False) | (~Q(state="gone") & Q(gone_at=None)),
                name="hint_gone_at_a_time",
                violation_error_message="已消失的提示须有消失时间。",
            ),
            models.CheckConstraint(
                condition=~Q(why=""), name="hint_says_why", violation_error_message="提示须写明依据。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.organisation}"

    def is_own_work_of(self, person: Person) -> bool:
        return self.author_id == person.pk
