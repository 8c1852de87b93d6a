"""谈话提醒: from a sign to the talk, the talked-to person's word on it, what became of it (二（二）, 二（三）, 三（三）3).

What was said is known to the two parties, to who arranged it and to the commission's people admitted to 谈话提醒.
"""

from dataclasses import dataclass
from datetime import date

from django.db import models
from django.db.models import F, Q

from accountability.models import Duty, Organisation, Person, Post, Record
from accountability.models.history import kept_history
from inspections.models import Finding, Sign


class TalkKind(models.TextChoices):
    """谈话类型. What is particular to each stands in ``MANNERS``."""

    REMIND = "remind", "提醒谈话"
    INTEGRITY = "integrity", "廉政谈话"
    APPOINTMENT = "appointment", "任职谈话"
    SUPERVISION = "supervision", "监督谈话"
    SUMMONS = "summons", "约谈"
    INQUIRY = "inquiry", "函询说明"
    ADMONITION = "admonition", "诫勉"
    HEART = "heart", "谈心谈话"


@dataclass(frozen=True)
class Manner:
    """``tracked``: requirements are expected to be followed up. ``act``: the act of the regulation by which a leader's
    talk of this kind is recorded. ``decided_elsewhere``: the system records what others decided, and decides nothing."""

    tracked: bool = True
    act: str = ""
    decided_elsewhere: bool = False


REMINDER = "reminder-talk"
MANNERS: dict[str, Manner] = {
    TalkKind.REMIND: Manner(act=REMINDER),
    TalkKind.INTEGRITY: Manner(tracked=False, act=REMINDER),
    TalkKind.APPOINTMENT: Manner(tracked=False),
    TalkKind.SUPERVISION: Manner(act=REMINDER),
    TalkKind.SUMMONS: Manner(act=REMINDER),
    TalkKind.INQUIRY: Manner(),
    TalkKind.ADMONITION: Manner(decided_elsewhere=True),
    TalkKind.HEART: Manner(tracked=False),
}


class TalkQuerySet(models.QuerySet):
    def visible_to(self, user) -> "TalkQuerySet":
        """谈话双方 (the talked-to person once it is arranged), who arranges it, and who of the commission is admitted,
        except to what is considered about himself (decision 20). Nobody else, whatever his post."""
        from supervision.access import named_for
        from supervision.models.admissions import Secret

        if not user.is_authenticated:
            return self.none()
        known = Q(person=user) & ~Q(state__in=Talk.BEFORE) | Q(talker=user) & ~Q(state__in=Talk.BEFORE) | Q(leader=user)
        return self.filter(known | named_for(user, Secret.TALK) & ~Q(person=user))

    def of_year(self, year: int) -> "TalkQuerySet":
        return self.filter(year=year)

    def held(self) -> "TalkQuerySet":
        """已谈话."""
        return self.filter(state__in=Talk.HELD_STATES)

    def to_hold(self) -> "TalkQuerySet":
        """待谈话."""
        return self.filter(state=Talk.State.ORDERED)

    def late(self, on: date) -> "TalkQuerySet":
        """逾期未谈: the day by which it was to be held has passed."""
        return self.to_hold().filter(due_on__lt=on)

    def unconfirmed(self) -> "TalkQuerySet":
        """待本人确认."""
        return self.filter(state=Talk.State.HELD)

    def tracking(self) -> "TalkQuerySet":
        """跟踪中: requirements have a day and are not yet found met."""
        return self.held().filter(follow_up__state__in=FollowUp.OPEN)

    def untracked(self, on: date) -> "TalkQuerySet":
        """谈话后未跟踪: of a kind that is followed up, and no day was set, or it has passed without a report."""
        kinds = [kind for kind, manner in MANNERS.items() if manner.tracked]
        silent = Q(follow_up__state__in=FollowUp.OWED, follow_up__due_on__lt=on)
        return self.held().filter(Q(follow_up=None) | silent, kind__in=kinds)

    def waiting_for(self, user) -> "TalkQuerySet":
        """待我办理: to arrange, to hold, to confirm, to report, to judge the report, to conclude."""
        S = Talk.State
        mine = Q(leader=user, state=S.PROPOSED) | Q(talker=user, state=S.ORDERED) | Q(person=user, state=S.HELD)
        mine |= Q(person=user, state=S.CONFIRMED, follow_up__state__in=FollowUp.OWED)
        judges = Q(talker=user) | Q(leader=user)
        mine |= judges & Q(state=S.CONFIRMED, follow_up__state=FollowUp.State.REPORTED)
        done = Q(follow_up=None) | Q(follow_up__state=FollowUp.State.ACCEPTED)
        mine |= Q(leader=user, state=S.CONFIRMED) & done
        return self.visible_to(user).filter(mine)

    def for_list(self) -> "TalkQuerySet":
        return self.select_related(
            "organisation__parent", "person", "person_post__organisation__parent", "talker", "leader", "follow_up"
        )


