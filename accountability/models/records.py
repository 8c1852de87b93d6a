"""履责纪实: what was done, when it happened and when it was entered; and what it counts for (一（二）, 四（三）)."""

from datetime import timedelta
from functools import reduce
from operator import or_

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from accountability.models.duties import Duty, WorkYear
from accountability.models.history import kept_history
from accountability.models.kept_papers import KeptPaper
from accountability.models.organisations import FormerName, Organisation
from accountability.models.people import Person, Post
from accountability.models.regulations import ActKind, Obligation
from accountability.models.scopes import each_by_its_index, kept_ids


def _by_name(user) -> list[Q]:
    """Of a post of his, entered or confirmed by him, or proving a duty he sees out of his reach.

    A record stands in the ledger of the duty it proves: what proves a duty within reach is within reach itself.
    """
    from accountability.access import posts_of

    proving = Evidence.objects.filter(duty__in=Duty.objects.ids_visible_by_name(user)).values("record")
    return [Q(post__in=posts_of(user)), Q(entered_by=user), Q(confirmer=user), Q(pk__in=proving)]


class RecordQuerySet(models.QuerySet):
    def visible_to(self, user) -> "RecordQuerySet":
        """Records of organisations in reach, of his own posts, entered by him, or proving a duty he may see.

        Of the confidential ones (限定知悉) only those he is told of.
        """
        from accountability.access import may_see_whole_school
        from accountability.confidential import known_to

        if may_see_whole_school(user):
            return self.filter(Q(is_confidential=False) | known_to(user, "record"))
        within = Q(organisation__in=Organisation.objects.reach_of(user))
        in_reach = reduce(or_, _by_name(user), within)
        return self.filter(Q(is_confidential=False) & in_reach | known_to(user, "record"))

    def ids_visible_to(self, user):
        """What ``visible_to`` gives, for ``record__in=`` in other scopes; its text is written once (``statements``)."""
        return kept_ids("record", user, lambda: Record.objects.visible_to(user).order_by().values("pk"))

    def ids_visible_by_name(self, user):
        """Those of ``visible_to`` that he sees though they may stand in a ledger out of his reach."""
        from accountability.confidential import known_to

        ways = [known_to(user, "record"), *(Q(is_confidential=False) & way for way in _by_name(user))]
        return kept_ids("record_by_name", user, lambda: each_by_its_index(Record, ways))

    def standing(self) -> "RecordQuerySet":
        """All but the withdrawn."""
        return self.exclude(state=Record.State.WITHDRAWN)

    def entered_late(self) -> "RecordQuerySet":
        """补录: entered more than the allowed days after the event."""
        return self.filter(entered_on__gt=F("happened_on") + timedelta(days=settings.LATE_ENTRY_DAYS))

    def accepted(self) -> "RecordQuerySet":
        return self.filter(state=Record.State.ACCEPTED)

    def waiting_for(self, user) -> "RecordQuerySet":
        """待审核: submitted in an organisation where ``user`` confirms, and not by himself (四眼)."""
        from accountability.access import organisations_where

        # Said in each of the two ways: SQLite takes the index of each then, and reads no other record.
        waiting = Q(state=Record.State.SUBMITTED)
        by_post = waiting & Q(organisation__in=organisations_where(user, "confirm_record"))
        by_post &= Q(confirmer=None) | Q(confirmer__in=Person.objects.filter(is_active=False).values("pk"))
        return self.filter(by_post | waiting & Q(confirmer=user)).exclude(entered_by=user)

    def for_list(self) -> "RecordQuerySet":
        return self.annotate(name_then=FormerName.objects.name_on("organisation", "happened_on")).select_related(
            "organisation__parent", "act", "post__organisation__parent", "entered_by"
        )


