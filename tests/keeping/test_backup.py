"""备份 → 清空 → 恢复, by the commands alone, on the database the suite runs on (GB/T 22239-2019 8.1.4.9)."""

import shutil
import stat
from pathlib import Path

import pytest
from django.apps import apps

from accountability.backups.archive import opened
from accountability.backups.manifest import Manifest
from tests.keeping.product import ON_POSTGRES, apart_from_the_chain

NO_CLIENT = ON_POSTGRES and not all(map(shutil.which, ("pg_dump", "pg_restore", "psql")))
pytestmark = [
    pytest.mark.worker,
    pytest.mark.skipif(NO_CLIENT, reason="PostgreSQL's client (pg_dump, pg_restore, psql) is not installed"),
]
CHAIN = "SELECT seq, hash FROM accountability_auditseal ORDER BY seq"
# What a restore itself changes: it ends the sessions and tells the auditor.
CHANGED = {"accountability_auditevent", "accountability_auditseal", "django_session"}


def only(shelf: Path) -> Path:
    (path,) = (path for path in shelf.iterdir() if not path.name.startswith("."))
    return path


def manifest_of(path: Path) -> Manifest:
    with opened(path) as reader:
        return reader.verified()


def business(tables: dict) -> dict:
    return {name: found for name, found in tables.items() if name not in CHANGED}


def test_what_was_backed_up_comes_back_on_an_empty_machine(product, shelf):
    """Must show 5: rows, digests, files, and the pages people see, byte for byte."""
    pages, tables, files = product.tell("pages"), product.tables(), product.files()
    assert all(status == 200 for status, _ in pages.values())
    chain = product.execute(CHAIN)
    assert len(chain) >= 3
    said = product.manage("backup", shelf)
    path = only(shelf)
    assert "备份完成并已核验" in said and "SECRET_KEY" in said
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    product.wipe()
    said = product.manage("restore", path)
    assert "恢复完成，与清单一致" in said and "verify_audit" in said
    assert business(product.tables()) == business(tables)
    assert apart_from_the_chain(product.files()) == apart_from_the_chain(files)
    assert product.tell("pages") == pages
    told = product.execute("SELECT result, username FROM accountability_auditevent WHERE kind = 'restore'")
    assert told == [("done", "system")]
    assert product.execute(CHAIN)[: len(chain)] == chain
    assert "审计链完整" in product.manage("verify_audit")
    assert product.add_jobs(1) >= 1  # the database counts on where it was


def test_a_backup_under_writes_holds_the_first_so_many_and_every_file_of_theirs(product, shelf):
    stop = product.folder.with_suffix(".stop")
    writer = product.start("-m", "tests.keeping.inside", "write")
    try:
        for _ in range(5):
            assert writer.stdout.readline().strip().isdigit(), writer.stderr.read()
        product.manage("backup", shelf)
        during = product.fit()[0]
    finally:
        stop.touch()
        writer.communicate(timeout=60)
    path = only(shelf)
    product.wipe()
    product.manage("restore", path)
    assert product.is_whole()
    assert 8 <= product.fit()[0] < during, "somebody must have written while the backup was made"


def test_no_table_and_no_file_of_any_model_is_left_out(product, backup):
    """Asked of the models on one side and of the archive on the other: a new model is covered or this fails."""
    manifest = manifest_of(backup)
    models = {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed}
    assert len(models) > 100
    assert models <= set(manifest.tables)
    assert set(manifest.tables) - {"django_migrations"} == models
    assert set(manifest.files) - {manifest.database} == set(product.files())
    kept = {name: each.sha256 for name, each in manifest.files.items() if name != manifest.database}
    assert apart_from_the_chain(kept) == apart_from_the_chain(product.files())
    rows = {name: found[0] for name, found in business(product.tables()).items()}
    assert {name: manifest.tables[name].rows for name in rows} == rows


