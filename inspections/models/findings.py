"""问题与整改措施: finding → measures, closed against the ledger (对账销号) by three different people (三（四）1)."""

from datetime import date

from django.db import models
from django.db.models import F, OuterRef, Q
from django.utils import timezone

from accountability import access, statements
from accountability.counting import number_of
from accountability.models import Duty, Organisation, Person, Post
from accountability.models.history import kept_history
from accountability.models.insertion import QuickRows
from accountability.models.scopes import together
from inspections.models.rounds import Round, RoundMember, manages

LACKING_AT_LEAST = 10
CLOSED = Q(state="closed")
UNCLOSED = ~Q(state__in=("closed", "long_term"))


def is_late(on: date) -> Q:
    """逾期未销号: its last day, extensions included, has passed."""
    return UNCLOSED & Q(due_on__lt=on)


class FindingQuerySet(QuickRows):
    def visible_to(self, user, on: date | None = None) -> "FindingQuerySet":
        return self if _sees_all(user) else self.filter(pk__in=self.ids_visible_to(user, on))

    def ids_visible_to(self, user, on: date | None = None):
        """What ``visible_to`` gives whom a part is given, for ``finding__in=``; its text is written once (``statements``)."""
        from inspections.models.rechecks import RecheckItem

        on = on or timezone.localdate()
        at_work = Finding.objects.filter(round__in=RoundMember.objects.at_work(user, on)).values("pk")
        named = RecheckItem.objects.named(user).values("finding")
        return statements.ids(
            ("finding", access.standing_of(user), on), lambda: together(at_work, named, *_answered(user))
        )

    def answered_by(self, user) -> "FindingQuerySet":
        """One's unit or post answers for it, leads a measure or helps with one."""
        if access.may_see_whole_school(user):
            return self.all()
        key = ("finding_answered", access.standing_of(user))
        return self.filter(pk__in=statements.ids(key, lambda: together(*_answered(user))))

    def closed(self) -> "FindingQuerySet":
        return self.filter(CLOSED)

    def unclosed(self) -> "FindingQuerySet":
        return self.filter(UNCLOSED)

    def late(self, on: date) -> "FindingQuerySet":
        return self.filter(is_late(on))

    def waiting_for(self, user) -> "FindingQuerySet":
        """待我办理: plans to approve and closings to verify, or closings to review for my unit; never my own work."""
        S = Finding.State
        here = access.organisations_where(user, "confirm_record")
        mine = Q(state=S.REVIEWING, organisation__in=here) | Q(state=S.DRAFTING, organisation__in=here)
        if manages(user):
            mine |= Q(state__in=(S.PROPOSED, S.VERIFYING))
        return self.filter(mine).exclude(applied_by=user, state__in=(S.REVIEWING, S.VERIFYING))

    def for_list(self) -> "FindingQuerySet":
        measures = Measure.objects.filter(finding=OuterRef("pk"))
        done = measures.filter(completion=Measure.Completion.DONE)
        return (
            self.select_related("round", "organisation__parent")
            .annotate(measured=number_of(measures), done=number_of(done))
            .order_by("round", "serial", "turn")
        )


def _sees_all(user) -> bool:
    return manages(user) or access.may_see_whole_school(user)


def _answered(user) -> list[models.QuerySet]:
    """Ids of what one's unit or post answers for, leads or helps with."""
    within, posts = Organisation.objects.reach_of(user), access.posts_of(user)
    measures = Measure.objects.order_by()
    return [
        Finding.objects.filter(organisation__in=within).values("pk"),
        *(
            measures.filter(theirs).values("finding")
            for theirs in (Q(lead__in=within), Q(leader__in=posts), Q(owner__in=posts))
        ),
        Measure.helpers.through.objects.filter(organisation__in=within).values("measure__finding"),
    ]


