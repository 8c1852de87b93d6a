"""三张清单: problem → responsibility → project of the school (二（一）), and the three lists of a unit (三（三）2)."""

from datetime import date

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accountability.models.duties import Duty, WorkYear
from accountability.models.history import kept_history
from accountability.models.organisations import Organisation
from accountability.models.people import Person, Post
from accountability.models.records import Record


class ProblemQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ProblemQuerySet":
        """Raised in one's reach or by oneself, judged by one's post, or answered for by one's post or unit."""
        from accountability.access import may_see_whole_school, posts_of

        if may_see_whole_school(user):
            return self.all()
        within, posts = Organisation.objects.reach_of(user), posts_of(user)
        answered = Responsibility.objects.filter(problem=OuterRef("pk")).filter(
            Q(organisation__in=within) | Q(owner__in=posts)
        )
        return self.filter(Q(origin__in=within) | Q(leader_post__in=posts) | Q(raised_by=user) | Exists(answered))

    def standing(self) -> "ProblemQuerySet":
        return self.exclude(state=Problem.State.WITHDRAWN)


class Problem(models.Model):
    """问题: raised by a department or at a meeting, judged by the leader in charge and the commission, fixed by the committee."""

    class State(models.TextChoices):
        RAISED = "raised", "待研判"
        JUDGED = "judged", "待党委审定"
        RETURNED = "returned", "已退回"
        FIXED = "fixed", "已列入清单"
        WITHDRAWN = "withdrawn", "已撤回"

    class Source(models.TextChoices):
        DEPARTMENT = "department", "部门提出"
        MEETING = "meeting", "会议提出"

    AUTHOR, THING = "提出人", "问题"

    work_year = models.ForeignKey(WorkYear, models.PROTECT, related_name="problems", verbose_name="工作年度")
    source = models.CharField("来源", max_length=12, choices=Source)
    origin = models.ForeignKey(Organisation, models.PROTECT, related_name="problems", verbose_name="提出单位")
    origin_words = models.CharField("来源说明", max_length=200, help_text="如哪次会议、哪项检查，何时")
    record = models.ForeignKey(
        Record, models.PROTECT, null=True, blank=True, related_name="problems", verbose_name="会议记录"
    )
    text = models.CharField("问题", max_length=200)
    shows = models.TextField("具体表现", max_length=2000)
    leader_post = models.ForeignKey(Post, models.PROTECT, related_name="problems_judged", verbose_name="研判的校领导")
    state = models.CharField("状态", max_length=10, choices=State, default=State.RAISED)
    raised_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="提出人")
    raised_at = models.DateTimeField("提出时间")
    leader_opinion = models.CharField("分管领导意见", max_length=300, blank=True)
    leader_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="分管领导"
    )
    commission_opinion = models.CharField("纪委意见", max_length=300, blank=True)
    commission_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="纪委研判人"
    )
    decision = models.CharField("党委审定", max_length=300, blank=True)
    fixed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人")
    fixed_on = models.DateField("列入日期", null=True, blank=True)
    returned_reason = models.CharField("退回原因", max_length=300, blank=True)

    history = kept_history()
    objects = ProblemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "问题"
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(fixed_by=None) | ~Q(fixed_by=F("raised_by")),
                name="problem_four_eyes",
                violation_error_message="提出人不能审定自己提出的问题。",
            ),
            models.CheckConstraint(
                condition=~Q(state="fixed")
                | (
                    Q(leader_by__isnull=False, commission_by__isnull=False, fixed_on__isnull=False)
                    & ~Q(leader_opinion="")
                    & ~Q(commission_opinion="")
                    & ~Q(decision="")
                ),
                name="problem_fixed_after_both",
                violation_error_message="列入清单之前须有分管领导和纪委两方意见，并写明审定会议。",
            ),
            models.CheckConstraint(
                condition=Q(leader_by=None) | Q(commission_by=None) | ~Q(leader_by=F("commission_by")),
                name="problem_two_judges",
                violation_error_message="两方意见须由两人提出。",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def is_own_work_of(self, person: Person) -> bool:
        return self.raised_by_id == person.pk


class ResponsibilityQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ResponsibilityQuerySet":
        """Led or answered for in one's reach, and all that came of a problem one's unit raised or one's post judged."""
        from accountability.access import may_see_whole_school, posts_of

        if may_see_whole_school(user):
            return self.all()
        within, posts = Organisation.objects.reach_of(user), posts_of(user)
        return self.filter(
            Q(organisation__in=within)
            | Q(owner__in=posts)
            | Q(problem__origin__in=within)
            | Q(problem__leader_post__in=posts)
            | Q(problem__raised_by=user)
        )


class Responsibility(models.Model):
    """责任: what must be answered for, by whom; claimed (认领) by the holder of the post that is named."""

    class State(models.TextChoices):
        OFFERED = "offered", "待认领"
        CLAIMED = "claimed", "已认领"
        DECLINED = "declined", "退回重定"

    AUTHOR, THING = "指定人", "责任"

    problem = models.ForeignKey(
        Problem, models.PROTECT, null=True, blank=True, related_name="responsibilities", verbose_name="问题"
    )
    work_year = models.ForeignKey(WorkYear, models.PROTECT, related_name="responsibilities", verbose_name="工作年度")
    text = models.CharField("责任", max_length=200)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="responsibilities", verbose_name="牵头单位"
    )
    owner = models.ForeignKey(Post, models.PROTECT, related_name="responsibilities", verbose_name="责任人")
    state = models.CharField("状态", max_length=10, choices=State, default=State.OFFERED)
    named_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="指定人")
    named_at = models.DateTimeField("指定时间")
    claimed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="认领人"
    )
    claimed_at = models.DateTimeField("认领时间", null=True, blank=True)
    declined_reason = models.CharField("退回原因", max_length=300, blank=True)

    history = kept_history()
    objects = ResponsibilityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "责任"
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state="claimed", claimed_by__isnull=False, claimed_at__isnull=False)
                | (~Q(state="claimed") & Q(claimed_by=None, claimed_at=None)),
                name="responsibility_claimed_by_somebody",
                violation_error_message="已认领的责任须有认领人和时间。",
            )
        ]

    def __str__(self) -> str:
        return self.text

    def is_own_work_of(self, person: Person) -> bool:
        return self.named_by_id == person.pk


class ProjectQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ProjectQuerySet":
        return self.filter(responsibility__in=Responsibility.objects.visible_to(user))


class Project(models.Model):
    """项目 of a claimed responsibility: goal, measures, milestones, half-year note, result and the secretary's comment."""

    class State(models.TextChoices):
        DRAFT = "draft", "制定中"
        RUNNING = "running", "进行中"
        REPORTED = "reported", "待书记点评"
        CLOSED = "closed", "已点评"

    AUTHOR, THING = "项目责任人", "项目"

    responsibility = models.ForeignKey(Responsibility, models.PROTECT, related_name="projects", verbose_name="责任")
    title = models.CharField("项目", max_length=120)
    goal = models.CharField("目标", max_length=300)
    measures = models.TextField("措施", max_length=3000)
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="制定人")
    made_at = models.DateTimeField("制定时间")
    # 半年进展 and 年终结果 have their day like everything that is owed; both are opened when the project starts.
    half_year_duty = models.OneToOneField(
        Duty, models.PROTECT, null=True, blank=True, related_name="half_year_of", verbose_name="半年进展责任"
    )
    result_duty = models.OneToOneField(
        Duty, models.PROTECT, null=True, blank=True, related_name="result_of", verbose_name="年终结果责任"
    )
    half_year_note = models.CharField("半年进展", max_length=1000, blank=True)
    half_year_on = models.DateField("半年进展日期", null=True, blank=True)
    result = models.CharField("年终结果", max_length=1000, blank=True)
    result_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="报告人"
    )
    result_on = models.DateField("年终结果日期", null=True, blank=True)
    comment = models.CharField("书记点评", max_length=1000, blank=True)
    commented_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="点评人"
    )
    commented_on = models.DateField("点评日期", null=True, blank=True)

    history = kept_history()
    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "项目"
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(commented_by=None) | ~Q(commented_by=F("result_by")),
                name="project_four_eyes",
                violation_error_message="报告人不能点评自己的项目。",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | (~Q(comment="") & ~Q(result="")),
                name="project_closed_with_comment",
                violation_error_message="已点评的项目须有结果和点评。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def is_own_work_of(self, person: Person) -> bool:
        return self.result_by_id == person.pk


