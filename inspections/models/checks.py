"""年度自查自纠: one campaign a working year; each unit answers for each of its risk points (三（四）2)."""

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery

from accountability.models import Organisation, Person, Record, WorkYear
from accountability.models.history import kept_history
from inspections.models.risks import Level, RiskPoint

# Its answers stand: handed in, and neither returned nor withdrawn since.
STANDING = (Record.State.SUBMITTED, Record.State.ACCEPTED)


class CheckCampaign(models.Model):
    """年度自查自纠, opened by the commission; it ends with its working year. The duties are those of the regulation."""

    work_year = models.OneToOneField(
        WorkYear,
        models.PROTECT,
        related_name="check_campaign",
        verbose_name="工作年度",
        error_messages={"unique": "这一年度的自查自纠已经部署。"},
    )
    due_on = models.DateField("完成期限")
    guidance = models.TextField("自查要求", max_length=3000)
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="部署人")
    opened_at = models.DateTimeField("部署时间")

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "年度自查自纠"
        ordering = ("-work_year_id",)

    def __str__(self) -> str:
        return f"{self.work_year_id} 年度廉政风险点自查自纠"


class UnitCheck(models.Model):
    """自查答卷 of one unit: a draft until it is handed in as a record; reopened when the record is returned."""

    campaign = models.ForeignKey(CheckCampaign, models.PROTECT, related_name="checks", verbose_name="自查自纠")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="risk_checks", verbose_name="单位")
    record = models.OneToOneField(
        Record, models.PROTECT, null=True, blank=True, related_name="risk_check", verbose_name="履责记录"
    )
    # Counts the savings, so that a page opened before another's saving overwrites nothing.
    turn = models.PositiveIntegerField("第几次保存", default=0)
    saved_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="保存人")
    saved_at = models.DateTimeField("保存时间")

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "自查答卷"
        ordering = ("campaign", "organisation__rank", "organisation")
        constraints = [
            models.UniqueConstraint(
                fields=("campaign", "organisation"),
                name="unit_check_once",
                violation_error_message="本单位这一年度已有答卷。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.campaign}"

    @property
    def is_handed_in(self) -> bool:
        return self.record is not None and self.record.state in STANDING


class RiskAnswerQuerySet(models.QuerySet):
    def visible_to(self, user) -> "RiskAnswerQuerySet":
        """Handed in, of the organisations in one's reach; a draft is seen by who fills it in, on its own page."""
        within = Organisation.objects.reach_of(user)
        return self.handed_in().filter(unit_check__organisation__in=within)

    def handed_in(self) -> "RiskAnswerQuerySet":
        return self.filter(is_handed_in=True)

    def of_year(self, year: int) -> "RiskAnswerQuerySet":
        return self.filter(unit_check__campaign__work_year=year)

    def with_last_year(self) -> "RiskAnswerQuerySet":
        """去年的回答 to the same point: null where there was none."""
        last = RiskAnswer.objects.handed_in().filter(
            point=OuterRef("point"), unit_check__campaign__work_year=OuterRef("unit_check__campaign__work_year") - 1
        )
        return self.annotate(
            **{f"last_{name}": Subquery(last.values(name)[:1]) for name in ("has_problem", "carried_out", "level")}
        )

    def changed(self) -> "RiskAnswerQuerySet":
        """与去年不同: another answer to a question both years were asked. Of ``with_last_year``."""
        differs = ~Q(has_problem=F("last_has_problem")) | ~Q(carried_out=F("last_carried_out"))
        return self.filter(last_has_problem__isnull=False).filter(differs)

    def for_list(self) -> "RiskAnswerQuerySet":
        return self.select_related(
            "point__organisation__parent", "unit_check__organisation__parent", "unit_check__record"
        )


class RiskAnswer(models.Model):
    """逐点作答: whether there is a problem, whether the measures are carried out, whether the level should change."""

    class CarriedOut(models.TextChoices):
        YES = "yes", "已落实"
        PARTLY = "partly", "部分落实"
        NO = "no", "未落实"

    unit_check = models.ForeignKey(UnitCheck, models.PROTECT, related_name="answers", verbose_name="答卷")
    point = models.ForeignKey(RiskPoint, models.PROTECT, related_name="answers", verbose_name="风险点")
    has_problem = models.BooleanField("是否存在问题", null=True, blank=True)
    problem = models.TextField("问题说明", max_length=1000, blank=True)
    carried_out = models.CharField("防控措施是否落实", max_length=8, choices=CarriedOut, blank=True)
    needs_change = models.BooleanField("是否调整等级或措施", null=True, blank=True)
    change_words = models.CharField("调整建议", max_length=500, blank=True)
    plan = models.TextField("整改打算", max_length=1000, blank=True)
    # What it was answered for, kept when the point changes later.
    level = models.PositiveSmallIntegerField("作答时等级", choices=Level, null=True, blank=True)
    is_handed_in = models.BooleanField("已提交", default=False)

    history = kept_history()
    objects = RiskAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "自查回答"
        ordering = ("unit_check", "point__level", "point__serial")
        constraints = [
            models.UniqueConstraint(
                fields=("unit_check", "point"), name="risk_answer_once", violation_error_message="这个风险点已作答。"
            ),
            models.CheckConstraint(
                condition=Q(is_handed_in=False)
                | (Q(has_problem__isnull=False, needs_change__isnull=False, level__isnull=False) & ~Q(carried_out="")),
                name="risk_answer_whole",
                violation_error_message="提交的回答须逐项作答。",
            ),
            models.CheckConstraint(
                condition=Q(is_handed_in=False) | Q(has_problem=False) | (~Q(problem="") & ~Q(plan="")),
                name="risk_answer_problem_in_words",
                violation_error_message="存在问题的，须写明问题和整改打算。",
            ),
            models.CheckConstraint(
                condition=Q(is_handed_in=False) | Q(needs_change=False) | ~Q(change_words=""),
                name="risk_answer_change_in_words",
                violation_error_message="需要调整的，须写明调整建议。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.point} · {self.unit_check.campaign}"

    @property
    def problem_words(self) -> str:
        return {True: "存在问题", False: "没有问题", None: "未作答"}[self.has_problem]
