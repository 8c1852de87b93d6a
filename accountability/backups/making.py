"""备份: one archive of database, files and audit anchor, written aside, read through, and only then given its name.

Order keeps them fit for each other. Files of the anchor come first: an anchor is never younger than the chain beside it.
Then the database at one moment, then the files: they are only added, so each that a row names is there by then. What was
taken away meanwhile shows as a name without a file; then the database is copied once more.
"""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.db import DatabaseError
from django.utils import timezone

from accountability.backups import BACKUP, Refusal, engines, places
from accountability.backups.archive import Writing, opened
from accountability.backups.manifest import Manifest, begin
from accountability.backups.reading import Tell, all_tables, applied_migrations, last_seal, named_files

NAME = "four-responsibilities-{:%Y%m%d-%H%M%S}.tar"
OURS = re.compile(r"^four-responsibilities-\d{8}-\d{6}\.tar$")
PART = re.compile(r"^\..+\.\d+\.part(\.database.*)?$")  # SQLite adds a journal of its own
ROUNDS = 3  # tries to catch database and files as they fit


@dataclass(frozen=True)
class Made:
    """一份核验过的备份."""

    path: Path
    manifest: Manifest
    removed: tuple[Path, ...] = ()


def back_up(target: Path, *, keep: int | None = None, tell: Tell) -> Made:
    """备份 into a folder, under a name of its moment, or to a file that must not be there yet."""
    started = timezone.localtime()
    into_folder = target.is_dir()
    path = target / NAME.format(started) if into_folder else target
    if keep is not None and not into_folder:
        raise Refusal("--keep 只用于备份到文件夹。")
    if keep is not None and keep < 1:
        raise Refusal("--keep 至少为 1：刚做好的备份总是保留。")
    if not path.parent.is_dir():
        raise Refusal(f"文件夹 {path.parent} 不存在，请先建立。")
    if path.exists():
        raise Refusal(f"{path} 已存在，不会覆盖；请换一个文件名。")
    _refuse_inside_media(path)
    try:
        _sweep(path.parent)
        made = Made(path, _make(path, begin(engines.current().name, started.isoformat()), tell))
    except OSError as error:
        raise Refusal(f"写入备份失败：{error.strerror or error}。没有留下不完整的文件。") from error
    except DatabaseError as error:
        raise Refusal(f"读取数据库失败：{error}。没有留下不完整的文件。") from error
    if keep is not None and not made.manifest.missing:
        made = Made(path, made.manifest, tuple(_remove_older(path.parent, keep)))
    _remember(made)
    return made


def _make(path: Path, manifest: Manifest, tell: Tell) -> Manifest:
    engine = engines.current()
    engine.refuse_unready()
    files = places.size_of(places.MEDIA) + places.size_of(places.AUDIT)
    tell(f"数据库约 {places.in_words(engine.size())}，文件 {places.in_words(files)}。")
    places.refuse_without_space(path.parent, files + 2 * engine.size())
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with _held(part) as file:
        writing = Writing(file)
        for member in places.files_of(places.AUDIT):
            writing.add_file(member)
        _copy(engine, writing, manifest, part.with_name(f"{part.name}.database"), tell)
        manifest.files = writing.files
        manifest.finished_at = timezone.localtime().isoformat()
        writing.finish(manifest)
        tell("正在核验……")
        with opened(part) as reader:
            reader.verified()
        _name(part, path)
    places.sync_folder(path.parent)
    return manifest


def _name(part: Path, path: Path) -> None:
    """By a link, which unlike a rename never takes the place of another; a share that knows no links gets a rename."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:
        if path.exists():
            raise
        part.rename(path)


def _copy(engine, writing: Writing, manifest: Manifest, dump: Path, tell: Tell) -> None:
    manifest.database = engine.member
    try:
        for attempt in range(1, ROUNDS + 1):
            tell("正在导出数据库……" if attempt == 1 else "备份期间有文件被删除，重新导出数据库……")
            dump.touch(0o600)
            with engine.copy(dump) as reading:
                manifest.tables = all_tables(reading)
                manifest.migrations = applied_migrations(reading)
                manifest.audit = last_seal(reading)
                named = {f"{places.MEDIA}/{name}" for name in named_files(reading)}
            tell(f"{len(manifest.tables)} 张表，{manifest.rows} 行。正在收集文件……")
            for kind in (places.MEDIA, places.AUDIT):
                for member in places.files_of(kind):
                    if member not in writing.files:
                        writing.add_file(member)
            manifest.missing = sorted(named - writing.files.keys())
            if not manifest.missing or not _gone_since(manifest.missing, engine):
                break
        writing.add_database(engine.member, dump)
    finally:
        dump.unlink(missing_ok=True)


def _gone_since(missing: list[str], engine) -> bool:
    """Whether rows have let go of some of these by now: then the copy is older than the files."""
    still = {f"{places.MEDIA}/{name}" for name in engines.named_now()}
    return bool(set(missing) - still)


@contextmanager
def _held(part: Path) -> Iterator[IO[bytes]]:
    """A file that only its maker writes and that goes with him; what a killed maker leaves is swept by the next."""
    number = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(number, "w+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
    finally:
        part.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    for path in folder.glob(".*.part*"):
        if not PART.match(path.name):
            continue
        held = path.with_name(path.name.partition(".part")[0] + ".part")
        with suppress(OSError):
            if held.exists():
                with held.open("rb") as file:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


def _refuse_inside_media(path: Path) -> None:
    for kind in (places.MEDIA, places.AUDIT):
        if path.resolve().is_relative_to(places.root(kind).resolve()):
            raise Refusal(f"备份不能放在 {places.root(kind)} 之内：它会成为下一份备份的一部分。")


def _remove_older(folder: Path, keep: int) -> Iterator[Path]:
    """保留 the newest ``keep`` by their names; what is not ours is never touched."""
    ours = sorted((path for path in folder.iterdir() if OURS.match(path.name)), reverse=True)
    for path in ours[keep:]:
        path.unlink()
        yield path


def _remember(made: Made) -> None:
    """So that /metrics can tell how old the last verified backup is, and the auditor who made copies."""
    from accountability.models import Person
    from accountability.services import audit

    audit.record(
        BACKUP,
        by=Person.objects.system(),
        name=made.path.name,
        size=made.path.stat().st_size,
        tables=len(made.manifest.tables),
        rows=made.manifest.rows,
        files=len(made.manifest.files) - 1,
        missing=len(made.manifest.missing),
    )
