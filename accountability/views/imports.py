"""导入的页面: what every room's page of an import shows of its writing, and how it keeps itself up to date."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRefresh

from accountability.models.imports import FileImport
from accountability.services import imports
from accountability.services.operations import worker_is_alive


def standing(row: FileImport, plan_of: Callable) -> dict:
    """What the page shows: the plan while it waits for a decision, else how its writing stands.

    ``refusal`` is of a file that cannot be planned any more, as of a round that was closed meanwhile.
    """
    waits, job = row.state == FileImport.State.WAITING, row.job
    under_way = waits and job is not None and job.is_under_way
    plan, refusal = None, ""
    if waits and not under_way:
        try:
            plan = plan_of(row)
        except ValidationError as error:
            refusal = "；".join(error.messages)
    return {
        "row": row,
        "job": job if waits else None,
        "under_way": under_way,
        "worker_is_alive": worker_is_alive(),
        "written": imports.written(row) if row.state == FileImport.State.DONE else "",
        "plan": plan,
        "refusal": refusal,
        "confirm": reverse(f"{row.KIND}_confirm", args=[row.pk]),
        "drop": reverse(f"{row.KIND}_drop", args=[row.pk]),
    }


def answered(request, template: str, context: dict, status: int = 200) -> HttpResponse:
    """The page; to its own asking the progress alone, and once nothing is under way the whole page anew."""
    if not request.htmx:
        return render(request, template, context, status=status)
    if context["under_way"]:
        return render(request, "components/_import_state.html", context)
    return HttpResponseClientRefresh()


def ordered(request, row: FileImport) -> HttpResponse:
    """确定导入, and back to the page, which tells how it goes on."""
    imports.order(row, by=request.user)
    return redirect(row)
