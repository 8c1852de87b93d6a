"""结果运用: lists by grade for appraisal, honours and appointments, with the measures that count (四（四）)."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accountability.views.downloads import sheet_response
from accountability.views.menus import tabs_of
from accountability.views.paging import paged
from supervision.assessment.access import sees_all
from supervision.assessment.filters import ResultFilter
from supervision.assessment.reading import seen_all
from supervision.assessment.results import chosen_results
from supervision.models import AssessedKind, AssessmentSheet, Purpose, Scheme
from supervision.services.assessment_sheets import results_table


def _chosen(request):
    if not sees_all(request.user):
        raise PermissionDenied("结果运用名单由纪委、党委办公室和党委书记查看。")
    chosen = ResultFilter.read(request.GET)
    sheets = AssessmentSheet.objects.visible_to(request.user)
    return chosen, sheets, chosen_results(chosen, sheets, request.user, timezone.localdate())


@require_safe
def result_list(request):
    chosen, sheets, listed = _chosen(request)
    pager = paged(request, listed)
    totals = {one.sheet.pk: one for one in seen_all([result.sheet for result in pager.page], request.user)}
    years = sheets.frozen().values_list("assessment__scheme__work_year", flat=True)
    context = {
        "pager": pager,
        "rows": [(result, totals[result.sheet.pk]) for result in pager.page],
        "chosen": chosen,
        "tabs": tabs_of(chosen, {"": "全部", **dict(Purpose.choices)}, by="purpose"),
        "kinds": AssessedKind.choices,
        "grades": _grades(),
        "years": sorted(set(years), reverse=True),
        "all_url": ResultFilter().url,
        "today": timezone.localdate(),
    }
    return render(request, "supervision/assessment/result_list_page.html", context)


def _grades() -> list[str]:
    names = [grade["name"] for grades in Scheme.objects.values_list("grades", flat=True) for grade in grades]
    return list(dict.fromkeys(names))


@require_safe
def result_file(request):
    """导出 exactly what the page lists."""
    chosen, _, listed = _chosen(request)
    return sheet_response("考核结果运用名单", results_table(chosen, listed, request.user))
