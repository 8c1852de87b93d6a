"""工作要求与答复: what is asked of units because of a topic, a sign or a visit, each with an answer by a day (三（四）3)."""

from datetime import date

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accountability.models import Duty, Organisation, Person, Record, WorkYear
from accountability.models.history import kept_history
from inspections.models.topics import Topic, of_team
from inspections.models.visits import Sign, Visit


class RequirementQuerySet(models.QuerySet):
    def visible_to(self, user) -> "RequirementQuerySet":
        """Where a unit in one's reach owes an answer; what one sent; what came of a topic one works in."""
        replies = Reply.objects.visible_to(user).filter(requirement=OuterRef("pk"))
        return self.filter(Q(issued_by=user) | Exists(replies))


class Requirement(models.Model):
    """工作要求. Sent again to other units it is a row of its own that repeats the first (举一反三)."""

    title = models.CharField("要求", max_length=100)
    text = models.TextField("具体内容", max_length=2000)
    topic = models.ForeignKey(
        Topic, models.PROTECT, null=True, blank=True, related_name="requirements", verbose_name="专题"
    )
    sign = models.ForeignKey(
        Sign, models.PROTECT, null=True, blank=True, related_name="requirements", verbose_name="苗头"
    )
    visit = models.ForeignKey(
        Visit, models.PROTECT, null=True, blank=True, related_name="requirements", verbose_name="调研督查"
    )
    repeats = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="repeated_by", verbose_name="举一反三自"
    )
    due_on = models.DateField("答复期限")
    work_year = models.ForeignKey(WorkYear, models.PROTECT, related_name="requirements", verbose_name="工作年度")
    issued_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="提出人")
    issued_at = models.DateTimeField("提出时间")

    history = kept_history()
    objects = RequirementQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "工作要求"
        ordering = ("-issued_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(topic__isnull=False, sign=None, visit=None)
                | Q(topic=None, sign__isnull=False, visit=None)
                | Q(topic=None, sign=None, visit__isnull=False),
                name="requirement_has_one_origin",
                violation_error_message="工作要求须来自一个专题、一个苗头或一次调研督查。",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_repeat(self) -> bool:
        """举一反三."""
        return self.repeats_id is not None

    @property
    def origin_words(self) -> str:
        if self.topic_id:
            return "专题调研"
        return "调研督查" if self.visit_id else "苗头性问题"


def _is_waived() -> Exists:
    """Asked of each reply's duty: joined, SQLite begins with all duties there are."""
    return Exists(Duty.objects.filter(pk=OuterRef("duty"), state=Duty.State.WAIVED))


class ReplyQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ReplyQuerySet":
        within = Organisation.objects.reach_of(user)
        studied = Topic.objects.filter(of_team(user)).values("pk") if user.is_authenticated else []
        return self.filter(
            Q(organisation__in=within) | Q(requirement__issued_by=user) | Q(requirement__topic__in=studied)
        )

    def unanswered(self) -> "ReplyQuerySet":
        """待答复: nothing confirmed has come, or it was sent back; what is no longer required is not waited for."""
        return self.filter(~_is_waived(), state__in=Reply.UNANSWERED)

    def to_accept(self) -> "ReplyQuerySet":
        return self.filter(state=Reply.State.ANSWERED)

    def late(self, on: date) -> "ReplyQuerySet":
        """逾期未答复."""
        return self.unanswered().filter(Exists(Duty.objects.filter(pk=OuterRef("duty"), due_on__lt=on)))

    def answered_late(self) -> "ReplyQuerySet":
        """逾期答复: it came, after the day."""
        due_before = Duty.objects.filter(pk=OuterRef("duty"), due_on__lt=OuterRef("answered_on"))
        return self.filter(Exists(due_before), state__in=(Reply.State.ANSWERED, Reply.State.ACCEPTED))

    def waiting_for(self, user) -> "ReplyQuerySet":
        """待我办理: my unit's answers to write; for the commission, answers to accept that are not its own."""
        from accountability.access import organisations_where
        from inspections.research_access import leads_research, own_units

        mine = Q(organisation__in=organisations_where(user, "keep_record"), state__in=Reply.TO_WRITE)
        mine &= ~_is_waived()
        if leads_research(user):
            mine |= Q(state=Reply.State.ANSWERED) & ~Q(organisation__in=own_units(user))
        return self.filter(mine).exclude(answered_by=user, state=Reply.State.ANSWERED)

    def for_list(self) -> "ReplyQuerySet":
        return self.select_related("requirement", "organisation__parent", "duty")


class Reply(models.Model):
    """单位答复: a duty of the unit; the unit confirms its own record, the commission accepts what it says."""

    class State(models.TextChoices):
        WAITING = "waiting", "待答复"
        DRAFTED = "drafted", "待单位审核"
        ANSWERED = "answered", "待纪委认可"
        SENT_BACK = "sent_back", "退回补充"
        ACCEPTED = "accepted", "已认可"

    AUTHOR, THING = "答复人和所在单位人员", "答复"
    TO_WRITE = (State.WAITING, State.SENT_BACK)
    UNANSWERED = (State.WAITING, State.DRAFTED, State.SENT_BACK)

    requirement = models.ForeignKey(Requirement, models.PROTECT, related_name="replies", verbose_name="工作要求")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="replies", verbose_name="单位")
    duty = models.OneToOneField(Duty, models.PROTECT, related_name="reply", verbose_name="责任事项")
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    # 现在的答复; what was sent back before stays among the unit's records and counts for nothing.
    record = models.ForeignKey(
        Record, models.PROTECT, null=True, blank=True, related_name="replies", verbose_name="答复记录"
    )
    answered_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复人"
    )
    answered_on = models.DateField("答复日期", null=True, blank=True)
    accepted_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="认可人"
    )
    accepted_on = models.DateField("认可日期", null=True, blank=True)
    lacking = models.CharField("所缺事项", max_length=300, blank=True)
    turns = models.PositiveSmallIntegerField("退回次数", default=0)

    history = kept_history()
    objects = ReplyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单位答复"
        ordering = ("duty__due_on", "organisation__rank", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("requirement", "organisation"),
                name="reply_once",
                violation_error_message="该单位已收到这项要求。",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by=None) | ~Q(accepted_by=F("answered_by")),
                name="reply_accepted_by_another",
                violation_error_message="答复人不能认可自己的答复。",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="accepted",
                    accepted_by__isnull=False,
                    accepted_on__isnull=False,
                    answered_by__isnull=False,
                    record__isnull=False,
                )
                | (~Q(state="accepted") & Q(accepted_by=None, accepted_on=None)),
                name="reply_accepted_is_whole",
                violation_error_message="认可须有答复、答复人、认可人和日期。",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent_back") | ~Q(lacking=""),
                name="reply_sent_back_says_why",
                violation_error_message="退回须写明所缺事项。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.requirement}"

    def is_own_work_of(self, person: Person) -> bool:
        """Who answered, who confirmed for the unit, and whoever holds a post in it."""
        from inspections.research_access import own_units

        hands = {self.answered_by_id, self.record.decided_by_id if self.record else None}
        return person.pk in hands or self.organisation_id in own_units(person)

    @property
    def is_unanswered(self) -> bool:
        return self.state in self.UNANSWERED and self.duty.state != Duty.State.WAIVED

    @property
    def was_late(self) -> bool:
        return bool(self.answered_on and self.answered_on > self.duty.due_on)
