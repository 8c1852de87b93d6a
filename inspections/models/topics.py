"""专题调研: signs of one kind studied together, down to causes and advice, concluded by another (三（四）3)."""

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accountability.models import Organisation, Person, Record, WorkYear
from accountability.models.history import kept_history
from inspections.models.visits import Sign

WRITTEN_AT_LEAST = 10


class TopicQuerySet(models.QuerySet):
    def visible_to(self, user) -> "TopicQuerySet":
        """纪委, 书记, 党办; and who leads it or works in its team."""
        from accountability import access
        from accountability.models import Role
        from inspections.research_access import takes_part

        if not takes_part(user):
            return self.none()
        if access.may_supervise(user) or access.may_manage_duties(user) or access.holds(user, Role.SECRETARY):
            return self
        return self.filter(of_team(user))

    def running(self) -> "TopicQuerySet":
        return self.filter(state__in=Topic.OPEN)

    def waiting_for(self, user) -> "TopicQuerySet":
        """待审定: handed in by another, for who may conclude."""
        from inspections.research_flow import may_conclude

        if not may_conclude(user):
            return self.none()
        return self.filter(state=Topic.State.PROPOSED).exclude(Q(proposed_by=user) | Q(lead=user))

    def for_list(self) -> "TopicQuerySet":
        return self.select_related("lead")


def of_team(user) -> Q:
    named = Topic.team.through.objects.filter(topic=OuterRef("pk"), person=user.pk)
    return Q(lead=user.pk) | Exists(named)


class Topic(models.Model):
    """专题调研."""

    class State(models.TextChoices):
        PLANNED = "planned", "已立项"
        RESEARCHING = "researching", "调研中"
        PROPOSED = "proposed", "结论待审定"
        CONCLUDED = "concluded", "已结题"
        DROPPED = "dropped", "已撤销"

    AUTHOR, THING = "牵头人和提交人", "专题结论"
    OPEN = (State.PLANNED, State.RESEARCHING, State.PROPOSED)

    title = models.CharField("题目", max_length=80)
    key_area = models.CharField("重点领域", max_length=20, blank=True)
    lead = models.ForeignKey(Person, models.PROTECT, related_name="topics_led", verbose_name="牵头人")
    team = models.ManyToManyField(Person, related_name="topics", blank=True, verbose_name="调研组成员")
    plan = models.TextField("调研方案", max_length=3000)
    due_on = models.DateField("计划完成日期", null=True, blank=True)
    causes = models.TextField("深层次原因", max_length=5000, blank=True)
    advice = models.TextField("建议", max_length=5000, blank=True)
    work_year = models.ForeignKey(WorkYear, models.PROTECT, related_name="topics", verbose_name="工作年度")
    state = models.CharField("状态", max_length=12, choices=State, default=State.PLANNED)
    lacking = models.CharField("所缺事项", max_length=300, blank=True)
    planned_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="立项人")
    planned_at = models.DateTimeField("立项时间")
    proposed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="结论提交人"
    )
    proposed_on = models.DateField("提交日期", null=True, blank=True)
    concluded_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="结论审定人"
    )
    concluded_on = models.DateField("结题日期", null=True, blank=True)
    # 结题 is an act of the commission's own: it stands in its records like every other.
    record = models.OneToOneField(
        Record, models.PROTECT, null=True, blank=True, related_name="topic", verbose_name="履责记录"
    )

    history = kept_history()
    objects = TopicQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "专题调研"
        ordering = ("-planned_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(concluded_by=None) | ~Q(concluded_by=F("proposed_by")),
                name="topic_concluded_by_another",
                violation_error_message="提交结论的人不能审定自己的结论。",
            ),
            models.CheckConstraint(
                condition=Q(concluded_by=None) | ~Q(concluded_by=F("lead")),
                name="topic_not_concluded_by_lead",
                violation_error_message="牵头人不能审定自己牵头的专题。",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="concluded", concluded_by__isnull=False, concluded_on__isnull=False, proposed_by__isnull=False
                )
                & ~Q(causes="")
                & ~Q(advice="")
                | (~Q(state="concluded") & Q(concluded_by=None, concluded_on=None)),
                name="topic_concluded_with_findings",
                violation_error_message="结题须有深层次原因、建议、提交人、审定人和日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def is_own_work_of(self, person: Person) -> bool:
        return person.pk in (self.lead_id, self.proposed_by_id)

    @property
    def is_running(self) -> bool:
        return self.state in self.OPEN


class TopicSignQuerySet(models.QuerySet):
    def studied_by(self, user) -> "TopicSignQuerySet":
        """Links of the topics under way that ``user`` leads or works in."""
        topics = Topic.objects.running().filter(of_team(user))
        return self.filter(is_current=True, topic__in=topics.values("pk"))


class TopicSign(models.Model):
    """纳入专题: current while the topic is under way; a sign is studied in one topic at a time."""

    topic = models.ForeignKey(Topic, models.PROTECT, related_name="signs", verbose_name="专题")
    sign = models.ForeignKey(Sign, models.PROTECT, related_name="topics", verbose_name="苗头")
    is_current = models.BooleanField("在办", default=True)
    collected_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="纳入人")
    collected_on = models.DateField("纳入日期")

    history = kept_history()
    objects = TopicSignQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "专题中的苗头"
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("topic", "sign"), name="topic_sign_once", violation_error_message="该苗头已在本专题中。"
            ),
            models.UniqueConstraint(
                fields=("sign",),
                condition=Q(is_current=True),
                name="sign_in_one_open_topic",
                violation_error_message="该苗头已在另一个在办专题中。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sign} → {self.topic}"


def key_areas() -> list[str]:
    """重点领域 as the units bear them (三（四）2)."""
    rows = Organisation.objects.active().exclude(key_area="")
    return sorted(set(rows.values_list("key_area", flat=True)))
