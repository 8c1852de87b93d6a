"""doc, xls, ppt, wps and et: the compound files of yesterday, read as far as safety needs ([MS-CFB])."""

import re
import struct
from dataclasses import dataclass
from typing import IO

from accountability.contents.findings import Found, Page, Unacceptable

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LAST_SECTOR = 0xFFFFFFFA
STREAM, ROOT = 2, 5
IN_MINISTREAM = 4096  # smaller streams lie in another; no real document is so small
# One of these streams each kind has; WPS writes its text and tables into the same.
MAIN = {
    "doc": {"WordDocument"},
    "xls": {"Workbook", "Book"},
    "ppt": {"PowerPoint Document"},
    "wps": {"WordDocument"},
    "et": {"Workbook", "Book"},
}
ENCRYPTED = {"EncryptedPackage", "EncryptedSummary"}
MACROS = {"_VBA_PROJECT", "_VBA_PROJECT_CUR", "VBA", "Macros"}
# Chinese text stands in these files as UTF-16: level and star, spaces allowed between.
GAP = rb"(?:\x20\x00|\x00\x30)*"
LEVEL, SECRET, STAR = ([re.escape(char.encode("utf-16-le")) for char in chars] for chars in ("绝机秘", "密", "★☆"))
STARRED = re.compile(GAP.join(b"(?:" + b"|".join(chars) + b")" for chars in (LEVEL, SECRET, STAR)))


@dataclass
class Entry:
    name: str
    kind: int
    start: int
    size: int


def read(file: IO[bytes], extension: str) -> Found:
    data = file.read()
    if not data.startswith(MAGIC):
        raise Unacceptable("disguised")
    sector, table, entries = _entries(data)
    names = {entry.name for entry in entries}
    try:
        asks = any(_asks_for_a_password(data, sector, entry) for entry in entries)
        mains = [entry for entry in entries if entry.name in MAIN[extension]]
        is_whole = all(_is_whole(data, sector, table, entry) for entry in mains)
    except (struct.error, IndexError) as error:
        raise Unacceptable("damaged") from error
    if asks or names & ENCRYPTED:
        raise Unacceptable("encrypted")
    if names & MACROS:
        raise Unacceptable("macro")
    if not mains:
        raise Unacceptable("disguised")
    if not is_whole:
        raise Unacceptable("damaged")
    return Found([Page(["秘密★"] if STARRED.search(data) else [])])


def is_encrypted_package(file: IO[bytes]) -> bool:
    """Whether this compound file is today's Office document behind a password."""
    file.seek(0)
    return any(entry.name == "EncryptedPackage" for entry in _entries(file.read())[2])


def _entries(data: bytes) -> tuple[int, list[int], list[Entry]]:
    """How long a sector is, which follows which, and what the directory names."""
    try:
        sector = 1 << struct.unpack_from("<H", data, 30)[0]
        if sector not in (512, 4096):
            raise Unacceptable("damaged")
        table = _table(data, sector)
        return sector, table, _directory(data, sector, table)
    except (struct.error, UnicodeError, IndexError) as error:
        raise Unacceptable("damaged") from error


def _directory(data: bytes, sector: int, table: list[int]) -> list[Entry]:
    """The names of all streams and storages, following the chain of directory sectors."""
    entries, at, seen = [], struct.unpack_from("<I", data, 48)[0], set()
    while at < LAST_SECTOR and at not in seen:
        seen.add(at)
        block = data[(at + 1) * sector : (at + 2) * sector]
        if not block:  # names that are cut off could be those of macros
            raise Unacceptable("damaged")
        entries += [_entry(block[offset : offset + 128]) for offset in range(0, len(block) - 127, 128)]
        at = table[at]
    if not any(entry.kind == ROOT for entry in entries):
        raise Unacceptable("damaged")
    return [entry for entry in entries if entry.kind]


def _table(data: bytes, sector: int) -> list[int]:
    """Which sector follows which; the header's 109 parts suffice for seven megabytes, further ones are chained."""
    parts = list(struct.unpack_from("<109I", data, 76))
    more, count = struct.unpack_from("<II", data, 68)
    per_sector = sector // 4
    while more < LAST_SECTOR and count > 0:
        numbers = struct.unpack_from(f"<{per_sector}I", data, (more + 1) * sector)
        parts += numbers[:-1]
        more, count = numbers[-1], count - 1
    table: list[int] = []
    for part in parts:
        if part < LAST_SECTOR:
            table += struct.unpack_from(f"<{per_sector}I", data, (part + 1) * sector)
    return table


def _entry(block: bytes) -> Entry:
    length, kind = struct.unpack_from("<HB", block, 64)
    start, size = struct.unpack_from("<II", block, 116)
    return Entry(block[: max(0, min(length, 64) - 2)].decode("utf-16-le"), kind, start, size)


def _is_whole(data: bytes, sector: int, table: list[int], entry: Entry) -> bool:
    """All sectors of a stream lie within the file, as many as its size needs."""
    if entry.size < IN_MINISTREAM:
        return True
    at, seen = entry.start, set()
    while at < LAST_SECTOR and at not in seen:
        if (at + 1) * sector >= len(data):
            return False
        seen.add(at)
        at = table[at]
    return len(seen) * sector >= entry.size


def _asks_for_a_password(data: bytes, sector: int, entry: Entry) -> bool:
    """fEncrypted in Word's header ([MS-DOC] 2.5.2), FILEPASS among Excel's first records ([MS-XLS] 2.4.117)."""
    if entry.kind != STREAM or entry.size < IN_MINISTREAM:
        return False
    at = (entry.start + 1) * sector
    if entry.name == "WordDocument":
        return bool(struct.unpack_from("<H", data, at + 10)[0] & 0x0100)
    if entry.name in ("Workbook", "Book"):
        for _ in range(8):
            kind, length = struct.unpack_from("<HH", data, at)
            if kind == 0x2F:
                return True
            at += 4 + length
    return False
