"""监督评价: beside a record, listed by unit, year and grade (二（二）, 三（二）1)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accountability.confidential import told_of
from accountability.forms import refusals_in
from accountability.models import Record
from accountability.offers import Line, Offer, Panel, offers, panels
from accountability.own_pages import page_of
from accountability.views.downloads import sheet_response
from accountability.views.listing import Listing
from accountability.years import years_opened
from supervision.board.indicators import figure
from supervision.models import RecordEvaluation
from supervision.records.filters import EvaluationFilter
from supervision.records.forms import EvaluationForm
from supervision.services import evaluations as verbs
from supervision.services.oversight_sheets import evaluations_table
from supervision.views.oversight import business_only, sections

GRADES = RecordEvaluation.Grade
LIGHTS = {GRADES.GOOD: "done", GRADES.MEND: "soon", GRADES.BAD: "late"}

figure(
    "disapproved", "评价为不认可的履责记录", unit="条",
    rows=lambda user, year, on: EvaluationFilter(year=year, grade=GRADES.BAD.value).rows(
        RecordEvaluation.objects.visible_to(user), user=user
    ),
    url=lambda year: EvaluationFilter(year=year, grade=GRADES.BAD.value).url,
)  # fmt: skip


@offers("record")
def evaluate_it(user, record: Record) -> list[Offer]:
    if verbs.refusal_to_evaluate(record, user):
        return []
    mine = record.evaluations.current().filter(evaluated_by=user).exists()
    hint = "更正后原评价保留" if mine else "不改动记录本身，录入人和单位能看到"
    return [Offer("更正监督评价" if mine else "监督评价", reverse("record_evaluate", args=[record.pk]), "sign", hint)]


@panels("record")
def evaluations_of(user, record: Record) -> list[Panel]:
    """现行 ones first, and what each corrected."""
    rows = RecordEvaluation.objects.visible_to(user).filter(record=record).for_list()
    rows = list(rows.order_by("-is_current", "-evaluated_at", "-pk"))
    return [Panel("监督评价", [_line(row) for row in rows])] if rows else []


def _line(row: RecordEvaluation) -> Line:
    meta = f"{row.evaluated_by.name} · {timezone.localdate(row.evaluated_at)}"
    meta += "" if row.is_current else " · 已更正"
    light = LIGHTS[row.grade] if row.is_current else "idle"
    return Line(row.get_grade_display(), light=light, text=row.words, meta=meta)


@require_safe
def evaluation_list(request):
    business_only(request.user)
    user, chosen = request.user, EvaluationFilter.read(request.GET)
    listing, whole = Listing(request, chosen, told_of(user)), chosen.but(grade="")

    def rows(chosen: EvaluationFilter = chosen) -> QuerySet:
        return chosen.rows(RecordEvaluation.objects.visible_to(user), user=user)

    by_grade = listing.rows("by grade", lambda: rows(whole).order_by().values_list("grade").annotate(Count("pk")))
    counted = dict(by_grade)
    context = {
        "pager": listing.pager(lambda: rows().for_list(), RecordEvaluation.objects.for_list),
        "figures": [
            {
                "label": grade.label, "value": counted.get(grade.value, 0), "state": LIGHTS[grade],
                "url": whole.but(grade=grade.value).url,
            }
            for grade in GRADES
        ],
        "chosen": chosen,
        "units": listing.units(lambda: RecordEvaluation.objects.visible_to(user).values("record__organisation")),
        "years": years_opened(request),
        "all_url": EvaluationFilter().url,
        **sections("record_evaluations"),
    }  # fmt: skip
    return render(request, "supervision/records/evaluation_list_page.html", context)


@require_safe
def export(request):
    business_only(request.user)
    rows = EvaluationFilter.read(request.GET).rows(RecordEvaluation.objects.visible_to(request.user), user=request.user)
    return sheet_response(f"监督评价-{timezone.localdate()}", evaluations_table(rows.for_list()))


@require_http_methods(["GET", "HEAD", "POST"])
def evaluate(request, pk: int):
    """评价一条履责记录."""
    rows = Record.objects.visible_to(request.user).for_list().select_related("decided_by")
    record = get_object_or_404(rows, pk=pk)
    if refusal := verbs.refusal_to_evaluate(record, request.user):
        raise PermissionDenied(refusal)
    before = record.evaluations.current().filter(evaluated_by=request.user).first()
    initial = {"grade": before.grade, "words": before.words} if before else {}
    form = EvaluationForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            row = verbs.evaluate(record, by=request.user, **form.cleaned_data)
            messages.success(request, f"已评价：{row.get_grade_display()}。")
            return redirect("record", pk=record.pk)
    context = {
        "form": form,
        "record": record,
        "before": before,
        "attachments": list(record.attachments.select_related("uploaded_by")),
        "own_page": page_of(record),
        **sections("record_evaluations"),
    }
    return render(request, "supervision/records/evaluate_page.html", context, status=400 if form.errors else 200)
