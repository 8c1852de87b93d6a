"""清理痕迹: what nobody needs any more goes, in small steps; business rows, their history and the audit never do.

Every kind says what is old enough; each setting of days set to 0 keeps that kind for ever.
"""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models import QuerySet
from django.db.models.deletion import ProtectedError, RestrictedError

from accountability.backups.places import HALF
from accountability.models import Delivery, Digest, Job

log = logging.getLogger(__name__)
AT_ONCE = 500  # rows a transaction: on SQLite others write between two


@dataclass(frozen=True)
class Kind:
    """一类痕迹: ``days`` is the setting that says how long it is kept."""

    label: str
    days: str
    old: Callable[[datetime], QuerySet]


def _jobs(before: datetime) -> QuerySet:
    """Those that nothing refers to: a letter keeps the job that printed it."""
    finished = Job.objects.filter(state__in=(Job.State.DONE, Job.State.FAILED), finished_at__lt=before)
    return _unreferred(finished)


def _deliveries(before: datetime) -> QuerySet:
    """Sent, or not needed. What could not be delivered waits for an administrator, however long."""
    return Delivery.objects.filter(state__in=(Delivery.State.SENT, Delivery.State.DROPPED), created_at__lt=before)


def _digests(before: datetime) -> QuerySet:
    """Those on which no notice and no delivery hangs: a notice without its digest would be mailed once more."""
    return _unreferred(Digest.objects.filter(day__lt=before.date()))


def _unreferred(rows: QuerySet) -> QuerySet:
    for relation in rows.model._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete:
            continue
        other = relation.related_model._base_manager.filter(**{relation.field.name: models.OuterRef("pk")})
        rows = rows.exclude(models.Exists(other))
    return rows


def _sessions(before: datetime) -> QuerySet:
    return Session.objects.filter(expire_date__lt=before)


def kinds() -> Iterator[Kind]:
    yield Kind("已结束的后台任务", "KEEP_JOBS_DAYS", _jobs)
    yield Kind("已发出或不必发的投递", "KEEP_DELIVERIES_DAYS", _deliveries)
    yield Kind("空的每日摘要", "KEEP_DELIVERIES_DAYS", _digests)
    yield Kind("已过期的会话", "KEEP_SESSIONS_DAYS", _sessions)


def clear_old(now: datetime, *, dry_run: bool = False) -> dict[str, int]:
    """清理: how many of each kind went, or would."""
    gone = {}
    for kind in kinds():
        days = getattr(settings, kind.days)
        rows = kind.old(now - timedelta(days=days)) if days or kind.days == "KEEP_SESSIONS_DAYS" else None
        gone[kind.label] = 0 if rows is None else rows.count() if dry_run else _clear(rows)
    gone["上传临时文件"] = _clear_files(now, dry_run=dry_run)
    return gone


def _clear(rows: QuerySet) -> int:
    """So many at once. A row that something took hold of meanwhile stays."""
    count = 0
    while pks := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        try:
            with transaction.atomic():
                # Only if it is still old: a job may have been retried since it was read.
                rows.filter(pk__in=pks).delete()
        except (ProtectedError, RestrictedError) as error:
            log.warning("not cleared: %s", error)
            break
        count += len(pks)
    return count


def _clear_files(now: datetime, *, dry_run: bool) -> int:
    """What an upload or a restore that died left half written, below the files and in the upload folder of our own."""
    if not settings.KEEP_TEMPORARY_DAYS:
        return 0
    before = now.timestamp() - settings.KEEP_TEMPORARY_DAYS * 24 * 3600
    old = [path for path in _temporary() if path.stat().st_mtime < min(before, time.time())]
    for path in old if not dry_run else ():
        path.unlink(missing_ok=True)
    return len(old)


def _temporary() -> Iterator[Path]:
    half_written = Path(settings.MEDIA_ROOT).rglob(f"*{HALF}")
    uploads = Path(settings.FILE_UPLOAD_TEMP_DIR).rglob("*")
    return (path for path in (*half_written, *uploads) if path.is_file() and not path.is_symlink())
