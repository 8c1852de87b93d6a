"""分页: one way to cut a list into pages and to say where one is."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

PAGE_SIZE = 30


@dataclass(frozen=True)
class Pager:
    """What components/_pager.html shows."""

    page: Page
    previous_url: str
    next_url: str

    @property
    def total(self) -> int:
        return self.page.paginator.count

    @property
    def first(self) -> int:
        return self.page.start_index()

    @property
    def last(self) -> int:
        return self.page.end_index()


def numbers_between(rows: QuerySet, start: int, stop: int, count: int) -> tuple[QuerySet, bool]:
    """Of a page nearer the end from the end, where the order leaves no two rows alike: what is passed over is read too.

    Second: whether they come backwards.
    """
    pks = rows.values_list("pk", flat=True)
    last = (rows.query.order_by or rows.model._meta.ordering or ("",))[-1]
    if start > count - stop and last in ("pk", "-pk", "id", "-id"):
        return pks.reverse()[count - stop : count - start], True
    return pks[start:stop], False


def unconditional(rows: QuerySet) -> QuerySet:
    """All rows with what ``rows`` shows of each; those that are wanted were found just now."""
    everything = rows.order_by()
    everything.query.where = everything.query.where.__class__()
    return everything


def paged(request, rows: Sequence | QuerySet, size: int | None = None) -> Pager:
    """The page ``?page=`` asks for of what is short or was worked out in Python; of all else ``listing`` makes pages.

    Anything unreadable gives the first page, anything beyond the last.
    """
    return pager_of(request, Paginator(rows, size or PAGE_SIZE))


def pager_of(request, leaves: Paginator) -> Pager:
    page = leaves.get_page(request.GET.get("page"))
    kept = [(name, value) for name, values in request.GET.lists() if name != "page" for value in values]

    def address(number: int) -> str:
        return "?" + urlencode([*kept, ("page", number)])

    return Pager(
        page=page,
        previous_url=address(page.previous_page_number()) if page.has_previous() else "",
        next_url=address(page.next_page_number()) if page.has_next() else "",
    )
