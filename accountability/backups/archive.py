"""归档文件: a plain tar whose last two members prove it: the list of all that is in it, and a SHA-256 over every byte before.

Members in order: audit/…, media/…, the database, manifest.json, checksum. Nothing follows but the zeros that end a tar.
"""

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from accountability.backups import Refusal
from accountability.backups.manifest import Kept, Manifest
from accountability.backups.places import CHUNK, Steady, path_of

MANIFEST, CHECKSUM = "manifest.json", "checksum"
DAMAGED = "备份文件已损坏，不能使用"


class _Measured:
    """A stream that is hashed while it is read."""

    def __init__(self, stream: IO[bytes]):
        self.stream, self.digest, self.size = stream, hashlib.sha256(), 0

    def read(self, size: int) -> bytes:
        content = self.stream.read(size)
        self.digest.update(content)
        self.size += len(content)
        return content

    @property
    def kept(self) -> Kept:
        return Kept(self.size, self.digest.hexdigest())


class Writing:
    """An archive being written to a file that is open for reading and writing."""

    def __init__(self, file: IO[bytes]):
        self.file = file
        self.tar = tarfile.open(fileobj=Steady(file), mode="w", format=tarfile.GNU_FORMAT)  # noqa: SIM115
        self.files: dict[str, Kept] = {}

    def add_file(self, member: str) -> bool:
        """A file of the product; False when it is gone by now."""
        try:
            with path_of(member).open("rb") as stream:
                self.files[member] = self._add(member, stream, os.fstat(stream.fileno()).st_size)
        except FileNotFoundError:
            return False
        return True

    def add_database(self, member: str, path: Path) -> None:
        with path.open("rb") as stream:
            self.files[member] = self._add(member, stream, path.stat().st_size)

    def _add(self, member: str, stream: IO[bytes], size: int) -> Kept:
        info, measured = _entry(member, size), _Measured(stream)
        self.tar.addfile(info, measured)  # as long as it was: a log that grows meanwhile is not followed
        return measured.kept

    def finish(self, manifest: Manifest) -> None:
        content = manifest.written()
        self.tar.addfile(_entry(MANIFEST, len(content)), io.BytesIO(content))
        digest = _digest_until(self.file, self.tar.offset)
        self.file.seek(self.tar.offset)
        self.tar.addfile(_entry(CHECKSUM, len(digest)), io.BytesIO(digest.encode()))
        self.tar.close()
        self.file.truncate()
        self.file.flush()
        os.fsync(self.file.fileno())


def _entry(member: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(member)
    info.size, info.mode = size, 0o600
    return info


def _digest_until(file: IO[bytes], end: int) -> str:
    file.flush()
    file.seek(0)
    digest, left = hashlib.sha256(), end
    while left:
        content = file.read(min(left, CHUNK))
        if not content:
            raise Refusal(f"{DAMAGED}：文件不完整。")
        digest.update(content)
        left -= len(content)
    return digest.hexdigest()


@contextmanager
def opened(path: Path) -> Iterator["Reader"]:
    try:
        with path.open("rb") as file:
            yield Reader(file)
    except FileNotFoundError as error:
        raise Refusal(f"找不到备份文件 {path}。") from error
    except IsADirectoryError as error:
        raise Refusal(f"{path} 是文件夹，请给出其中的一份备份文件。") from error
    except (tarfile.TarError, EOFError) as error:
        raise Refusal(f"{DAMAGED}：不是完整的归档文件。") from error


class Reader:
    """An archive being read. Nothing of it is used before ``verified`` has read all of it."""

    def __init__(self, file: IO[bytes]):
        self.file = file
        self.members: dict[str, tarfile.TarInfo] = {}

    def verified(self) -> Manifest:
        """核验: every byte, every file, nothing too much; or a refusal that names what is wrong."""
        self._list()
        manifest = Manifest.read(self._content(MANIFEST))
        listed = {*manifest.files, MANIFEST, CHECKSUM}
        for member in sorted(listed - self.members.keys()):
            raise Refusal(f"{DAMAGED}：缺少文件 {member}。")
        for member in sorted(self.members.keys() - listed):
            raise Refusal(f"{DAMAGED}：多出清单上没有的文件 {member}。")
        if manifest.database not in manifest.files:
            raise Refusal(f"{DAMAGED}：清单上没有数据库。")
        for member, kept in manifest.files.items():
            if member != manifest.database:
                path_of(member)
            if self._measure(member) != kept:
                raise Refusal(f"{DAMAGED}：{member} 的内容与清单上的校验值不符。")
        self._verify_whole()
        return manifest

    def _list(self) -> None:
        self.file.seek(0)
        self.tar = tarfile.open(fileobj=self.file, mode="r:")  # noqa: SIM115
        for info in self.tar:
            if not info.isreg() or info.name in self.members:
                raise Refusal(f"{DAMAGED}：有不应有的内容 {info.name!r}。")
            self.members[info.name] = info
        if not self.members or list(self.members)[-2:] != [MANIFEST, CHECKSUM]:
            raise Refusal(f"{DAMAGED}：文件不完整，或不是本系统的备份。")

    def _content(self, member: str) -> bytes:
        return self.tar.extractfile(self.members[member]).read()

    def _measure(self, member: str) -> Kept:
        measured = _Measured(self.tar.extractfile(self.members[member]))
        while measured.read(CHUNK):
            pass
        return measured.kept

    def _verify_whole(self) -> None:
        """What no file's own hash covers: the names, the gaps between files, the end."""
        last = self.members[CHECKSUM]
        said = self._content(CHECKSUM)
        if _digest_until(self.file, last.offset).encode() != said:
            raise Refusal(f"{DAMAGED}：总校验值不符。")
        end = io.BytesIO()
        with tarfile.open(fileobj=end, mode="w", format=tarfile.GNU_FORMAT) as ending:
            ending.addfile(_entry(CHECKSUM, len(said)), io.BytesIO(said))
        self.file.seek(last.offset)
        found, wanted = self.file.read(), end.getvalue()
        # A tar is filled up to full records; how far depends on what stood before.
        common = min(len(found), len(wanted))
        if found[:common] != wanted[:common] or found[common:].strip(b"\0") or len(found) < 4 * tarfile.BLOCKSIZE:
            raise Refusal(f"{DAMAGED}：结尾不完整。")
        if (last.offset + len(found)) % tarfile.RECORDSIZE:
            raise Refusal(f"{DAMAGED}：结尾不完整。")

    def extract(self, member: str, to: Path) -> None:
        """Written aside, on the disk, then renamed: a file is there whole or not at all."""
        half = to.with_name(f"{to.name}.restoring")
        to.parent.mkdir(parents=True, exist_ok=True)
        try:
            with self.tar.extractfile(self.members[member]) as source, half.open("wb") as sink:
                half.chmod(0o600)
                while content := source.read(CHUNK):
                    sink.write(content)
                sink.flush()
                os.fsync(sink.fileno())
            half.replace(to)
        except BaseException:
            with suppress(OSError):
                half.unlink(missing_ok=True)
            raise
