"""问责处理: a register of decisions made elsewhere, linked to the duty or finding that was failed (三（二）2, 四（四）).

The system decides nothing here: it keeps who was dealt with, how, by which body's decision and for how long it counts.
"""

from datetime import date

from django.db import models
from django.db.models import F, Q

from accountability.models import Duty, Organisation, Person, Post, Role, WorkYear
from accountability.models.history import kept_history
from accountability.models.kept_papers import KeptPaper
from inspections.models import Finding


class AccountabilityKind(models.Model):
    """问责方式: to an organisation or to a person; how many months it counts and what it bars from are data."""

    class Target(models.TextChoices):
        ORGANISATION = "organisation", "对组织"
        PERSON = "person", "对个人"

    code = models.SlugField("代号", max_length=40, unique=True)
    name = models.CharField("名称", max_length=20)
    target = models.CharField("适用对象", max_length=12, choices=Target)
    months = models.PositiveSmallIntegerField("影响期（月）", default=0, help_text="没有影响期填 0")
    # Codes of ``Purpose``: what the influence period excludes from.
    bars = models.JSONField("影响期内影响", default=list, blank=True)
    is_dropped = models.BooleanField("已停用", default=False)
    rank = models.PositiveSmallIntegerField("排序", default=0)

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "问责方式"
        ordering = ("target", "rank", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("target", "name"),
                name="accountability_kind_name_once",
                violation_error_message="已有同名的问责方式。",
            ),
            models.CheckConstraint(
                condition=Q(months__lte=120),
                name="accountability_kind_months_in_range",
                violation_error_message="影响期不超过 120 个月。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AccountabilityMeasureQuerySet(models.QuerySet):
    def visible_to(self, user) -> "AccountabilityMeasureQuerySet":
        """All for those admitted and the secretary; one's own; measures on organisations for the office and the
        secretary of the organisation. What was withdrawn stays with the first two."""
        from accountability.access import holds, may_manage_duties, posts_held
        from supervision.access import admitted
        from supervision.models.admissions import Secret

        if admitted(user, Secret.MEASURE) or holds(user, Role.SECRETARY):
            return self
        own = [post.organisation_id for post in posts_held(user) if post.role == Role.UNIT_SECRETARY]
        seen = Q(person=user.pk) | Q(organisation__in=own)
        if may_manage_duties(user):
            seen |= Q(organisation__isnull=False)
        return self.filter(seen, state=AccountabilityMeasure.State.STANDING)

    def standing(self) -> "AccountabilityMeasureQuerySet":
        """All but those entered in error."""
        return self.filter(state=AccountabilityMeasure.State.STANDING)

    def of_year(self, year: int) -> "AccountabilityMeasureQuerySet":
        return self.filter(work_year=year)

    def in_influence(self, on: date) -> "AccountabilityMeasureQuerySet":
        """影响期内 on that day, and not lifted before it."""
        counts = self.standing().filter(influence_from__lte=on, influence_until__gte=on)
        return counts.filter(Q(lifted_on=None) | Q(lifted_on__gt=on))

    def to_follow(self) -> "AccountabilityMeasureQuerySet":
        """待跟进: a day was set and nothing was said since."""
        return self.standing().filter(follow_up_on__isnull=False, followed_on=None)

    def for_list(self) -> "AccountabilityMeasureQuerySet":
        return self.select_related(
            "kind", "organisation__parent", "person", "post__organisation__parent", "duty__organisation__parent",
            "finding__round", "recorded_by",
        ).order_by("-decided_on", "-pk")  # fmt: skip


class AccountabilityMeasure(models.Model):
    """问责处理: one decision on one organisation or one person."""

    class State(models.TextChoices):
        STANDING = "standing", "有效"
        WITHDRAWN = "withdrawn", "登记有误，已撤销"

    class Disclosure(models.TextChoices):
        """如何发现: own handling, own report and concealment weigh differently in the assessment."""

        HANDLED = "handled", "本单位主动处置"
        REPORTED = "reported", "主动报告"
        FOUND = "found", "监督检查发现"
        CONCEALED = "concealed", "隐瞒不报"

    class Liability(models.TextChoices):
        DIRECT = "direct", "直接责任"
        CHIEF = "chief", "主要领导责任"
        IMPORTANT = "important", "重要领导责任"

    number = models.CharField("编号", max_length=12, unique=True)
    work_year = models.ForeignKey(
        WorkYear, models.PROTECT, related_name="accountability_measures", verbose_name="工作年度"
    )
    kind = models.ForeignKey(AccountabilityKind, models.PROTECT, related_name="measures", verbose_name="问责方式")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="accountability_measures", verbose_name="组织"
    )
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="accountability_measures", verbose_name="人员"
    )
    post = models.ForeignKey(
        Post, models.PROTECT, null=True, blank=True, related_name="accountability_measures", verbose_name="时任岗位"
    )
    liability = models.CharField("责任区分", max_length=10, choices=Liability, blank=True)
    duty = models.ForeignKey(
        Duty, models.PROTECT, null=True, blank=True, related_name="accountability_measures", verbose_name="失责事项"
    )
    finding = models.ForeignKey(
        Finding, models.PROTECT, null=True, blank=True, related_name="accountability_measures", verbose_name="巡察问题"
    )
    reason = models.CharField("问责事由", max_length=500, blank=True)
    disclosure = models.CharField("如何发现", max_length=10, choices=Disclosure, default=Disclosure.FOUND)
    decided_by_body = models.CharField("决定机关", max_length=80)
    decided_on = models.DateField("决定日期")
    document_number = models.CharField("决定文号", max_length=60)
    requirements = models.TextField("整改要求", max_length=2000, blank=True)
    follow_up_on = models.DateField("跟进日期", null=True, blank=True)
    duty_to_follow = models.OneToOneField(
        Duty, models.PROTECT, null=True, blank=True, related_name="followed_measure", verbose_name="跟进责任"
    )
    follow_up = models.TextField("跟进情况", max_length=2000, blank=True)
    followed_on = models.DateField("实际跟进日期", null=True, blank=True)
    followed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="跟进人"
    )
    influence_from = models.DateField("影响期自", null=True, blank=True)
    influence_until = models.DateField("影响期至", null=True, blank=True)
    influence_reason = models.CharField("影响期调整原因", max_length=300, blank=True)
    lifted_on = models.DateField("解除日期", null=True, blank=True)
    lift_reason = models.CharField("解除依据", max_length=300, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.STANDING)
    withdrawn_reason = models.CharField("撤销原因", max_length=300, blank=True)
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    history = kept_history()
    objects = AccountabilityMeasureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "问责处理"
        ordering = ("-decided_on", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, person=None, post=None)
                | Q(organisation=None, person__isnull=False),
                name="accountability_measure_on_one",
                violation_error_message="问责对象是一个组织，或者一个人。",
            ),
            models.CheckConstraint(
                condition=Q(duty__isnull=False) | Q(finding__isnull=False) | ~Q(reason=""),
                name="accountability_measure_has_ground",
                violation_error_message="请关联失责事项或巡察问题，都没有的写明问责事由。",
            ),
            models.CheckConstraint(
                condition=Q(person=None) | ~Q(recorded_by=F("person")),
                name="accountability_measure_by_another",
                violation_error_message="不能登记对本人的问责处理。",
            ),
            models.CheckConstraint(
                condition=Q(influence_from=None, influence_until=None)
                | Q(influence_from__isnull=False, influence_until__gte=F("influence_from")),
                name="accountability_measure_influence_in_order",
                violation_error_message="影响期的起止日期须成对填写，不能颠倒。",
            ),
            models.CheckConstraint(
                condition=Q(followed_on=None, followed_by=None, follow_up="")
                | (Q(followed_on__isnull=False, followed_by__isnull=False) & ~Q(follow_up="")),
                name="accountability_measure_follow_up_whole",
                violation_error_message="跟进须有情况、日期和跟进人。",
            ),
            models.CheckConstraint(
                condition=Q(lifted_on=None, lift_reason="") | (Q(lifted_on__isnull=False) & ~Q(lift_reason="")),
                name="accountability_measure_lifted_with_reason",
                violation_error_message="解除须有日期和依据。",
            ),
            models.CheckConstraint(
                condition=Q(state="standing", withdrawn_reason="")
                | (Q(state="withdrawn") & ~Q(withdrawn_reason="")),
                name="accountability_measure_withdrawn_with_reason",
                violation_error_message="撤销登记须有原因。",
            ),
            models.UniqueConstraint(
                "document_number", "kind", "organisation",
                condition=Q(state="standing", organisation__isnull=False),
                name="accountability_measure_once_per_organisation",
                violation_error_message="这个文号对该组织的这种处理已登记。",
            ),
            models.UniqueConstraint(
                "document_number", "kind", "person",
                condition=Q(state="standing", person__isnull=False),
                name="accountability_measure_once_per_person",
                violation_error_message="这个文号对该同志的这种处理已登记。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.number} 号问责处理"

    @property
    def whom(self) -> str:
        return self.organisation.full_name if self.organisation_id else self.person.name

    @property
    def is_standing(self) -> bool:
        return self.state == self.State.STANDING

    def counts_on(self, on: date) -> bool:
        """影响期内."""
        if not self.is_standing or self.influence_from is None or (self.lifted_on and self.lifted_on <= on):
            return False
        return self.influence_from <= on <= self.influence_until


class DecisionPaper(KeptPaper):
    """处理决定: the paper of the body that decided, seen by whoever sees the measure."""

    FOLDER, SEEN_WITH = "decisions", "measure"

    measure = models.ForeignKey(AccountabilityMeasure, models.PROTECT, related_name="papers", verbose_name="问责处理")

    history = kept_history()

    class Meta(KeptPaper.Meta):
        verbose_name = verbose_name_plural = "处理决定"
        constraints = KeptPaper.once("measure", message="这份决定已上传。")
