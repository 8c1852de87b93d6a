"""调研督查的页面 (三（四）3)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial, wraps

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from accountability.filters import Filter
from accountability.views.listing import Listing
from accountability.views.menus import tabs_of
from accountability.years import years_opened
from inspections.research_access import takes_part


def business_only(view: Callable) -> Callable:
    """The pages without an object of their own: closed to 三员, inspectors and people without a post."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not takes_part(request.user):
            raise PermissionDenied("您的岗位不办理调研督查。")
        return view(request, *args, **kwargs)

    return guarded


@dataclass(frozen=True)
class Figure:
    """A number and the rows it counts: the address is that of the filter that counted them."""

    label: str
    value: int
    url: str
    state: str
    note: str = ""


def figure(label: str, chosen: Filter, rows: QuerySet, state: str, *, on, user, note: str = "") -> Figure:
    return Figure(label, chosen.rows(rows, on=on, user=user).count(), chosen.url, state, note)


def figures_of(listing: Listing, whole: Filter, shown: Iterable[tuple[str, str, str]], rows: Callable) -> list[Figure]:
    """``shown``: view, label and light of each; ``rows`` finds those of a filter. One query for all."""
    views = {view: whole.but(view=view) for view, _, _ in shown}
    counts = listing.counts({view: partial(rows, chosen) for view, chosen in views.items()}, "figures")
    return [Figure(label, counts[view], views[view].url, state) for view, label, state in shown]


def list_context(listing: Listing, chosen: Filter, units: Callable[[], QuerySet] | None = None) -> dict:
    """What every list of ours shows beside its rows."""
    return {
        "chosen": chosen,
        "tabs": tabs_of(chosen),
        "units": listing.units(units) if units else [],
        "years": years_opened(listing.request),
        "all_url": type(chosen)().url,
    }


def steps(choices, refused: str = "", refusals=(), typed=None) -> dict:
    """您可以办理, as research/_steps.html shows it."""
    return {"choices": choices, "refused": refused, "refusals": list(refusals), "typed": typed or {}}
