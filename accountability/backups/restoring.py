"""恢复: everything is verified and laid beside what there is; then files are added, and last the database changes in one step.

At every moment each row has its files: before that step the old rows have theirs and some too many, after it the new ones.
So whenever it is cut off, what is there works, and the command may be given again.
"""

import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accountability.backups import RESTORE, Refusal, engines, places
from accountability.backups.archive import Reader, opened
from accountability.backups.manifest import Kept, Manifest, changed_keys
from accountability.backups.reading import Tell, known_migrations

STAGE = "restoring"  # below DATA_DIR, thrown away at the start and at the end


@dataclass
class Restored:
    """恢复的结果: what lies aside, and what whoever restores should know."""

    manifest: Manifest
    aside: list[str] = field(default_factory=list)
    migrated: bool = False
    sessions: int = 0
    keys: list[str] = field(default_factory=list)


def restore(path: Path, *, replace: bool, tell: Tell) -> Restored:
    """恢复 into what is empty; with ``replace`` in place of what there is, which is kept aside."""
    stage = Path(settings.DATA_DIR) / STAGE
    with opened(path) as reader:
        tell("正在核验备份……")
        manifest = reader.verified()
        engine = engines.current()
        _refuse_unfit(manifest, engine)
        engine.refuse_unready()
        places.refuse_while_alive()
        engine.refuse_while_used()
        if not replace:
            _refuse_unless_empty(manifest, engine)
        try:
            _refuse_without_space(manifest)
            shutil.rmtree(stage, ignore_errors=True)
            stage.mkdir(parents=True)
            return _Restoring(reader, manifest, engine, stage, tell).run()
        except OSError as error:
            raise Refusal(f"恢复失败：{error.strerror or error}。") from error
        finally:
            shutil.rmtree(stage, ignore_errors=True)


class _Restoring:
    def __init__(self, reader: Reader, manifest: Manifest, engine, stage: Path, tell: Tell):
        self.reader, self.manifest, self.engine, self.stage, self.tell = reader, manifest, engine, stage, tell
        self.stamp = f"{timezone.localtime():%Y%m%d-%H%M%S}"
        self.result = Restored(manifest, keys=changed_keys(manifest))
        self.added: list[Path] = []

    def run(self) -> Restored:
        dump = self.stage / self.manifest.database
        self.tell("正在旁边展开数据库……")
        self.reader.extract(self.manifest.database, dump)
        staged = self.engine.stage(dump)
        try:
            self._add_files()
            self.tell("正在换上数据库……")
            aside = self.engine.put_in_place(staged, self.manifest.tables, self.stamp)
        except BaseException:
            self._take_back()
            raise
        finally:
            self.engine.discard(staged)
        self.result.aside += [aside] if aside else []
        try:
            self._settle_files()
            self._finish()
        except (OSError, DatabaseError) as error:
            raise Refusal(
                f"数据库已换上，收尾时出错（{error}）。排除原因后请再执行一次，并加 --replace --yes。"
            ) from error
        return self.result

    def _add_files(self) -> None:
        """Those not there yet go to their places; another file of the same name, and the anchor, wait in the stage."""
        members = [member for member in self.manifest.files if member != self.manifest.database]
        self.tell(f"正在写入 {len(members)} 个文件……")
        for member in members:
            place = places.path_of(member)
            if member.startswith(f"{places.MEDIA}/") and not place.exists():
                self.reader.extract(member, place)
                self.added.append(place)
            elif not _is(place, self.manifest.files[member]):
                self.reader.extract(member, self.stage / member)

    def _take_back(self) -> None:
        """The files that were added go again; the database was not touched."""
        for path in self.added:
            with suppress(OSError):
                path.unlink()

    def _settle_files(self) -> None:
        """换上: what differs, and set aside what the backup does not know; nothing is thrown away."""
        for kind in (places.MEDIA, places.AUDIT):
            aside = places.root(kind) / f"{places.ASIDE}{self.stamp}"
            for member in list(places.files_of(kind)):
                waits = self.stage / member
                if member not in self.manifest.files or waits.exists():
                    self._move(places.path_of(member), aside / member.partition("/")[2])
            for waits in sorted((self.stage / kind).rglob("*")):
                if waits.is_file():
                    self._move(waits, places.root(kind) / waits.relative_to(self.stage / kind))
            self.result.aside += [str(aside)] if aside.exists() else []

    @staticmethod
    def _move(source: Path, to: Path) -> None:
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(source, to)

    def _finish(self) -> None:
        """An earlier schema is brought up; everybody signs in anew; the event is written into what was restored."""
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.tell("备份的表结构较早，正在升级……")
            call_command("migrate", interactive=False, verbosity=0)
            self.result.migrated = True
        from django.contrib.sessions.models import Session

        from accountability.models import Person
        from accountability.services import audit

        with transaction.atomic():
            self.result.sessions, _ = Session.objects.all().delete()
            audit.record(
                RESTORE,
                by=Person.objects.system(),
                backed_up_at=self.manifest.started_at,
                rows=self.manifest.rows,
                files=len(self.manifest.files) - 1,
                migrated=self.result.migrated,
            )
        connection.close()


def _is(place: Path, kept: Kept) -> bool:
    return place.is_file() and place.stat().st_size == kept.size and places.sha256_of(place) == kept.sha256


# ── refusals, before anything is touched ──────────────────────────────────────────────────────


def _refuse_unfit(manifest: Manifest, engine) -> None:
    names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
    if manifest.engine != engine.name:
        raise Refusal(
            f"备份来自 {names.get(manifest.engine, manifest.engine)}，当前数据库是 {names[engine.name]}："
            "不支持在两种数据库之间恢复。请把 DATABASE_URL 指向同一种数据库。"
        )
    if unknown := sorted(set(manifest.migrations) - known_migrations()):
        raise Refusal(f"备份的表结构比当前程序新（{'、'.join(unknown[:3])}）：请用不早于备份的程序版本恢复。")


def _refuse_unless_empty(manifest: Manifest, engine) -> None:
    """Files of this very backup are no obstacle: they are what a restore that was cut off left."""
    how = "如确要以备份取代现有数据，请加 --replace --yes；现有数据会另存，不会删除。"
    if people := engine.people():
        raise Refusal(f"当前数据库不是空的（已有 {people} 名人员）。{how}")
    for member in places.files_of(places.MEDIA):
        kept = manifest.files.get(member)
        if kept is None or not _is(places.path_of(member), kept):
            raise Refusal(f"文件夹 {places.root(places.MEDIA)} 不是空的（{member.partition('/')[2]}）。{how}")


def _refuse_without_space(manifest: Manifest) -> None:
    new = [kept.size for member, kept in manifest.files.items()
           if member != manifest.database and not places.path_of(member).exists()]  # fmt: skip
    # Unpacked, a database is larger than its dump: six times is more than was ever seen here.
    places.refuse_without_space(Path(settings.DATA_DIR), sum(new) + 6 * manifest.files[manifest.database].size)
