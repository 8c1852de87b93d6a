"""审计归档: what is older than the days to keep goes into a signed file, and the chain goes on from there (网络安全法第二十一条).

A file is written and read back whole before a row is deleted; the database deletes none that no registered archive covers.
"""

import gzip
import hashlib
import hmac
import json
import os
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connections, router, transaction
from django.utils import timezone

from accountability.auditing import anchor, seals
from accountability.models import AuditArchive, AuditEvent, AuditSeal, Person
from accountability.services import audit

ARCHIVED = audit.register("audit_archived", "归档审计日志")
IN_ONE = 100_000  # events in one file: one transaction of some seconds


class Unreadable(Exception):
    """In Chinese: the file is missing, is not the one that was written, or is no archive."""


def folder() -> Path:
    return anchor.folder() / "archives"


def signature_of(archive: AuditArchive) -> str:
    facts = [archive.name, archive.first_seq, archive.last_seq, archive.previous, archive.last_hash, archive.sha256]
    return seals.signed("archive " + seals.dumps(facts))


def archive_old(now: datetime, *, by: Person) -> list[AuditArchive]:
    """归档 all that is older than ``AUDIT_KEEP_DAYS`` at ``now``, file by file."""
    made = []
    while one := _archive_next(now - timedelta(days=settings.AUDIT_KEEP_DAYS), by=by):
        made.append(one)
    return made


def _archive_next(before: datetime, *, by: Person) -> AuditArchive | None:
    """The oldest part of the chain that is old enough; the newest link stays, for the next one to follow."""
    first = AuditSeal.objects.order_by("seq").first()
    newest = AuditSeal.objects.order_by("-seq").first()
    if first is None:
        return None
    young = AuditSeal.objects.filter(event__at__gte=before).order_by("seq").values_list("seq", flat=True).first()
    last = min(first.seq + IN_ONE, newest.seq, young if young is not None else newest.seq) - 1
    if last < first.seq:
        return None
    archive = AuditArchive(
        name=f"audit-{first.seq:010d}-{last:010d}.jsonl.gz", first_seq=first.seq, last_seq=last,
        previous=first.previous, made_at=timezone.now(), made_by=by,
    )  # fmt: skip
    _write(archive)
    return _replace(archive, by=by)


@transaction.atomic
def _replace(archive: AuditArchive, *, by: Person) -> AuditArchive:
    """Registered first, deleted then: the triggers ask for it. Events before seals, which say where they stand."""
    archive.save(force_insert=True)
    audit.record(ARCHIVED, by=by, row=archive, first=archive.first_seq, last=archive.last_seq)
    span = [archive.first_seq, archive.last_seq]
    events, sealed = AuditEvent._meta.db_table, AuditSeal._meta.db_table
    with connections[router.db_for_write(AuditSeal)].cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {events} WHERE id IN (SELECT event_id FROM {sealed} WHERE seq BETWEEN %s AND %s)",  # noqa: S608
            span,
        )
        cursor.execute(f"DELETE FROM {sealed} WHERE seq BETWEEN %s AND %s", span)  # noqa: S608
    return archive


def _write(archive: AuditArchive) -> None:
    """The file under its name, with what it says of itself; refused where the chain is broken already."""
    from accountability.services.audit_check import links  # it reads archives

    folder().mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=folder(), prefix=".archive-")
    try:
        with os.fdopen(number, "wb") as raw:
            with gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as packed:
                seq, hash_, moments = archive.first_seq - 1, archive.previous, []
                for link in links(archive.first_seq, archive.last_seq):
                    is_next = link.seq == seq + 1 and link.previous == hash_ and link.values is not None
                    if not is_next or seals.hash_of(link.previous, link.values) != link.hash:
                        raise ValidationError(f"第 {link.seq} 条已不完整，没有归档：请先运行 verify_audit 查明。")
                    packed.write((seals.dumps([link.seq, link.previous, link.hash, link.values]) + "\n").encode())
                    seq, hash_ = link.seq, link.hash
                    moments.append(link.values[seals.AT])
                if seq != archive.last_seq:
                    raise ValidationError(f"第 {seq + 1} 条已不在，没有归档：请先运行 verify_audit 查明。")
            raw.flush()
            os.fsync(raw.fileno())
        archive.last_hash, archive.sha256 = hash_, _sha256(Path(name))
        archive.from_at, archive.until_at = (
            datetime.fromisoformat(f"{at}+00:00") for at in (min(moments), max(moments))
        )
        archive.signature = signature_of(archive)
        Path(name).replace(folder() / archive.name)
    finally:
        Path(name).unlink(missing_ok=True)
    if sum(1 for _ in links_in(archive)) != archive.count:
        raise ValidationError(f"归档文件 {archive.name} 写出后读不回来，没有归档：请检查磁盘。")


def links_in(archive: AuditArchive) -> Iterator[tuple[int, str, str, list]]:
    """Number, previous hash, hash and values of each event of the file."""
    path = folder() / archive.name
    if not path.is_file():
        raise Unreadable("文件缺失。")
    if not hmac.compare_digest(_sha256(path), archive.sha256):
        raise Unreadable("文件内容与登记的 SHA-256 不符。")
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                seq, previous, hash_, values = json.loads(line)
                yield seq, previous, hash_, values
    except (OSError, EOFError, ValueError) as error:
        raise Unreadable("文件无法读取。") from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
