"""登录锁定: which names and addresses are locked, until when; lifted by the system administrator."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accountability import access
from accountability.models import Person
from accountability.services import audit

LIFTED = audit.register("login_lock_lifted", "解除登录锁定")
ACCOUNT, ADDRESS = "account", "address"
COLUMNS = {ACCOUNT: "username", ADDRESS: "ip_address"}


@dataclass(frozen=True)
class Lock:
    """锁定 of a name or an address. ``name`` is its person's, if the name is anybody's."""

    kind: str
    value: str
    failures: int
    until: datetime
    name: str = ""

    @property
    def label(self) -> str:
        return "账号" if self.kind == ACCOUNT else "来源地址"


def _limit(kind: str) -> int:
    return settings.LOGIN_FAILURES if kind == ACCOUNT else settings.LOGIN_FAILURES_PER_ADDRESS


def _cool_off() -> timedelta:
    return timedelta(minutes=settings.LOGIN_LOCK_MINUTES)


def _ends_at(rows: Iterable[tuple[datetime, int]], limit: int) -> datetime | None:
    """The moment from which what has not yet run out is below the limit; None when it is so already."""
    count = 0
    for at, failures in sorted(rows, reverse=True):
        count += failures
        if count >= limit:
            return at + _cool_off()
    return None


def until(username: str | None, address: str, now: datetime) -> datetime:
    """何时可以再试. Asked when a lock stands; a full cool-off if it was lifted in that moment."""
    standing = AccessAttempt.objects.filter(attempt_time__gt=now - _cool_off())
    ends = [
        _ends_at(standing.filter(**{COLUMNS[kind]: value}).values_list("attempt_time", "failures_since_start"), _limit(kind))
        for kind, value in ((ACCOUNT, username), (ADDRESS, address or None))
    ]  # fmt: skip
    return max(filter(None, ends), default=now + _cool_off())


def locks(now: datetime) -> list[Lock]:
    """当前锁定, the latest to end first. Attempts of one cool-off are few: what is locked is counted no further."""
    rows = AccessAttempt.objects.filter(attempt_time__gt=now - _cool_off()).values_list(
        "username", "ip_address", "attempt_time", "failures_since_start"
    )
    counted: dict[tuple[str, str], list[tuple[datetime, int]]] = {}
    for username, address, at, failures in rows:
        for key in ((ACCOUNT, username), (ADDRESS, address)):
            if key[1]:
                counted.setdefault(key, []).append((at, failures))
    found = [(key, tried, _ends_at(tried, _limit(key[0]))) for key, tried in counted.items()]
    names = dict(
        Person.objects.filter(username__in=[key[1] for key, _, ends in found if ends]).values_list("username", "name")
    )
    standing = [
        Lock(kind, value, sum(failures for _, failures in tried), ends, names.get(value, "") if kind == ACCOUNT else "")
        for (kind, value), tried, ends in found
        if ends
    ]
    return sorted(standing, key=lambda lock: lock.until, reverse=True)


@transaction.atomic
def lift(kind: str, value: str, *, by: Person) -> None:
    """解除锁定: what was counted against a name, or came from an address, is forgotten."""
    if not access.may_operate(by):
        raise PermissionDenied("只有系统管理员可以解除登录锁定。")
    if kind not in COLUMNS:
        raise ValidationError("请从列表中选择要解除的锁定。")
    count, _ = AccessAttempt.objects.filter(**{COLUMNS[kind]: value}).delete()
    if not count:
        raise ValidationError("这个锁定已经到时或已被解除。")
    audit.record(LIFTED, by=by, kind_of_lock="账号" if kind == ACCOUNT else "来源地址", locked=value)


def forget(now: datetime) -> int:
    """清理: attempts that lock nobody any more."""
    return AccessAttempt.objects.filter(attempt_time__lte=now - _cool_off()).delete()[0]
