"""引用: a number in a text carries the code of the figure it comes from, 3〔F-05〕次 (4.3.2).

The code stands right behind the number, which may be a rate or —. Formal paper drops codes, Word hides them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

CODE = re.compile(r"〔([A-Z]{1,2}-\d{2,4})〕")
REFERENCE = re.compile(r"(\d+(?:\.\d+)?%?|—)〔([A-Z]{1,2}-\d{2,4})〕")


@dataclass(frozen=True)
class Reference:
    """A number, the code behind it, and where both stand in the text."""

    number: str
    code: str
    start: int
    end: int


def references(text: str) -> Iterator[Reference]:
    """Every traced number, in order."""
    for found in REFERENCE.finditer(text):
        yield Reference(found.group(1), found.group(2), found.start(), found.end())


def without_references(text: str) -> str:
    """The text as it is read aloud; a code whose number somebody deleted goes as well."""
    return CODE.sub("", text)
