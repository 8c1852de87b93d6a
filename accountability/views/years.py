"""年度安排: the working years, and the preview before one is opened (五)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accountability import access
from accountability.forms import YearForm, refusals_in
from accountability.ledger import LedgerFilter
from accountability.models import Duty, WorkYear
from accountability.services import opening

NOVEMBER = 11


def _only_office(request) -> None:
    if not access.may_manage_duties(request.user):
        raise PermissionDenied("年度安排由党委办公室办理。")


@require_safe
def year_list(request):
    """Years opened so far; with ``?open=2027`` also what opening that year would make."""
    _only_office(request)
    form = (
        YearForm({"year": request.GET["open"]}) if "open" in request.GET else YearForm(initial={"year": _next_year()})
    )
    plan = None
    if form.is_bound and form.is_valid():
        with refusals_in(form):
            plan = opening.plan_year(form.cleaned_data["year"], timezone.localdate())
    status = 400 if form.is_bound and form.errors else 200
    return render(request, "years/year_list_page.html", _context(form, plan), status=status)


def _context(form: YearForm, plan) -> dict:
    ordinary = Q(duties__is_confidential=False)
    counted, done = ordinary & ~Q(duties__state=Duty.State.WAIVED), ordinary & Q(duties__state=Duty.State.FULFILLED)
    years = WorkYear.objects.select_related("opened_by", "regulation").annotate(
        owed=Count("duties", filter=counted), done=Count("duties", filter=done)
    )
    rows = [{"year": year, "url": LedgerFilter(year=year.year).url} for year in years]
    return {"form": form, "plan": plan, "years": rows}


def _next_year() -> int:
    """The year an office would open now: from November on, the next."""
    today = timezone.localdate()
    return today.year + (today.month >= NOVEMBER)


@require_POST
def open_year(request):
    """开启年度. Running it again adds what is missing and makes nothing twice."""
    _only_office(request)
    form = YearForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            made = opening.open_year(form.cleaned_data["year"], by=request.user)
            count = len(made.duties)
            said = (
                f"{form.cleaned_data['year']} 工作年度已生成 {count} 项责任。"
                if count
                else "没有需要补充的责任，未作改动。"
            )
            messages.success(request, said)
            return redirect("years")
    return render(request, "years/year_list_page.html", _context(form, None), status=400)
