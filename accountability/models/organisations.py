"""组织: the tree school committee → second-level organisations → branches (三（三）2)."""

from django.conf import settings
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Concat

from accountability.models.history import kept_history


class Kind(models.TextChoices):
    SCHOOL = "school", "学校党委"
    COMMISSION = "commission", "学校纪委"
    COLLEGE = "college", "二级学院"
    AFFILIATE = "affiliate", "直属单位"
    PARTY_OFFICE = "party_office", "党务部门"
    ADMIN_OFFICE = "admin_office", "行政部门"
    BRANCH = "branch", "党支部"


# 二级单位: everything between the school committee and the branches.
UNIT_KINDS = (Kind.COLLEGE, Kind.AFFILIATE, Kind.PARTY_OFFICE, Kind.ADMIN_OFFICE)


class OrganisationQuerySet(models.QuerySet):
    def visible_to(self, user) -> "OrganisationQuerySet":
        """What ``user`` may look into: every organisation he holds a grant on, and all below it."""
        from accountability.access import visible_paths

        paths = visible_paths(user)
        if not paths:
            return self.none()
        within = Q()
        for path in paths:
            within |= Q(path__startswith=path)
        return self.filter(within)

    def reach_of(self, user) -> "list[int] | OrganisationQuerySet":
        """What ``visible_to`` gives, for ``organisation__in=`` in other scopes: short to write, quick to carry out.

        Ids, read once per request's user object; for whom the whole school is, all organisations without a condition.
        """
        from accountability.access import ids_in_reach, may_see_whole_school

        return self.values("pk") if may_see_whole_school(user) else ids_in_reach(user)

    def units(self) -> "OrganisationQuerySet":
        return self.filter(kind__in=UNIT_KINDS)

    def active(self) -> "OrganisationQuerySet":
        return self.filter(abolished_on=None)

    def named(self, words: str) -> "OrganisationQuerySet":
        """名称中有这些字: a branch by its unit's name too, as its full name has it."""
        whole = Case(
            When(kind=Kind.BRANCH, then=Concat("parent__name", "name")),
            default=F("name"),
            output_field=models.CharField(),
        )
        return self.annotate(name_in_full=whole).filter(name_in_full__icontains=words)

    def below(self, organisation: "Organisation") -> "OrganisationQuerySet":
        """The organisation itself and everything under it."""
        return self.filter(path__startswith=organisation.path)


class Organisation(models.Model):
    """组织. ``path`` is the materialised path of ids; grants and scopes reach down the tree by its prefix."""

    Kind = Kind

    name = models.CharField("名称", max_length=60)
    kind = models.CharField("类型", max_length=20, choices=Kind)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级组织"
    )
    path = models.CharField("层级路径", max_length=120, editable=False, default="", db_index=True)
    key_area = models.CharField(
        "重点领域", max_length=20, blank=True, help_text="三（四）2 所列重点领域之一，没有则留空"
    )
    rank = models.PositiveSmallIntegerField("排序", default=0)
    abolished_on = models.DateField("撤销日期", null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_from", verbose_name="并入"
    )

    history = kept_history()
    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "组织"
        ordering = ("rank", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("parent", "name"),
                name="organisation_name_once",
                violation_error_message="同一上级下已有同名组织。",
            ),
            models.UniqueConstraint(
                fields=("kind",),
                condition=Q(kind__in=("school", "commission")),
                name="organisation_one_school",
                violation_error_message="学校党委和学校纪委各只有一个。",
            ),
            models.CheckConstraint(
                condition=Q(kind="school", parent=None) | (~Q(kind="school") & Q(parent__isnull=False)),
                name="organisation_school_is_root",
                violation_error_message="只有学校党委没有上级组织。",
            ),
        ]
        permissions = [
            ("view_ledger", "查看本组织及下级的台账"),
            ("keep_record", "为本组织录入履责记录"),
            ("confirm_record", "审核本组织的履责记录"),
            ("manage_duties", "开启年度、调整责任"),
            ("supervise", "监督全校责任落实"),
            ("manage_inspections", "组织巡察、核验销号"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        super().save(*args, **kwargs)
        path = f"{self.parent.path if self.parent else ''}{self.pk:06d}/"
        if path != self.path:
            self._move(path)

    def _move(self, path: str) -> None:
        """Keep the paths of the whole subtree true; a derived column, so no history row is owed."""
        before, self.path = self.path, path
        type(self).objects.filter(pk=self.pk).update(path=path)
        if before:
            for below in type(self).objects.filter(path__startswith=before).exclude(pk=self.pk):
                type(self).objects.filter(pk=below.pk).update(path=path + below.path[len(before) :])

    @property
    def is_unit(self) -> bool:
        return self.kind in UNIT_KINDS

    @property
    def full_name(self) -> str:
        """会计学院第一党支部: a branch is named with its unit. Lists select the parent beforehand."""
        return f"{self.parent.name}{self.name}" if self.kind == Kind.BRANCH else self.name

    @property
    def party_name(self) -> str:
        """The name of its party organisation: 会计学院党委, 财务处党组织."""
        if self.kind == Kind.COLLEGE:
            return f"{self.name}党委"
        return self.full_name

    @property
    def formal_name(self) -> str:
        """发文机关: the name it issues papers under; the school and the commission by their full names (GB/T 9704 7.2.4)."""
        school = f"中共{settings.UNIVERSITY_NAME}"
        formal = {Kind.SCHOOL: f"{school}委员会", Kind.COMMISSION: f"{school}纪律检查委员会"}
        return formal.get(self.kind, self.party_name)


class FormerNameQuerySet(models.QuerySet):
    def name_on(self, organisation: str, day: str) -> Subquery:
        """For a list: the name of the row's organisation on the row's day; null when it still bears it, or has no day."""
        then = self.filter(organisation=OuterRef(organisation), until_on__gte=OuterRef(day)).order_by("until_on")
        return Subquery(then.values("name")[:1])


class FormerName(models.Model):
    """曾用名: the full name an organisation bore up to and including a day; a branch with that of its unit."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="former_names", verbose_name="组织")
    name = models.CharField("曾用名", max_length=120)
    until_on = models.DateField("用至")

    history = kept_history()
    objects = FormerNameQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "曾用名"
        ordering = ("organisation", "until_on")
        constraints = [
            models.UniqueConstraint(
                fields=("organisation", "until_on"),
                name="former_name_one_a_day",
                violation_error_message="同一天只能改名一次。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}（用至 {self.until_on}）"
