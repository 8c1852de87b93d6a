"""封存: bind new events to all before them, in a short transaction of its own right after theirs.

One process seals at a time; another that comes meanwhile goes on, for what it leaves is sealed by the next or by beat.
"""

import logging

from django.db import Error, connections, router, transaction
from django.db.models import Exists, OuterRef, QuerySet

from accountability.auditing import anchor, seals
from accountability.models import AuditArchive, AuditEvent, AuditSeal

log = logging.getLogger(__name__)
LOCK = 0x5EA1  # number of the advisory lock
AT_ONCE = 1000
# How many numbers before the newest sealed event are looked at: a transaction that was open while others sealed. Beat looks
# further back every minute, and the night at everything.
SOON, EACH_MINUTE = 200, 20_000
SQLITE_WAITS_MS = 200


def seal_soon() -> int:
    """After a commit: never an error for who wrote, and hardly a wait."""
    try:
        return seal(back=SOON)
    except (Error, OSError) as error:
        log.warning("audit: sealed later (%s)", error)
        return 0


def seal_missed() -> int:
    """Each minute by beat: what a crash between commit and seal left, and what a long transaction committed late."""
    return _all_of(EACH_MINUTE)


def seal_everything() -> int:
    """Each night: looked for among all events."""
    return _all_of(None)


def _all_of(back: int | None) -> int:
    total = 0
    while sealed := seal(back=back):
        total += sealed
    return total


def seal(*, back: int | None) -> int:
    """Seal up to ``AT_ONCE`` events, oldest first; how many. ``back``: how far before the newest sealed one to look."""
    with _patience(), transaction.atomic():
        if not _turn_is_ours():
            return 0
        last = AuditSeal.objects.order_by("-seq").first()
        seq, previous = (last.seq, last.hash) if last else end_of_archives()
        rows = []
        for event in unsealed(last, back)[:AT_ONCE]:
            values = seals.values_of(event)
            if not seals.is_stamped(values):
                log.error("audit: event %d was not written by this system; run verify_audit", event.pk)
                continue
            seq, before, previous = seq + 1, previous, seals.hash_of(previous, values)
            rows.append(AuditSeal(event=event, seq=seq, previous=before, hash=previous))
        AuditSeal.objects.bulk_create(rows)
    if rows:
        anchor.advance(seq, previous, _hash_at)
    return len(rows)


def unsealed(last: AuditSeal | None, back: int | None) -> QuerySet[AuditEvent]:
    rows = AuditEvent.objects.filter(~Exists(AuditSeal.objects.filter(event=OuterRef("pk")))).order_by("pk")
    return rows.filter(pk__gt=last.event_id - back) if last and back is not None else rows


def end_of_archives() -> tuple[int, str]:
    archive = AuditArchive.objects.order_by("-last_seq").first()
    return (archive.last_seq, archive.last_hash) if archive else (0, seals.START)


def _hash_at(seq: int) -> str | None:
    return (
        AuditSeal.objects.filter(seq=seq).values_list("hash", flat=True).first()
        or AuditArchive.objects.filter(last_seq=seq).values_list("last_hash", flat=True).first()
    )


def _turn_is_ours() -> bool:
    """PostgreSQL: taken or not, without waiting, until the transaction ends. SQLite has one writer anyway."""
    connection = connections[router.db_for_write(AuditSeal)]
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return cursor.fetchone()[0]


class _patience:
    """On SQLite a seal does not wait for a long import: a fifth of a second, and beat does it later."""

    def __enter__(self) -> None:
        self.connection = connections[router.db_for_write(AuditSeal)]
        self.is_short = self.connection.vendor == "sqlite" and not self.connection.in_atomic_block
        if self.is_short:
            with self.connection.cursor() as cursor:
                cursor.execute("PRAGMA busy_timeout")
                self.before = cursor.fetchone()[0]
                cursor.execute(f"PRAGMA busy_timeout = {SQLITE_WAITS_MS}")

    def __exit__(self, *_) -> None:
        if self.is_short:
            with self.connection.cursor() as cursor:
                cursor.execute(f"PRAGMA busy_timeout = {int(self.before)}")
