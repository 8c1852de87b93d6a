"""位置: the folders an archive is made of and goes back to, free space, and who is still at work."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from accountability.backups import Refusal

MEDIA, AUDIT = "media", "audit"
MARGIN = 16 * 1024 * 1024  # bytes that stay free beyond what is needed
CHUNK = 1 << 20
AT_ONCE = 4 * CHUNK  # bytes that may wait for the disk
ASIDE = ".before-restore-"  # the beginning of a folder, within the one it is of: on the same disk, and in no backup
HALF = ".restoring"  # the end of a file's name while it is being written


def root(kind: str) -> Path:
    return {MEDIA: Path(settings.MEDIA_ROOT), AUDIT: Path(getattr(settings, "AUDIT_DIR", settings.DATA_DIR / "audit"))}[
        kind
    ]


def path_of(member: str) -> Path:
    """Where a member of an archive belongs; one that would lie anywhere else is refused."""
    kind, _, name = member.partition("/")
    if kind not in (MEDIA, AUDIT) or not name or any(part in ("", ".", "..") for part in name.split("/")):
        raise Refusal(f"备份中有不应有的文件名：{member!r}")
    return root(kind) / name


def files_of(kind: str) -> Iterator[str]:
    """Members by name, in order; links and what is half written are left out."""
    folder = root(kind)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not path.is_symlink() and not name.endswith(HALF) and not name.startswith(ASIDE):
            yield f"{kind}/{name}"


def size_of(kind: str) -> int:
    return sum(path_of(member).stat().st_size for member in files_of(kind))


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def refuse_without_space(folder: Path, needed: int) -> None:
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < needed + MARGIN:
        raise Refusal(
            f"磁盘空间不足：{folder} 需要约 {in_words(needed + MARGIN)}，只剩 {in_words(free)}。没有写入任何内容。"
        )


def in_words(size: float) -> str:
    for unit in ("字节", "KB", "MB", "GB"):
        if size < 1024 or unit == "GB":
            return f"{size:.0f} {unit}" if unit == "字节" else f"{size:.1f} {unit}"
        size /= 1024
    raise AssertionError


def sync_folder(folder: Path) -> None:
    """A rename is safe from a power cut once its folder is on the disk."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


class Steady:
    """A file that reaches the disk while it is written: all of it at its end would hold up whoever saves meanwhile."""

    def __init__(self, file: IO[bytes]):
        self.file, self.waiting = file, 0

    def tell(self) -> int:
        return self.file.tell()

    def write(self, content: bytes) -> int:
        self.waiting += len(content)
        written = self.file.write(content)
        if self.waiting >= AT_ONCE:
            self.flush()
        return written

    def flush(self) -> None:
        self.file.flush()
        os.fdatasync(self.file.fileno())
        self.waiting = 0


def refuse_while_alive() -> None:
    """A worker or a beat that was heard of within the minute still writes."""
    from accountability.models import Heartbeat

    since = timezone.now() - timedelta(seconds=settings.HEARTBEAT_SECONDS)
    try:
        alive = sorted(Heartbeat.objects.filter(beat_at__gt=since).values_list("name", flat=True))
    except DatabaseError:  # no table yet, or no sound database: nobody works on it
        return
    if alive:
        raise Refusal(f"{'、'.join(alive)} 一分钟内仍有心跳：请先停止 web、worker、beat 全部进程，等一分钟再恢复。")