class Talk(models.Model):
    """谈话. ``leader`` arranges it, ``talker`` holds it, ``person`` is talked to and never either of the two."""

    class Matter(models.TextChoices):
        """事由类别: as those of a sign, and two occasions that are none. Never a clue's details."""

        MONEY = "money", "经费管理"
        PURCHASE = "purchase", "采购验收"
        ASSETS = "assets", "资产管理"
        ADMISSION = "admission", "招生考试"
        STAFF = "staff", "选人用人、评聘评审"
        RESEARCH = "research", "科研管理"
        CONDUCT = "conduct", "作风纪律"
        DECISIONS = "decisions", "议事决策"
        DUTIES = "duties", "责任落实"
        APPOINTMENT = "appointment", "任职履新"
        LIFE = "life", "思想、工作和生活"
        OTHER = "other", "其他"

    class State(models.TextChoices):
        PROPOSED = "proposed", "待安排"
        DECLINED = "declined", "不安排"
        ORDERED = "ordered", "待谈话"
        CANCELLED = "cancelled", "已取消"
        HELD = "held", "待本人确认"
        CONFIRMED = "confirmed", "已确认"
        CONCLUDED = "concluded", "已办结"

    class Answer(models.TextChoices):
        KNOWN = "known", "已知晓"
        REFUSED = "refused", "未予确认"

    AUTHOR, THING = "谈话对象本人", "谈话"
    BEFORE = (State.PROPOSED, State.DECLINED)
    HELD_STATES = (State.HELD, State.CONFIRMED, State.CONCLUDED)

    number = models.CharField("编号", max_length=12, unique=True)
    year = models.PositiveSmallIntegerField("年度")
    kind = models.CharField("谈话类型", max_length=12, choices=TalkKind)
    matter = models.CharField("事由类别", max_length=12, choices=Matter)
    words = models.CharField("事由", max_length=300)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="talks", verbose_name="所在单位")
    person = models.ForeignKey(Person, models.PROTECT, related_name="talks_had", verbose_name="谈话对象")
    person_post = models.ForeignKey(Post, models.PROTECT, related_name="+", verbose_name="谈话对象职务")
    leader = models.ForeignKey(Person, models.PROTECT, related_name="talks_arranged", verbose_name="安排人")
    talker = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="talks_held", verbose_name="谈话人"
    )
    due_on = models.DateField("谈话期限", null=True, blank=True)
    # 缘起, one at most: shown only to who may see it anyway.
    sign = models.ForeignKey(
        Sign, models.PROTECT, null=True, blank=True, related_name="talks", verbose_name="苗头性问题"
    )
    duty = models.ForeignKey(Duty, models.PROTECT, null=True, blank=True, related_name="talks", verbose_name="责任事项")
    finding = models.ForeignKey(
        Finding, models.PROTECT, null=True, blank=True, related_name="talks", verbose_name="巡察问题"
    )
    # 诫勉 only: who decided it, when, by which document.
    decided_by = models.CharField("决定机关", max_length=80, blank=True)
    decided_on = models.DateField("决定日期", null=True, blank=True)
    document_number = models.CharField("决定文号", max_length=60, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.ORDERED)
    entered_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="提出人")
    entered_at = models.DateTimeField("提出时间")
    ordered_at = models.DateTimeField("安排时间", null=True, blank=True)
    held_on = models.DateField("谈话日期", null=True, blank=True)
    place = models.CharField("谈话地点", max_length=80, blank=True)
    recorder = models.CharField("记录人", max_length=40, blank=True)
    issues = models.TextField("指出的问题", max_length=800, blank=True)
    said = models.TextField("本人说明和表态", max_length=800, blank=True)
    requirements = models.TextField("提出的要求", max_length=500, blank=True)
    is_first_form = models.BooleanField("运用第一种形态", default=False)
    recorded_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )
    answer = models.CharField("本人确认", max_length=8, choices=Answer, blank=True)
    answer_words = models.CharField("确认时的说明", max_length=300, blank=True)
    answered_on = models.DateField("确认日期", null=True, blank=True)
    answered_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认登记人"
    )
    outcome = models.CharField("办结意见", max_length=300, blank=True)
    concluded_on = models.DateField("办结日期", null=True, blank=True)
    # 履责纪实: that the leader held a talk, with nobody's name and no matter in it.
    record = models.OneToOneField(
        Record, models.PROTECT, null=True, blank=True, related_name="talk", verbose_name="履责记录"
    )

    history = kept_history()
    objects = TalkQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "谈话"
        ordering = ("-entered_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=(Q(talker=None) | ~Q(talker=F("person"))) & ~Q(leader=F("person")),
                name="talk_with_another",
                violation_error_message="谈话对象不能是安排人或谈话人本人。",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("proposed", "declined"), ordered_at=None)
                | (
                    ~Q(state__in=("proposed", "declined"))
                    & Q(talker__isnull=False, due_on__isnull=False, ordered_at__isnull=False)
                ),
                name="talk_ordered_is_whole",
                violation_error_message="安排谈话须有谈话人和期限。",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("proposed", "declined", "ordered", "cancelled"), held_on=None, recorded_by=None)
                | (
                    Q(state__in=("held", "confirmed", "concluded"))
                    & Q(held_on__isnull=False, recorded_by__isnull=False)
                    & ~Q(place="")
                    & ~Q(recorder="")
                    & ~Q(issues="")
                    & ~Q(said="")
                ),
                name="talk_held_is_whole",
                violation_error_message="谈话记录须有日期、地点、记录人、指出的问题和本人说明。",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_on=None, answered_by=None) & ~Q(state__in=("confirmed", "concluded"))
                | Q(answer="known", answered_by=F("person"), answered_on__isnull=False)
                | (Q(answer="refused", answered_on__isnull=False) & ~Q(answered_by=F("person")) & ~Q(answer_words="")),
                name="talk_confirmed_by_himself",
                violation_error_message="谈话由本人确认；本人未予确认的，由谈话人登记并写明情况。",
            ),
            models.CheckConstraint(
                condition=~Q(kind="admonition")
                | (~Q(decided_by="") & ~Q(document_number="") & Q(decided_on__isnull=False)),
                name="talk_admonition_decided_elsewhere",
                violation_error_message="诫勉须登记决定机关、决定日期和文号。",
            ),
            models.CheckConstraint(
                condition=Q(sign=None, duty=None) | Q(sign=None, finding=None) | Q(duty=None, finding=None),
                name="talk_has_one_origin",
                violation_error_message="缘起只选一项。",
            ),
            models.CheckConstraint(
                condition=~Q(state="concluded") | (Q(concluded_on__isnull=False) & ~Q(outcome="")),
                name="talk_concluded_says_how",
                violation_error_message="办结须有办结意见和日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} 号{self.get_kind_display()}"

    def is_own_work_of(self, person: Person) -> bool:
        """本人: neither arranges, holds, judges nor concludes what is about himself."""
        return self.person_id == person.pk

    @property
    def manner(self) -> Manner:
        return MANNERS[self.kind]

    @property
    def is_held(self) -> bool:
        return self.state in self.HELD_STATES

    @property
    def report(self) -> "FollowUp | None":
        """落实情况报告, if a day was set for it."""
        return getattr(self, "follow_up", None)

    @property
    def is_settled(self) -> bool:
        """Nothing is waited for any more, but the conclusion."""
        return self.report is None or self.report.state == FollowUp.State.ACCEPTED

    @property
    def where(self) -> str:
        """办到哪一步, in words for a list; ``follow_up`` comes joined."""
        if self.state != self.State.CONFIRMED:
            return self.get_state_display()
        return "待办结" if self.is_settled else self.report.get_state_display()


class FollowUp(models.Model):
    """落实情况: what the talked-to person owes by a day. A row of its own and no duty, since a duty is seen by his
    whole unit and would tell that he was talked to (decision 20)."""

    class State(models.TextChoices):
        WAITING = "waiting", "待报落实情况"
        REPORTED = "reported", "待认可"
        SENT_BACK = "sent_back", "退回补充"
        ACCEPTED = "accepted", "已落实"

    OWED = (State.WAITING, State.SENT_BACK)
    OPEN = (State.WAITING, State.SENT_BACK, State.REPORTED)

    talk = models.OneToOneField(Talk, models.PROTECT, related_name="follow_up", verbose_name="谈话")
    owed_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="报告人")
    due_on = models.DateField("报告期限")
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    words = models.TextField("落实情况", max_length=1000, blank=True)
    reported_on = models.DateField("报告日期", null=True, blank=True)
    judged_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="认可人"
    )
    judged_on = models.DateField("认可日期", null=True, blank=True)
    lacking = models.CharField("所缺事项", max_length=300, blank=True)
    turns = models.PositiveSmallIntegerField("退回次数", default=0)

    history = kept_history(sought_by=["talk"])

    class Meta:
        verbose_name = verbose_name_plural = "谈话要求落实情况"
        ordering = ("due_on", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(judged_by=None) | ~Q(judged_by=F("owed_by")),
                name="follow_up_judged_by_another",
                violation_error_message="不能认可自己的落实情况。",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("reported", "accepted")) | (~Q(words="") & Q(reported_on__isnull=False)),
                name="follow_up_reported_is_whole",
                violation_error_message="报告须写明落实情况和日期。",
            ),
            models.CheckConstraint(
                condition=Q(state="accepted", judged_by__isnull=False, judged_on__isnull=False)
                | (~Q(state="accepted") & Q(judged_on=None)),
                name="follow_up_accepted_by_one",
                violation_error_message="认可须有认可人和日期。",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent_back") | ~Q(lacking=""),
                name="follow_up_sent_back_says_why",
                violation_error_message="退回须写明所缺事项。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.talk} · {self.get_state_display()}"

    def is_late(self, on: date) -> bool:
        return self.state in self.OWED and self.due_on < on
