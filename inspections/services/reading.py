"""读台账文件: in a child process with limits of its own, so that no hostile file takes more than seconds and megabytes."""

import json

from django.core.exceptions import ValidationError

from accountability.confinement import ChildFailed, in_child
from inspections.reading.ledger import Book

SECONDS, MEGABYTES = 20, 224
VERSION = 2  # of what a reading looks like; raise it with every change of ``Book``
TOO_HEAVY = "这个工作簿过于复杂，未能在限定的时间和内存内读完；请把台账复制到新的工作簿再导入。"


def read_data(content: bytes) -> dict:
    """What the file says, as JSON can keep it; raises ValidationError in Chinese for what is no honest workbook."""
    try:
        seen = in_child("inspections.reading.child.read_book", content, seconds=SECONDS, megabytes=MEGABYTES)
    except ChildFailed as error:
        raise ValidationError(TOO_HEAVY) from error
    if seen["refusal"]:
        raise ValidationError(seen["refusal"])
    return seen["book"]


def read_content(content: bytes) -> Book:
    return Book.from_data(read_data(content))


def packed(data: dict) -> bytes:
    """The reading as it is kept beside the file, so that preview and confirmation need not read it again."""
    return json.dumps({"version": VERSION} | data, ensure_ascii=False, separators=(",", ":")).encode()


def unpacked(kept: bytes) -> Book | None:
    """None of a reading that another version of this program kept."""
    data = json.loads(kept)
    return Book.from_data(data) if data.pop("version", None) == VERSION else None
