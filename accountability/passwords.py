"""口令规则: what a password must be, how long it holds, and which were had before (GB/T 22239-2019 8.1.4.1 a)."""

import unicodedata
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from accountability.models import FormerPassword, Person

WARNED_DAYS = 14
FIRST, EXPIRED = "first", "expired"


class LongEnough:
    """At least so many characters. Django's own says so in English."""

    def __init__(self, at_least: int = 10):
        self.at_least = at_least

    def validate(self, password: str, user=None) -> None:
        if len(password) < self.at_least:
            raise ValidationError(f"密码太短，至少 {self.at_least} 个字符。", code="password_too_short")

    def get_help_text(self) -> str:
        return f"密码至少 {self.at_least} 个字符。"


class SeveralClasses:
    """At least so many of: capital letters, small letters, digits, other characters."""

    def __init__(self, at_least: int = 3):
        self.at_least = at_least

    def validate(self, password: str, user=None) -> None:
        if len({_class_of(character) for character in password}) < self.at_least:
            raise ValidationError(f"密码须包含{self._words()}。", code="password_too_plain")

    def get_help_text(self) -> str:
        return f"密码须包含{self._words()}。"

    def _words(self) -> str:
        return f"大写字母、小写字母、数字、其他字符（如 -、#、@）中的至少 {self.at_least} 类"


def _class_of(character: str) -> str:
    category = unicodedata.category(character)
    return {"Lu": "capital", "Ll": "small", "Nd": "digit"}.get(category, "other")


class NotUsedBefore:
    """Not the present password nor one of the last few; keeps the hash of each that was set."""

    def __init__(self, last: int = 5):
        self.last = last

    def validate(self, password: str, user=None) -> None:
        if user is None or user.pk is None or not self.last:
            return
        hashes = [row.password for row in user.former_passwords.all()[: self.last]]
        if user.has_usable_password() and user.password not in hashes:
            hashes.insert(0, user.password)
        if any(check_password(password, hashed) for hashed in hashes):
            raise ValidationError(f"最近 {self.last} 次用过的密码不能再用，请另设一个。", code="password_used_before")

    def password_changed(self, password: str, user=None) -> None:
        """Called by Django once the row with the new password is saved."""
        if not isinstance(user, Person):
            return
        FormerPassword.objects.create(person=user, password=user.password, set_at=timezone.now())
        kept = list(user.former_passwords.values_list("pk", flat=True)[: self.last])
        user.former_passwords.exclude(pk__in=kept).delete()

    def get_help_text(self) -> str:
        return f"不能与最近 {self.last} 次用过的密码相同。"


def why_change(person: Person) -> str:
    """须修改密码: before anything else is done, because it is another's choice (``first``) or too old (``expired``)."""
    if not person.has_usable_password() or not person.password:
        return ""  # signs in by other means
    if person.must_change_password:
        return FIRST
    days = days_left(person)
    return EXPIRED if days is not None and days <= 0 else ""


def days_left(person: Person) -> int | None:
    """Days for which the password still holds; None where it holds for ever."""
    if not settings.PASSWORD_MAX_DAYS or not person.has_usable_password():
        return None
    since = person.password_changed_at or person.joined_at
    ends_on = timezone.localdate(since) + timedelta(days=settings.PASSWORD_MAX_DAYS)
    return (ends_on - timezone.localdate()).days


def days_to_warn_of(person: Person) -> int | None:
    """将到期: the days left, when they are few."""
    days = days_left(person)
    return days if days is not None and days <= WARNED_DAYS else None
