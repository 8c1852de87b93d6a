"""去办: what an upper app offers beside a thing of a lower one, such as a letter about this duty.

``offers("duty")`` registers a function of (user, duty); the page of the thing shows what all of them return. Kinds in
use: duty, record, organisation, problem, meeting, finding, sign, talk (the thing itself), ledger (the ``LedgerFilter`` in view)
and home (the day).
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