def test_secrets_are_named_and_not_held(product, shelf):
    secret = "a-very-particular-secret-of-fifty-characters-or-more-x"
    product.manage("backup", shelf, env={"SECRET_KEY": secret, "ROBOT_OFFICE": secret})
    path = only(shelf)
    assert secret.encode() not in path.read_bytes()
    assert {"SECRET_KEY", "ROBOT_OFFICE"} <= set(manifest_of(path).secrets)
    product.wipe()
    assert "SECRET_KEY" in product.manage("restore", path).split("警告")[1]


def test_only_older_backups_of_ours_go(product, shelf):
    other = shelf / "four-responsibilities-notes.tar"
    other.write_text("not ours")
    for stamp in ("20260101-000000", "20260102-000000"):
        (shelf / f"four-responsibilities-{stamp}.tar").write_text("old")
    product.manage("backup", shelf, "--keep", "2")
    names = sorted(path.name for path in shelf.iterdir())
    assert len(names) == 3
    assert "four-responsibilities-20260101-000000.tar" not in names
    assert {other.name, "four-responsibilities-20260102-000000.tar"} < set(names)


def test_a_lost_file_is_told_of_and_older_backups_stay(product, shelf):
    """They may be the only ones that still hold it."""
    older = shelf / "four-responsibilities-20260101-000000.tar"
    older.write_text("old")
    lost = next(path for path in (product.folder / "media").rglob("*") if path.is_file())
    lost.unlink()
    said = product.manage("backup", shelf, "--keep", "1")
    assert "警告：1 个文件在数据库中有登记而磁盘上没有" in said and lost.name in said
    assert older.exists()


def test_what_is_there_is_never_taken_for_empty(product, backup):
    tables, files = product.tables(), product.files()
    assert "不是空的" in product.refused("restore", backup)
    assert "没有确认" in product.refused("restore", backup, "--replace", stdin=-3)
    assert (product.tables(), product.files()) == (tables, files)


def test_replacing_sets_aside_what_was_there(product, backup):
    tables, files = product.tables(), product.files()
    product.add_jobs(1)
    stray = product.folder / "media" / "attachments" / "stray"
    stray.write_text("later than the backup")
    (product.folder / "audit" / "anchor").write_text("9 9999\n")
    said = product.manage("restore", backup, "--replace", "--yes")
    assert said.count("另存于") == 3  # database, files, anchor
    assert business(product.tables()) == business(tables)
    assert apart_from_the_chain(product.files()) == apart_from_the_chain(files)
    aside = [path for path in product.folder.rglob("stray") if path.is_file()]
    assert len(aside) == 1 and "before-restore" in str(aside[0])


def test_a_restore_waits_until_everybody_has_stopped(product, backup):
    """A heart that beat within the minute; on either database somebody who has it open."""
    product.execute("INSERT INTO accountability_heartbeat VALUES ('worker', '2099-01-01')")
    assert "worker 一分钟内仍有心跳" in product.refused("restore", backup, "--replace", "--yes")
    product.execute("DELETE FROM accountability_heartbeat")
    with product.opened() as connection:
        connection.cursor().execute("SELECT 1")
        assert "正被使用" in product.refused("restore", backup, "--replace", "--yes")


def test_the_other_kind_of_database_is_refused(product, backup, shelf, settings):
    """SQLite to PostgreSQL is not promised, and says so before anything is touched."""
    import io

    from accountability.backups.archive import Writing
    from accountability.backups.manifest import begin

    path = shelf / "other.tar"
    other = "sqlite" if ON_POSTGRES else "postgresql"
    with path.open("w+b") as file:
        writing = Writing(file)
        writing.files["database"] = writing._add("database", io.BytesIO(b"x"), 1)
        manifest = begin(other, "2026-11-23")
        manifest.database, manifest.files = "database", writing.files
        writing.finish(manifest)
    assert "不支持在两种数据库之间恢复" in product.refused("restore", path, "--replace", "--yes")
    assert product.is_whole()
