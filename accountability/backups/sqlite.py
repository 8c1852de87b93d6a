"""SQLite: copied by its online backup, which lets writers go on; put back as a new file that takes the old one's place."""

import gzip
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from django.db import connection

from accountability.backups import PACKING_LEVEL, Refusal
from accountability.backups.manifest import Table
from accountability.backups.places import CHUNK, Steady, sync_folder
from accountability.backups.reading import FileReading, all_tables, differences

IN_USE = "数据库正被使用：请先停止 web、worker、beat 全部进程，再恢复。"


class Engine:
    name, member = "sqlite", "database.sqlite3.gz"

    @property
    def path(self) -> Path:
        return Path(connection.settings_dict["NAME"]).resolve()

    def refuse_unready(self) -> None:
        """Nothing but Python's own library is needed."""

    def size(self) -> int:
        beside = (self.path, self.path.with_name(f"{self.path.name}-wal"))
        return sum(file.stat().st_size for file in beside if file.exists())

    # ── 备份 ──────────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def copy(self, to: Path) -> Iterator[FileReading]:
        """The database as it is at one moment, packed into ``to``, and its reading."""
        plain = to.with_name(f"{to.name}.plain")
        plain.unlink(missing_ok=True)
        plain.touch(0o600)  # an empty file is filled and keeps its mode
        try:
            _snapshot(plain)
            _pack(plain, to)
            reading = FileReading(plain)
            try:
                yield reading
            finally:
                reading.close()
        finally:
            for end in ("", "-journal"):  # SQLite's own is left where the disk was full
                to.with_name(f"{plain.name}{end}").unlink(missing_ok=True)

    # ── 恢复 ──────────────────────────────────────────────────────────────────────────────────

    def people(self) -> int:
        """How many persons the database knows; none where it is new or missing."""
        if not self.path.exists():
            return 0
        reading = FileReading(self.path)
        try:
            known = "accountability_person" in reading.tables()
            return reading.values("SELECT count(*) FROM accountability_person")[0][0] if known else 0
        except sqlite3.DatabaseError as error:
            raise Refusal(
                f"当前数据库文件 {self.path} 读不出来（{error}）；要以备份取代，请加 --replace --yes。"
            ) from error
        finally:
            reading.close()

    def refuse_while_used(self) -> None:
        """Anybody of this machine who has it open; a process of ours that rests is told by its heartbeat."""
        connection.close()
        for link in Path("/proc").glob("[0-9]*/fd/*"):
            if link.parts[2] == str(os.getpid()):
                continue
            with suppress(OSError):
                if link.readlink() == self.path:
                    raise Refusal(f"{IN_USE}（进程 {link.parts[2]}）")

    def stage(self, dump: Path) -> Path:
        """Unpacked beside the database and sound, not yet in its place."""
        staged = self.path.with_name(f"{self.path.name}.restoring")
        staged.unlink(missing_ok=True)
        staged.parent.mkdir(parents=True, exist_ok=True)
        try:
            with gzip.open(dump) as packed, staged.open("wb") as plain:
                staged.chmod(0o600)
                shutil.copyfileobj(packed, plain, CHUNK)
                os.fsync(plain.fileno())
        except BaseException:  # the disk is full
            self.discard(staged)
            raise
        return staged

    def discard(self, staged: Path) -> None:
        staged.unlink(missing_ok=True)

    def put_in_place(self, staged: Path, tables: dict[str, Table], stamp: str) -> str:
        """Checked, then swapped by one rename; returns where the old one lies, if there was one with anything in it."""
        reading = FileReading(staged)
        try:
            wrong = differences(tables, all_tables(reading)) if reading.is_sound() else ["数据库文件不完整"]
        finally:
            reading.close()
        if wrong:
            raise Refusal("恢复出的数据与清单不符：" + "；".join(wrong[:5]))
        aside = self._set_aside(stamp)
        staged.replace(self.path)
        sync_folder(self.path.parent)
        return aside

    def _set_aside(self, stamp: str) -> str:
        """Its log is written home first: a log left behind would be read into the new file."""
        connection.close()
        if not self.path.exists():
            return ""
        try:
            old = sqlite3.connect(self.path, timeout=5)
            (mode,) = old.execute("PRAGMA journal_mode=DELETE").fetchone()
            (tables,) = old.execute("SELECT count(*) FROM sqlite_master").fetchone()
            old.close()
        except sqlite3.OperationalError as error:
            raise Refusal(IN_USE) from error
        except sqlite3.DatabaseError:  # damaged: that is why one restores
            mode, tables = "delete", 1
            for end in ("-wal", "-shm"):
                self.path.with_name(f"{self.path.name}{end}").unlink(missing_ok=True)
        if mode != "delete":
            raise Refusal(IN_USE)
        if not tables:
            return ""
        aside = self.path.with_name(f"{self.path.name}.before-restore-{stamp}")
        os.link(self.path, aside)
        return str(aside)


def _snapshot(plain: Path) -> None:
    """All pages in one reading. The copy is packed and thrown away, so it needs neither a journal nor to reach the disk.

    What others wrote meanwhile waits in the log, which nobody could empty: it is brought home here, not in somebody's save.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, closing(sqlite3.connect(plain)) as copy:
        for setting in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE"):
            copy.execute(f"PRAGMA {setting}")
        connection.connection.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file; the pages say that they come from one with a log
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _pack(plain: Path, to: Path) -> None:
    with (
        plain.open("rb") as source,
        to.open("wb") as sink,
        gzip.GzipFile("", "wb", PACKING_LEVEL, Steady(sink), 0) as packed,
    ):
        shutil.copyfileobj(source, packed, CHUNK)
