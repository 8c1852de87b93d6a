"""归档文件: whatever byte of it is changed, taken away or put in, it is refused with a sentence."""

import io
import os
import tarfile
import tempfile

import pytest

from accountability.backups import Refusal, places
from accountability.backups.archive import CHECKSUM, MANIFEST, Reader, Writing, opened
from accountability.backups.making import back_up
from accountability.backups.manifest import FORM, Manifest, Table, begin, changed_keys, secret_names

pytestmark = pytest.mark.once
NAMES = ("attachments/ab/abc", "attachments/ab/empty", "长的文件夹" * 12 + "/附件.pdf", "reports/x.pdf")


@pytest.fixture
def archive(settings, tmp_path) -> bytes:
    """A small one with everything in it: an empty file, a long Chinese name, a database."""
    settings.DATA_DIR = tmp_path
    for number, name in enumerate(NAMES):
        path = settings.MEDIA_ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(range(200)) * number if "empty" not in name else b"")
    dump = tmp_path / "dump"
    dump.write_bytes(b"the database" * 100)
    made = tmp_path / "made.tar"
    with made.open("w+b") as file:
        writing = Writing(file)
        for member in places.files_of(places.MEDIA):
            assert writing.add_file(member)
        assert not writing.add_file("media/gone/by/now")
        writing.add_database("database.sqlite3.gz", dump)
        manifest = begin("sqlite", "2026-11-23T09:00:00+08:00")
        manifest.database, manifest.tables, manifest.files = "database.sqlite3.gz", {"t": Table(1, "x")}, writing.files
        writing.finish(manifest)
    return made.read_bytes()


def check(content: bytes) -> Manifest:
    return Reader(io.BytesIO(content)).verified()


def refused(content: bytes, tmp_path) -> str:
    path = tmp_path / "damaged.tar"
    path.write_bytes(content)
    with pytest.raises(Refusal) as refusal, opened(path) as reader:
        reader.verified()
    return str(refusal.value)


def test_a_whole_one_is_read_back_as_it_was_written(archive):
    manifest = check(archive)
    assert set(manifest.files) == {"database.sqlite3.gz", *(f"media/{name}" for name in NAMES)}
    assert manifest.tables == {"t": Table(1, "x")}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        assert tar.getnames()[-2:] == [MANIFEST, CHECKSUM]


def test_any_byte_that_flips_is_noticed(archive, tmp_path):
    """Every eleventh byte, and all of the last two thousand: names, contents, gaps, list, checksum and end."""
    places_ = [*range(0, len(archive), 11), *range(len(archive) - 2000, len(archive))]
    unnoticed = []
    for place in places_:
        damaged = bytearray(archive)
        damaged[place] ^= 0x10
        try:
            with opened(_written(damaged, tmp_path)) as reader:
                reader.verified()
            unnoticed.append(place)
        except Refusal:
            continue
    assert unnoticed == []


def _written(content: bytes, tmp_path):
    path = tmp_path / "damaged.tar"
    path.write_bytes(content)
    return path


def test_one_that_ends_early_is_noticed(archive, tmp_path):
    for length in [0, 1, 511, 512, *range(1000, len(archive), 997), len(archive) - 512, len(archive) - 1]:
        refused(archive[:length], tmp_path)
    refused(archive + b"\0", tmp_path)
    refused(archive + archive, tmp_path)


def rebuilt(archive: bytes, *, without: str = "", extra: tarfile.TarInfo | None = None) -> bytes:
    """Another tar of the same members, with a checksum that is right."""
    with tempfile.TemporaryFile() as new, tarfile.open(fileobj=io.BytesIO(archive)) as old:
        writing = Writing(new)
        for info in old:
            if info.name not in (without, CHECKSUM, MANIFEST):
                writing.tar.addfile(info, old.extractfile(info))
        if extra:
            writing.tar.addfile(extra, io.BytesIO(b"x" * extra.size))
        writing.finish(Manifest.read(old.extractfile(MANIFEST).read()))
        new.seek(0)
        return new.read()


