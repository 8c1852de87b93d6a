"""整改进展月报: a round's units by months, and one report: to fill in, or as it was said (三（四）1, 三（三）1)."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accountability.filters import Span
from accountability.forms import refusals_in
from accountability.models import Duty, Light, Record
from accountability.templatetags.duties import light_words
from accountability.views.listing import Listing
from accountability.views.menus import Option
from inspections.models import ProgressReport, Round
from inspections.report_filter import ReportFilter
from inspections.report_forms import ReportForm
from inspections.services import progress as verbs
from inspections.views.rounds import Figure, through_the_door

FIGURES = (
    ("all", "应报", "idle"),
    ("done", "已报", "done"),
    ("late", "逾期未报", "late"),
    ("same", "有与此前相同", "soon"),
)


@dataclass(frozen=True)
class Cell:
    light: str
    words: str
    url: str
    title: str


def cell_of(report: ProgressReport, today: date) -> Cell:
    """One month of one unit, as a light: 待审核 where the liaison has done his part."""
    duty = report.duty
    record = report.standing_record
    words = light_words(duty, today)
    if duty.is_fulfilled:
        words = "逾期报" if duty.was_late else "已报"
    elif duty.is_open and record and record.state == Record.State.SUBMITTED:
        words = "待审核"
    elif duty.is_open and record:
        words = "已退回"
    return Cell(duty.light, words, f"/inspections/progress/{report.pk}/", f"{report}，{duty.due_on} 到期")


@dataclass(frozen=True)
class Line:
    unit: object
    url: str
    done: int
    owed: int
    done_url: str
    cells: list[Cell | None]


def _lit(reports, today: date) -> list[ProgressReport]:
    """Reports with the lights of their duties, in two queries."""
    rows = list(reports)
    duties = Duty.objects.with_light(today).in_bulk([report.duty_id for report in rows])
    for report in rows:
        report.duty = duties[report.duty_id]
        report.cell = cell_of(report, today)
    return rows


def _matrix(row: Round, visible, today: date) -> tuple[list[date], list[Line]]:
    reports = _lit(visible.for_list().order_by("organisation__rank", "organisation", "month"), today)
    months = sorted({report.month for report in reports})
    units: dict[int, dict[date, ProgressReport]] = {}
    for report in reports:
        units.setdefault(report.organisation_id, {})[report.month] = report
    lines = []
    for pk, by_month in units.items():
        chosen = ReportFilter(view="all", unit=pk)
        owed = [each for each in by_month.values() if each.duty.state != Duty.State.WAIVED]
        lines.append(
            Line(
                unit=next(iter(by_month.values())).organisation,
                url=chosen.in_round(row.pk),
                done=sum(each.duty.is_fulfilled for each in owed),
                owed=len(owed),
                done_url=chosen.but(view="done").in_round(row.pk),
                cells=[by_month[month].cell if month in by_month else None for month in months],
            )
        )
    return months, lines


@require_safe
def progress_round(request, pk: int):
    """各单位月报: units × months; with a filter, the rows behind a figure."""
    row, today = through_the_door(request, pk), timezone.localdate()
    chosen = ReportFilter.read(request.GET)
    listing = Listing(request, chosen)

    def visible() -> QuerySet:
        return ProgressReport.objects.visible_to(request.user).filter(round=row)

    def rows(chosen: ReportFilter = chosen) -> QuerySet:
        return chosen.rows(visible(), on=today)

    pager = listing.pager(lambda: rows().for_list(), ProgressReport.objects.for_list) if chosen.narrows else None
    if pager:
        _light_up(pager, today)
    months, lines = ([], []) if chosen.narrows else _matrix(row, visible(), today)
    counts = listing.counts({view: partial(rows, ReportFilter(view=view)) for view, _, _ in FIGURES})
    context = {
        "round": row,
        "figures": [
            Figure(label, counts[view], ReportFilter(view=view).in_round(row.pk), state)
            for view, label, state in FIGURES
        ],
        "chosen": chosen,
        "pager": pager,
        "tabs": [
            Option("单位与月份", ReportFilter().in_round(row.pk), not chosen.narrows),
            *(Option(label, chosen.but(view=view).in_round(row.pk), view == (chosen.view or "all") and chosen.narrows)
              for view, label in chosen.VIEWS.items()),
        ],
        "months": [(month, ReportFilter(view="all", month=Span.of_month(month)).in_round(row.pk)) for month in months],
        "lines": lines,
        "all_url": ReportFilter().in_round(row.pk),
    }  # fmt: skip
    return render(request, "inspections/progress/round_page.html", context)


def _light_up(pager, today: date) -> None:
    pager.page.object_list = _lit(pager.page.object_list, today)


def _report(request, pk: int) -> ProgressReport:
    rows = ProgressReport.objects.visible_to(request.user).select_related(
        "round", "organisation", "duty", "record__entered_by", "record__decided_by"
    )
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def progress_report(request, pk: int):
    """一期月报. It is filled in while it is owed, and read as it was said after that."""
    report = _report(request, pk)
    may_file = verbs.may_file(request.user, report)
    refusal = verbs.refusal_to_file(report, request.user)
    if request.method == "POST" and not may_file:
        raise PermissionDenied(f"这期月报由{report.organisation.name}的经办人员填报。")
    if may_file and not refusal:
        return _fill_in(request, report)
    if request.method == "POST":
        raise ValidationError(refusal)
    return render(request, "inspections/progress/report_page.html", _context(request, report) | {"refusal": refusal})


def _fill_in(request, report: ProgressReport):
    measures = verbs.measures_of(report)
    lines = {line.measure_id: line for line in report.lines.all()}
    form = ReportForm(request.POST or None, measures=measures, lines=lines, note=report.note)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            done = verbs.file_report(report, by=request.user, said=form.said, note=form.cleaned_data["note"])
            waits = done.record.state == Record.State.SUBMITTED
            messages.success(request, "月报已提交，等本单位党组织书记审核。" if waits else "月报已报送。")
            return redirect("progress_report", pk=report.pk)
    formers = verbs.former_lines(report, measures)
    context = _context(request, report) | {
        "form": form,
        "rows": [(measure, form.fields_of(measure), formers.get(measure.pk)) for measure in measures],
        "told": len(form.told),
    }
    return render(request, "inspections/progress/report_form_page.html", context, status=400 if form.errors else 200)


def _context(request, report: ProgressReport) -> dict:
    today = timezone.localdate()
    duty = Duty.objects.with_light(today).get(pk=report.duty_id)
    sees_duty = Duty.objects.visible_to(request.user).filter(pk=duty.pk).exists()
    record = report.standing_record
    beside = ProgressReport.objects.visible_to(request.user).filter(
        round=report.round_id, organisation=report.organisation_id
    )
    lines = report.lines.select_related("measure__finding__round", "measure__lead")
    return {
        "report": report,
        "duty": duty,
        "sees_duty": sees_duty,
        "today": today,
        "record": record,
        "sees_record": bool(record) and Record.objects.visible_to(request.user).filter(pk=record.pk).exists(),
        "may_decide": bool(record)
        and Record.objects.visible_to(request.user).waiting_for(request.user).filter(pk=record.pk).exists(),
        "lines": list(lines) if record else [],
        "same": sum(line.is_same for line in lines) if record else 0,
        "before": beside.filter(month__lt=report.month).order_by("-month").first(),
        "after": beside.filter(month__gt=report.month).order_by("month").first(),
        "is_late": duty.light == Light.LATE,
    }
