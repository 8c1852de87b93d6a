"""调研督查的页面 (三（四）3)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from accountability.filters import Filter
from accountability.models import Organisation
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


def list_context(request, chosen: Filter, units: QuerySet) -> dict:
    """What every list of ours shows beside its rows."""
    return {
        "chosen": chosen,
        "tabs": tabs_of(chosen),
        "units": Organisation.objects.filter(pk__in=units).order_by("rank", "pk"),
        "years": years_opened(request),
        "all_url": type(chosen)().url,
    }


def steps(choices, refused: str = "", refusals=(), typed=None) -> dict:
    """您可以办理, as research/_steps.html shows it."""
    return {"choices": choices, "refused": refused, "refusals": list(refusals), "typed": typed or {}}
