"""登录会话: begun, seen, ended; the rows behind 登录的设备 (GB/T 22239-2019 8.1.4.1 b)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accountability.addresses import client_address
from accountability.models import LoginSession, Person
from accountability.services import audit
from accountability.sessions import kept

End = LoginSession.End
ENDED = audit.register("session_ended", "结束登录会话")
KEPT_DAYS = 180


def begin(person: Person, request: HttpRequest) -> LoginSession:
    """开始: a row for a person who has just signed in; the session knows when it began."""
    now = timezone.now()
    request.session["began"] = request.session["seen"] = int(now.timestamp())
    if request.session.session_key is None:
        request.session.save()
    row, _ = LoginSession.objects.update_or_create(
        key=kept(request.session.session_key),
        defaults={
            "person": person,
            "address": client_address(request),
            "user_agent": request.META.get("HTTP_USER_AGENT", "")[:300].replace("\0", ""),
            "began_at": now,
            "seen_at": now,
            "ended_at": None,
            "ended_for": "",
        },
    )
    return row


def see(key: str, now: datetime) -> None:
    """最近活动, written at most once a minute by the middleware."""
    LoginSession.objects.open().filter(key=kept(key)).update(seen_at=now)


def open_sessions(person: Person) -> QuerySet[LoginSession]:
    """登录的设备 of a person: those whose session still lives."""
    now = timezone.now()
    living = Session.objects.filter(expire_date__gt=now).values("session_key")
    rows = LoginSession.objects.open().filter(person=person, key__in=living)
    if settings.SESSION_IDLE_MINUTES:
        rows = rows.filter(seen_at__gt=now - timedelta(minutes=settings.SESSION_IDLE_MINUTES))
    return rows


@transaction.atomic
def end(row: LoginSession, *, by: Person) -> None:
    """结束一个会话 of one's own, elsewhere."""
    if _close(LoginSession.objects.filter(pk=row.pk), End.ELSEWHERE):
        audit.record(ENDED, by=by, row=row, reason=End.ELSEWHERE.label)


@transaction.atomic
def end_others(person: Person, *, by: Person, keeping: str) -> int:
    """结束其他会话: all of a person's but this one."""
    ended = end_all(person, why=End.ELSEWHERE, keeping=keeping)
    if ended:
        audit.record(ENDED, by=by, row=person, reason=End.ELSEWHERE.label, sessions_ended=ended)
    return ended


def end_all(person: Person, *, why: str, keeping: str = "") -> int:
    """Every session of a person but the one with that key; who calls writes the event."""
    return _close(LoginSession.objects.filter(person=person).exclude(key=kept(keeping) if keeping else ""), why)


def close(key: str, why: str) -> None:
    """该会话已结束: by itself, by its time or by its person."""
    _close(LoginSession.objects.filter(key=kept(key)), why)


def _close(rows: QuerySet[LoginSession], why: str) -> int:
    """Ended in both tables: the person is out with his next request."""
    keys = list(rows.open().values_list("key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    return LoginSession.objects.open().filter(key__in=keys).update(ended_at=timezone.now(), ended_for=why)


def why_over(key: str) -> str:
    """为何已退出: for a browser that shows a key nothing lives behind any more; empty where it never was anything."""
    row = LoginSession.objects.filter(key=kept(key)).select_related("person").first()
    if row is None:
        return ""
    if row.ended_for:
        return row.ended_for
    if not row.person.is_active:
        return End.SUSPENDED
    return why_out_of_time(row.began_at, row.seen_at, timezone.now())


def why_out_of_time(began: datetime, seen: datetime, now: datetime) -> str:
    """超时: too long without a sign of life, or too long altogether."""
    if settings.SESSION_IDLE_MINUTES and now - seen > timedelta(minutes=settings.SESSION_IDLE_MINUTES):
        return End.IDLE
    return End.ABSOLUTE if now - began > timedelta(hours=settings.SESSION_HOURS) else ""


@transaction.atomic
def tidy(now: datetime) -> int:
    """清理: what ran out without anybody asking is closed; rows are kept for half a year. Django's own go by ``clear_old``."""
    closed = 0
    for row in LoginSession.objects.open():
        if why := why_out_of_time(row.began_at, row.seen_at, now):
            closed += _close(LoginSession.objects.filter(pk=row.pk), why)
    LoginSession.objects.filter(ended_at__lt=now - timedelta(days=KEPT_DAYS)).delete()
    return closed
