"""廉政档案: the register, one archive under an opening, its papers, the year's update (二（二）)."""

from functools import partial

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability import access
from accountability.counting import counts_of
from accountability.filters import whole_number
from accountability.forms import refusals_in
from accountability.models import Person
from accountability.timeline import history_of_rows
from accountability.views.downloads import kept_response, sheet_response
from accountability.views.listing import Listing
from accountability.views.menus import tabs_of
from accountability.years import year_in_view, years_opened
from supervision.archives import cadres
from supervision.archives import index as archive_index  # noqa: F401  the index registers its sections
from supervision.archives.access import KEEPERS, finds_archives, is_keeper
from supervision.archives.filters import CadreFilter
from supervision.archives.forms import KindForm, OpenForm, PaperForm, ReasonForm, UpdateForm
from supervision.archives.lines import index_of
from supervision.archives.workflow import PAPER_TRANSITIONS, choices_for
from supervision.board.indicators import figure
from supervision.models import Archive, ArchivePaper, ArchiveUpdate, OpeningRequest, PaperKind
from supervision.rooms import room
from supervision.services import archives as verbs
from supervision.services import openings
from supervision.services.archive_sheets import cadres_table, index_table


def _waiting(user: Person) -> int:
    """Papers to confirm and requests to decide."""
    rows = {"papers": ArchivePaper.objects.none(), "requests": OpeningRequest.objects.waiting_for(user)}
    if is_keeper(user):
        rows["papers"] = ArchivePaper.objects.waiting_for(user)
    return sum(counts_of(rows).values())


room(
    400, "廉政档案", "archives", "一人一档，查阅须写明目的并登记，本人和亲属回避", icon="archive",
    may=finds_archives, waiting=_waiting,
)  # fmt: skip

for _name, _label, _unit, _view in (
    ("archives", "廉政档案", "份", "kept"),
    ("archives_missing", "未建档", "人", "overdue"),
    ("archives_stale", "廉政档案未年度更新", "份", "stale"),
):
    figure(
        _name, _label, unit=_unit,
        rows=lambda user, year, on, view=_view: CadreFilter(view=view, year=year).rows(cadres.in_reach(user, on, year)),
        url=lambda year, view=_view: CadreFilter(view=view, year=year).url,
        may=is_keeper,
    )  # fmt: skip


def only_keepers(request) -> None:
    if not is_keeper(request.user):
        raise PermissionDenied(KEEPERS)


@require_safe
def archive_list(request):
    """档案目录 for who keeps them; everybody else is led to what he asked for."""
    user, today = request.user, timezone.localdate()
    if not finds_archives(user):
        raise PermissionDenied(KEEPERS)
    if not is_keeper(user):
        return redirect("opening_requests")
    year = year_in_view(request)
    chosen = CadreFilter.read(request.GET).but(year=year)
    listing = Listing(request, chosen)

    def rows(chosen: CadreFilter = chosen) -> QuerySet:
        return chosen.rows(cadres.in_reach(user, today, year))

    counts = listing.counts({name: partial(rows, chosen.but(view=name, q="")) for name in CadreFilter.VIEWS})
    context = {
        "pager": listing.pager(lambda: cadres.in_order(rows()), lambda: cadres.for_list(today), lines_by=today),
        "chosen": chosen,
        "counts": counts,
        "urls": {name: chosen.but(view=name, q="").url for name in CadreFilter.VIEWS},
        "tabs": tabs_of(chosen.but(q=""), counts=counts),
        "year": year,
        "years": years_opened(request),
    }
    return render(request, "supervision/archives/archive_list_page.html", context)


@require_safe
def archive_list_export(request):
    """导出 what the list shows under the same filters."""
    only_keepers(request)
    today, year = timezone.localdate(), year_in_view(request)
    chosen = CadreFilter.read(request.GET).but(year=year)
    people = cadres.for_list(today, chosen.rows(cadres.in_reach(request.user, today, year)))
    title = f"廉政档案目录（{CadreFilter.VIEWS[chosen.view]}，{year} 年度，{today}）"
    return sheet_response(title, cadres_table(title, people), reader=request.user)


