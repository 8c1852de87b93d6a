"""二次验证: bind an authenticator, prove oneself by it, renew the recovery codes, remove it, reset another's (8.1.4.1 d).

A wrong code must be counted whatever becomes of the request: ``prove`` answers with a refusal and raises none.
"""

import unicodedata

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accountability import access
from accountability.models import Authenticator, Notice, Person, RecoveryCode
from accountability.models.history import save_as
from accountability.second_factor import is_required_of
from accountability.services import audit
from accountability.services.notices import notify

BOUND = audit.register("second_factor_bound", "绑定验证器")
PROVED = audit.register("second_factor_proved", "二次验证")
RENEWED = audit.register("recovery_codes_renewed", "重新生成恢复码")
REMOVED = audit.register("second_factor_removed", "停用二次验证")
RESET = audit.register("second_factor_reset", "重置他人的二次验证")

RECOVERY_CODES = 10
REASON_AT_LEAST = 4


def read(code: str) -> str:
    """As typed, full-width or with spaces, to what is compared."""
    return "".join(unicodedata.normalize("NFKC", code).split())


@transaction.atomic
def bind(person: Person, *, sealed_key: str, code: str) -> list[str]:
    """绑定 with the first code it shows; an earlier device ends. Returns the recovery codes, which nobody sees again."""
    person = _locked(person)
    device = Authenticator(user=person, name="验证器", sealed_key=sealed_key, last_used_at=timezone.now())
    if not device.matches(read(code)):
        raise ValidationError({"code": "动态码不对。请核对手机时间是否准确，输入验证器当前显示的 6 位数字。"})
    is_another = _take_away(person)
    device.full_clean(exclude=["user"])
    device.save()
    person.second_factor_since = timezone.now()
    save_as(person, by=person, reason="更换验证器" if is_another else "启用二次验证")
    codes = _new_codes(person)
    audit.record(BOUND, by=person, row=person, replaced=is_another)
    _tell(person, "已更换验证器" if is_another else "已启用二次验证")
    return codes


@transaction.atomic
def prove(person: Person, code: str) -> str:
    """验证 a code of the authenticator, or a recovery code. Returns why not; nothing when it is right."""
    device = Authenticator.objects.select_for_update().filter(user=person).first()
    if device is None:
        return "您还没有绑定验证器。"
    may_try, told = device.verify_is_allowed()
    if not may_try:
        audit.record(PROVED, by=person, row=person, result=audit.REFUSED, reason="等待时间未到")
        return f"动态码连续输错 {told['failure_count']} 次，请 {_wait(told['locked_until'])} 后再试。"
    code = read(code)
    is_code = device.matches(code)
    if not is_code and not _use_recovery(person, code):
        device.throttle_increment()
        audit.record(PROVED, by=person, row=person, result=audit.FAILED, reason="动态码不对")
        return "动态码不对或已用过。请输入验证器当前显示的 6 位数字，或一个没有用过的恢复码。"
    device.throttle_reset(commit=False)
    device.set_last_used_timestamp(commit=False)
    device.save()
    audit.record(PROVED, by=person, row=person, means="动态码" if is_code else "恢复码")
    return ""


def _wait(until) -> str:
    seconds = max(1, round((until - timezone.now()).total_seconds()))
    return f"{seconds} 秒" if seconds < 120 else f"{seconds // 60 + 1} 分钟"


def _use_recovery(person: Person, code: str) -> bool:
    """A recovery code is marked by one conditional update: two at once, and one of them is late."""
    digests = RecoveryCode.digests_of(code)
    now = timezone.now()
    return bool(RecoveryCode.objects.unused().filter(person=person, digest__in=digests).update(used_at=now))


@transaction.atomic
def renew_codes(person: Person) -> list[str]:
    """重新生成恢复码: the earlier ones are void."""
    person = _locked(person)
    if person.second_factor_since is None:
        raise ValidationError("您还没有启用二次验证。")
    codes = _new_codes(person)
    audit.record(RENEWED, by=person, row=person)
    _tell(person, "已重新生成恢复码")
    return codes


@transaction.atomic
def remove(person: Person) -> None:
    """停用, by himself and only where nothing asks for it."""
    person = _locked(person)
    if is_required_of(person):
        raise PermissionDenied("您的岗位必须启用二次验证，不能停用；换了手机请更换验证器。")
    if person.second_factor_since is None:
        raise ValidationError("您还没有启用二次验证。")
    _take_away(person)
    person.second_factor_since = None
    save_as(person, by=person, reason="停用二次验证")
    audit.record(REMOVED, by=person, row=person)
    _tell(person, "已停用二次验证")


@transaction.atomic
def reset(person: Person, *, by: Person, reason: str) -> None:
    """重置 another's, who lost telephone and codes: by the system administrator, with a reason, and the person is told."""
    if not access.may_operate(by):
        raise PermissionDenied("只有系统管理员可以重置二次验证。")
    if person.pk == by.pk:
        raise PermissionDenied("不能重置自己的二次验证，请另一位系统管理员办理。")
    reason = reason.strip()
    if len(reason) < REASON_AT_LEAST:
        raise ValidationError({"reason": f"请写明为什么重置，至少 {REASON_AT_LEAST} 个字。"})
    person = _locked(person)
    if person.is_superuser:
        raise PermissionDenied("这个账号不由系统管理员重置。")
    if person.second_factor_since is None:
        raise ValidationError(f"{person.name}没有启用二次验证，不需要重置。")
    _take_away(person)
    person.second_factor_since = None
    save_as(person, by=by, reason=f"重置二次验证：{reason}")
    audit.record(RESET, by=by, row=person, reason=reason[:200])
    _tell(person, f"系统管理员{by.name}重置了您的二次验证", reason)


def _locked(person: Person) -> Person:
    return Person.objects.select_for_update().get(pk=person.pk)


def _take_away(person: Person) -> bool:
    RecoveryCode.objects.filter(person=person).delete()
    return bool(Authenticator.objects.filter(user=person).delete()[0])


def _new_codes(person: Person) -> list[str]:
    RecoveryCode.objects.filter(person=person).delete()
    codes = [RecoveryCode.new() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        [RecoveryCode(person=person, digest=RecoveryCode.digests_of(code)[0]) for code in codes]
    )
    return codes


def _tell(person: Person, title: str, reason: str = "") -> None:
    """A person learns of every change to his second factor: he may not be the one who made it."""
    body = f"{f'原因：{reason}。' if reason else ''}不是您本人要求的，请立即联系系统管理员并修改密码。"
    notify([person], kind=Notice.Kind.ACCOUNT, title=title, body=body, url=reverse("second_factor"))
