"""Cut off in the middle: a killed process, a full disk, a damaged archive. What is there afterwards works."""

import os
import resource
import shutil
import signal
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.keeping.product import ON_POSTGRES, Product, apart_from_the_chain
from tests.keeping.test_backup import NO_CLIENT, business

pytestmark = [
    pytest.mark.worker,
    pytest.mark.skipif(NO_CLIENT, reason="PostgreSQL's client (pg_dump, pg_restore, psql) is not installed"),
]
FULL = 150_000  # bytes a file may grow to


def kill_when(product: Product, holds: Callable[[], bool], *words: str) -> bool:
    """Start a command and kill it, with all it started, as soon as ``holds``; False when it was quicker."""
    process = product.start("manage.py", *map(str, words))
    while process.poll() is None and not holds():
        time.sleep(0.002)
    was_alive = process.poll() is None
    if was_alive:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    time.sleep(0.5)  # the server notices that its client is gone
    return was_alive


def test_a_backup_that_is_killed_leaves_nothing_that_looks_whole(product, shelf):
    def has_begun() -> bool:
        return any(path.stat().st_size for path in list(shelf.glob(".*.part*")) if path.exists())

    assert kill_when(product, has_begun, "backup", shelf)
    assert [path for path in shelf.iterdir() if not path.name.startswith(".")] == []
    assert any(shelf.iterdir())
    product.manage("backup", shelf)
    assert [path.suffix for path in shelf.iterdir()] == [".tar"]  # and what the killed one left is swept up
    assert product.is_whole()


def moments(product: Product) -> dict[str, Callable[[], bool]]:
    """Where a restore can be met: the database unpacked, files going in, the database about to change or just changed."""
    stage, media = product.folder / "restoring", product.folder / "media"
    unpacked = (stage / "database.sql") if ON_POSTGRES else (product.folder / "db.sqlite3.restoring")
    return {
        "unpacked": unpacked.exists,
        "files": lambda: any(path.is_file() for path in media.rglob("*")),
        "changing": lambda: (stage / "first.sql").exists() if ON_POSTGRES else len(list(media.rglob("*/*/*"))) >= 3,
    }


@pytest.mark.parametrize("moment", ["unpacked", "files", "changing"])
def test_a_restore_that_is_killed_can_be_given_again(product, backup, moment):
    tables, files = product.tables(), product.files()
    product.wipe()
    kill_when(product, moments(product)[moment], "restore", backup)
    done = product.run("manage.py", "restore", str(backup))
    if done.returncode:  # it had got as far as the database: all of it is there
        assert "不是空的" in done.stderr, done.stderr
        assert product.is_whole()
        product.manage("restore", backup, "--replace", "--yes")
    assert business(product.tables()) == business(tables)
    assert apart_from_the_chain(product.files()) == apart_from_the_chain(files)
    assert "审计链完整" in product.manage("verify_audit")
    assert not (product.folder / "restoring").exists()


def test_a_replacing_restore_that_is_killed_leaves_the_old_or_the_new(product, backup):
    product.add_jobs(1)
    old = business(product.tables())
    stage = product.folder / "restoring"
    kill_when(
        product, lambda: any(stage.iterdir()) if stage.exists() else False, "restore", backup, "--replace", "--yes"
    )
    assert product.is_whole()
    assert business(product.tables()) == old
    product.manage("restore", backup, "--replace", "--yes")
    assert business(product.tables()) != old


def full_disk(size: int = FULL) -> None:
    """No file of this process, nor of those it starts, grows beyond so many bytes."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_full_disk_leaves_no_half_backup(product, shelf):
    said = product.refused("backup", shelf, preexec_fn=full_disk)
    assert "CommandError" in said
    assert list(shelf.iterdir()) == []
    assert product.is_whole()


def test_a_full_disk_leaves_no_half_restore(product, backup):
    restore_on_a_full_disk(product, backup, FULL)


def test_a_disk_that_fills_while_the_database_is_unpacked_leaves_no_half_restore(product, shelf):
    """Room for the packed database, not for what becomes of it: text that packs to nothing is most of it."""
    product.add_jobs(60_000)
    product.manage("backup", shelf)
    (backup,) = shelf.iterdir()
    with tarfile.open(backup) as archive:
        packed = max(member.size for member in archive)
    restore_on_a_full_disk(product, backup, packed + FULL)


def restore_on_a_full_disk(product: Product, backup: Path, size: int) -> None:
    tables, files = product.tables(), product.files()
    product.add_jobs(1)
    product.refused("restore", backup, "--replace", "--yes", preexec_fn=lambda: full_disk(size))
    assert len(business(product.tables())) == len(business(tables))
    assert product.files() == files
    assert product.is_whole()
    assert not (product.folder / "restoring").exists()
    assert list(product.folder.glob("*.restoring")) == []


def test_a_damaged_backup_is_refused_before_anything_is_touched(product, backup, shelf):
    damaged = shelf / "damaged.tar"
    shutil.copy(backup, damaged)
    with damaged.open("r+b") as file:
        file.seek(damaged.stat().st_size // 2)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 1]))
    tables, files = product.tables(), product.files()
    assert "已损坏" in product.refused("restore", damaged, "--replace", "--yes")
    assert (product.tables(), product.files()) == (tables, files)
    product.wipe()
    assert "已损坏" in product.refused("restore", damaged)
    assert not any(path.is_file() for path in (product.folder / "media").rglob("*"))
    assert not (product.folder / "restoring").exists()


def test_checking_a_backup_changes_nothing(product, backup):
    before = backup.read_bytes()
    assert "备份完好" in product.manage("check_backup", backup)
    assert backup.read_bytes() == before


def test_two_backups_at_once_do_not_disturb_each_other(product, shelf):
    first = product.start("manage.py", "backup", str(shelf / "one.tar"))
    second = product.start("manage.py", "backup", str(shelf / "two.tar"))
    for process in (first, second):
        out, err = process.communicate(timeout=240)
        assert process.returncode == 0, out + err
    assert sorted(path.name for path in shelf.iterdir()) == ["one.tar", "two.tar"]
