"""监督记录: what the supervisors did, in whom, what they found and what came of it; each is a record of its body (二（二）).

The record (履责记录) says who, when and what was done; here stand kind, source, units, findings, feedback and follow-up.
"""

from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accountability.models import Duty, Organisation, Person, Record
from accountability.models.history import kept_history
from inspections.models import Reply, Requirement, Sign


class Source(models.TextChoices):
    """监督来源: which supervision it comes from (三（二）3)."""

    DISCIPLINE = "discipline", "纪律监督"
    SUPERVISORY = "supervisory", "监察监督"
    RESIDENT = "resident", "派驻监督"
    INSPECTION = "inspection", "巡察监督"
    CADRE = "cadre", "干部监督"
    PETITION = "petition", "信访举报"
    DEMOCRATIC = "democratic", "民主监督"
    AUDIT = "audit", "审计监督"
    FINANCE = "finance", "财会监督"
    PUBLIC = "public", "群众监督"
    PRESS = "press", "舆论监督"


# 信访举报 has its own channel: what comes by it is no open record of supervision.
OPEN_SOURCES = [one for one in Source if one != Source.PETITION]


class OversightQuerySet(models.QuerySet):
    def visible_to(self, user) -> "OversightQuerySet":
        """Whose record one may read; and the units concerned, once something was fed back to them."""
        reached = OversightUnit.objects.filter(
            oversight=OuterRef("pk"), organisation__in=Organisation.objects.reach_of(user)
        )
        told = Exists(reached) & ~Q(feedback="") & Q(record__state=Record.State.ACCEPTED)
        return self.filter(Q(record__in=Record.objects.ids_visible_to(user)) | told)

    def standing(self) -> "OversightQuerySet":
        return self.exclude(record__state=Record.State.WITHDRAWN)

    def open(self) -> "OversightQuerySet":
        """跟踪中: something was found, and it is not settled."""
        return self.filter(state=Oversight.State.OPEN)

    def for_list(self) -> "OversightQuerySet":
        return self.select_related("record__organisation__parent", "record__entered_by").prefetch_related(
            "units__organisation__parent"
        )


