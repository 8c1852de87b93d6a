"""人员与岗位: duties and grants hang on posts, never on accounts (二（四）, 三（三）3)."""

from datetime import date

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from guardian.mixins import GuardianUserMixin

from accountability import statements
from accountability.models.history import kept_history
from accountability.models.organisations import Organisation


class Role(models.TextChoices):
    """岗位角色: what a post may do; the titles themselves are free text."""

    OFFICE = "office", "党委办公室"
    DISCIPLINE = "discipline", "纪委"
    SECRETARY = "secretary", "党委书记"
    MEMBER = "member", "班子成员"
    UNIT_SECRETARY = "unit_secretary", "二级党组织书记"
    LIAISON = "liaison", "联络员"
    BRANCH_SECRETARY = "branch_secretary", "党支部书记"
    DEPARTMENT = "department", "职能部门"
    INSPECTION_OFFICE = "inspection_office", "巡察办"
    INSPECTOR = "inspector", "巡察组成员"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"


class Suspension(models.TextChoices):
    """停用原因: why an account cannot be used."""

    NO_POST = "no_post", "任职已全部结束"
    UNUSED = "unused", "长期未使用"
    EXPIRED = "expired", "账号到期"
    BY_HAND = "by_hand", "系统管理员停用"


class PersonManager(BaseUserManager):
    def get(self, *args, **kwargs) -> "Person":
        """By number alone, as whoever asks for a page is read each time, by a statement that is kept (``statements``)."""
        by_number = not args and kwargs.keys() == {"pk"} and isinstance(kwargs["pk"], int)
        if not by_number or type(self) is not PersonManager:  # the people of something are not all people
            return super().get(*args, **kwargs)
        found = statements.these("person", self.all, [kwargs["pk"]], 1)
        if not found:
            raise self.model.DoesNotExist(f"Person {kwargs['pk']}")
        return found[0]

    def create_user(self, username: str, name: str, password: str | None = None, **fields) -> "Person":
        person = self.model(username=username, name=name, **fields)
        person.set_password(password)
        person.save()
        return person

    def create_superuser(self, username: str, name: str, password: str, **fields) -> "Person":
        return self.create_user(username, name, password, is_staff=True, is_superuser=True, **fields)

    def system(self) -> "Person":
        """系统: the explicit actor of everything no person did."""
        person, _ = self.get_or_create(username="system", defaults={"name": "系统", "is_active": False})
        return person


class Person(GuardianUserMixin, AbstractBaseUser, PermissionsMixin):
    """人员, who may log in when active and given a password."""

    username = models.CharField(
        "用户名",
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9_.-]*$", "用户名只用小写字母、数字、点、横线和下划线。")],
        error_messages={"unique": "该用户名已被使用。"},
    )
    name = models.CharField("姓名", max_length=40)
    email = models.EmailField("电子邮箱", blank=True)
    is_active = models.BooleanField("启用", default=True, help_text="停用而不是删除：历史要留下姓名。")
    is_staff = models.BooleanField("可进入管理后台", default=False)
    joined_at = models.DateTimeField("建立时间", auto_now_add=True)
    expires_on = models.DateField(
        "有效期至", null=True, blank=True, help_text="临时账号填写，过后自动停用；长期账号留空。"
    )
    keeps_without_post = models.BooleanField(
        "无任职也保留", default=False, help_text="勾选后，最后一项任职结束时不自动停用账号。"
    )
    suspended_for = models.CharField("停用原因", max_length=10, choices=Suspension, blank=True)
    suspended_at = models.DateTimeField("停用时间", null=True, blank=True)
    reinstated_at = models.DateTimeField("恢复启用时间", null=True, blank=True)
    must_change_password = models.BooleanField("须修改密码", default=False)
    password_changed_at = models.DateTimeField("密码修改时间", null=True, blank=True)
    # Beside the person, so that the gate at the door asks no query of whoever has none.
    second_factor_since = models.DateTimeField("二次验证启用时间", null=True, blank=True, editable=False)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    history = kept_history(excluded_fields=["password", "last_login"])
    objects = PersonManager()

    class Meta:
        verbose_name = verbose_name_plural = "人员"
        ordering = ("username",)
        constraints = [
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(suspended_for=""),
                name="person_in_use_is_not_suspended",
                violation_error_message="启用中的账号不应有停用原因。",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        """A new password starts its time anew. Whether one was set, Django knows; a better hash of the same is none."""
        if self._password is not None:
            self.password_changed_at = timezone.now()
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "password_changed_at"}
        super().save(*args, **kwargs)

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class PostQuerySet(models.QuerySet):
    def held_by(self, person, on: date) -> "PostQuerySet":
        return self.filter(pk__in=Tenure.objects.in_office(on).filter(person=person).values("post"))

    def filled(self, on: date) -> "PostQuerySet":
        return self.filter(pk__in=Tenure.objects.in_office(on).values("post"))