def test_a_member_that_is_missing_or_too_much_is_named(archive, tmp_path):
    assert check(rebuilt(archive)).files
    assert "缺少文件 media/reports/x.pdf" in refused(rebuilt(archive, without="media/reports/x.pdf"), tmp_path)
    assert "缺少文件 database.sqlite3.gz" in refused(rebuilt(archive, without="database.sqlite3.gz"), tmp_path)
    stranger = tarfile.TarInfo("media/stranger")
    stranger.size = 3
    assert "media/stranger" in refused(rebuilt(archive, extra=stranger), tmp_path)
    link = tarfile.TarInfo("media/link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    assert "media/link" in refused(rebuilt(archive, extra=link), tmp_path)


@pytest.mark.parametrize(
    "member", ["media/../../x", "/etc/passwd", "media//x", "media/./x", "elsewhere/x", "media/", "x"]
)
def test_nothing_is_ever_written_outside_its_folders(member):
    with pytest.raises(Refusal, match="不应有的文件名"):
        places.path_of(member)


@pytest.mark.parametrize(
    "content", [b"", b"not json", b"[]", b"{}", b'{"form": 1}', b'{"form": 1, "tables": 3, "files": {}}']
)
def test_a_list_that_cannot_be_read_is_refused(content):
    with pytest.raises(Refusal, match="清单"):
        Manifest.read(content)


def test_an_archive_of_a_later_form_asks_for_a_later_program():
    with pytest.raises(Refusal, match="更新版本"):
        Manifest.read(f'{{"form": {FORM + 1}}}'.encode())


def test_what_is_no_backup_at_all_is_refused(tmp_path):
    assert "损坏" in refused(b"hello" * 1000, tmp_path)
    empty = io.BytesIO()
    tarfile.open(fileobj=empty, mode="w").close()
    assert "不是本系统的备份" in refused(empty.getvalue(), tmp_path)
    with pytest.raises(Refusal, match="找不到"), opened(tmp_path / "nowhere"):
        pass


def test_a_folder_is_no_archive(tmp_path):
    with pytest.raises(Refusal, match="是文件夹"), opened(tmp_path):
        pass


@pytest.mark.parametrize(
    ("target", "keep", "said"),
    [
        ("there.tar", None, "已存在，不会覆盖"),
        ("nowhere/new.tar", None, "不存在，请先建立"),
        ("new.tar", 3, "只用于备份到文件夹"),
        ("", 0, "至少为 1"),
        ("media", None, "之内"),
    ],
)
def test_a_backup_is_refused_where_it_may_not_be(tmp_path, settings, target, keep, said):
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT.mkdir()
    (tmp_path / "there.tar").write_text("of somebody")
    with pytest.raises(Refusal, match=said):
        back_up(tmp_path / target, keep=keep, tell=print)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["media", "there.tar"]
    assert (tmp_path / "there.tar").read_text() == "of somebody"


def test_too_little_space_is_said_before_a_byte_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 20 * 1024 * 1024}))
    places.refuse_without_space(tmp_path / "not" / "there", 1024)
    with pytest.raises(Refusal, match="磁盘空间不足.*没有写入任何内容"):
        places.refuse_without_space(tmp_path, 5 * 1024 * 1024)


def test_keys_are_known_again_and_never_written(settings):
    settings.SECRET_KEY = "one-key-of-at-least-fifty-characters-one-key-of-at-least"
    manifest = begin("sqlite", "")
    assert settings.SECRET_KEY not in manifest.written().decode()
    assert "SECRET_KEY" not in changed_keys(manifest)
    settings.SECRET_KEY += "!"
    assert "SECRET_KEY" in changed_keys(manifest)
    assert secret_names({"ROBOT_X": "1", "PATH": "2"}) == ["ROBOT_X", "SECRET_KEY"]


def test_a_large_member_reaches_the_disk_while_it_is_written(tmp_path, monkeypatch):
    """Nobody's save has to wait until all of it is flushed at once."""
    flushed, flush = [], os.fdatasync
    monkeypatch.setattr(
        places.os, "fdatasync", lambda number: (flushed.append(os.fstat(number).st_size), flush(number))
    )
    dump = tmp_path / "dump"
    dump.write_bytes(bytes(places.AT_ONCE * 3))
    with (tmp_path / "made.tar").open("w+b") as file:
        Writing(file).add_database("database.sqlite3.gz", dump)
    steps = [after - before for before, after in zip([0, *flushed], flushed, strict=False)]
    assert len(steps) == 3
    assert max(steps) <= places.AT_ONCE + places.CHUNK