class Oversight(models.Model):
    """监督记录."""

    class Kind(models.TextChoices):
        POLITICAL = "political", "政治监督"
        DAILY = "daily", "日常监督"
        SPECIAL = "special", "专项检查"
        TOP = "top", "一把手和领导班子监督"
        KEY_AREA = "key_area", "重点领域监督"
        MECHANISM = "mechanism", "四责协同运行检查"
        RISK = "risk", "廉政风险防控督查"
        RECTIFICATION = "rectification", "整改督办"

    class State(models.TextChoices):
        NOTHING = "nothing", "未发现问题"
        OPEN = "open", "跟踪中"
        SETTLED = "settled", "已办结"

    record = models.OneToOneField(Record, models.PROTECT, related_name="oversight", verbose_name="履责记录")
    kind = models.CharField("类别", max_length=14, choices=Kind)
    source = models.CharField("监督来源", max_length=12, choices=Source)
    findings = models.TextField("发现的问题", max_length=4000, blank=True)
    # 反馈意见 is all the units read; what was done and found stays with the supervisors.
    feedback = models.TextField("反馈意见", max_length=2000, blank=True)
    state = models.CharField("状态", max_length=8, choices=State)
    settled_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="办结人"
    )
    settled_on = models.DateField("办结日期", null=True, blank=True)

    history = kept_history()
    objects = OversightQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "监督记录"
        ordering = ("-record__happened_on", "-id")
        constraints = [
            models.CheckConstraint(
                condition=~Q(source="petition"),
                name="oversight_not_by_petition",
                violation_error_message="信访举报有专门渠道，不作为监督记录的来源。",
            ),
            models.CheckConstraint(
                condition=Q(state="nothing", findings="") | (~Q(state="nothing") & ~Q(findings="")),
                name="oversight_state_follows_findings",
                violation_error_message="发现问题的须写明问题；未发现问题的不写。",
            ),
            models.CheckConstraint(
                condition=Q(state="settled", settled_by__isnull=False, settled_on__isnull=False)
                | (~Q(state="settled") & Q(settled_by=None, settled_on=None)),
                name="oversight_settled_by_one",
                violation_error_message="办结须有办结人和日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.record.title

    @property
    def organisations(self) -> list[Organisation]:
        return [row.organisation for row in self.units.all()]


class OversightUnit(models.Model):
    """被监督单位."""

    oversight = models.ForeignKey(Oversight, models.PROTECT, related_name="units", verbose_name="监督记录")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="oversights", verbose_name="单位")

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "被监督单位"
        ordering = ("organisation__rank", "organisation")
        constraints = [
            models.UniqueConstraint(
                fields=("oversight", "organisation"),
                name="oversight_unit_once",
                violation_error_message="该单位已在这次监督之列。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.oversight} · {self.organisation}"


class OversightStep(models.Model):
    """后续: what came of it, day by day; the last one settles it."""

    oversight = models.ForeignKey(Oversight, models.PROTECT, related_name="steps", verbose_name="监督记录")
    happened_on = models.DateField("日期")
    words = models.CharField("后续情况", max_length=1000)
    settles = models.BooleanField("就此办结", default=False)
    entered_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="录入人")
    entered_at = models.DateTimeField("录入时间")

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "后续"
        ordering = ("happened_on", "id")
        constraints = [
            models.CheckConstraint(
                condition=~Q(words=""), name="oversight_step_says_what", violation_error_message="请写明后续情况。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.happened_on} {self.words}"


class FoundProblemQuerySet(models.QuerySet):
    def visible_to(self, user) -> "FoundProblemQuerySet":
        """Who reads the supervision it was found in; the unit, once it was told and asked to answer."""
        from supervision.models.checks import SpecialCheck

        within = Organisation.objects.reach_of(user)
        return self.filter(
            Q(oversight__record__in=Record.objects.ids_visible_to(user))
            | Q(unit__special_check__in=SpecialCheck.objects.worked_by(user).values("pk"))
            | Q(requirement__isnull=False, organisation__in=within)
        )

    def standing(self) -> "FoundProblemQuerySet":
        return self.exclude(oversight__record__state=Record.State.WITHDRAWN)

    def _with_reply(self, **such) -> Exists:
        replies = Reply.objects.filter(requirement=OuterRef("requirement"), organisation=OuterRef("organisation"))
        return Exists(replies.filter(**such).exclude(duty__state=Duty.State.WAIVED))

    def told(self) -> "FoundProblemQuerySet":
        """已告知单位: an answer was asked for."""
        return self.filter(requirement__isnull=False)

    def unanswered(self) -> "FoundProblemQuerySet":
        return self.filter(self._with_reply(state__in=Reply.UNANSWERED))

    def late(self, on: date) -> "FoundProblemQuerySet":
        """监督未回应: told to the unit, and its answer is overdue."""
        return self.filter(self._with_reply(state__in=Reply.UNANSWERED, duty__due_on__lt=on))

    def accepted(self) -> "FoundProblemQuerySet":
        return self.filter(self._with_reply(state=Reply.State.ACCEPTED))

    def not_yet_accepted(self) -> "FoundProblemQuerySet":
        """Told, still required, and its answer not accepted."""
        return self.filter(self._with_reply()).exclude(self._with_reply(state=Reply.State.ACCEPTED))

    def for_list(self) -> "FoundProblemQuerySet":
        return self.select_related(
            "organisation__parent", "oversight__record", "unit__special_check", "requirement", "noted_by"
        ).prefetch_related("requirement__replies__duty")


class FoundProblem(models.Model):
    """监督发现的问题 in one unit; it may become a requirement that the unit answers by a day (三（二）2)."""

    oversight = models.ForeignKey(
        Oversight, models.PROTECT, null=True, blank=True, related_name="problems", verbose_name="监督记录"
    )
    unit = models.ForeignKey(
        "supervision.CheckUnit", models.PROTECT, null=True, blank=True, related_name="problems", verbose_name="受检单位"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="found_problems", verbose_name="涉及单位"
    )
    category = models.CharField("类别", max_length=12, choices=Sign.Category)
    text = models.CharField("问题", max_length=500)
    requirement = models.OneToOneField(
        Requirement, models.PROTECT, null=True, blank=True, related_name="found_problem", verbose_name="工作要求"
    )
    noted_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="录入人")
    noted_at = models.DateTimeField("录入时间")
    noted_on = models.DateField("发现日期")

    history = kept_history()
    objects = FoundProblemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "监督发现的问题"
        ordering = ("-noted_on", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(oversight__isnull=False) | Q(unit__isnull=False),
                name="found_problem_has_origin",
                violation_error_message="问题须来自一次监督或一次专项检查。",
            ),
            models.CheckConstraint(
                condition=~Q(text=""), name="found_problem_says_what", violation_error_message="请写明问题。"
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def reply(self) -> Reply | None:
        """The unit's answer; requirement and replies come prefetched."""
        if self.requirement is None:
            return None
        return next(
            (one for one in self.requirement.replies.all() if one.organisation_id == self.organisation_id), None
        )

    @property
    def source_of_supervision(self) -> str:
        return self.oversight.source if self.oversight else self.unit.special_check.source
