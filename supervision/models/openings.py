"""查阅: who opened whose archive, when and for what; who asked to; and who must keep apart (二（二）)."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accountability.models import Person
from accountability.models.history import kept_history
from supervision.models.archives import Archive


class OpeningPurpose(models.TextChoices):
    """查阅目的."""

    APPOINTMENT = "appointment", "选人用人"
    UPDATE = "update", "年度更新"
    SUPERVISION = "supervision", "监督检查"
    CASE = "case", "案件办理"
    OTHER = "other", "其他"


class KinshipQuerySet(models.QuerySet):
    def visible_to(self, user) -> "KinshipQuerySet":
        """Facts of families: for who keeps the archives alone."""
        from supervision.archives.access import is_keeper

        return self if is_keeper(user) else self.none()

    def standing(self) -> "KinshipQuerySet":
        return self.filter(ended_on=None)


class Kinship(models.Model):
    """回避关系 between two people, the lower number first: so it is symmetric, said once, and never with oneself."""

    class Kind(models.TextChoices):
        """The four of 任职回避; each holds in both directions."""

        SPOUSE = "spouse", "夫妻关系"
        LINEAL = "lineal", "直系血亲关系"
        COLLATERAL = "collateral", "三代以内旁系血亲关系"
        AFFINITY = "affinity", "近姻亲关系"

    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="甲")
    relative = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="乙")
    kind = models.CharField("关系", max_length=10, choices=Kind)
    declared_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="登记人")
    declared_on = models.DateField("登记日期")
    ended_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="解除人")
    ended_on = models.DateField("解除日期", null=True, blank=True)
    ended_reason = models.CharField("解除原因", max_length=200, blank=True)

    history = kept_history()
    objects = KinshipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "回避关系"
        ordering = ("-declared_on", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(person__lt=F("relative")),
                name="kinship_of_two",
                violation_error_message="回避关系是两个人之间的关系。",
            ),
            models.UniqueConstraint(
                fields=("person", "relative"),
                condition=Q(ended_on=None),
                name="kinship_standing_once",
                violation_error_message="这两位同志的回避关系已登记。",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None, ended_by=None, ended_reason="")
                | (
                    Q(ended_on__isnull=False, ended_by__isnull=False)
                    & ~Q(ended_reason="")
                    & ~Q(ended_by=F("person"))
                    & ~Q(ended_by=F("relative"))
                ),
                name="kinship_ended_by_a_third",
                violation_error_message="解除回避关系须由关系以外的人办理，并写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person.name}与{self.relative.name}：{self.get_kind_display()}"


class OpeningRequestQuerySet(models.QuerySet):
    def visible_to(self, user) -> "OpeningRequestQuerySet":
        """One's own; all for who decides them, but those about himself or a relative."""
        from supervision.archives.access import decides_requests, relatives_of

        if not user.is_authenticated:
            return self.none()
        kept_apart = self.exclude(person=user.pk).exclude(person__in=relatives_of(user))
        return kept_apart if decides_requests(user) else kept_apart.filter(asked_by=user.pk)

    def granted(self, on: date) -> "OpeningRequestQuerySet":
        return self.filter(state=OpeningRequest.State.GRANTED, until_on__gte=on)

    def waiting_for(self, user) -> "OpeningRequestQuerySet":
        from supervision.archives.access import decides_requests

        if not decides_requests(user):
            return self.none()
        return self.visible_to(user).filter(state=OpeningRequest.State.ASKED).exclude(asked_by=user.pk)


