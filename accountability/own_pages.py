"""专页: acts recorded on a page of their own, which asks more than the ordinary form; upper apps register theirs.

So that there is one way to record each act: the ordinary form, a duty's page and a record's page all lead there.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from accountability.models import Duty, Record


@dataclass(frozen=True)
class Occasion:
    """Who is about to record an act, for which working year, and for which duty, if for one."""

    organisation_id: int
    year: int
    duty: Duty | None = None


@dataclass(frozen=True)
class OwnPage:
    """``new`` says where the act is recorded on an occasion, ``of`` where a record of it is told in full.

    Either may be empty: then the ordinary page does. ``mends``: a returned record is changed there too.
    """

    label: str
    new: Callable[[Occasion], str]
    of: Callable[[Record], str]
    mends: bool = False


_pages: dict[str, OwnPage] = {}


def recorded_elsewhere(act: str, page: OwnPage) -> None:
    """登记专页 of an act, by its code."""
    _pages[act] = page


def where_to_record(act: str, occasion: Occasion) -> str:
    """The address at which this act is recorded; empty for the ordinary form."""
    return _pages[act].new(occasion) if act in _pages else ""


def where_to_mend(record: Record) -> str:
    """The address at which a returned record is changed; empty for the ordinary form."""
    page = _pages.get(record.act.code)
    return page.of(record) if page and page.mends else ""


@dataclass(frozen=True)
class Link:
    label: str
    url: str


def page_of(record: Record) -> Link | None:
    """Where a record is told in full, if anywhere but on its own page."""
    page = _pages.get(record.act.code)
    url = page.of(record) if page else ""
    return Link(page.label, url) if url else None


def with_query(name: str, **query) -> str:
    pairs = "&".join(f"{key}={value}" for key, value in query.items() if value)
    return reverse(name) + (f"?{pairs}" if pairs else "")
