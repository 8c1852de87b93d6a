"""限定知悉: duties and records that only those see whom an upper app names, whoever else's ledger they stand in (二（二）).

Not state secrets: those are refused. ``knows("duty")`` registers a function of the user that gives the ids he is told of;
a queryset's ``visible_to`` shows these besides what is ordinary in his reach, and hides every other confidential row.
The ids are read once per request's user object, like his grants: a subquery in each scope would be too deep for SQLite.
"""

from collections import defaultdict
from collections.abc import Callable

from django.db.models import Q

_knowers: dict[str, list[Callable]] = defaultdict(list)


def knows(kind: str):
    """登记: the function gives ids of ``kind`` (duty or record)."""

    def register(function):
        _knowers[kind].append(function)
        return function

    return register


def ids_known_to(user, kind: str) -> set[int]:
    if not hasattr(user, "_known_rows"):
        user._known_rows = {}
    if kind not in user._known_rows:
        user._known_rows[kind] = {pk for function in _knowers[kind] for pk in function(user)}
    return user._known_rows[kind]


def told_of(user) -> tuple[frozenset[int], ...]:
    """All that ``known_to`` knows of ``user``, for a key (``statements``)."""
    return tuple(frozenset(ids_known_to(user, kind)) for kind in ("duty", "record"))


def known_to(user, kind: str) -> Q:
    """The confidential rows ``user`` is told of."""
    return Q(pk__in=ids_known_to(user, kind), is_confidential=True)
