"""左右对照: two texts paragraph by paragraph, with what stands in both marked; moved paragraphs meet again (四（三）).

Unlike ``accountability.differences``, which follows one text through its versions, this asks what two texts share,
wherever in each it stands. No Django inside.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

RUN = 4  # from so many characters in a row on, something stands in both
PARAGRAPHS_AT_MOST = 400
LETTER = re.compile(r"[^\W_]")


@dataclass(frozen=True)
class Piece:
    """A stretch of a text that stands in both, or in this one alone."""

    is_same: bool
    text: str


@dataclass(frozen=True)
class Side:
    """One paragraph: which of its text, and its pieces."""

    number: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Row:
    left: Side | None
    right: Side | None


@dataclass(frozen=True)
class Parallels:
    rows: tuple[Row, ...]
    same: int  # characters of the left text that stand in the right one too
    whole: int

    @property
    def percent(self) -> int:
        return round(100 * self.same / self.whole) if self.whole else 0


def parallels(left: str, right: str) -> Parallels:
    """The left text in its order, beside each paragraph that of the right one which shares most with it."""
    lefts, rights = _paragraphs(left), _paragraphs(right)
    left_runs, right_runs = [_runs(each) for each in lefts], [_runs(each) for each in rights]
    in_left, in_right = set().union(*left_runs), set().union(*right_runs)
    sides = [Side(number, _pieces(text, in_right)) for number, text in enumerate(lefts, 1)]
    others = [Side(number, _pieces(text, in_left)) for number, text in enumerate(rights, 1)]
    same = sum(_letters(piece.text) for side in sides for piece in side.pieces if piece.is_same)
    rows = tuple(_rows(sides, others, _partners(left_runs, right_runs)))
    return Parallels(rows, same, sum(map(_letters, lefts)))


def _paragraphs(text: str) -> list[str]:
    found = [line.strip() for line in text.splitlines() if line.strip()]
    head, tail = found[: PARAGRAPHS_AT_MOST - 1], found[PARAGRAPHS_AT_MOST - 1 :]
    return [*head, "".join(tail)] if tail else head


def _letters(text: str) -> int:
    return len(LETTER.findall(text))


def _runs(text: str) -> set[str]:
    """A heading of three characters is a run of its own."""
    letters = "".join(LETTER.findall(text))
    if len(letters) < RUN:
        return {letters} - {""}
    return {letters[start : start + RUN] for start in range(len(letters) - RUN + 1)}


def _pieces(text: str, known: set[str]) -> tuple[Piece, ...]:
    """A sign goes with the letter before it."""
    places = [place for place, character in enumerate(text) if LETTER.match(character)]
    same: set[int] = set()
    for start in range(max(1, len(places) - RUN + 1)):
        run = places[start : start + RUN]
        if "".join(text[place] for place in run) in known:
            same.update(run)
    letters = set(places)
    is_same = places[0] in same if places else False
    pieces: list[Piece] = []
    start = 0
    for place in range(len(text)):
        if place in letters and (place in same) != is_same:
            pieces.append(Piece(is_same, text[start:place]))
            start, is_same = place, not is_same
    return (*pieces, Piece(is_same, text[start:]))


def _partners(lefts: Sequence[set[str]], rights: Sequence[set[str]]) -> dict[int, int]:
    """Left paragraph → right paragraph, the pairs that share most first, each paragraph once."""
    shared = [
        (len(left & right), -number, -other, number, other)
        for number, left in enumerate(lefts)
        for other, right in enumerate(rights)
        if left & right
    ]
    partners: dict[int, int] = {}
    for _, _, _, number, other in sorted(shared, reverse=True):
        if number not in partners and other not in partners.values():
            partners[number] = other
    return partners


def _rows(sides: list[Side], others: list[Side], partners: dict[int, int]) -> Iterator[Row]:
    """What has no partner on the left follows the paragraph it follows in its own text."""
    alone = [number for number in range(len(others)) if number not in partners.values()]
    following: dict[int, list[int]] = {}
    for number in alone:
        before = max((other for other in partners.values() if other < number), default=-1)
        following.setdefault(before, []).append(number)
    yield from (Row(None, others[number]) for number in following.get(-1, ()))
    for number, side in enumerate(sides):
        partner = partners.get(number)
        yield Row(side, None if partner is None else others[partner])
        if partner is not None:
            yield from (Row(None, others[other]) for other in following.get(partner, ()))
