"""限定知悉: duties and records that only those see whom an upper app names, whoever else's ledger they stand in (二（二）).

Not state secrets: those are refused. ``knows("duty")`` registers a function of the user that gives the ids he is told of;
a queryset's ``visible_to`` shows these besides what is ordinary in his reach, and hides every other confidential row.
"""

from collections import defaultdict
from collections.abc import Callable

from django.db.models import Q

_knowers: dict[str, list[Callable]] = defaultdict(list)


def knows(kind: str):
    """登记: the function gives a queryset of ids of ``kind`` (duty or record)."""

    def register(function):
        _knowers[kind].append(function)
        return function

    return register


def known_to(user, kind: str) -> Q:
    """The confidential rows ``user`` is told of."""
    known = Q(pk__in=[])
    for function in _knowers[kind]:
        known |= Q(pk__in=function(user))
    return known & Q(is_confidential=True)
