"""考核异议: raised against one item, listed, answered (四（四）)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accountability.forms import refusals_in
from accountability.timeline import history_of_row
from accountability.views.listing import Listing
from accountability.views.menus import tabs_of
from supervision.access import secrets_of
from supervision.assessment.filters import ObjectionFilter
from supervision.assessment.forms import AnswerForm, ObjectionForm
from supervision.assessment.reading import seen
from supervision.models import Objection, ScoreLine
from supervision.services import objections as verbs


@require_safe
def objection_list(request):
    chosen = ObjectionFilter.read(request.GET)
    user = request.user
    listing = Listing(request, chosen, secrets_of(user))
    states = {"": "全部", **dict(Objection.State.choices)}
    context = {
        "pager": listing.pager(
            lambda: chosen.rows(Objection.objects.visible_to(user)).for_list(), Objection.objects.for_list
        ),
        "chosen": chosen,
        "tabs": tabs_of(chosen, states, by="state"),
        "all_url": ObjectionFilter().url,
    }
    return render(request, "supervision/assessment/objection_list_page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def object_to(request, pk: int):
    """提出异议 to one item."""
    rows = ScoreLine.objects.visible_to(request.user).select_related(
        "item", "sheet__assessment__scheme", "sheet__organisation", "sheet__person"
    )
    line = get_object_or_404(rows, pk=pk)
    if refusal := verbs.refusal_to_object(line, request.user):
        raise PermissionDenied(refusal)
    form = ObjectionForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            row = verbs.raise_objection(line, by=request.user, **form.cleaned_data)
            messages.success(request, "异议已提出，纪委会在期限内答复。")
            return redirect("objection", pk=row.pk)
    context = {"line": line, "seen": seen(line.sheet, request.user, [line]).lines[0], "form": form}
    return render(
        request, "supervision/assessment/objection_form_page.html", context, status=400 if form.errors else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def objection(request, pk: int):
    """一件异议: read by who sees the sheet, answered by another than its reviewer."""
    row = get_object_or_404(
        Objection.objects.visible_to(request.user)
        .for_list()
        .select_related("line__sheet__organisation", "line__sheet__person")
        .prefetch_related("papers"),
        pk=pk,
    )
    refusal = verbs.refusal_to_answer(row, request.user)
    form = AnswerForm(request.POST or None)
    if request.method == "POST":
        if refusal and row.is_open:
            raise PermissionDenied(refusal)
        if form.is_valid():
            data = form.cleaned_data
            points = data["points"] if data["decision"] == "adjust" else None
            with refusals_in(form):
                verbs.answer(row, by=request.user, words=data["words"], points=points)
                messages.success(request, "异议已答复。")
                return redirect("objection", pk=row.pk)
    context = {
        "objection": row,
        "line": row.line,
        "seen": seen(row.line.sheet, request.user, [row.line]).lines[0],
        "refusal": refusal,
        "form": form,
        "changes": history_of_row(row),
    }
    return render(request, "supervision/assessment/objection_page.html", context, status=400 if form.errors else 200)
