"""水印: who looked at a confidential page, and when, over the page itself; a photograph of it tells where it came from (二（二）).

Upper apps name their confidential addresses; a view says so of one row by ``request.is_confidential = True``. On screen and print the
frame of every page draws it, in a workbook it stands above the table and on every printed sheet, on a PDF made for this reader across each page.
A paper that is verified by its hash bears none: it is the same bytes for everybody (docs/security.md).
"""

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

_confidential: set[str] = set()


def confidential(*names: str) -> None:
    """限定知悉的页面, by the names of their addresses."""
    _confidential.update(names)


def confidential_names() -> frozenset[str]:
    return frozenset(_confidential)


def is_confidential(request: HttpRequest) -> bool:
    match = request.resolver_match
    return getattr(request, "is_confidential", False) or bool(match and match.view_name in _confidential)


def mark_of(user, at: datetime | None = None) -> str:
    """陆知行 member 2026-11-23 09:00: the name, the user name that is nobody else's, and the minute."""
    moment = timezone.localtime(at or timezone.now())
    return f"{user.name} {user.username} {moment:%Y-%m-%d %H:%M}"
