"""骨架: of what kinds of elements a page is made, so that it is opened where it holds something not yet looked at.

What one element can say in the console hangs on its name, its attributes and classes, what it loads; not on its words.
"""

import re

TAG = re.compile(r"<([a-z][a-z0-9-]*)((?:\s+[^\s=>/]+(?:=(?:\"[^\"]*\"|'[^']*'|[^\s>]*))?)*)\s*/?>", re.I)
ATTRIBUTE = re.compile(r"([^\s=>/]+)(?:=(?:\"([^\"]*)\"|'([^']*)'|([^\s>]*)))?")
TOLD = ("class", "type", "role", "src", "rel", "hx-boost", "hx-swap", "hx-trigger", "aria-current", "aria-sort")
"""Attributes whose value makes another kind of element; of the others it counts that they are there."""

Kind = tuple[str, frozenset[str]]


def kinds_of(html: str) -> set[Kind]:
    """Kinds of elements of a page: its name with its attributes; numbers in what it loads are all one."""
    return {(tag, frozenset(_words(attributes))) for tag, attributes in TAG.findall(html)}


def _words(attributes: str):
    for name, *values in ATTRIBUTE.findall(attributes):
        value = next(filter(None, values), "")
        yield f"{name}={re.sub(r'[0-9]+', '0', value)}" if name in TOLD else name


class Seen:
    """What has been looked at, by the name of an address."""

    def __init__(self) -> None:
        self._kinds: dict[str, set[Kind]] = {}

    def is_new(self, name: str, html: str) -> bool:
        """Whether the page holds a kind of element not seen at this address; from now on it is seen."""
        kinds, seen = kinds_of(html), self._kinds.setdefault(name, set())
        is_new = not kinds <= seen
        seen |= kinds
        return is_new
