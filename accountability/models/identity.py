"""口令与会话: traces of a person's former passwords and of where he is signed in (GB/T 22239-2019 8.1.4.1)."""

from django.db import models
from django.db.models import Q

from accountability.models.people import Person


class FormerPassword(models.Model):
    """曾用密码: the hash of a password a person has or had, so that it is not taken again; the oldest are dropped."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="former_passwords", verbose_name="人员")
    password = models.CharField("密码散列", max_length=128)
    set_at = models.DateTimeField("设置时间")

    class Meta:
        verbose_name = verbose_name_plural = "曾用密码"
        ordering = ("-set_at", "-id")

    def __str__(self) -> str:
        return f"{self.person} {self.set_at:%Y-%m-%d}"


class LoginSessionQuerySet(models.QuerySet):
    def open(self) -> "LoginSessionQuerySet":
        return self.filter(ended_at=None)


class LoginSession(models.Model):
    """登录会话: one signing-in of a person, from his device until it ended. ``key`` is a hash, never what a cookie holds."""

    class End(models.TextChoices):
        LOGOUT = "logout", "退出登录"
        IDLE = "idle", "长时间未操作"
        ABSOLUTE = "absolute", "达到最长登录时间"
        ELSEWHERE = "elsewhere", "在其他设备上结束"
        CHANGED = "password", "密码已修改"
        SUSPENDED = "suspended", "账号停用"

    person = models.ForeignKey(Person, models.CASCADE, related_name="login_sessions", verbose_name="人员")
    key = models.CharField("会话散列", max_length=40, unique=True)
    address = models.CharField("来源地址", max_length=45, blank=True)
    user_agent = models.CharField("浏览器标识", max_length=300, blank=True)
    began_at = models.DateTimeField("登录时间")
    seen_at = models.DateTimeField("最近活动")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    ended_for = models.CharField("结束原因", max_length=10, choices=End, blank=True)

    objects = LoginSessionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "登录会话"
        ordering = ("-seen_at", "-id")
        indexes = [models.Index(fields=("person", "ended_at"), name="login_session_of_person")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_for="") | (Q(ended_at__isnull=False) & ~Q(ended_for="")),
                name="login_session_ends_for_a_reason",
                violation_error_message="会话结束须有时间和原因。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.began_at:%Y-%m-%d %H:%M}"
