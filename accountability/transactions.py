"""事务: a call that writes is carried out whole or not at all; one that reads begins no transaction and waits for nobody.

SQLite has one writer at a time, and a transaction of ours begins as one (docs/decisions/0029): a page would wait for the slowest
page before it. What a reading call writes all the same (an event of an export) the services write in transactions of their own.
"""

from collections.abc import Iterable
from functools import wraps

from django.db import transaction
from django.urls import URLPattern, URLResolver

READING = ("GET", "HEAD", "OPTIONS", "TRACE")


def where_they_write(patterns: Iterable) -> list:
    """The same patterns; a view that says nothing of transactions itself is atomic for calls that may write, and for these alone."""
    patterns = list(patterns)
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            where_they_write(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and not hasattr(pattern.callback, "_non_atomic_requests"):
            pattern.callback = _where_it_writes(pattern.callback)
    return patterns


def _where_it_writes(view):
    whole = transaction.atomic(view)

    @wraps(view)
    def call(request, *args, **kwargs):
        return (view if request.method in READING else whole)(request, *args, **kwargs)

    return transaction.non_atomic_requests(call)