class Milestone(models.Model):
    """里程碑: a day of a project; once the project runs it is a duty like any other."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="milestones", verbose_name="项目")
    title = models.CharField("里程碑", max_length=100)
    due_on = models.DateField("完成日期")
    duty = models.OneToOneField(
        Duty, models.PROTECT, null=True, blank=True, related_name="milestone", verbose_name="责任事项"
    )

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "里程碑"
        ordering = ("due_on", "id")

    def __str__(self) -> str:
        return self.title

    @property
    def day(self) -> date:
        """The day that holds: of the duty once there is one, for the office may have moved it."""
        return self.duty.due_on if self.duty else self.due_on

    def is_late(self, on: date) -> bool:
        """逾期: not done by its day, or its day has passed before the project was even started."""
        return self.day < on and (self.duty is None or self.duty.is_open)


class UnitListQuerySet(models.QuerySet):
    def visible_to(self, user) -> "UnitListQuerySet":
        return self.filter(organisation__in=Organisation.objects.reach_of(user))


class UnitList(models.Model):
    """单位三张清单 of a year: 责任清单·任务清单·制度清单, confirmed by the unit's secretary, then frozen."""

    class State(models.TextChoices):
        DRAFT = "draft", "填写中"
        CONFIRMED = "confirmed", "已确认"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="unit_lists", verbose_name="单位")
    work_year = models.ForeignKey(WorkYear, models.PROTECT, related_name="unit_lists", verbose_name="工作年度")
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    confirmed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认人"
    )
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)

    history = kept_history()
    objects = UnitListQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单位清单"
        ordering = ("organisation__rank", "organisation")
        constraints = [
            models.UniqueConstraint(
                fields=("organisation", "work_year"),
                name="unit_list_once_a_year",
                violation_error_message="该单位本年度已有清单。",
            ),
            models.CheckConstraint(
                condition=Q(state="confirmed", confirmed_by__isnull=False, confirmed_at__isnull=False)
                | Q(state="draft", confirmed_by=None, confirmed_at=None),
                name="unit_list_confirmed_by_somebody",
                violation_error_message="已确认的清单须有确认人和时间。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.work_year_id} 年度三张清单"

    @property
    def is_confirmed(self) -> bool:
        return self.state == self.State.CONFIRMED


class UnitItem(models.Model):
    """清单条目."""

    class Kind(models.TextChoices):
        RESPONSIBILITY = "responsibility", "责任清单"
        TASK = "task", "任务清单"
        RULE = "rule", "制度清单"

    unit_list = models.ForeignKey(UnitList, models.PROTECT, related_name="items", verbose_name="单位清单")
    kind = models.CharField("清单", max_length=16, choices=Kind)
    rank = models.PositiveSmallIntegerField("排序", default=0)
    text = models.CharField("内容", max_length=200)
    owner_words = models.CharField("责任人", max_length=60, blank=True)
    number = models.CharField("文号", max_length=60, blank=True, help_text="制度清单")
    due_on = models.DateField("完成日期", null=True, blank=True, help_text="任务的完成日期，制度的施行日期")
    duty = models.OneToOneField(
        Duty, models.PROTECT, null=True, blank=True, related_name="unit_item", verbose_name="责任事项"
    )

    history = kept_history(sought_by=["unit_list"])

    class Meta:
        verbose_name = verbose_name_plural = "清单条目"
        ordering = ("kind", "rank", "id")
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""), name="unit_item_says_something", violation_error_message="条目不能为空。"
            )
        ]

    def __str__(self) -> str:
        return self.text
