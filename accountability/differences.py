"""差异: two versions of a text side by side in words a reader follows: which lines came, went or changed (三（三）1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME, CAME, WENT, CHANGED, SKIPPED = "same", "came", "went", "changed", "skipped"
AROUND = 2  # lines of unchanged text kept around a change
ALIKE = 0.4  # below this a changed line reads better as one gone and one come


@dataclass(frozen=True)
class Piece:
    """A stretch of a line: kept, added or removed."""

    kind: str
    text: str


@dataclass(frozen=True)
class Line:
    kind: str
    pieces: tuple[Piece, ...]


def differences(before: str, after: str) -> list[Line]:
    """差异 line by line; long stretches without change are folded to one line that says how many."""
    old, new = before.split("\n"), after.split("\n")
    lines: list[Line] = []
    for what, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            lines += _folded(old[i1:i2], is_first=i1 == 0, is_last=i2 == len(old))
        else:
            lines += _changed(old[i1:i2], new[j1:j2])
    return lines


def _folded(same: list[str], *, is_first: bool, is_last: bool) -> Iterator[Line]:
    head = 0 if is_first else AROUND
    tail = 0 if is_last else AROUND
    if len(same) <= head + tail + 1:
        yield from (_line(SAME, text) for text in same)
        return
    yield from (_line(SAME, text) for text in same[:head])
    yield _line(SKIPPED, f"其间 {len(same) - head - tail} 段没有变化")
    yield from (_line(SAME, text) for text in same[len(same) - tail :])


def _changed(old: list[str], new: list[str]) -> Iterator[Line]:
    for position in range(max(len(old), len(new))):
        gone = old[position] if position < len(old) else None
        come = new[position] if position < len(new) else None
        if gone is not None and come is not None and _alike(gone, come):
            yield Line(CHANGED, tuple(_pieces(gone, come)))
            continue
        if gone is not None:
            yield _line(WENT, gone)
        if come is not None:
            yield _line(CAME, come)


def _alike(gone: str, come: str) -> bool:
    return SequenceMatcher(None, gone, come, autojunk=False).quick_ratio() > ALIKE and len(gone) + len(come) < 4000


def _pieces(gone: str, come: str) -> Iterator[Piece]:
    for what, i1, i2, j1, j2 in SequenceMatcher(None, gone, come, autojunk=False).get_opcodes():
        if what == "equal":
            yield Piece(SAME, gone[i1:i2])
            continue
        if i2 > i1:
            yield Piece(WENT, gone[i1:i2])
        if j2 > j1:
            yield Piece(CAME, come[j1:j2])


def _line(kind: str, text: str) -> Line:
    return Line(kind, (Piece(kind, text),))