@require_POST
def establish(request):
    """建档: one by his number, or all who are without."""
    only_keepers(request)
    wanted = request.POST.get("person", "")
    if not wanted:
        made = verbs.establish_all(by=request.user)
        messages.success(request, f"已为 {len(made)} 名干部建档。")
        return redirect("archives")
    today = timezone.localdate()
    people = cadres.in_reach(request.user, today, today.year)
    person = get_object_or_404(people, pk=whole_number(wanted))
    verbs.establish([person], by=request.user)
    messages.success(request, f"已为{person.name}建档。")
    return redirect("archive", pk=person.archive.pk)


# ── 一份档案 ─────────────────────────────────────────────────────────────────────────────────


def through_the_door(request, pk: int) -> Archive:
    rows = Archive.objects.visible_to(request.user).select_related("person", "established_by")
    return get_object_or_404(rows, pk=pk)


@require_safe
def archive(request, pk: int):
    return _page(request, through_the_door(request, pk))


def _page(request, row: Archive, *, status: int = 200, **forms):
    """Without a live opening the page asks for the purpose and shows nothing."""
    user, today = request.user, timezone.localdate()
    opening = openings.live_opening(row, user)
    if opening is None:
        granted = OpeningRequest.objects.granted(today).filter(archive=row, asked_by=user.pk).first()
        initial = {"purpose": granted.purpose, "words": granted.words} if granted else {}
        minutes = settings.ARCHIVE_OPEN_MINUTES
        context = {"archive": row, "granted": granted, "form": OpenForm(initial=initial), "minutes": minutes, **forms}
        return render(request, "supervision/archives/open_page.html", context, status=status)
    year = year_in_view(request)
    papers = ArchivePaper.objects.visible_to(user).filter(archive=row)
    papers = papers.select_related("kind", "filed_by", "confirmed_by", "archive")
    keeps = is_keeper(user)
    updates = list(row.updates.select_related("updated_by"))
    context = {
        "archive": row,
        "opening": opening,
        "posts": cadres.posts_in_words(row.person, today),
        "papers": [
            {"paper": one, "choices": choices_for(one, PAPER_TRANSITIONS, user) if keeps else []} for one in papers
        ],
        "sections": index_of(row.person, today),
        "updates": updates,
        "is_updated": any(one.work_year_id == year for one in updates),
        "keeps": keeps,
        "follows": access.may_see_whole_school(user),
        "year": year,
        "changes": _history_of(row) if keeps else [],
        "paper_form": PaperForm(),
        "update_form": UpdateForm(),
        "refused": 0,
        "refused_act": "",
        "reason_form": ReasonForm(),
        **forms,
    }
    return render(request, "supervision/archives/archive_page.html", context, status=status)


def _history_of(row: Archive) -> list:
    papers = history_of_rows(ArchivePaper.history.filter(archive=row.pk), _paper_change)
    made = history_of_rows(Archive.history.filter(id=row.pk), lambda before, now: "")
    updates = history_of_rows(ArchiveUpdate.history.filter(archive=row.pk), _update_change)
    return sorted([*papers, *made, *updates], key=lambda change: change.at, reverse=True)


def _paper_change(before, now) -> str:
    return f"《{now.title}》{now.get_state_display()}"


def _update_change(before, now) -> str:
    return now.words


@require_POST
def archive_open(request, pk: int):
    """写明目的，打开."""
    row, form = through_the_door(request, pk), OpenForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            openings.open_archive(row, by=request.user, **form.cleaned_data)
            messages.success(request, "已登记查阅。")
            return redirect("archive", pk=row.pk)
    return _page(request, row, status=400, form=form)


def _opened(request, pk: int) -> Archive | None:
    """The archive, if it is open now; else nothing, and who asked is led to its door."""
    row = through_the_door(request, pk)
    if openings.live_opening(row, request.user):
        return row
    messages.error(request, openings.REOPEN)
    return None


@require_safe
def archive_export(request, pk: int):
    """导出档案目录, under the same opening as the page."""
    if (row := _opened(request, pk)) is None:
        return redirect("archive", pk=pk)
    papers = ArchivePaper.objects.visible_to(request.user).filter(archive=row).confirmed().select_related("kind")
    table = index_table(row, index_of(row.person, timezone.localdate()), papers)
    return sheet_response(f"{row}目录", table, reader=request.user)


