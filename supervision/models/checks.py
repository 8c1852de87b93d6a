"""专项检查: a checklist put to several units, answered item by item with words and papers (二（二）, 三（二）1)."""

from django.db import models
from django.db.models import Count, F, Q

from accountability.models import Organisation, Person, WorkYear
from accountability.models.history import kept_history
from accountability.models.kept_papers import KeptPaper
from supervision.models.oversight import Oversight, Source


class SpecialCheckQuerySet(models.QuerySet):
    def visible_to(self, user) -> "SpecialCheckQuerySet":
        """Who works on it; and the units checked, once it is concluded (each its own lines)."""
        from accountability.access import may_see_whole_school

        concluded = Q(state=SpecialCheck.State.CONCLUDED)
        within = CheckUnit.objects.filter(organisation__in=Organisation.objects.reach_of(user))
        seen = Q(pk__in=self.model.objects.worked_by(user).values("pk"))
        seen |= concluded & Q(pk__in=within.values("special_check"))
        return self.filter(seen | concluded if may_see_whole_school(user) else seen)

    def worked_by(self, user) -> "SpecialCheckQuerySet":
        """The commission; whom it named to the team, while the check runs."""
        from accountability.access import may_supervise

        if may_supervise(user):
            return self
        if not user.is_authenticated:
            return self.none()
        named = CheckMember.objects.filter(person=user.pk).values("special_check")
        return self.filter(state=SpecialCheck.State.RUNNING, pk__in=named)

    def running(self) -> "SpecialCheckQuerySet":
        return self.filter(state=SpecialCheck.State.RUNNING)

    def for_list(self) -> "SpecialCheckQuerySet":
        return self.select_related("planned_by", "concluded_by").order_by("-starts_on", "-pk")


class SpecialCheck(models.Model):
    """专项检查. Its items are frozen once it begins; concluded, it is a record of the commission like any other."""

    class State(models.TextChoices):
        PLANNED = "planned", "筹备中"
        RUNNING = "running", "检查中"
        CONCLUDED = "concluded", "已办结"
        DROPPED = "dropped", "已撤销"

    AUTHOR, THING = "立项人", "专项检查"

    name = models.CharField("名称", max_length=100)
    kind = models.CharField("类别", max_length=14, choices=Oversight.Kind, default=Oversight.Kind.SPECIAL)
    source = models.CharField("监督来源", max_length=12, choices=Source)
    plan = models.TextField("检查方案", max_length=3000)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期")
    work_year = models.ForeignKey(WorkYear, models.PROTECT, related_name="special_checks", verbose_name="工作年度")
    state = models.CharField("状态", max_length=10, choices=State, default=State.PLANNED)
    planned_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="立项人")
    planned_at = models.DateTimeField("立项时间")
    oversight = models.OneToOneField(
        Oversight, models.PROTECT, null=True, blank=True, related_name="special_check", verbose_name="监督记录"
    )
    concluded_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="办结人"
    )
    concluded_on = models.DateField("办结日期", null=True, blank=True)
    unchecked_reason = models.CharField("未查原因", max_length=300, blank=True)

    history = kept_history()
    objects = SpecialCheckQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "专项检查"
        ordering = ("-starts_on", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="special_check_ends_after_it_begins",
                violation_error_message="结束日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                condition=~Q(source="petition"),
                name="special_check_not_by_petition",
                violation_error_message="信访举报有专门渠道，不作为专项检查的来源。",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="concluded",
                    concluded_by__isnull=False,
                    concluded_on__isnull=False,
                    oversight__isnull=False,
                )
                | (~Q(state="concluded") & Q(concluded_by=None, concluded_on=None, oversight=None)),
                name="special_check_concluded_is_recorded",
                violation_error_message="办结须有办结人、日期和监督记录。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def is_own_work_of(self, person: Person) -> bool:
        return self.planned_by_id == person.pk


