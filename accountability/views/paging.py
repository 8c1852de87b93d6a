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


def paged(request, rows: QuerySet, size: int = PAGE_SIZE) -> Pager:
    """The page ``?page=`` asks for; anything unreadable gives the first, anything beyond gives the last."""
    page = Paginator(rows, size).get_page(request.GET.get("page"))
    kept = [(name, value) for name, values in request.GET.lists() if name != "page" for value in values]

    def address(number: int) -> str:
        return "?" + urlencode([*kept, ("page", number)])

    return Pager(
        page=page,
        previous_url=address(page.previous_page_number()) if page.has_previous() else "",
        next_url=address(page.next_page_number()) if page.has_next() else "",
    )
