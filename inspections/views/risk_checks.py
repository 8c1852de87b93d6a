"""年度自查自纠: how far the units are, one unit's sheet, the answers of all (三（四）2)."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accountability.forms import add_refusal, refusals_in
from accountability.models import Organisation
from accountability.views.downloads import sheet_response
from accountability.views.listing import Listing
from accountability.views.menus import Option, tabs_of
from accountability.years import year_in_view, years_opened
from inspections.check_figures import UNIT_VIEWS, CheckFigures
from inspections.models import CheckCampaign, Level, RiskAnswer, UnitCheck
from inspections.risk_filter import AnswerFilter
from inspections.risk_forms import AnswersForm, CampaignForm
from inspections.risk_workflow import is_own_word
from inspections.services import risk_checks as verbs
from inspections.services.risk_export import answers_table


@require_safe
def campaign(request):
    """自查情况 of a year."""
    year, user = year_in_view(request), request.user
    sees_units = Organisation.objects.visible_to(user).units().exists()
    found = verbs.campaign_of(year) if sees_units else None
    view = request.GET.get("view") if request.GET.get("view") in UNIT_VIEWS else "all"
    figures = CheckFigures(user, found) if found else None
    context = {
        "campaign": found,
        "figures": figures,
        "lines": figures.of_view(view) if figures else [],
        "tabs": [
            Option(label, f"?year={year}&view={name}", name == view, len(figures.of_view(name)))
            for name, label in (UNIT_VIEWS.items() if figures else ())
        ],
        "view": view,
        "year": year,
        "years": years_opened(request),
        "may_open": verbs.may_open(user),
        "open_url": reverse("risk_check_open") + f"?year={year}",
        "sees_units": sees_units,
        "is_late": bool(figures) and figures.is_late(timezone.localdate()),
    }
    return render(request, "risks/campaign_page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def campaign_open(request):
    """部署年度自查自纠, or change its day and its words."""
    if not verbs.may_open(request.user):
        raise PermissionDenied("年度自查自纠由纪委部署。")
    year = year_in_view(request)
    standing = verbs.campaign_of(year)
    form = CampaignForm(request.POST if request.method == "POST" else None, initial=_campaign_initial(year, standing))
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            if standing:
                verbs.change_campaign(standing, by=request.user, **form.cleaned_data)
            else:
                verbs.open_campaign(year, by=request.user, **form.cleaned_data)
            messages.success(request, "已保存。" if standing else "已部署，应自查的单位都已收到通知。")
            return redirect(f"{request.path.removesuffix('open/')}?year={year}")
    context = {
        "form": form,
        "year": year,
        "campaign": standing,
        "units": verbs.units_of(year).count(),
        "last": verbs.latest_due_on(year),
    }
    return render(request, "risks/campaign_form_page.html", context, status=400 if form.errors else 200)


def _campaign_initial(year: int, standing: CheckCampaign | None) -> dict:
    if standing:
        return {"due_on": standing.due_on, "guidance": standing.guidance}
    return {"due_on": verbs.latest_due_on(year)}


# ── one unit's sheet ──────────────────────────────────────────────────────────────────────────


def _unit(request, pk: int) -> Organisation:
    return get_object_or_404(Organisation.objects.visible_to(request.user).units(), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def unit_check(request, pk: int):
    """自查答卷: all points of the unit on one form; saved as a draft or handed in."""
    unit, year = _unit(request, pk), year_in_view(request)
    found = verbs.campaign_of(year)
    if found is None:
        return _no_campaign(request, unit, year)
    check = _check_of(found, unit)
    fills_in = verbs.may_answer(request.user, unit) and not (check and check.is_handed_in)
    if not fills_in or found.work_year.is_closed:
        if request.method == "POST":
            raise PermissionDenied(_why_not(request.user, unit, found, check))
        return _sheet(request, unit, found, check)
    points = list(verbs.points_of(unit))
    answers = {answer.point_id: answer for answer in check.answers.all()} if check else {}
    form = AnswersForm(
        request.POST if request.method == "POST" else None,
        points=points,
        answers=answers,
        turn=check.turn if check else 0,
    )
    if request.method == "POST" and form.is_valid():
        try:
            said = _save(request, found, unit, form)
        except ValidationError as error:
            _refuse(form, error, found, unit)
        else:
            messages.success(request, said)
            return redirect(verbs.address_of(unit.pk, year))
    return _sheet(request, unit, found, check, form=form)


def _check_of(found: CheckCampaign, unit: Organisation) -> UnitCheck | None:
    rows = found.checks.select_related("record__decided_by", "record__entered_by", "saved_by", "campaign")
    return rows.filter(organisation=unit).first()


def _why_not(user, unit: Organisation, found: CheckCampaign, check: UnitCheck | None) -> str:
    if not verbs.may_answer(user, unit):
        return f"自查答卷由{unit.name}的经办人员填写。"
    if found.work_year.is_closed:
        return f"{found.work_year_id} 工作年度已封存，答卷不能再改。"
    return f"答卷已提交，当前是「{check.record.get_state_display()}」，退回后可以修改。"


def _save(request, found: CheckCampaign, unit: Organisation, form: AnswersForm) -> str:
    """``act`` says whether the draft is only saved."""
    given = {"by": request.user, "answers": form.typed(), "turn": form.cleaned_data["turn"]}
    if request.POST.get("act") != "hand_in":
        verbs.save_answers(found, unit, **given)
        return "草稿已保存，可以随时回来接着填。"
    record = verbs.hand_in(found, unit, **given)
    waits = record.state == record.State.SUBMITTED
    return "已提交，等本单位党组织书记审核。" if waits else "已提交，自查责任已完成。"


def _refuse(form: AnswersForm, error: ValidationError, found: CheckCampaign, unit: Organisation) -> None:
    """Beside each question; after another's saving, what was typed may be saved over it once it was looked at."""
    if getattr(error, "code", "") == "stale":
        form.data = form.data.copy()
        form.data["turn"] = str(_check_of(found, unit).turn)
    add_refusal(form, error)


