"""去办 and 旁注: what an upper app offers beside a thing of a lower one, and what it has to say about it.

``offers("duty")`` registers a function of (user, duty); the page of the thing shows what all of them return. Kinds in
use: duty, record, document, organisation, problem, meeting, finding, sign, talk (the thing itself), ledger (the ``LedgerFilter`` in view)
and home (the day). ``panels("record")`` registers in the same way what is told on the page: an evaluation, say.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Offer:
    """One link: its words, its address, an icon of the sprite, a line of explanation."""

    label: str
    url: str
    icon: str = "letter"
    hint: str = ""


_offers: dict[str, list[Callable]] = defaultdict(list)


def offers(kind: str):
    """登记: the function gives a list of ``Offer``, empty for who may not."""

    def register(function):
        _offers[kind].append(function)
        return function

    return register


def offered(kind: str, user, thing) -> list[Offer]:
    """What ``user`` is offered beside ``thing``, in the order of registration."""
    return [offer for function in _offers[kind] for offer in function(user, thing)]


@dataclass(frozen=True)
class Line:
    """One thing told: its word, with a light if it has one; more words; small print."""

    label: str
    light: str = ""
    text: str = ""
    meta: str = ""
    url: str = ""


@dataclass(frozen=True)
class Panel:
    """旁注: a section of the page with a title and lines."""

    title: str
    lines: list[Line]


_panels: dict[str, list[Callable]] = defaultdict(list)


def panels(kind: str):
    """登记: the function of (user, thing) gives a list of ``Panel``, scoped to the reader."""

    def register(function):
        _panels[kind].append(function)
        return function

    return register


def told_of(kind: str, user, thing) -> list[Panel]:
    """What ``user`` is told beside ``thing``, in the order of registration."""
    return [panel for function in _panels[kind] for panel in function(user, thing)]