class Finding(models.Model):
    """问题. One number in the ledger; symptoms (具体表现) stand in it one a line."""

    class Implementation(models.TextChoices):
        """对应四落实."""

        THEORY = "theory", "落实党的理论路线方针政策和党中央重大决策部署"
        GOVERNANCE = "governance", "落实全面从严治党战略部署"
        ORGANISATION = "organisation", "落实新时代党的组织路线"
        RECTIFICATION = "rectification", "落实巡视等监督发现问题整改"
        OTHER = "other", "其他"

    class State(models.TextChoices):
        DRAFTING = "drafting", "方案拟定"
        PROPOSED = "proposed", "方案待审定"
        WORKING = "working", "整改中"
        REVIEWING = "reviewing", "待单位审核"
        VERIFYING = "verifying", "待核验"
        CLOSED = "closed", "已销号"
        LONG_TERM = "long_term", "长期坚持"

    AUTHOR, THING = "办理人", "整改事项"
    # What the plan may still be changed in; from REVIEWING on it is under examination.
    CHANGEABLE = (State.DRAFTING, State.WORKING)

    round = models.ForeignKey(Round, models.PROTECT, related_name="findings", verbose_name="轮次")
    serial = models.PositiveIntegerField("序号")
    turn = models.PositiveSmallIntegerField("第几次立账", default=1)
    predecessor = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="successor", verbose_name="原问题"
    )
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="findings", verbose_name="责任单位")
    category = models.CharField("问题类别", max_length=200, blank=True)
    sub_category = models.CharField("问题子类", max_length=200, blank=True)
    text = models.CharField("具体问题", max_length=500)
    symptoms = models.TextField("具体表现", max_length=5000, blank=True)
    implementation = models.CharField("对应四落实", max_length=14, choices=Implementation, blank=True)
    is_focus = models.BooleanField("重点关注", default=False)
    goal = models.TextField("整改目标", max_length=1000, blank=True)
    due_on = models.DateField("整改期限", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFTING)
    entered_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="登记人")
    entered_at = models.DateTimeField("登记时间")
    approved_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="方案审定人"
    )
    approved_on = models.DateField("方案审定日期", null=True, blank=True)
    applied_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="销号申请人"
    )
    applied_on = models.DateField("申请日期", null=True, blank=True)
    reviewed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="单位审核人"
    )
    reviewed_on = models.DateField("单位审核日期", null=True, blank=True)
    verified_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核验人"
    )
    closed_on = models.DateField("销号日期", null=True, blank=True)
    # 按期销号: written once, when it is closed; a later re-opening is another row and leaves it true.
    closed_in_time = models.BooleanField("按期销号", null=True, blank=True)
    review_on = models.DateField("下次复核日期", null=True, blank=True)
    lacking = models.CharField("所缺事项", max_length=500, blank=True)

    history = kept_history(sought_by=["round"])
    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "巡察问题"
        ordering = ("round", "serial", "turn")
        indexes = [models.Index(fields=("organisation", "state", "due_on"), name="finding_by_organisation")]
        constraints = [
            models.UniqueConstraint(
                fields=("round", "serial", "turn"),
                name="finding_serial_once",
                violation_error_message="本轮已有这个序号的问题。",
            ),
            models.CheckConstraint(
                condition=Q(applied_by=None) | Q(reviewed_by=None) | ~Q(applied_by=F("reviewed_by")),
                name="finding_reviewer_is_another",
                violation_error_message="申请销号的人不能代表单位审核自己的申请。",
            ),
            models.CheckConstraint(
                condition=Q(applied_by=None) | Q(verified_by=None) | ~Q(applied_by=F("verified_by")),
                name="finding_verifier_is_not_applicant",
                violation_error_message="申请销号的人不能核验。",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | Q(verified_by=None) | ~Q(reviewed_by=F("verified_by")),
                name="finding_verifier_is_not_reviewer",
                violation_error_message="单位审核人不能核验。",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="closed",
                    applied_by__isnull=False,
                    reviewed_by__isnull=False,
                    verified_by__isnull=False,
                    closed_on__isnull=False,
                    closed_in_time__isnull=False,
                )
                | (~Q(state="closed") & Q(closed_on=None, closed_in_time=None)),
                name="finding_closed_by_three",
                violation_error_message="销号须有申请人、单位审核人、核验人和日期。",
            ),
            models.CheckConstraint(
                condition=~Q(state="long_term") | Q(review_on__isnull=False, verified_by__isnull=False),
                name="finding_long_term_has_review",
                violation_error_message="转长期坚持须有核验人和下次复核日期。",
            ),
            models.CheckConstraint(
                condition=Q(turn=1, predecessor=None) | Q(turn__gt=1, predecessor__isnull=False),
                name="finding_turn_follows_one",
                violation_error_message="重新立账须关联原问题。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.text}"

    @property
    def number(self) -> str:
        """编号: 2026-1-05, and 2026-1-05-R2 after a rebound."""
        again = f"-R{self.turn}" if self.turn > 1 else ""
        return f"{self.round.number}-{self.serial:02d}{again}"

    def is_own_work_of(self, person: Person) -> bool:
        """Whoever applied for closing, or entered the proof of a measure, did the work."""
        from accountability.models import Evidence

        if person.pk == self.applied_by_id:
            return True
        proof = Evidence.objects.filter(duty__measure__finding=self, record__entered_by=person)
        return proof.exclude(record__state="withdrawn").exists()


KINDS = ("建章立制", "挽回损失", "追责问责", "举一反三", "专项整治", "重大措施")


class MeasureQuerySet(QuickRows):
    def visible_to(self, user, on: date | None = None) -> "MeasureQuerySet":
        """Of the findings one sees."""
        return self if _sees_all(user) else self.filter(finding__in=Finding.objects.ids_visible_to(user, on))


class Measure(models.Model):
    """整改措施, a duty like any other: its lead unit owes it, its owner answers for it."""

    class Term(models.TextChoices):
        DAY = "day", "有时限"
        LONG = "long", "长期坚持"
        IMMEDIATE = "immediate", "立行立改"

    class Completion(models.TextChoices):
        UNDONE = "undone", "未完成"
        MOSTLY = "mostly", "基本完成"
        DONE = "done", "已完成"

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="measures", verbose_name="问题")
    rank = models.PositiveIntegerField("排序")
    text = models.CharField("整改措施", max_length=2000)
    kinds = models.CharField("措施类型", max_length=60, blank=True, help_text="以“、”相连")
    leader_words = models.CharField("责任领导", max_length=200, blank=True)
    leader = models.ForeignKey(
        Post,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="measures_led",
        verbose_name="责任领导岗位",
    )
    lead = models.ForeignKey(Organisation, models.PROTECT, related_name="measures", verbose_name="牵头单位")
    helper_words = models.CharField("配合单位", max_length=1000, blank=True)
    helpers = models.ManyToManyField(Organisation, related_name="measures_helped", verbose_name="配合单位")
    owner_words = models.CharField("责任人", max_length=200, blank=True)
    owner = models.ForeignKey(Post, models.PROTECT, related_name="measures", verbose_name="责任人岗位")
    term = models.CharField("时限类型", max_length=10, choices=Term)
    due_on = models.DateField("整改时限", null=True, blank=True)
    is_kept_up = models.BooleanField("常态化坚持", default=False)
    in_period = models.BooleanField("集中整改期完成", default=False)
    progress = models.TextField("整改进展", max_length=5000, blank=True)
    completion = models.CharField("完成情况", max_length=8, choices=Completion, default=Completion.UNDONE)
    remark = models.CharField("备注", max_length=200, blank=True)
    duty = models.OneToOneField(
        Duty, models.PROTECT, null=True, blank=True, related_name="measure", verbose_name="责任事项"
    )

    history = kept_history(sought_by=["finding"])
    objects = MeasureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "整改措施"
        ordering = ("finding", "rank")
        # Few have one: an index of all would tell SQLite's planner that it leads to them all.
        indexes = [models.Index(fields=("leader",), condition=Q(leader__isnull=False), name="measure_of_leader")]
        constraints = [
            models.UniqueConstraint(
                fields=("finding", "rank"), name="measure_rank_once", violation_error_message="措施排序重复。"
            ),
            models.CheckConstraint(
                condition=Q(term="day", due_on__isnull=False) | (~Q(term="day") & Q(due_on=None)),
                name="measure_day_or_none",
                violation_error_message="有时限的措施须有日期，长期坚持和立行立改不填日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def kind_list(self) -> list[str]:
        return self.kinds.split("、") if self.kinds else []

    @property
    def term_words(self) -> str:
        return f"{self.due_on}" if self.due_on else self.get_term_display()


class KindResult(models.Model):
    """分类成效: what came of a measure, for each kind it is of; closing asks for every one."""

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="results", verbose_name="措施")
    kind = models.CharField("措施类型", max_length=10, choices=[(kind, kind) for kind in KINDS])
    text = models.CharField("成效", max_length=1000)

    history = kept_history(sought_by=["measure"])

    class Meta:
        verbose_name = verbose_name_plural = "分类成效"
        ordering = ("measure", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("measure", "kind"), name="kind_result_once", violation_error_message="该类型已填写。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}：{self.text}"


class Extension(models.Model):
    """延期: asked for with a reason, decided by another; one under way per measure."""

    class State(models.TextChoices):
        ASKED = "asked", "待审批"
        GRANTED = "granted", "已同意"
        REFUSED = "refused", "未同意"

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="extensions", verbose_name="措施")
    from_on = models.DateField("原时限")
    to_on = models.DateField("延至")
    reason = models.CharField("原因", max_length=300)
    state = models.CharField("状态", max_length=8, choices=State, default=State.ASKED)
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="申请人")
    asked_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审批人"
    )
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    opinion = models.CharField("审批意见", max_length=300, blank=True)

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "延期申请"
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("measure",),
                condition=Q(state="asked"),
                name="extension_one_under_way",
                violation_error_message="这项措施已有一个待审批的延期申请。",
            ),
            models.CheckConstraint(
                condition=Q(to_on__gt=F("from_on")),
                name="extension_goes_forward",
                violation_error_message="延期后的日期须晚于原时限。",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")),
                name="extension_four_eyes",
                violation_error_message="申请人不能审批自己的延期申请。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_on} → {self.to_on}"
