"""What is found in a file, and a reading of XML that trusts nobody."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.etree import ElementTree

from accountability.markings import TOP_LINES, is_marked

XML_AT_MOST = 200 * 1024 * 1024


class Unacceptable(Exception):
    """The file may not be kept; the argument is a key of ``services.attachments.REFUSALS``."""


@dataclass
class Page:
    """One place with a top of its own where a mark would stand: a page, a slide, a header, a sheet."""

    lines: list[str]
    top: int = TOP_LINES


@dataclass
class Found:
    """所见: the texts in which to look for a mark, and of an image a small picture (JPEG, base 64)."""

    pages: list[Page] = field(default_factory=list)
    thumbnail: str = ""

    @property
    def is_marked(self) -> bool:
        return any(is_marked(page.lines, page.top) for page in self.pages)


def elements(stream: IO[bytes]) -> Iterator[ElementTree.Element]:
    """The elements of an XML part, each as it ends; a part with a DTD is nobody's honest work."""
    parser = ElementTree.XMLPullParser(["end"])
    read = 0
    while chunk := stream.read(256 * 1024):
        if not read and (b"<!DOCTYPE" in chunk or b"<!ENTITY" in chunk):
            raise Unacceptable("damaged")
        if read > XML_AT_MOST:
            raise Unacceptable("too_heavy")
        read += len(chunk)
        parser.feed(chunk)
        for _, element in parser.read_events():
            yield element


def local(element: ElementTree.Element) -> str:
    """The tag without its namespace."""
    return element.tag.rpartition("}")[2]


def lines_of(stream: IO[bytes], *, line: set[str], text: set[str]) -> list[str]:
    """The text of each ``line`` element: its ``text`` descendants joined, as a word is often cut in pieces."""
    lines = []
    for element in elements(stream):
        if local(element) in line:
            lines.append("".join(piece.text or "" for piece in element.iter() if local(piece) in text))
        if local(element) in line or local(element) == "row":  # a sheet may have a million of them
            element.clear()
    return lines
