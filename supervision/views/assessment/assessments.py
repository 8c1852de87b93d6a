"""年度考核: all of them, one with its table, the sheets behind a figure (四（四）)."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accountability.filters import year_in
from accountability.models import WorkYear
from accountability.timeline import history_of_row
from accountability.views.downloads import sheet_response
from accountability.views.listing import Listing
from accountability.views.menus import Option, tabs_of
from supervision.access import secrets_of
from supervision.assessment.access import finds_the_room, prepares, sees_all
from supervision.assessment.filters import SheetFilter
from supervision.assessment.forms import ActForm
from supervision.assessment.reading import seen_all
from supervision.assessment.workflow import TRANSITIONS, choices_for
from supervision.models import AssessedKind, Assessment, AssessmentSheet, Objection, Scheme
from supervision.rooms import tabs_for
from supervision.services import assessments as verbs
from supervision.services.assessment_sheets import tables_of


@require_safe
def assessment_list(request):
    """年度考核 by year; who is assessed finds his own sheets here."""
    user = request.user
    if not finds_the_room(user):
        raise PermissionDenied("年度考核由纪委组织，被考核的单位和校领导可以查看自己的考核表。")
    year = year_in(request.GET)
    listing = Listing(request, year, secrets_of(user))

    def rows() -> QuerySet:
        visible = Assessment.objects.visible_to(user).for_list()
        return visible.of_year(year) if year else visible

    def schemes() -> QuerySet:
        visible = Scheme.objects.visible_to(user).filter(assessment=None).for_list()
        return visible.filter(work_year=year) if year else visible

    def sheets() -> QuerySet:
        mine = AssessmentSheet.objects.visible_to(user).for_list()
        return mine.order_by("-assessment__scheme__work_year_id", "rank")[:60]

    def years() -> QuerySet:
        return WorkYear.objects.filter(schemes__isnull=False).distinct().values_list("year")

    context = {
        "pager": listing.pager(rows, Assessment.objects.for_list),
        "schemes": listing.objects("schemes", schemes) if sees_all(user) else [],
        "sheets": [] if sees_all(user) else seen_all(listing.objects("sheets", sheets), user),
        "sees_all": sees_all(user),
        "prepares": prepares(user),
        "years": [row[0] for row in listing.rows("years", years)],
        "year": year,
        "tabs": tabs_for(user, "assessments"),
    }
    return render(request, "supervision/assessment/assessment_list_page.html", context)


def through_the_door(request, pk: int) -> Assessment:
    """One's own sheet is a page of its own: the whole table is for who sees it all."""
    row = get_object_or_404(Assessment.objects.visible_to(request.user).for_list(), pk=pk)
    if not sees_all(request.user):
        raise PermissionDenied("全表由纪委、党委办公室和党委书记查看；您的考核表在「年度考核」中打开。")
    return row


@require_safe
def assessment(request, pk: int):
    return _page(request, through_the_door(request, pk))


def _page(request, row: Assessment, *, status: int = 200, **more):
    user = request.user
    chosen = SheetFilter.read(request.GET).but(assessment=row.pk, year=None, kind="")
    sheets = AssessmentSheet.objects.visible_to(user).filter(assessment=row)
    listing = Listing(request, chosen, secrets_of(user))
    pager = listing.pager(lambda: chosen.rows(sheets).for_list(), AssessmentSheet.objects.for_list, size=60)
    objections = Objection.objects.visible_to(user).filter(line__sheet__assessment=row)
    counts = listing.counts({view: partial(_of_view, sheets, chosen, view) for view in chosen.VIEWS})
    context = {
        "assessment": row,
        "pager": pager,
        "table": seen_all(pager.page, user),
        "chosen": chosen,
        "tabs": [
            Option(label, _here(row, view), view == chosen.view, counts[view]) for view, label in chosen.VIEWS.items()
        ],
        "open_objections": objections.open().count(),
        "unreviewed": verbs.lacking_for_publication(row) if row.state == Assessment.State.REVIEW else 0,
        "is_intact": verbs.fingerprint(row) == row.sha256 if row.is_frozen else None,
        "may_recount": prepares(user) and row.state in (Assessment.State.OPEN, Assessment.State.REVIEW),
        "choices": choices_for(row, user),
        "changes": history_of_row(row),
        "today": timezone.localdate(),
        "refused": "",
        "refusals": [],
        "typed": {"reason": "", "objections_until": ""},
        **more,
    }
    return render(request, "supervision/assessment/assessment_page.html", context, status=status)


def _of_view(sheets: QuerySet, chosen: SheetFilter, view: str) -> QuerySet:
    return chosen.but(view=view).rows(sheets)


def _here(row: Assessment, view: str) -> str:
    return f"?view={view}" if view else "?"


@require_POST
def assessment_act(request, pk: int):
    """办理 one named transition, or 重新计分."""
    row, name = through_the_door(request, pk), request.POST.get("act", "")
    if name != "recount" and name not in TRANSITIONS:
        raise ValidationError("没有这种办理，请返回考核页面重新选择。")
    form = ActForm(request.POST)
    refusals = [] if form.is_valid() else [str(error) for errors in form.errors.values() for error in errors]
    if not refusals:
        try:
            said = _do(request.user, row, name, form.cleaned_data)
        except ValidationError as error:
            refusals = error.messages
        else:
            messages.success(request, said)
            return redirect("assessment", pk=row.pk)
    typed = {key: request.POST.get(key, "") for key in ("reason", "objections_until")}
    return _page(request, row, status=400, refused=name, refusals=refusals, typed=typed)


def _do(user, row: Assessment, name: str, data: dict) -> str:
    if name == "recount":
        before = row.inputs_sha256
        row = verbs.recount(row, by=user)
        return "已重新计分，依据没有变化。" if row.inputs_sha256 == before else "已按今天的数据重新计分。"
    verbs.perform(row, name, by=user, **data)
    return f"已{TRANSITIONS[name].label}。"


@require_safe
def assessment_file(request, pk: int):
    """导出全表."""
    row = through_the_door(request, pk)
    return sheet_response(f"{row}全表", *tables_of(row, request.user))


@require_safe
def sheet_list(request):
    """考核表 behind a figure, of every assessment in reach."""
    user = request.user
    chosen = SheetFilter.read(request.GET)
    pager = Listing(request, chosen, secrets_of(user)).pager(
        lambda: chosen.rows(AssessmentSheet.objects.visible_to(user)).for_list(), AssessmentSheet.objects.for_list
    )
    context = {
        "pager": pager,
        "table": seen_all(pager.page, user),
        "chosen": chosen,
        "tabs": tabs_of(chosen),
        "kinds": AssessedKind.choices,
        "all_url": SheetFilter().url,
    }
    return render(request, "supervision/assessment/sheet_list_page.html", context)
