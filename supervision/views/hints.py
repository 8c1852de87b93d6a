"""形式主义提示: the list, one hint with its two places side by side, the look for new ones (四（三）)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accountability.filters import Span
from accountability.record_filter import RecordFilter
from accountability.services.operations import worker_is_alive
from accountability.timeline import history_of_row
from accountability.views.downloads import sheet_response
from accountability.views.listing import Listing
from accountability.views.menus import Option, tabs_of
from accountability.years import years_opened
from supervision.board.indicators import figure
from supervision.hints.filter import STATES, HintFilter
from supervision.hints.forms import HintForm
from supervision.hints.parallels import parallels
from supervision.hints.sources import place_of
from supervision.hints.workflow import choices_for, may_judge, may_read_hints
from supervision.models import Hint
from supervision.rooms import room, tabs_for
from supervision.services import hints as verbs
from supervision.services.hint_sheets import hints_table

EXPORT_AT_MOST = 20_000
# What the two places of a hint are called, where they are not a later and an earlier one of a kind.
HEADS = {Hint.Kind.OLDER: ("佐证", "要求"), Hint.Kind.UNDECIDED: ("会议", ""), Hint.Kind.ZERO: ("自查", "")}

room(
    610,
    "形式主义提示",
    "hints",
    "雷同的文字、重复使用的照片、突击录入、开会没有决议：供人查看的迹象，不打分",
    icon="search",
    may=may_read_hints,
    waiting=lambda user: Hint.objects.visible_to(user).open().count() if may_judge(user) else 0,
)


def _of(state: str):
    return lambda user, year, on: HintFilter(state=state, year=year).rows(Hint.objects.visible_to(user))


for name, label, state in (
    ("hints_open", "待查看的形式主义提示", "open"),
    ("hints_confirmed", "已确认的提示", "confirmed"),
):
    figure(
        name,
        label,
        unit="条",
        rows=_of(state),
        url=lambda year, state=state: HintFilter(state=state, year=year).url,
        words="系统发现的迹象，由纪委逐条查看，确认或排除；不对单位打分",
        may=may_read_hints,
    )


def _readers_only(request) -> None:
    if not may_read_hints(request.user):
        raise PermissionDenied("形式主义提示由纪委查看办理，党委办公室可以查阅。")


@require_safe
def hint_list(request):
    _readers_only(request)
    chosen = HintFilter.read(request.GET)
    listing = Listing(request, chosen)

    def visible() -> QuerySet:
        return Hint.objects.visible_to(request.user)

    by_state = _counts(listing, "state", lambda: chosen.but(state="all").rows(visible()))
    by_kind = _counts(listing, "kind", lambda: chosen.but(kind="").rows(visible()))
    counted = dict.fromkeys(STATES, 0) | by_state | {"all": sum(by_state.values())}
    found = {kind: label for kind, label in Hint.Kind.choices if kind in by_kind}
    context = {
        "pager": listing.pager(lambda: chosen.rows(visible()).for_list(), Hint.objects.for_list),
        "chosen": chosen,
        "tabs": tabs_of(chosen, STATES, by="state", counts=counted),
        "kinds": tabs_of(chosen, found, by="kind", counts=by_kind),
        "kind_choices": Hint.Kind.choices,
        "all_kinds": Option("全部类别", chosen.but(kind="").url, not chosen.kind, sum(by_kind.values())),
        "units": listing.units(
            lambda: visible().order_by().values("organisation").union(visible().order_by().values("other"))
        ),
        "years": years_opened(request),
        "job": verbs.latest_look(),
        "worker_is_alive": worker_is_alive(),
        "may_judge": may_judge(request.user),
        "all_url": HintFilter(state="all").url,
        "room_tabs": tabs_for(request.user, "hints"),
    }
    template = "supervision/hints/_look.html" if request.htmx else "supervision/hints/hint_list_page.html"
    return render(request, template, context)


def _counts(listing: Listing, name: str, rows) -> dict[str, int]:
    return dict(listing.rows(f"by {name}", lambda: rows().order_by().values_list(name).annotate(Count("pk"))))


@require_safe
def export(request):
    """导出: the rows of the same filter."""
    _readers_only(request)
    rows = HintFilter.read(request.GET).rows(Hint.objects.visible_to(request.user)).for_list()
    return sheet_response(f"形式主义提示-{timezone.localdate()}", hints_table(rows[:EXPORT_AT_MOST]))


@require_POST
def look(request):
    """立即查找."""
    _readers_only(request)
    verbs.order(by=request.user)
    messages.success(request, "开始查找，可以离开本页；已查看过的提示不会重复出现。")
    return redirect("hints")


def _through_the_door(request, pk: int) -> Hint:
    return get_object_or_404(Hint.objects.visible_to(request.user).for_list().select_related("author"), pk=pk)


@require_safe
def hint(request, pk: int):
    return _page(request, _through_the_door(request, pk))


def _page(request, row: Hint, *, status: int = 200, refused: str = "", refusals=(), typed: str = ""):
    later = place_of(row.later_kind, row.later_id, request.user)
    earlier = place_of(row.earlier_kind, row.earlier_id, request.user)
    compared = row.kind in Hint.TEXTS and later and earlier and later.words and earlier.words
    context = {
        "hint": row,
        "later": later,
        "earlier": earlier,
        "parallels": parallels(later.words, earlier.words) if compared else None,
        "heads": HEADS.get(row.kind, ("后", "先")),
        "is_photo": row.kind in Hint.PHOTOS,
        "day_url": _day_url(row),
        "others": _others(request.user, row),
        "choices": choices_for(row, request.user),
        "refused": refused,
        "refusals": refusals,
        "typed": typed,
        "changes": history_of_row(row),
    }
    return render(request, "supervision/hints/hint_page.html", context, status=status)


def _day_url(row: Hint) -> str:
    """The records a hint about one day speaks of."""
    if row.day is None:
        return ""
    view = "late" if row.kind == Hint.Kind.LATE else "all"
    chosen = RecordFilter(row.work_year_id, view=view, unit=row.organisation_id, entered=Span.read(f"{row.day}"))
    return chosen.url


def _others(user, row: Hint) -> list[Hint]:
    """Other hints on the same material, newest first."""
    rows = Hint.objects.visible_to(user).exclude(pk=row.pk).exclude(state=Hint.State.GONE)
    if row.later_id is None:
        return []
    here = [(row.later_kind, row.later_id), (row.earlier_kind, row.earlier_id)]
    same = Q()
    for kind, pk in here:
        if pk is not None:
            same |= Q(later_kind=kind, later_id=pk) | Q(earlier_kind=kind, earlier_id=pk)
    return list(rows.filter(same).for_list()[:10])


@require_POST
def act(request, pk: int):
    """确认、排除、重新查看."""
    row, name = _through_the_door(request, pk), request.POST.get("act", "")
    form = HintForm(request.POST)
    refusals = [error for errors in form.errors.values() for error in errors]
    if form.is_valid():
        try:
            done = verbs.perform(row, name, by=request.user, words=form.cleaned_data["words"])
        except ValidationError as error:
            refusals = error.messages
        else:
            messages.success(request, f"这条提示{done.get_state_display() if done.words else '已重新列为待查看'}。")
            return redirect("hint", pk=row.pk)
    typed = request.POST.get("words", "")
    return _page(request, row, status=400, refused=name, refusals=refusals, typed=typed)
