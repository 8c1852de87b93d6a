"""字: which face draws which character. Fandol holds the 6763 everyday characters; 喆、堃、䶮、𬭎 fall to Noto Serif."""

import re
import subprocess
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

GETA = "〓"  # the printer's mark for a character he does not have
HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# No break is offered beside a quotation mark; Chinese has no spaces, so we offer one: outside, never inside the quotation.
BREAKS = re.compile(f"(?<=[{HAN}，。；：、！？）》])(?=[“‘])|(?<=[”’])(?=[{HAN}（《])")
# A word longer than a line holds would be searched for a break letter by letter: minutes. It is offered some.
LONG_WORD, SYLLABLE = re.compile(r"[^\s\u2e80-\U0003ffff]{25,}"), re.compile(".{1,12}")
NEWLINES = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
INVISIBLE = {"Cc", "Cf", "Cs"}
NONCHARACTERS = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")  # no XML holds them
SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
HYPHEN, PLAIN_HYPHEN = "\u2011", "-"  # no Chinese font has the first; the search for one takes a minute
SPACES = re.compile("[\t\u00a0\u2000-\u200a\u202f\u205f]")


@dataclass(frozen=True)
class Face:
    """A face of the house: its name in the style sheet, its file, and what draws the characters it lacks."""

    family: str
    file: str
    fallback: str


SERIF, SANS = "Noto Serif CJK SC", "Noto Sans CJK SC"
FACES = {
    "fang": Face("GW FangSong", "FandolFang-Regular.otf", SERIF),
    "kai": Face("GW Kai", "FandolKai-Regular.otf", SERIF),
    "hei": Face("GW Hei", "FandolHei-Regular.otf", SANS),
    "song": Face(SERIF, "", SERIF),
    "sans": Face(SANS, "", SANS),
}


def font_path(face: Face) -> Path:
    return Path(settings.FONT_DIR) / face.file


@cache
def drawn_by(face: Face) -> frozenset[int]:
    """The characters this face itself draws; a Fandol that is not installed draws none, Noto stands in."""
    if not face.file:
        return installed(face.family)
    if not font_path(face).exists():
        return frozenset()
    from fontTools.ttLib import TTFont

    with TTFont(font_path(face), lazy=True) as font:
        return frozenset(font.getBestCmap())


@cache
def installed(family: str) -> frozenset[int]:
    """The characters of a font of the system, as fontconfig (which chooses it for us) counts them."""
    told = subprocess.run(  # noqa: S603  (the family is one of our two)
        ["fc-match", "-f", "%{family}\n%{charset}", family],  # noqa: S607  (fontconfig is where the system keeps it)
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found, _, ranges = told.partition("\n")
    if family not in found:
        return frozenset()
    drawn: set[int] = set()
    for each in ranges.split():
        first, _, last = each.partition("-")
        drawn.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(drawn)


def clean(text: str) -> str:
    """What can stand on paper: one kind of line end, no control, bidi or half characters, no shape selectors."""
    if text.isprintable():  # most is: no space but " ", nothing invisible
        return SELECTORS.sub("", text).replace(HYPHEN, PLAIN_HYPHEN)
    text = SPACES.sub(" ", SELECTORS.sub("", NEWLINES.sub("\n", text))).replace(HYPHEN, PLAIN_HYPHEN)
    return "".join(
        each for each in NONCHARACTERS.sub("", text) if each == "\n" or unicodedata.category(each) not in INVISIBLE
    )


def breakable(text: str) -> list[str]:
    """The text in pieces between which a line may break although it holds no space."""
    pieces = (piece for piece in BREAKS.split(text))
    return [short for piece in pieces for short in _syllables(piece)]


def _syllables(text: str) -> Iterator[str]:
    at = 0
    for long in LONG_WORD.finditer(text):
        yield from [text[at : long.start()]] if long.start() > at else []
        yield from SYLLABLE.findall(long.group())
        at = long.end()
    yield from [text[at:]] if at < len(text) else []


def kind_of(character: str, face: Face) -> str:
    """Who draws it: ``own`` the face, ``num`` Noto's lighter numerals and Latin, ``fb`` and ``fs`` its fallbacks."""
    code = ord(character)
    if character.isascii() and character != " " and face.fallback == SERIF:
        return "num"
    if code in drawn_by(face):
        return "own"
    if code in installed(face.fallback):
        return "fb"
    other = SANS if face.fallback == SERIF else SERIF
    return "fs" if code in installed(other) else "missing"


def runs(text: str, face: Face) -> Iterator[tuple[str, str]]:
    """The text in pieces that one font draws: (kind, piece)."""
    kind, piece = "", ""
    for character in text:
        new = kind if character == " " and kind in ("own", "num") else kind_of(character, face)
        if new != kind and piece:
            yield kind, piece
            piece = ""
        kind, piece = new, piece + character
    if piece:
        yield kind, piece


def missing_from(text: str) -> tuple[str, ...]:
    """Characters that no installed font draws, each once, in order: the caller refuses with 这些字没有字形."""
    once = dict.fromkeys(each for each in clean(text) if each != "\n")
    return tuple(each for each in once if kind_of(each, FACES["fang"]) == "missing")


def with_getas(text: str) -> str:
    """The text with 〓 for what no font draws: a PDF would show any other character's glyph in its place."""
    return text.translate({ord(each): GETA for each in missing_from(text)})