class Record(models.Model):
    """履责记录. One act; it may count for several duties, never twice for one obligation."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", "待审核"
        ACCEPTED = "accepted", "已计入"
        RETURNED = "returned", "已退回"
        WITHDRAWN = "withdrawn", "已作废"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="records", verbose_name="单位")
    post = models.ForeignKey(
        Post, models.PROTECT, null=True, blank=True, db_index=False, related_name="records", verbose_name="履责岗位"
    )
    work_year = models.ForeignKey(WorkYear, models.PROTECT, related_name="records", verbose_name="工作年度")
    act = models.ForeignKey(ActKind, models.PROTECT, related_name="records", verbose_name="履责方式")
    title = models.CharField("名称", max_length=120)
    content = models.TextField("内容", blank=True, max_length=20_000)
    happened_on = models.DateField("发生日期")
    sitting = models.PositiveSmallIntegerField("当日第几次", default=1)
    late_reason = models.CharField("补录原因", max_length=200, blank=True)
    entered_at = models.DateTimeField("录入时间")
    entered_on = models.DateField("录入日期", editable=False)
    entered_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="录入人")
    state = models.CharField("状态", max_length=10, choices=State)
    # 指定确认人: whose word it waits for, such as the chair of a meeting; nobody named means who confirms by post.
    confirmer = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="指定确认人"
    )
    decided_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审核人"
    )
    decided_at = models.DateTimeField("审核时间", null=True, blank=True)
    decision_reason = models.CharField("审核意见", max_length=200, blank=True)
    is_confidential = models.BooleanField("限定知悉", default=False)

    history = kept_history()
    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "履责记录"
        ordering = ("-happened_on", "-id")
        indexes = [
            models.Index(fields=("organisation", "-happened_on", "-id"), name="record_by_organisation"),
            # 待审核 are few, and counted on every page.
            models.Index(fields=("organisation",), condition=Q(state="submitted"), name="record_submitted"),
            # Most have neither: an index of all would tell SQLite's planner that it leads to them all.
            models.Index(fields=("post",), condition=Q(post__isnull=False), name="record_of_post"),
            models.Index(fields=("confirmer",), condition=Q(confirmer__isnull=False), name="record_to_confirm"),
        ]
        constraints = [
            # The same act entered again is refused, so that it can never count twice (三（一）1).
            models.UniqueConstraint(
                "organisation",
                Coalesce("post", 0),
                "act",
                "happened_on",
                "sitting",
                condition=~Q(state="withdrawn"),
                name="record_same_act_once",
                violation_error_message="该单位当日已录入过同类履责，同一次只计一次。",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=F("entered_by")) | Q(decided_by=None) | Q(state="withdrawn"),
                name="record_four_eyes",
                violation_error_message="录入人不能审核自己的记录。",
            ),
            models.CheckConstraint(
                condition=Q(happened_on__lte=F("entered_on")),
                name="record_not_in_future",
                violation_error_message="发生日期不能晚于今天。",
            ),
            models.CheckConstraint(
                condition=Q(sitting__gte=1, sitting__lte=20),
                name="record_sitting_in_range",
                violation_error_message="当日第几次须在 1 至 20 之间。",
            ),
        ]

    # Words of the workflow's refusals.
    AUTHOR, THING = "录入人", "记录"

    def __str__(self) -> str:
        return self.title

    def is_own_work_of(self, person: Person) -> bool:
        return self.entered_by_id == person.pk

    @property
    def organisation_name(self) -> str:
        """单位 as it was called on the day it happened."""
        return getattr(self, "name_then", None) or self.organisation.full_name

    @property
    def days_late(self) -> int:
        """Days between the event and its entry."""
        return (self.entered_on - self.happened_on).days

    @property
    def is_late_entry(self) -> bool:
        """补录: shown, never blocked."""
        return self.days_late > settings.LATE_ENTRY_DAYS


class EvidenceQuerySet(models.QuerySet):
    def counted(self) -> "EvidenceQuerySet":
        return self.filter(record__state=Record.State.ACCEPTED)


class Evidence(models.Model):
    """佐证: a record counts for a duty. ``obligation`` is kept here so that the database can refuse a second count."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="evidence", verbose_name="履责记录")
    duty = models.ForeignKey(Duty, models.PROTECT, related_name="evidence", verbose_name="责任事项")
    obligation = models.ForeignKey(
        Obligation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="责任要求"
    )
    bearer_post = models.ForeignKey(
        Post, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="本人责任岗位"
    )

    history = kept_history()
    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "佐证"
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("record", "duty"), name="evidence_once", violation_error_message="该记录已计入这项责任。"
            ),
            models.UniqueConstraint(
                "record",
                "obligation",
                Coalesce("bearer_post", 0),
                name="evidence_once_per_obligation",
                violation_error_message="同一条记录不能对同一责任要求计入两次。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record} → {self.duty}"


class Attachment(KeptPaper):
    """附件."""

    FOLDER, SEEN_WITH = "attachments", "record"

    record = models.ForeignKey(Record, models.PROTECT, related_name="attachments", verbose_name="履责记录")

    history = kept_history()

    class Meta(KeptPaper.Meta):
        verbose_name = verbose_name_plural = "附件"
        constraints = KeptPaper.once("record", message="该记录已有这个文件。")

    @property
    def is_image(self) -> bool:
        return self.content_type in ("image/jpeg", "image/png")

    @property
    def is_pdf(self) -> bool:
        return self.content_type == "application/pdf"

    @property
    def icon(self) -> str:
        return "image" if self.is_image else "paper"

    @property
    def is_unscanned(self) -> bool:
        """未查毒: kept while the scanner did not answer."""
        return self.virus_scan == self.VirusScan.MISSED
