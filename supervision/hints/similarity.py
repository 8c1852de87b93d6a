"""雷同比对: which texts among many repeat one another; a pure function of the texts, no Django inside (四（三）).

A text is the set of its runs of five characters (shingles), numbers read as one sign and its own unit's name left out, so
that a copy with new figures and another name is still a copy. What is common does not count for much: phrases of the
regulation and of templates next to nothing, phrases that stand in many other texts the less the more there are. Whatever
is left and shared, divided by what the smaller text has, is the likeness of two texts.

Texts are not compared each with each: every eighth shingle, chosen by its own value, goes into an index, and only texts
that share enough of these are looked at closely. See decision 22 and docs/performance.md.
"""

import re
import unicodedata
from array import array
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from zlib import crc32

SHINGLE = 5
SAMPLED = 8  # one shingle in so many goes into the index
LOOKED_AT = 40  # of the texts that hold one shingle, so many of the first and of the last before are looked at
BUCKETS = 1 << 22  # of the table that counts in how many texts a shingle stands; a rare collision counts one too many
BOILERPLATE_WEIGHT = 0.02
USUAL_SHARE, USUAL_AT_LEAST = 0.01, 3  # a phrase in no more texts than this is nobody's phrase but theirs

NUMBERS = re.compile(r"[0-9〇零一二三四五六七八九十百千万亿两]+")
SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Text:
    """One text to compare. ``bearer``: whose it is; ``order``: what sorts it in time; ``names``: to be left out."""

    key: Hashable
    bearer: Hashable
    order: tuple
    words: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Likeness:
    """``later`` repeats ``earlier``: this share of the shorter of the two stands in both."""

    later: Hashable
    earlier: Hashable
    share: float
    is_same_bearer: bool


@dataclass(frozen=True)
class Bounds:
    """From what share on two texts are told of, and how many characters of its own a text must have to be compared."""

    share: float = 0.4
    least: int = 100


def normalise(words: str, names: Iterable[str] = ()) -> str:
    """Letters and characters alone, every number as one sign, without ``names``."""
    text = unicodedata.normalize("NFKC", words).lower()
    for name in names:
        if name:
            text = text.replace(name.lower(), "")
    return SIGNS.sub("", NUMBERS.sub("0", text))


def shingles(text: str) -> set[int]:
    """Of a normalised text; numbers stand for the runs of characters, the same in every process."""
    return {crc32(text[start : start + SHINGLE].encode()) for start in range(len(text) - SHINGLE + 1)}


def closeness(one: str, other: str, names: Iterable[str] = ()) -> float:
    """How close two short texts are, such as titles: the share of pairs of neighbouring characters they share."""
    names = tuple(names)
    pairs = [Counter(zip(text, text[1:], strict=False)) for text in (normalise(one, names), normalise(other, names))]
    total = pairs[0].total() + pairs[1].total()
    return 2 * (pairs[0] & pairs[1]).total() / total if total else 0.0


def compare(
    texts: Iterable[Text],
    *,
    boilerplate: Iterable[str] = (),
    bounds: Bounds | None = None,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> list[Likeness]:
    """比对: each text with the nearest earlier one of another bearer, and with the nearest of its own, if near enough.

    So a text that thirty units hand in is told of twenty-nine times, not four hundred.
    """
    ordered = sorted(texts, key=lambda text: text.order)
    corpus = _Corpus(ordered, set().union(*(shingles(normalise(words)) for words in boilerplate)), bounds or Bounds())
    found = []
    for position in range(len(ordered)):
        found += corpus.nearest(position)
        if position % 200 == 0:
            tell(position, len(ordered))
    return found


class _Corpus:
    def __init__(self, texts: Sequence[Text], boilerplate: set[int], bounds: Bounds) -> None:
        self.texts, self.boilerplate, self.bounds = texts, boilerplate, bounds
        self.usual = max(USUAL_AT_LEAST, int(len(texts) * USUAL_SHARE))
        self.held = [array("I", sorted(shingles(normalise(text.words, text.names)))) for text in texts]
        self.common = array("H", bytes(2 * BUCKETS))
        for value in chain.from_iterable(self.held):
            if self.common[value % BUCKETS] < 65_535:
                self.common[value % BUCKETS] += 1
        self.index: dict[int, list[int]] = {}
        self.own_index: dict[tuple[Hashable, int], list[int]] = {}

    def nearest(self, position: int) -> list[Likeness]:
        """Of the texts before this one; afterwards it stands in the index itself."""
        text, held = self.texts[position], self.held[position]
        sampled = [value for value in held if value % SAMPLED == 0 and value not in self.boilerplate]
        alike = self._alike(position, sampled)
        found = {}
        for other, share in self._weighed(position, list(alike)) if alike else ():
            is_same = self.texts[other].bearer == text.bearer
            # The nearest by what the two share and nothing else, so that a third text never changes which it is.
            if share >= self.bounds.share and alike[other] > found.get(is_same, (0, 0.0))[1]:
                found[is_same] = other, alike[other]
        for value in sampled:
            self.index.setdefault(value, []).append(position)
            self.own_index.setdefault((text.bearer, value), []).append(position)
        return [Likeness(text.key, self.texts[other].key, share, is_same) for is_same, (other, share) in found.items()]

    def _alike(self, position: int, sampled: list[int]) -> dict[int, float]:
        """Earlier texts that share enough shingles, common or not, the earliest first, with the share."""
        if len(self.held[position]) < self.bounds.least:
            return {}
        bearer = self.texts[position].bearer
        seen = Counter(chain.from_iterable(_ends(self.index.get(value, ())) for value in sampled))
        own = Counter(chain.from_iterable(self.own_index.get((bearer, value), ()) for value in sampled))
        held, alike = set(self.held[position]), {}
        for other, shared in (seen | own).items():
            smaller = min(len(held), len(self.held[other]))
            # Of the sample, less than half of what is asked for: chance must not hide a likeness.
            if smaller < self.bounds.least or shared < smaller / SAMPLED * self.bounds.share * 0.5:
                continue
            share = len(held.intersection(self.held[other])) / smaller
            if share >= self.bounds.share:
                alike[other] = share
        return dict(sorted(alike.items()))

    def _weighed(self, position: int, alike: list[int]) -> Iterable[tuple[int, float]]:
        """The likeness to each. Texts that are alike do not make one another's phrases common: one copy more is no excuse."""
        held = set(self.held[position])
        repeated = Counter(chain.from_iterable(self.held[other] for other in alike))
        weights = {value: self._weight(value, repeated) for value in held}
        whole = sum(weights.values())
        for other in alike:
            theirs = self.held[other]
            shared = sum(weights[value] for value in held.intersection(theirs))
            smaller = min(whole, sum(weights.get(value) or self._weight(value, repeated) for value in theirs))
            # What is left when the boilerplate is taken away must be a text at all.
            yield other, shared / smaller if smaller >= self.bounds.least / 2 else 0.0

    def _weight(self, value: int, repeated: Counter) -> float:
        if value in self.boilerplate:
            return BOILERPLATE_WEIGHT
        others = self.common[value % BUCKETS] - repeated[value]
        return 1.0 if others <= self.usual else self.usual / others


def _ends(positions: Sequence[int]) -> Iterable[int]:
    if len(positions) <= 2 * LOOKED_AT:
        return positions
    return chain(positions[:LOOKED_AT], positions[-LOOKED_AT:])