class Post(models.Model):
    """岗位（职务）in an organisation: 党委书记, 会计学院党委书记, 联络员."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="posts", verbose_name="所在组织")
    title = models.CharField("职务", max_length=40)
    role = models.CharField("角色", max_length=20, choices=Role)
    rank = models.PositiveSmallIntegerField("排序", default=0)
    abolished_on = models.DateField("撤销日期", null=True, blank=True)

    history = kept_history()
    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "岗位"
        ordering = ("rank", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("organisation", "title"), name="post_title_once", violation_error_message="该组织已有同名岗位。"
            )
        ]

    def __str__(self) -> str:
        return self.full_title

    @property
    def is_leader(self) -> bool:
        """校党委、纪委领导: who may have departments in charge and units in contact (二（四）, 三（四）3)."""
        of_commission = self.organisation.kind == Organisation.Kind.COMMISSION and self.role == Role.DISCIPLINE
        return self.role in (Role.MEMBER, Role.SECRETARY) or of_commission

    @property
    def full_title(self) -> str:
        """会计学院党委书记, 党委书记, 第一党支部书记: the school's own posts go without its name, a branch says 党支部 once."""
        if self.organisation.kind in (Organisation.Kind.SCHOOL, Organisation.Kind.COMMISSION):
            return self.title
        if self.organisation.kind == Organisation.Kind.BRANCH:
            return f"{self.organisation.full_name}{self.title.removeprefix('党支部')}"
        return f"{self.organisation.full_name}{self.title}"


class TenureQuerySet(models.QuerySet):
    def in_office(self, on: date) -> "TenureQuerySet":
        return self.filter(started_on__lte=on).filter(Q(ended_on=None) | Q(ended_on__gte=on))

    def found_by(self, words: str, *, user, on: date) -> "TenureQuerySet":
        """在任 in the organisations ``user`` may look into, by the person's name or the post's title."""
        within = Organisation.objects.visible_to(user).active().values("pk")
        said = Q(person__name__icontains=words) | Q(post__title__icontains=words)
        rows = self.in_office(on).filter(said, post__organisation__in=within, post__abolished_on=None)
        return rows.select_related("person", "post__organisation__parent").order_by(
            "post__organisation__rank", "post__organisation", "post__rank", "pk"
        )


class Tenure(models.Model):
    """任职: who holds a post from a day to a day (both inclusive), also as acting holder (主持工作)."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="tenures", verbose_name="岗位")
    person = models.ForeignKey(Person, models.PROTECT, related_name="tenures", verbose_name="人员")
    started_on = models.DateField("起任日期")
    ended_on = models.DateField("离任日期", null=True, blank=True)
    is_acting = models.BooleanField("主持工作（代理）", default=False)

    history = kept_history()
    objects = TenureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        ordering = ("-started_on", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                name="tenure_ends_after_start",
                violation_error_message="离任日期不能早于起任日期。",
            ),
            models.UniqueConstraint(
                fields=("post", "person", "started_on"), name="tenure_once", violation_error_message="该任职已登记。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.post}"


class PortfolioQuerySet(models.QuerySet):
    def in_force(self, on: date) -> "PortfolioQuerySet":
        return self.filter(started_on__lte=on).filter(Q(ended_on=None) | Q(ended_on__gte=on))


class Portfolio(models.Model):
    """分工: a department in a leader's charge (分管部门) or a unit he keeps contact with (联系单位) (二（四）)."""

    class Kind(models.TextChoices):
        CHARGE = "charge", "分管部门"
        CONTACT = "contact", "联系单位"

    post = models.ForeignKey(Post, models.PROTECT, related_name="portfolio", verbose_name="校领导岗位")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="in_portfolio_of", verbose_name="单位")
    kind = models.CharField("分工", max_length=10, choices=Kind)
    started_on = models.DateField("起始日期")
    ended_on = models.DateField("终止日期", null=True, blank=True)

    history = kept_history()
    objects = PortfolioQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "校领导分工"
        ordering = ("post", "kind", "organisation")
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                name="portfolio_ends_after_start",
                violation_error_message="终止日期不能早于起始日期。",
            ),
            models.UniqueConstraint(
                fields=("post", "organisation", "kind", "started_on"),
                name="portfolio_once",
                violation_error_message="该分工已登记。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.post} · {self.get_kind_display()} · {self.organisation}"
