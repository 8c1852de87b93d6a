"""责任台账: one row is one thing that one subject owes once by one day (一（一）, 一（二）)."""

from datetime import date, timedelta
from functools import reduce
from operator import or_

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce

from accountability.models.history import kept_history
from accountability.models.insertion import QuickRows
from accountability.models.organisations import FormerName, Organisation
from accountability.models.people import Person, Post, Role, Tenure
from accountability.models.regulations import Clause, Obligation, Regulation, Subject
from accountability.models.scopes import each_by_its_index, kept_ids


class WorkYear(models.Model):
    """工作年度. Stored, never derived from a date: the report on 2026 is given in early 2027."""

    year = models.PositiveSmallIntegerField("年度", primary_key=True)
    opened_at = models.DateTimeField("开启时间")
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="开启人")
    closed_on = models.DateField("封存日期", null=True, blank=True)
    # Kept with the year: a version put in force during the year takes the year over (五, decision 7).
    regulation = models.ForeignKey(
        Regulation, models.PROTECT, null=True, blank=True, related_name="work_years", verbose_name="适用制度"
    )

    history = kept_history()

    class Meta:
        verbose_name = verbose_name_plural = "工作年度"
        ordering = ("-year",)
        constraints = [
            models.CheckConstraint(
                condition=Q(year__gte=2000, year__lte=2100),
                name="work_year_in_range",
                violation_error_message="工作年度须在 2000 至 2100 之间。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.year} 年度"

    @property
    def is_closed(self) -> bool:
        return self.closed_on is not None


class Light(models.TextChoices):
    """灯: how a duty stands on a day. Always shown with icon and words."""

    DONE = "done", "完成"
    SOON = "soon", "将到期"
    LATE = "late", "逾期"
    IDLE = "idle", "未到"


def _by_name(user) -> list[Q]:
    """A post of his owes it, or a unit of his helps: wherever it stands."""
    from accountability.access import posts_of

    # Few: looked up once, not for each row.
    helped = Cooperation.objects.filter(organisation__in=Organisation.objects.reach_of(user)).values("duty")
    return [Q(owner__in=posts_of(user)), Q(pk__in=helped)]


class DutyQuerySet(QuickRows):
    def visible_to(self, user, on: date | None = None) -> "DutyQuerySet":
        """Duties of organisations in the user's reach, his own posts' duties, and those his unit helps with.

        Of the confidential ones (限定知悉) only those he is told of.
        """
        from accountability.access import may_see_whole_school
        from accountability.confidential import known_to

        if may_see_whole_school(user):
            return self.filter(Q(is_confidential=False) | known_to(user, "duty"))
        in_reach = reduce(or_, _by_name(user), Q(organisation__in=Organisation.objects.reach_of(user)))
        return self.filter(Q(is_confidential=False) & in_reach | known_to(user, "duty"))

    def ids_visible_to(self, user):
        """What ``visible_to`` gives, for ``duty__in=`` in other scopes; its text is written once (``statements``)."""
        return kept_ids("duty", user, lambda: Duty.objects.visible_to(user).order_by().values("pk"))

    def ids_visible_by_name(self, user):
        """Those of ``visible_to`` that he sees though they may stand in a ledger out of his reach."""
        from accountability.confidential import known_to

        ways = [known_to(user, "duty"), *(Q(is_confidential=False) & way for way in _by_name(user))]
        return kept_ids("duty_by_name", user, lambda: each_by_its_index(Duty, ways))

    def ordinary(self) -> "DutyQuerySet":
        """What may be counted for anybody: all but the confidential."""
        return self.filter(is_confidential=False)

    def owed_by(self, user) -> "DutyQuerySet":
        """本人应办: duties of the posts he holds, and those of the unit whose liaison or department post he holds."""
        from accountability.access import posts_held

        posts = posts_held(user)
        drafts_for = {
            post.organisation_id
            for post in posts
            if post.role in (Role.LIAISON, Role.DEPARTMENT, Role.INSPECTION_OFFICE)
        }
        of_unit = Q(organisation__in=drafts_for, is_confidential=False)
        return self.filter(Q(owner__in=[post.pk for post in posts]) | of_unit)

    def answered_by(self, person: Person, on: date) -> "DutyQuerySet":
        """本人任内的责任: done while he held the post, or open while he holds it ``on`` that day (三（三）3 述责述廉)."""
        tenures = Tenure.objects.filter(
            person=person, post=OuterRef("owner"), started_on__lte=OuterRef("answered_on")
        ).filter(Q(ended_on=None) | Q(ended_on__gte=OuterRef("answered_on")))
        return self.annotate(answered_on=Coalesce("fulfilled_on", Value(on))).filter(Exists(tenures))

    def of_year(self, year: int) -> "DutyQuerySet":
        return self.filter(work_year_id=year)

    def owed(self) -> "DutyQuerySet":
        """Everything that counts: a waived duty is kept, but neither owed nor counted."""
        return self.exclude(state=Duty.State.WAIVED)

    def open(self) -> "DutyQuerySet":
        return self.filter(state=Duty.State.OPEN)

    def fulfilled(self) -> "DutyQuerySet":
        return self.filter(state=Duty.State.FULFILLED)

    def late(self, on: date) -> "DutyQuerySet":
        return self.open().filter(due_on__lt=on)

    def soon(self, on: date) -> "DutyQuerySet":
        return self.open().filter(due_on__gte=on, due_on__lte=on + timedelta(days=settings.SOON_DAYS))

    def idle(self, on: date) -> "DutyQuerySet":
        return self.open().filter(due_on__gt=on + timedelta(days=settings.SOON_DAYS))

    def with_light(self, on: date) -> "DutyQuerySet":
        """The one place where state and date become a light; ``late`` and its kin above say the same in WHERE."""
        return self.annotate(
            light=Case(
                When(state=Duty.State.FULFILLED, then=Value(Light.DONE)),
                When(state=Duty.State.WAIVED, then=Value(Light.IDLE)),
                When(due_on__lt=on, then=Value(Light.LATE)),
                When(due_on__lte=on + timedelta(days=settings.SOON_DAYS), then=Value(Light.SOON)),
                default=Value(Light.IDLE),
                output_field=models.CharField(),
            )
        )

    def for_list(self) -> "DutyQuerySet":
        return self.annotate(
            name_then=FormerName.objects.name_on("organisation", "fulfilled_on"),
        ).select_related("organisation__parent", "owner__organisation__parent", "supervisor", "clause", "obligation")


class Duty(models.Model):
    """责任事项. ``scheduled_on`` never changes; ``due_on`` may be moved with a reason."""

    class State(models.TextChoices):
        OPEN = "open", "履责中"
        FULFILLED = "fulfilled", "已完成"
        WAIVED = "waived", "不再要求"

    number = models.CharField("编号", max_length=12, unique=True)
    title = models.CharField("责任事项", max_length=120)
    subject = models.CharField("责任主体", max_length=20, choices=Subject)
    obligation = models.ForeignKey(
        Obligation, models.PROTECT, null=True, blank=True, related_name="duties", verbose_name="责任要求"
    )
    clause = models.ForeignKey(
        Clause, models.PROTECT, null=True, blank=True, db_index=False, related_name="duties", verbose_name="条款"
    )
    work_year = models.ForeignKey(WorkYear, models.PROTECT, related_name="duties", verbose_name="工作年度")
    occurrence = models.PositiveSmallIntegerField("第几次", default=1)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="duties", verbose_name="责任单位")
    # 本人责任: the post that owes it personally; empty when the organisation owes it and ``owner`` answers for it.
    bearer_post = models.ForeignKey(
        Post, models.PROTECT, null=True, blank=True, related_name="personal_duties", verbose_name="本人责任岗位"
    )
    owner = models.ForeignKey(Post, models.PROTECT, related_name="duties", verbose_name="责任人")
    helpers = models.ManyToManyField(
        Organisation, through="Cooperation", related_name="helped_duties", verbose_name="协同单位"
    )
    supervisor = models.ForeignKey(
        Organisation, models.PROTECT, related_name="supervised_duties", verbose_name="监督单位"
    )
    requirement = models.CharField("完成条件", max_length=200, blank=True)
    scheduled_on = models.DateField("计划日", editable=False)
    due_on = models.DateField("到期日")
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    fulfilled_on = models.DateField("完成日", null=True, blank=True)
    is_confidential = models.BooleanField("限定知悉", default=False)

    history = kept_history()
    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "责任事项"
        ordering = ("due_on", "id")
        indexes = [
            models.Index(fields=("organisation", "due_on", "id"), name="duty_by_organisation"),
            # All that the dashboard counts by: it reads this and no row of the table (docs/performance.md).
            models.Index(
                fields=(
                    *("work_year", "organisation", "obligation", "subject"),
                    *("state", "due_on", "fulfilled_on", "is_confidential"),
                ),
                name="duty_matrix",
            ),
            models.Index(fields=("work_year", "due_on", "id"), name="duty_by_day"),
            models.Index(fields=("due_on",), condition=Q(state="open"), name="duty_open_by_day"),
            # What one owes stands on every page: read from these, whatever ten years hold.
            models.Index(fields=("owner", "work_year"), condition=Q(state="open"), name="duty_open_of_owner"),
            models.Index(fields=("organisation", "work_year"), condition=Q(state="open"), name="duty_open_of_unit"),
            models.Index(fields=("clause", "work_year"), name="duty_by_clause"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("obligation", "work_year", "occurrence", "organisation"),
                condition=Q(bearer_post=None, obligation__isnull=False),
                name="duty_once_per_organisation",
                violation_error_message="该单位本年度已有这一次责任。",
            ),
            models.UniqueConstraint(
                fields=("obligation", "work_year", "occurrence", "bearer_post"),
                condition=Q(bearer_post__isnull=False, obligation__isnull=False),
                name="duty_once_per_post",
                violation_error_message="该岗位本年度已有这一次责任。",
            ),
            models.CheckConstraint(
                condition=Q(state="fulfilled", fulfilled_on__isnull=False)
                | (~Q(state="fulfilled") & Q(fulfilled_on=None)),
                name="duty_fulfilled_has_day",
                violation_error_message="已完成的责任须有完成日。",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=date(2000, 1, 1), due_on__lte=date(2101, 12, 31)),
                name="duty_due_in_range",
                violation_error_message="到期日超出范围。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def organisation_name(self) -> str:
        """责任单位 as it was called on the day the duty was done; while it is open, as it is called today."""
        return getattr(self, "name_then", None) or self.organisation.full_name

    @property
    def was_moved(self) -> bool:
        return self.due_on != self.scheduled_on

    @property
    def is_fulfilled(self) -> bool:
        return self.state == self.State.FULFILLED

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def was_late(self) -> bool:
        return self.is_fulfilled and self.fulfilled_on > self.due_on


class Cooperation(models.Model):
    """协同: an organisation that helps with a duty, and so may see it."""

    duty = models.ForeignKey(Duty, models.CASCADE, related_name="cooperations", verbose_name="责任事项")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="cooperations", verbose_name="协同单位")

    history = kept_history()
    objects = QuickRows.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "协同"
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("duty", "organisation"), name="cooperation_once", violation_error_message="该单位已在协同之列。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation} → {self.duty}"
