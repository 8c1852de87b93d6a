"""分页: one way to cut a list into pages and to say where one is."""

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


class Leafing(Paginator):
    """Of many rows the page's numbers first, then these rows alone with all they show: a database sorts what is narrow."""

    MANY = 300

    def page(self, number) -> Page:
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        stop = min(start + self.per_page, self.count)
        rows = self.object_list
        if self.count > self.MANY and _is_of_objects(rows):
            numbers, is_backwards = numbers_between(rows, start, stop, self.count)
            pks = list(numbers)[:: -1 if is_backwards else 1]
            found = {row.pk: row for row in unconditional(rows).filter(pk__in=pks)}
            return self._get_page([found[pk] for pk in pks if pk in found], number, self)
        return self._get_page(rows[start:stop], number, self)


def _is_of_objects(rows) -> bool:
    return isinstance(rows, QuerySet) and not rows._fields and not rows.query.combinator and not rows.query.distinct


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


def paged(request, rows: QuerySet, size: int | None = None, *, count: int | None = None) -> Pager:
    """The page ``?page=`` asks for; anything unreadable gives the first, anything beyond gives the last.

    ``count``: how many ``rows`` there are, where that was counted with something else.
    """
    leaves = Leafing(rows, size or PAGE_SIZE)
    if count is not None:
        leaves.count = count
    return pager_of(request, leaves)


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
