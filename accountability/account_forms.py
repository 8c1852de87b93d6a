"""账号表单 of the admin: accounts made, changed, suspended and given a first password by the system administrator."""

from django import forms
from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from django.core.exceptions import ValidationError
from django.utils import timezone

from accountability.models import Person, Suspension
from accountability.services import accounts

REASON_AT_LEAST = 4


class ExpiryMixin:
    def clean_expires_on(self):
        """临时账号: its last day lies ahead."""
        day = self.cleaned_data["expires_on"]
        if day and day < timezone.localdate() and day != self.instance.expires_on:
            raise ValidationError("有效期至不能早于今天，请改填今天或以后的日期，长期账号留空。")
        return day


class PersonCreationForm(ExpiryMixin, UserCreationForm):
    """新建账号: the password is the administrator's, hence for one signing-in."""

    class Meta:
        model = Person
        fields = ("username", "name", "email", "expires_on")

    def save(self, commit: bool = True) -> Person:
        self.instance.must_change_password = True
        return super().save(commit)


class PersonPasswordForm(AdminPasswordChangeForm):
    """重置密码. Disabled altogether, there is nothing to change."""

    def save(self, commit: bool = True) -> Person:
        self.user.must_change_password = self.cleaned_data["set_usable_password"]
        self.user._change_reason = "系统管理员重置密码"
        return super().save(commit)


class PersonChangeForm(ExpiryMixin, UserChangeForm):
    """``wanted``: whether the account is to be in use; what it takes is a verb of ``services.accounts``."""

    reason = forms.CharField(
        label="停用或启用的原因",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="改动“启用”时必填，写入变更历史和审计日志。",
    )

    class Meta:
        model = Person
        fields = ("username", "name", "email", "is_active", "expires_on", "keeps_without_post", "password")

    def clean(self) -> dict:
        cleaned = super().clean()
        if "is_active" in self.changed_data:
            self.wanted = cleaned["is_active"]
            self._check_decision(cleaned)
            cleaned["is_active"] = self.instance.is_active  # as it stands until the verb changes it
        return cleaned

    def _check_decision(self, cleaned: dict) -> None:
        today = timezone.localdate()
        if len(cleaned.get("reason", "").strip()) < REASON_AT_LEAST:
            self.add_error("reason", f"请写明停用或启用的原因，至少 {REASON_AT_LEAST} 个字。")
        if not self.wanted and accounts.is_last_system_administrator(self.instance, today):
            self.add_error("is_active", "这是唯一可用的系统管理员，不能停用；请先任命另一名系统管理员。")
        if self.wanted and (ends := cleaned.get("expires_on")) and ends < today:
            self.add_error("expires_on", "账号已过有效期，请改填今天或以后的日期，或留空。")
        lacks_post = self.instance.suspended_for == Suspension.NO_POST and not accounts.has_post(self.instance, today)
        if self.wanted and lacks_post and not cleaned.get("keeps_without_post"):
            self.add_error("keeps_without_post", "该人员没有在任或将任的岗位，请先任命，或勾选“无任职也保留”。")