class CheckItem(models.Model):
    """检查内容: one line of the checklist."""

    special_check = models.ForeignKey(SpecialCheck, models.PROTECT, related_name="items", verbose_name="专项检查")
    rank = models.PositiveSmallIntegerField("序号")
    text = models.CharField("检查内容", max_length=300)

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "检查内容"
        ordering = ("special_check", "rank")
        constraints = [
            models.UniqueConstraint(
                fields=("special_check", "rank"), name="check_item_once", violation_error_message="序号重复。"
            )
        ]

    def __str__(self) -> str:
        return self.text


class CheckMember(models.Model):
    """检查组成员: named by the commission, sees this check alone and only while it runs."""

    special_check = models.ForeignKey(SpecialCheck, models.PROTECT, related_name="team", verbose_name="专项检查")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="人员")

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "检查组成员"
        ordering = ("special_check", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("special_check", "person"),
                name="check_member_once",
                violation_error_message="这位同志已在检查组。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.special_check} · {self.person}"


class CheckUnitQuerySet(models.QuerySet):
    def visible_to(self, user) -> "CheckUnitQuerySet":
        """Who works on the check; whoever sees the whole school, and the unit itself, once it is concluded."""
        from accountability.access import may_see_whole_school

        concluded = Q(special_check__state=SpecialCheck.State.CONCLUDED)
        within = Organisation.objects.reach_of(user)
        seen = Q(special_check__in=SpecialCheck.objects.worked_by(user).values("pk"))
        seen |= concluded if may_see_whole_school(user) else concluded & Q(organisation__in=within)
        return self.filter(seen)

    def counted(self) -> "CheckUnitQuerySet":
        """With how many items conform, do not, do not apply; and the problems found."""
        each = {
            name: Count("answers", filter=Q(answers__answer=value), distinct=True)
            for name, value in (("conforming", "yes"), ("failing", "no"), ("not_applying", "na"))
        }
        return self.annotate(**each, found=Count("problems", distinct=True)).select_related("organisation__parent")


class CheckUnit(models.Model):
    """受检单位."""

    special_check = models.ForeignKey(SpecialCheck, models.PROTECT, related_name="units", verbose_name="专项检查")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="check_units", verbose_name="单位")

    history = kept_history()
    objects = CheckUnitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "受检单位"
        ordering = ("organisation__rank", "organisation")
        constraints = [
            models.UniqueConstraint(
                fields=("special_check", "organisation"),
                name="check_unit_once",
                violation_error_message="该单位已在受检之列。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.special_check} · {self.organisation}"


class CheckAnswer(models.Model):
    """检查结果 of one item in one unit."""

    class Answer(models.TextChoices):
        YES = "yes", "符合"
        NO = "no", "不符合"
        NA = "na", "不适用"

    unit = models.ForeignKey(CheckUnit, models.PROTECT, related_name="answers", verbose_name="受检单位")
    item = models.ForeignKey(CheckItem, models.PROTECT, related_name="answers", verbose_name="检查内容")
    answer = models.CharField("结果", max_length=4, choices=Answer)
    words = models.CharField("检查情况", max_length=1000, blank=True)
    answered_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="检查人")
    answered_at = models.DateTimeField("登记时间")

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "检查结果"
        ordering = ("unit", "item__rank")
        constraints = [
            models.UniqueConstraint(
                fields=("unit", "item"), name="check_answer_once", violation_error_message="这一项已有结果。"
            ),
            models.CheckConstraint(
                condition=Q(answer="yes") | ~Q(words=""),
                name="check_answer_explains",
                violation_error_message="不符合、不适用的，须写明情况。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}：{self.get_answer_display()}"


class CheckPaper(KeptPaper):
    """检查材料: seen by whoever sees the unit's answers."""

    FOLDER, SEEN_WITH = "checks", "answer__unit"

    answer = models.ForeignKey(CheckAnswer, models.PROTECT, related_name="papers", verbose_name="检查结果")

    history = kept_history()

    class Meta(KeptPaper.Meta):
        verbose_name = verbose_name_plural = "检查材料"
        constraints = KeptPaper.once("answer")
