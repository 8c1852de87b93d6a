"""频率限制: who asks too often is told to wait; counted so that it holds over all web processes (docs/decisions/0026)."""

import hashlib
import ipaddress
import logging
import time
from functools import cache

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from redis import Redis, RedisError

from accountability import acting
from accountability.addresses import client_address
from accountability.models import RateCount
from accountability.services import audit

LIMITED = audit.register("rate_limited", "操作过于频繁")
log = logging.getLogger(__name__)


class keep_measure:
    """Asked before the body is read and before the view's transaction begins: what is counted stays counted."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        for kind in kinds_of(request):
            if kind in settings.RATE_LIMITS and (seconds := seconds_to_wait(request, kind)):
                return refusal(request, kind, seconds)
        return None


def kinds_of(request: HttpRequest) -> list[str]:
    """What the call counts as: by the name of its address, and as an upload when its body could bring a file."""
    name = request.resolver_match.view_name
    kinds = [settings.RATE_LIMITED.get((request.method, name), "")]
    if request.content_type == "multipart/form-data" and name not in settings.RATE_BRINGS_NO_FILE:
        kinds.append("upload")
    return [kind for kind in kinds if kind]


def seconds_to_wait(request: HttpRequest, kind: str) -> int:
    """0 for who may go on. Whoever passes the limit is written into the audit once in a window."""
    per_person, per_address, seconds = settings.RATE_LIMITS[kind]
    person, address = request.user, client_address(request)
    now = time.time()
    wait = 0
    for most, who, by in (
        (per_person, f"person:{person.pk}" if person.is_authenticated else "", person),
        (per_address, f"address:{network_of(address)}", person if person.is_authenticated else None),
    ):
        if not most or not who:
            continue
        count = counted(f"{kind}:{who}", seconds, now)
        if count == most + 1:
            tell(kind, by, address, per="person" if who.startswith("person") else "address")
        if count > most:
            wait = seconds - int(now) % seconds
    return wait


def network_of(address: str) -> str:
    """One caller has a whole /64 of IPv6 addresses to come from; of IPv4 he has one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


@transaction.atomic
def tell(kind: str, by, address: str, *, per: str) -> None:
    act = acting.current() or acting.Act(source="rates", address=address)
    with acting.acting(act):
        audit.record(LIMITED, by=by, result=audit.REFUSED, limit=kind, per=per)


def refusal(request: HttpRequest, kind: str, seconds: int) -> HttpResponse:
    context = {"what": settings.RATE_LABELS[kind], "seconds": seconds}
    answer = render(request, "429.html", context, status=429)
    answer["Retry-After"] = str(seconds)
    return answer


def counted(who: str, seconds: int, now: float) -> int:
    """How often ``who`` came in the window under way, this time included: one atomic step, in Redis or in the table."""
    window = int(now) // seconds
    key = f"{hashlib.sha256(who.encode()).hexdigest()}:{seconds}"
    if settings.REDIS_URL:
        try:
            return _counted_in_redis(f"rate:{key}:{window}", seconds)
        except RedisError as error:
            log.warning("Redis does not answer (%s): rates are counted in the table", type(error).__name__)
    return _counted_in_table(key, window)


def _counted_in_redis(key: str, seconds: int) -> int:
    with _redis().pipeline(transaction=True) as pipe:
        pipe.incr(key)
        pipe.expire(key, seconds)
        return pipe.execute()[0]


@cache
def _redis():
    return Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)


# One statement, so that two processes that ask at once get two numbers; SQLite and PostgreSQL read it alike.
UPSERT = """
    INSERT INTO {table} (who, "window", count, counted_at) VALUES (%s, %s, 1, %s)
    ON CONFLICT (who) DO UPDATE SET
        count = CASE WHEN {table}."window" = excluded."window" THEN {table}.count + 1 ELSE 1 END,
        "window" = excluded."window", counted_at = excluded.counted_at
    RETURNING count
"""


def _counted_in_table(key: str, window: int) -> int:
    # A connection of its own is not needed: the call comes before the view's transaction, so the count is there at once.
    with connection.cursor() as cursor:
        cursor.execute(UPSERT.format(table=RateCount._meta.db_table), [key, window, timezone.now()])
        return cursor.fetchone()[0]


def sweep(before) -> int:
    """清理: counts that nobody asks for any more."""
    return RateCount.objects.filter(counted_at__lt=before).delete()[0]
