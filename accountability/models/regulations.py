"""制度、条款、责任要求: the regulation as data, with a period in force (五)."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accountability.models.history import kept_history
from accountability.models.people import Role


class Subject(models.TextChoices):
    """责任主体: the four of the regulation, and the second-level party organisations they reach down to (一（二）)."""

    COMMITTEE = "committee", "党委主体责任"
    DISCIPLINE = "discipline", "纪委监督责任"
    SECRETARY = "secretary", "书记第一责任"
    MEMBER = "member", "班子成员一岗双责"
    UNIT = "unit", "二级党组织"


class Bearer(models.TextChoices):
    """承担者: who owes an obligation; each matching organisation or post owes it for itself."""

    SCHOOL = "school", "学校党委"
    COMMISSION = "commission", "学校纪委"
    SCHOOL_SECRETARY = "school_secretary", "党委书记本人"
    EACH_MEMBER = "each_member", "每名班子成员"
    EACH_LEADER = "each_leader", "每名校领导（含书记）"
    EACH_UNIT = "each_unit", "每个二级单位和部门"
    EACH_COLLEGE = "each_college", "每个二级学院和直属单位"
    EACH_KEY_UNIT = "each_key_unit", "每个重点领域部门"
    EACH_UNIT_SECRETARY = "each_unit_secretary", "每名二级党组织书记"
    EACH_BRANCH = "each_branch", "每个党支部"


class RegulationQuerySet(models.QuerySet):
    def in_force(self, on: date) -> "RegulationQuerySet":
        """施行中: a draft has no first day, so no day finds it."""
        return self.filter(in_force_from__lte=on).filter(Q(repealed_on=None) | Q(repealed_on__gt=on))

    def drafts(self) -> "RegulationQuerySet":
        return self.filter(in_force_from=None)

    def enacted(self) -> "RegulationQuerySet":
        """All that have a first day, past or to come, repealed or not."""
        return self.filter(in_force_from__isnull=False)

    def visible_to(self, user) -> "RegulationQuerySet":
        """Versions are public; a draft is between the office, the commission and the secretary."""
        from accountability.access import may_see_drafts

        return self.all() if may_see_drafts(user) else self.enacted()

    def newest(self) -> "Regulation | None":
        """The last of the chain of versions: the one a new version would repeal."""
        return self.enacted().order_by("-in_force_from").first()

    def governing(self, year: int) -> "Regulation | None":
        """适用制度: the one kept with the year; for a year not opened that of its first day, else of its last."""
        if kept := self.filter(work_years__year=year).first():
            return kept
        return self.in_force(date(year, 1, 1)).first() or self.in_force(date(year, 12, 31)).first()


class Regulation(models.Model):
    """制度版本. In force from ``in_force_from`` until the day before ``repealed_on``; a draft has no day yet."""

    code = models.SlugField("代号", max_length=40, unique=True)
    title = models.CharField("名称", max_length=120)
    document_number = models.CharField("文号", max_length=60, blank=True)
    issued_on = models.DateField("印发日期", null=True, blank=True)
    in_force_from = models.DateField("施行日期", null=True, blank=True, help_text="草稿没有施行日期")
    repealed_on = models.DateField("废止日期", null=True, blank=True)

    history = kept_history()
    objects = RegulationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "制度"
        ordering = (F("in_force_from").desc(nulls_first=True), "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(repealed_on=None) | Q(in_force_from__isnull=False, repealed_on__gt=F("in_force_from")),
                name="regulation_repealed_after_start",
                violation_error_message="废止日期须晚于施行日期；草稿没有废止日期。",
            ),
            # Two put in force at once for the same day would both repeal the former: the second is refused (五).
            models.UniqueConstraint(
                fields=("in_force_from",),
                name="regulation_one_a_day",
                violation_error_message="这一天已有另一版本开始施行。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_draft(self) -> bool:
        """草稿: no day of entering into force; only a draft may be edited."""
        return self.in_force_from is None

    def is_in_force(self, on: date) -> bool:
        return not self.is_draft and self.in_force_from <= on and (self.repealed_on is None or on < self.repealed_on)

    def former(self) -> "Regulation | None":
        """前一版本: the version in force before this one; for a draft the last of the chain."""
        others = Regulation.objects.enacted().exclude(pk=self.pk)
        return (others if self.is_draft else others.filter(in_force_from__lt=self.in_force_from)).newest()


class ClauseQuerySet(models.QuerySet):
    def saying(self, words: str) -> "ClauseQuerySet":
        """In its number, its summary, what serves it besides, or one of what it asks for."""
        asked = Obligation.objects.filter(clause=OuterRef("pk"), title__icontains=words)
        said = Q(number__icontains=words) | Q(summary__icontains=words) | Q(support__icontains=words)
        return self.filter(said | Exists(asked))


class Clause(models.Model):
    """条款: its Chinese number and our own summary; the wording itself stays in the regulation."""

    regulation = models.ForeignKey(Regulation, models.CASCADE, related_name="clauses", verbose_name="制度")
    key = models.CharField("编号", max_length=12, help_text="如 3.1.2")
    number = models.CharField("条款号", max_length=20, help_text="如 三（一）2")
    summary = models.CharField("要点", max_length=200)
    # 其他支撑: what in the system serves the clause beside duties; said here so that coverage is data (一（二）).
    support = models.CharField(
        "其他支撑", max_length=200, blank=True, help_text="责任之外，系统里由什么落实本条；没有就留空"
    )
    support_path = models.CharField(
        "支撑页面", max_length=100, blank=True, help_text="该页面的地址，以 / 开头，如 /meetings/；没有就留空"
    )
    rank = models.PositiveSmallIntegerField("排序", default=0)

    history = kept_history()
    objects = ClauseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "条款"
        ordering = ("regulation", "rank")
        constraints = [
            models.UniqueConstraint(
                fields=("regulation", "key"), name="clause_key_once", violation_error_message="该制度已有此条款编号。"
            ),
            models.CheckConstraint(
                condition=Q(support_path="") | (Q(support_path__startswith="/") & ~Q(support="")),
                name="clause_support_is_named",
                violation_error_message="支撑页面以 / 开头，并须写明其他支撑是什么。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.summary}"


class ActKind(models.Model):
    """履责方式: a kind of meeting, document, report, check or talk by which a duty is done; data, not code."""

    class Category(models.TextChoices):
        MEETING = "meeting", "会议"
        DOCUMENT = "document", "文件"
        REPORT = "report", "报告"
        CHECK = "check", "自查"
        TALK = "talk", "谈话与听取汇报"
        VISIT = "visit", "调研督查"
        SUPERVISION = "supervision", "监督"
        OTHER = "other", "其他"

    code = models.SlugField("代号", max_length=40, unique=True)
    name = models.CharField("名称", max_length=40)
    category = models.CharField("类别", max_length=20, choices=Category)
    rank = models.PositiveSmallIntegerField("排序", default=0)

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "履责方式"
        ordering = ("rank", "id")

    def __str__(self) -> str:
        return self.name


class ObligationQuerySet(models.QuerySet):
    def governing(self, year: int) -> "ObligationQuerySet":
        """Those of the version the year follows; a draft's and a repealed version's are none of them (五)."""
        return self.filter(clause__regulation=Regulation.objects.governing(year))


def check_words(row: models.Model, name: str) -> None:
    """A JSON field that lists words: the admin takes whatever is JSON, and gives null for nothing."""
    if getattr(row, name) is None:
        setattr(row, name, [])
    words = getattr(row, name)
    if not isinstance(words, list) or not all(isinstance(one, str) for one in words):
        raise ValidationError({name: '请按 ["甲", "乙"] 的样式填写，没有的填 []。'})


class Obligation(models.Model):
    """责任要求: who owes which act, how often in a working year, by which days. "N" has no occurrences."""

    clause = models.ForeignKey(Clause, models.CASCADE, related_name="obligations", verbose_name="条款")
    code = models.SlugField("代号", max_length=60)
    title = models.CharField("责任要求", max_length=80)
    short_title = models.CharField("简称", max_length=12, help_text="用于监督看板的列名")
    subject = models.CharField("责任主体", max_length=20, choices=Subject)
    bearer = models.CharField("承担者", max_length=30, choices=Bearer)
    owner_role = models.CharField("责任人角色", max_length=20, choices=Role)
    acts = models.ManyToManyField(ActKind, related_name="obligations", verbose_name="以何种方式履行")
    requirement = models.CharField("完成条件", max_length=200, blank=True)
    helper_names = models.JSONField("协同单位", default=list, blank=True, help_text='单位名称，如 ["组织部"]')
    is_open_ended = models.BooleanField("不设次数（N）", default=False)
    rank = models.PositiveSmallIntegerField("排序", default=0)

    history = kept_history()
    objects = ObligationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "责任要求"
        ordering = ("rank", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("clause", "code"), name="obligation_code_once", violation_error_message="该条款已有此代号。"
            )
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        check_words(self, "helper_names")


class Occurrence(models.Model):
    """应完成次: the day in the working year, or in the year after it, by which the n-th time is due."""

    obligation = models.ForeignKey(Obligation, models.CASCADE, related_name="occurrences", verbose_name="责任要求")
    number = models.PositiveSmallIntegerField("第几次")
    label = models.CharField(
        "本次名称", max_length=80, blank=True, help_text="如“年初全面从严治党干部大会”；留空用责任要求名称"
    )
    month = models.PositiveSmallIntegerField("月")
    day = models.PositiveSmallIntegerField("日")
    is_next_year = models.BooleanField("次年", default=False)

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "应完成次"
        ordering = ("obligation", "number")
        constraints = [
            models.UniqueConstraint(
                fields=("obligation", "number"), name="occurrence_number_once", violation_error_message="次数重复。"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, month__gte=1, month__lte=12, day__gte=1, day__lte=31),
                name="occurrence_is_a_day",
                violation_error_message="月为 1–12，日为 1–31，次数从 1 起。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.obligation} · 第 {self.number} 次"

    def clean(self) -> None:
        if self.obligation_id and self.obligation.is_open_ended:
            raise ValidationError("不设次数（N）的责任要求没有应完成次。")
        if self.month is None or self.day is None:
            return  # the field itself has already been refused
        try:
            self.falls_on(2025)
        except ValueError as error:
            raise ValidationError({"day": f"没有 {self.month} 月 {self.day} 日这一天。"}) from error

    def falls_on(self, work_year: int) -> date:
        return date(work_year + self.is_next_year, self.month, self.day)