def _sheet(request, unit: Organisation, found: CheckCampaign, check: UnitCheck | None, form=None):
    year, today = found.work_year_id, timezone.localdate()
    handed_in = RiskAnswer.objects.visible_to(request.user).filter(unit_check__organisation=unit)
    last = {answer.point_id: answer for answer in handed_in.of_year(year - 1)}
    rows = [(point, form.questions_of(point), last.get(point.pk)) for point in form.points] if form else []
    answers = list(handed_in.of_year(year).with_last_year().for_list()) if form is None else []
    context = {
        "unit": unit,
        "campaign": found,
        "check": check,
        "form": form,
        "rows": rows,
        "answers": answers,
        "points": len(rows) if form else verbs.points_of(unit).count(),
        "own_word": is_own_word(request.user, unit),
        "fills_in": form is not None,
        "why_not": "" if form else _why_not(request.user, unit, found, check),
        "duties": list(verbs.duties_of(year).filter(organisation=unit)),
        "year": year,
        "days_left": (found.due_on - today) // timedelta(days=1),
    }
    status = 400 if form is not None and form.errors else 200
    return render(request, "risks/unit_check_page.html", context, status=status)


def _no_campaign(request, unit: Organisation, year: int):
    context = {"unit": unit, "year": year, "may_open": verbs.may_open(request.user)}
    return render(request, "risks/no_campaign_page.html", context)


# ── the answers of all ────────────────────────────────────────────────────────────────────────


@require_safe
def answer_list(request):
    """自查回答 as handed in, beside last year's."""
    year = year_in_view(request)
    chosen = AnswerFilter.read(request.GET, year=year)
    listing = Listing(request, chosen)

    def visible() -> QuerySet:
        return RiskAnswer.objects.visible_to(request.user)

    def areas() -> QuerySet:
        named = visible().of_year(year).exclude(point__key_area="")
        return named.order_by("point__key_area").values_list("point__key_area").distinct()

    context = {
        "pager": listing.pager(lambda: chosen.rows(visible()).for_list(), RiskAnswer.objects.for_list),
        "chosen": chosen,
        "tabs": tabs_of(chosen),
        "units": listing.units(lambda: visible().of_year(year).values("unit_check__organisation")),
        "areas": [area for (area,) in listing.rows("areas", areas)],
        "levels": Level.choices,
        "year": year,
        "years": years_opened(request),
    }
    return render(request, "risks/answer_list_page.html", context)


@require_safe
def answer_export(request):
    """导出自查回答: what the list shows, every page of it."""
    year = year_in_view(request)
    rows = AnswerFilter.read(request.GET, year=year).rows(RiskAnswer.objects.visible_to(request.user))
    return sheet_response(f"廉政风险点自查-{year}", answers_table(rows.for_list(), year))