@require_POST
def paper_new(request, pk: int):
    """归档."""
    row, form = through_the_door(request, pk), PaperForm(request.POST, request.FILES)
    if form.is_valid():
        with refusals_in(form):
            verbs.file_paper(row, by=request.user, **form.cleaned_data)
            messages.success(request, "已归档，由另一位同志确认后生效。")
            return redirect("archive", pk=row.pk)
    return _page(request, row, status=400, paper_form=form)


@require_POST
def update(request, pk: int):
    """年度更新."""
    row, form = through_the_door(request, pk), UpdateForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            verbs.update(row, by=request.user, work_year=year_in_view(request), **form.cleaned_data)
            messages.success(request, f"{year_in_view(request)} 年度已更新。")
            return redirect("archive", pk=row.pk)
    return _page(request, row, status=400, update_form=form)


def _paper(request, pk: int) -> ArchivePaper:
    rows = ArchivePaper.objects.visible_to(request.user).select_related("archive__person")
    return get_object_or_404(rows, pk=pk)


@require_safe
def paper(request, pk: int):
    """归档材料, under an opening of its archive."""
    row = _paper(request, pk)
    if not row.file:
        raise Http404
    if _opened(request, row.archive_id) is None:
        return redirect("archive", pk=row.archive_id)
    return kept_response(row)


@require_POST
def paper_act(request, pk: int):
    """确认、退回、撤出."""
    row, form, name = _paper(request, pk), ReasonForm(request.POST), request.POST.get("act", "")
    if name not in PAPER_TRANSITIONS:
        raise ValidationError("没有这种办理，请返回档案页面重新选择。")
    if form.is_valid():
        with refusals_in(form):
            verbs.perform(row, name, by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, f"已{PAPER_TRANSITIONS[name].label}。")
            return redirect("archive", pk=row.archive_id)
    archive = through_the_door(request, row.archive_id)
    return _page(request, archive, status=400, refused=row.pk, refused_act=name, reason_form=form)


# ── 年度更新与类别 ───────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
def updates(request):
    """年度更新: which archives are not up to date yet; when all are, the commission's record is filed from here."""
    only_keepers(request)
    user, today, year = request.user, timezone.localdate(), year_in_view(request)
    refusals = []
    if request.method == "POST":
        try:
            verbs.report_update(by=user, work_year=year)
        except ValidationError as error:
            refusals = error.messages
        else:
            messages.success(request, f"{year} 年度档案更新已登记，计入纪委的责任。")
            return redirect("archive_updates")
    chosen = CadreFilter(year=year)
    listing = Listing(request)
    views = ("updated", "stale", "overdue")

    def rows(view: str) -> QuerySet:
        return chosen.but(view=view).rows(cadres.in_reach(user, today, year))

    counts = listing.counts(
        {view: partial(rows, view) for view in views}
        | {
            "all stale": lambda: cadres.not_updated(cadres.all_cadres(today, year)),
            "all overdue": lambda: cadres.overdue(cadres.all_cadres(today, year)),
        }
    )
    apart = counts.pop("all stale") + counts.pop("all overdue")
    context = {
        "pager": listing.pager(
            lambda: cadres.in_order(cadres.not_updated(cadres.in_reach(user, today, year))),
            lambda: cadres.for_list(today),
            lines_by=today,
        ),
        "counts": counts,
        "urls": {name: chosen.but(view=name).url for name in counts},
        "apart": apart - counts["stale"] - counts["overdue"],
        "lacking": apart,
        "record": verbs.reported(year),
        "refusals": refusals,
        "year": year,
        "years": years_opened(request),
    }
    return render(request, "supervision/archives/update_list_page.html", context, status=400 if refusals else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def kinds(request):
    """材料类别."""
    only_keepers(request)
    form = KindForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            verbs.add_kind(by=request.user, **form.cleaned_data)
            messages.success(request, "已新增类别。")
            return redirect("archive_kinds")
    context = {"kinds": PaperKind.objects.all(), "form": form}
    return render(request, "supervision/archives/kind_list_page.html", context, status=400 if form.errors else 200)


@require_POST
def kind_drop(request, pk: int):
    if not is_keeper(request.user):
        raise Http404
    row = verbs.drop_kind(get_object_or_404(PaperKind, pk=pk), by=request.user)
    messages.success(request, f"已{'停用' if row.is_dropped else '恢复'}「{row.name}」。")
    return redirect("archive_kinds")
