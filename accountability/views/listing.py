"""列表的查询: what a page with a list asks the database, each statement written once for what shapes it (``statements``).

A list is read in two steps: the numbers of its page under its conditions and scope, which differ by who asks; then these rows with
all they show, by one statement whoever asks.
"""

from collections.abc import Callable, Hashable, Mapping
from functools import cached_property

from django.core.paginator import Page, Paginator
from django.db.models import Expression, IntegerField, Model, Q, QuerySet, Value

from accountability import access, statements
from accountability.counting import counts_again, counts_within, how_many, how_many_besides
from accountability.models import Organisation
from accountability.views import paging
from accountability.views.paging import Pager, numbers_between, pager_of, unconditional
from accountability.years import year_in_view

Find = Callable[[], QuerySet]
DIGITS_AT_MOST = 7  # of the number of a page that is read at once; of any other the paginator says what it is


class Listing:
    """One request's questions. ``shape``: what else they look at, such as the filter that was read from the address."""

    def __init__(self, request, *shape: Hashable):
        self.request = request
        match = request.resolver_match
        self.name = match.view_name
        place = (self.name, tuple(sorted(match.kwargs.items())))
        self.shape = (place, year_in_view(request), *shape)

    def key(self, what: Hashable) -> Hashable:
        """All that shapes an answer: the page, who asks, the day, the filter."""
        of_user = access.shape_of(self.request.user)
        return of_user and (what, of_user, *self.shape)

    def counts(self, rows: Mapping[str, Find], what: str = "counts") -> dict[str, int]:
        """How many rows each finds, in one query. ``what`` tells the counts of a page apart."""
        return counts_again(self.key((what, tuple(rows))), rows)

    def counts_within(
        self, rows: Find, conditions: Callable[[], dict[str, Q | None]], what: str = "within"
    ) -> dict[str, int]:
        """How many of ``rows`` meet each of the conditions, in one reading of them."""
        return counts_within(self.key(what), rows, conditions)

    def objects(self, what: str, find: Find) -> list[Model]:
        """A few rows beside the list, such as the choices of a menu."""
        return statements.objects(self.key(what), find)

    def units(self, ids: Find) -> list[Organisation]:
        """单位 of a menu, those that ``ids`` finds."""
        rows = Organisation.objects.select_related("parent").order_by("rank", "pk")
        return self.objects("units", lambda: rows.filter(pk__in=ids()))

    def rows(self, what: Hashable, find: Find) -> list[tuple]:
        """Columns, as the database gives them."""
        return statements.rows(self.key(what), find)

    def pager(
        self,
        rows: Find,
        lines: Find | None = None,
        *,
        lines_by: Hashable = (),
        size: int | None = None,
        count: int | None = None,
    ) -> Pager:
        """The page ``?page=`` asks for; anything unreadable gives the first, anything beyond gives the last.

        ``rows``: which rows, in their order. ``lines``: all rows with what a line shows, shaped by nothing but ``lines_by``;
        without it ``rows`` says that too. ``count``: how many there are, where that was counted with something else.
        """
        return pager_of(self.request, _Leaves(self, rows, lines, lines_by, size or paging.PAGE_SIZE, count))


class _Leaves(Paginator):
    def __init__(
        self, listing: Listing, rows: Find, lines: Find | None, lines_by: Hashable, size: int, count: int | None
    ):
        super().__init__((), size)
        self.known = count
        self.listing, self.rows = listing, rows
        self.is_counted_besides = count is None and not access.may_see_whole_school(listing.request.user)
        self.asked = self._start_of(listing.request.GET.get("page", "")) if self.is_counted_besides else 0
        self.lines = lines or (lambda: unconditional(rows()))
        self.lines_by = ("lines", listing.name, lines_by) if lines else listing.key("lines")

    def _start_of(self, page: str) -> int:
        number = int(page) if page.isdecimal() and len(page) <= DIGITS_AT_MOST else 0
        return max(number - 1, 0) * self.per_page

    @cached_property
    def beginning(self) -> list[tuple[int, int]]:
        return self._counted_from(0)

    @cached_property
    def wanted(self) -> list[tuple[int, int]]:
        """The page that is asked for, where all rows have to be found for their number anyway."""
        return self._counted_from(self.asked) if self.asked else self.beginning

    def _counted_from(self, start: int) -> list[tuple[int, int]]:
        """The numbers of a page, each with how many rows there are in all, unless that is known: one query."""

        def find() -> QuerySet:
            rows = self.rows()
            return rows.values_list("pk", self._number_of(rows))[start : start + self.per_page]

        what = ("from", start, self.per_page, self.known is None)
        return [(row[0], row[1]) for row in self.listing.rows(what, find)]

    def _number_of(self, rows: QuerySet) -> Expression:
        if self.known is not None:
            return Value(0)
        return how_many_besides(rows) if self.is_counted_besides else how_many(rows)

    @cached_property
    def count(self) -> int:
        if self.known is not None:
            return self.known
        found = self.wanted or self.beginning
        return found[0][1] if found else 0

    def page(self, number) -> Page:
        if str(number) == "1":
            return self._get_page(self._shown([pk for pk, _ in self.beginning]), 1, self)
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        if self.asked == start:
            return self._get_page(self._shown([pk for pk, _ in self.wanted]), number, self)
        return self._get_page(self._shown(self._between(start, min(start + self.per_page, self.count))), number, self)

    def _between(self, start: int, stop: int) -> list[int]:
        def find() -> QuerySet:
            numbers, is_backwards = numbers_between(self.rows(), start, stop, self.count)
            return numbers.values_list("pk", Value(int(is_backwards), output_field=IntegerField()))

        found = self.listing.rows(("between", start, stop, self.count), find)
        pks = [row[0] for row in found]
        return pks[::-1] if found and found[0][-1] else pks

    def _shown(self, pks: list[int]) -> list[Model]:
        return statements.these(self.lines_by, self.lines, pks, self.per_page)
