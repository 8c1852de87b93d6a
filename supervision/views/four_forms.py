"""四种形态登记: counts, the register, one entry (二（二）). Who is not admitted finds nothing; the secretary, numbers."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability.filters import year_in
from accountability.forms import refusals_in
from accountability.timeline import history_of_row
from accountability.views.downloads import sheet_response
from accountability.views.listing import Listing
from accountability.views.menus import tabs_of
from accountability.years import year_in_view
from supervision.access import secrets_of
from supervision.four_forms import figures
from supervision.four_forms.figures import STATES, FormFilter
from supervision.four_forms.forms import CorrectForm, EntryForm, ReasonForm
from supervision.models import Form, FormEntry, FormMeasure
from supervision.rooms import tabs_for
from supervision.services import four_forms as verbs
from supervision.services.form_sheets import register_table
from supervision.views.four_form_room import finds_forms


def _keepers_only(request) -> None:
    if not verbs.may_keep(request.user):
        raise PermissionDenied(verbs.KEEPERS)


@require_safe
def four_forms(request):
    """统计: with every row for the admitted, without any for the secretary."""
    user = request.user
    if not finds_forms(user):
        raise PermissionDenied(verbs.KEEPERS)
    year = year_in(request.GET) or year_in_view(request)
    context = {"year": year, "forms": Form.labels, "tabs": tabs_for(user, "four_forms")}
    if verbs.may_keep(user):
        context |= {
            "by_unit": figures.by_unit(user, year),
            "by_measure": figures.by_measure(user, year),
            "by_year": figures.by_year(user),
            "export_url": FormFilter(year=year).export_url,
            "unchecked": FormFilter(state="unchecked").rows(FormEntry.objects.visible_to(user)).count(),
            "unchecked_url": FormFilter(state="unchecked").url,
        }
        return render(request, "supervision/four_forms/keeper_page.html", context)
    context |= {"told": figures.told_to_secretary(year), "few": figures.FEW_WORDS}
    return render(request, "supervision/four_forms/secretary_page.html", context)


@require_safe
def entries(request):
    """登记簿 behind a figure."""
    _keepers_only(request)
    chosen = FormFilter.read(request.GET)
    listing = Listing(request, chosen, secrets_of(request.user))

    def visible() -> QuerySet:
        return FormEntry.objects.visible_to(request.user)

    years = listing.rows("years", lambda: visible().order_by("-year").values_list("year").distinct())
    context = {
        "pager": listing.pager(lambda: chosen.rows(visible()).for_list(), FormEntry.objects.for_list),
        "chosen": chosen,
        "tabs": tabs_of(chosen, STATES, by="state"),
        "forms": Form.choices,
        "units": listing.units(lambda: visible().values("organisation")),
        "years": [year for (year,) in years],
        "measure": FormMeasure.objects.filter(pk=chosen.measure or 0).first(),
        "all_url": FormFilter().url,
    }
    return render(request, "supervision/four_forms/entry_list_page.html", context)


@require_safe
def export(request):
    """导出 what the register shows."""
    _keepers_only(request)
    user, today = request.user, timezone.localdate()
    rows = FormFilter.read(request.GET).rows(FormEntry.objects.visible_to(user)).for_list()
    note = f"{user.name} 于 {today} 导出。登记有权机关的决定，仅限获准知悉的同志查阅。"
    return sheet_response(f"四种形态登记_{today}", register_table(rows, note=note), reader=user)


@require_http_methods(["GET", "HEAD", "POST"])
def entry_new(request):
    """登记."""
    _keepers_only(request)
    form = EntryForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            row = verbs.enter(by=request.user, **form.cleaned_data)
            messages.success(request, "已登记，等另一位获准知悉的同志复核。")
            return redirect("four_form", pk=row.pk)
    context = {"form": form, "row": None}
    return render(request, "supervision/four_forms/entry_form_page.html", context, status=400 if form.errors else 200)


def through_the_door(request, pk: int) -> FormEntry:
    return get_object_or_404(FormEntry.objects.visible_to(request.user).for_list(), pk=pk)


@require_safe
def entry(request, pk: int):
    return _page(request, through_the_door(request, pk))


def _page(request, row: FormEntry, *, status: int = 200, form: ReasonForm | None = None):
    context = {
        "row": row,
        "may_check": row.is_standing and not row.checked_by_id and not row.is_own_work_of(request.user),
        "form": form or ReasonForm(),
        "changes": history_of_row(row),
    }
    return render(request, "supervision/four_forms/entry_page.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def entry_correct(request, pk: int):
    """更正."""
    row = through_the_door(request, pk)
    form = CorrectForm(request.POST or None, user=request.user, measure=row.measure, initial=_facts(row))
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            verbs.correct(row, by=request.user, **form.cleaned_data)
            messages.success(request, "已更正，须重新复核；更正前的内容留在办理历史中。")
            return redirect("four_form", pk=row.pk)
    context = {"form": form, "row": row}
    return render(request, "supervision/four_forms/entry_form_page.html", context, status=400 if form.errors else 200)


def _facts(row: FormEntry) -> dict:
    facts = {name: getattr(row, name) for name in verbs.FACTS}
    return facts | {"person": row.person_id, "organisation": row.organisation_id, "measure": row.measure_id}


@require_POST
def entry_check(request, pk: int):
    """复核."""
    row = through_the_door(request, pk)
    try:
        verbs.check(row, by=request.user)
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    else:
        messages.success(request, "已复核。")
    return redirect("four_form", pk=row.pk)


@require_POST
def entry_withdraw(request, pk: int):
    """撤销 what was entered in error."""
    row, form = through_the_door(request, pk), ReasonForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            verbs.withdraw(row, by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, "已撤销，不再计数；登记和原因留存。")
            return redirect("four_form", pk=row.pk)
    return _page(request, row, status=400, form=form)
