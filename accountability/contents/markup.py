"""XML of strangers: read by expat as a stream, nothing kept but what a handler keeps. Imports no Django.

A part with a DTD, and so with an entity, is nobody's honest work and ends the reading. Only local names count.
"""

from collections.abc import Callable
from typing import IO
from xml.parsers import expat

from accountability.contents.findings import Unacceptable

CHUNK = 256 * 1024
# A sheet of a million cells has three million elements and takes two seconds.
ELEMENTS_AT_MOST = 4_000_000


def parse(stream: IO[bytes], start: Callable, end: Callable, text: Callable, sieve: Callable | None = None) -> None:
    """Feed a part to expat: ``start(name, [name, value, …])``, ``end(name)``, ``text(piece)``."""
    parser = expat.ParserCreate()
    parser.buffer_text = parser.ordered_attributes = True
    parser.buffer_size = 64 * 1024
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse_declaration
    try:
        while chunk := stream.read(CHUNK):
            parser.Parse(sieve(chunk) if sieve else chunk)
        parser.Parse(sieve(b"") if sieve else b"", True)
    except expat.ExpatError as error:
        raise Unacceptable("damaged") from error


def _refuse_declaration(*_) -> None:
    raise Unacceptable("entities")


def local(name: str) -> str:
    return name.rpartition(":")[2]


def attributes(listed: list[str]) -> dict[str, str]:
    return {local(name): value for name, value in zip(listed[::2], listed[1::2], strict=True)}


def ignore(_: str) -> None:
    """The handler of what nobody asks for."""


def elements_of(stream: IO[bytes], at_most: int) -> list[tuple[str, dict[str, str]]]:
    """Every element of a small part: its local name and its attributes. Raises Unacceptable("too_heavy") beyond."""
    found: list[tuple[str, dict[str, str]]] = []

    def start(name: str, listed: list[str]) -> None:
        found.append((local(name), attributes(listed)))
        if len(found) > at_most:
            raise Unacceptable("too_heavy")

    parse(stream, start, ignore, ignore)
    return found


def lines_of(
    stream: IO[bytes],
    *,
    line: set[str],
    text: set[str],
    sieve: Callable[[bytes, list[str]], bytes] | None = None,
    elements_at_most: int = ELEMENTS_AT_MOST,
) -> list[str]:
    """The text of each ``line`` element: its ``text`` descendants joined, as a word is often cut in pieces.

    A line within a line (a text box in a paragraph) is one of its own. ``sieve`` takes out of a chunk, by the lines found so
    far, what nobody asks for.
    """
    lines: list[str] = []
    open_lines: list[list[str]] = []
    names: dict[str, tuple[bool, bool]] = {}
    taking = elements = 0

    def start(name: str, _: list[str]) -> None:
        nonlocal taking, elements
        elements += 1
        if elements > elements_at_most:
            raise Unacceptable("too_heavy")
        is_line, is_text = names.get(name) or names.setdefault(name, (local(name) in line, local(name) in text))
        if is_line:
            open_lines.append([])
        taking += is_text

    def end(name: str) -> None:
        nonlocal taking
        is_line, is_text = names[name]
        taking -= is_text
        if is_line:
            lines.append("".join(open_lines.pop()))

    def take(piece: str) -> None:
        if taking and open_lines:
            open_lines[-1].append(piece)

    parse(stream, start, end, take, sieve and (lambda chunk: sieve(chunk, lines)))
    return lines