class OpeningRequest(models.Model):
    """查阅申请 of somebody who is not admitted: granted until a day by the secretary or an admitted person."""

    class State(models.TextChoices):
        ASKED = "asked", "待批准"
        GRANTED = "granted", "已批准"
        REFUSED = "refused", "未批准"
        WITHDRAWN = "withdrawn", "已撤回"

    AUTHOR, THING = "申请人", "查阅申请"

    archive = models.ForeignKey(Archive, models.PROTECT, related_name="requests", verbose_name="档案")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="干部")
    purpose = models.CharField("查阅目的", max_length=12, choices=OpeningPurpose)
    words = models.CharField("事由", max_length=200)
    state = models.CharField("状态", max_length=10, choices=State, default=State.ASKED)
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="申请人")
    asked_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="批准人"
    )
    decided_at = models.DateTimeField("批准时间", null=True, blank=True)
    opinion = models.CharField("意见", max_length=200, blank=True)
    until_on = models.DateField("可查阅至", null=True, blank=True)

    history = kept_history()
    objects = OpeningRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "档案查阅申请"
        ordering = ("-asked_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=~Q(asked_by=F("person")) & (Q(decided_by=None) | ~Q(decided_by=F("person"))),
                name="opening_request_by_another",
                violation_error_message="不能申请或批准查阅自己的档案。",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")),
                name="opening_request_four_eyes",
                violation_error_message="申请人不能批准自己的申请。",
            ),
            models.CheckConstraint(
                condition=~Q(state="granted") | Q(decided_by__isnull=False, until_on__isnull=False),
                name="opening_granted_until_a_day",
                violation_error_message="批准须有批准人和截止日期。",
            ),
            models.UniqueConstraint(
                fields=("archive", "asked_by"),
                condition=Q(state="asked"),
                name="opening_request_one_under_way",
                violation_error_message="您对这份档案已有一件待批准的申请。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asked_by.name}申请查阅{self.archive}"

    def is_own_work_of(self, person: Person) -> bool:
        return self.asked_by_id == person.pk


class ArchiveOpeningQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ArchiveOpeningQuerySet":
        """查阅登记, for who keeps the archives; nobody learns who opened his own or a relative's."""
        from supervision.archives.access import is_keeper

        if not is_keeper(user):
            return self.none()
        return self.filter(archive__in=Archive.objects.visible_to(user))

    def live(self, user, at=None) -> "ArchiveOpeningQuerySet":
        """Still valid for who opened it."""
        return self.filter(opened_by=user.pk, valid_until__gt=at or timezone.now())

    def update(self, **values) -> int:
        raise ValidationError(APPEND_ONLY)

    def delete(self):
        raise ValidationError(APPEND_ONLY)


APPEND_ONLY = "查阅登记只增不改，不能修改或删除。"


class ArchiveOpening(models.Model):
    """查阅登记: one opening, with its purpose, valid for a while. It is only ever added to."""

    archive = models.ForeignKey(Archive, models.PROTECT, related_name="openings", verbose_name="档案")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="干部")
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="查阅人")
    opened_at = models.DateTimeField("查阅时间")
    valid_until = models.DateTimeField("有效至")
    purpose = models.CharField("查阅目的", max_length=12, choices=OpeningPurpose)
    words = models.CharField("事由", max_length=200)
    request = models.ForeignKey(
        OpeningRequest, models.PROTECT, null=True, blank=True, related_name="openings", verbose_name="查阅申请"
    )
    cadre = models.ForeignKey(
        "OpinionCadre", models.PROTECT, null=True, blank=True, related_name="openings", verbose_name="廉洁意见人选"
    )

    history = kept_history()
    objects = ArchiveOpeningQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "档案查阅登记"
        ordering = ("-opened_at", "-id")
        indexes = [models.Index(fields=("opened_by", "archive", "valid_until"), name="opening_live")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(opened_by=F("person")),
                name="opening_not_ones_own",
                violation_error_message="任何人不得查阅自己的廉政档案。",
            ),
            models.CheckConstraint(
                condition=~Q(words="") & Q(valid_until__gt=F("opened_at")),
                name="opening_has_purpose",
                violation_error_message="查阅须写明事由。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.opened_by.name}查阅{self.archive}"

    def save(self, *args, **kwargs) -> None:
        if self.pk:
            raise ValidationError(APPEND_ONLY)
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise ValidationError(APPEND_ONLY)
