"""廉政风险点: the list, the map, what changed; one point with what may be done to it (三（二）2、三（四）2)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability import access
from accountability.filters import number_in
from accountability.forms import refusals_in
from accountability.models import Organisation
from accountability.timeline import history_of_row
from accountability.views.downloads import sheet_response
from accountability.views.listing import Listing
from accountability.views.menus import Option, tabs_of
from accountability.years import year_in_view, years_opened
from inspections.models import Level, RiskAnswer, RiskChange, RiskPoint
from inspections.models.risks import SORT_WORDS
from inspections.risk_filter import NO_AREA, RiskFilter
from inspections.risk_forms import AdjustForm, NewRiskForm, ReasonForm, RetireForm, RiskForm
from inspections.risk_grading import Grading
from inspections.risk_map import NOT_KEY, RiskMap
from inspections.risk_workflow import (
    CHANGE_TRANSITIONS,
    POINT_TRANSITIONS,
    choices_for,
    is_own_word,
    may_draft,
)
from inspections.services import risks as verbs
from inspections.services.risk_checks import campaign_of
from inspections.services.risk_export import points_table
from inspections.services.risk_rules import rule_words


def key_areas() -> list[str]:
    """重点领域 as the organisations' data name them."""
    rows = Organisation.objects.active().exclude(key_area="").order_by("rank", "pk")
    return list(dict.fromkeys(rows.values_list("key_area", flat=True)))


def drafted_units(user):
    """Units for which ``user`` may draft."""
    kept = Organisation.objects.active().units().filter(pk__in=access.organisations_where(user, "keep_record"))
    return kept.select_related("parent").order_by("rank", "pk")


@require_safe
def risk_list(request):
    user, chosen = request.user, RiskFilter.read(request.GET)
    listing = Listing(request, chosen)

    def visible() -> QuerySet:
        return RiskPoint.objects.visible_to(user)

    year = year_in_view(request)
    confirms = access.organisations_where(user, "confirm_record")
    views = {view: label for view, label in chosen.VIEWS.items() if view != "waiting" or confirms}
    context = {
        "pager": listing.pager(lambda: chosen.rows(visible(), user=user).for_list(), RiskPoint.objects.for_list),
        "chosen": chosen,
        "tabs": tabs_of(chosen, views),
        "change_words": SORT_WORDS.get(chosen.change, ""),
        "units": listing.units(lambda: visible().values("organisation")),
        "areas": [*((area, area) for area in key_areas()), (NO_AREA, NOT_KEY)],
        "levels": Level.choices,
        "categories": RiskPoint.Category.choices,
        "waiting": list(visible().waiting_for(user).for_list()[:10]) if chosen.view == "in_use" else [],
        "may_draft": drafted_units(user).exists(),
        "campaign": campaign_of(year) if Organisation.objects.visible_to(user).exists() else None,
        "year": year,
    }
    return render(request, "risks/risk_list_page.html", context)


@require_safe
def export(request):
    """导出风险点: what the list shows, every page of it."""
    rows = RiskFilter.read(request.GET).rows(RiskPoint.objects.visible_to(request.user), user=request.user)
    today = timezone.localdate()
    return sheet_response(f"廉政风险点-{today}", points_table(rows.for_list(), on=today))


@require_safe
def risk_map(request):
    """风险分布."""
    context = {"map": RiskMap(request.user), "levels": Level.labels, "rule": rule_words()}
    return render(request, "risks/risk_map_page.html", context)


@require_safe
def change_list(request):
    """变更报备: what took effect in the year, newest first, as the commission reads it."""
    year, unit = year_in_view(request), number_in(request.GET, "unit")
    sort = request.GET.get("sort") if request.GET.get("sort") in SORT_WORDS else ""
    listing = Listing(request, unit, sort)

    def visible() -> QuerySet:
        return RiskChange.objects.visible_to(request.user).effective(year)

    def rows() -> QuerySet:
        return (visible().filter(point__organisation=unit) if unit else visible()).of_sort(sort).for_list()

    kept = f"&unit={unit}" if unit else ""
    options = [("", "全部"), *SORT_WORDS.items()]
    context = {
        "pager": listing.pager(rows, RiskChange.objects.for_list),
        "tabs": [Option(label, f"?year={year}&sort={name}{kept}", name == sort) for name, label in options],
        "units": listing.units(lambda: visible().values("point__organisation")),
        "unit": unit,
        "sort": sort,
        "year": year,
        "years": years_opened(request),
    }
    return render(request, "risks/change_list_page.html", context)


def through_the_door(request, pk: int) -> RiskPoint:
    rows = RiskPoint.objects.visible_to(request.user).for_list().select_related("entered_by", "confirmed_by")
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def risk_new(request):
    """填报风险点."""
    units = drafted_units(request.user)
    if not units:
        raise PermissionDenied("风险点由二级单位和部门的经办人员填报。")
    initial = {"organisation": units[0].pk, "key_area": units[0].key_area}
    form = NewRiskForm(
        request.POST if request.method == "POST" else None, areas=key_areas(), organisations=units, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            point = verbs.propose(by=request.user, **form.cleaned_data)
            messages.success(request, _said(point))
            return redirect("risk", pk=point.pk)
    own_word = any(is_own_word(request.user, unit) for unit in units)
    return _form_page(request, form, title="填报风险点", button="保存并启用" if own_word else "提交书记确认")


def _said(point: RiskPoint) -> str:
    waits = point.state == RiskPoint.State.PROPOSED
    tail = "等本单位党组织书记确认。" if waits else "已启用。"
    return f"已填报，编号 {point.number}，按规则定为{point.get_level_display()}，{tail}"


def _form_page(request, form, **context):
    context |= {"form": form, "rule": rule_words()}
    return render(request, "risks/risk_form_page.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def risk_edit(request, pk: int):
    """修改 what is not in use yet; 调整 what is."""
    point = through_the_door(request, pk)
    if not may_draft(request.user, point.organisation):
        raise PermissionDenied(f"风险点由{point.organisation.name}的经办人员填报。")
    if not point.is_open and point.state != RiskPoint.State.IN_USE:
        raise PermissionDenied(f"风险点当前是「{point.get_state_display()}」，不能再改。")
    adjusts = point.state == RiskPoint.State.IN_USE
    form = (AdjustForm if adjusts else RiskForm)(
        request.POST if request.method == "POST" else None, areas=key_areas(), point=point
    )
    if request.method == "POST" and form.is_valid():
        verb = verbs.adjust if adjusts else verbs.rewrite
        with refusals_in(form):
            done = verb(point, by=request.user, **form.cleaned_data)
            messages.success(request, _said_of_change(done) if adjusts else _said(done))
            return redirect("risk", pk=point.pk)
    own_word = is_own_word(request.user, point.organisation)
    button = ("保存并生效" if adjusts else "保存并启用") if own_word else "提交书记确认"
    return _form_page(request, form, title="调整风险点" if adjusts else "修改风险点", button=button, point=point)


def _said_of_change(change: RiskChange) -> str:
    waits = change.state == RiskChange.State.ASKED
    return f"{change.words}：已提交，等本单位党组织书记确认。" if waits else f"{change.words}：已生效并报备。"


@require_safe
def risk(request, pk: int):
    return _page(request, through_the_door(request, pk))


def _page(request, point: RiskPoint, *, status: int = 200, **more):
    user, today, grading = request.user, timezone.localdate(), Grading()
    changes = list(point.changes.for_list())
    asked = next((change for change in changes if change.state == RiskChange.State.ASKED), None)
    leaders = grading.leaders_of({point.organisation_id}, today).get(point.organisation_id, [])
    may_change = may_draft(user, point.organisation)
    context = {
        "point": point,
        "factors": grading.names_of(point.factor_codes),
        "asked_factors": grading.names_of(asked.factor_codes) if asked else [],
        "leaders": list(dict.fromkeys(leaders)) if grading.names_leader(point.level) else [],
        "holders": list(point.owner.tenures.in_office(today).select_related("person")) if point.owner else [],
        "asked": asked,
        "asked_choices": choices_for(asked, user) if asked else [],
        "choices": choices_for(point, user),
        "filed": [change for change in changes if change.state != RiskChange.State.ASKED],
        "answers": list(
            RiskAnswer.objects.visible_to(user)
            .filter(point=point)
            .select_related("unit_check__campaign", "unit_check__record")
            .order_by("-unit_check__campaign__work_year_id")
        ),
        "may_edit": may_change and point.is_open,
        "may_adjust": may_change and point.state == RiskPoint.State.IN_USE,
        "retire_form": RetireForm(),
        "history": history_of_row(point),
        "rule": rule_words(),
        "refused": "",
        "refusals": [],
        "typed": "",
        **more,
    }
    return render(request, "risks/risk_page.html", context, status=status)


def _act(request, point: RiskPoint, table: dict, perform, prefix: str = ""):
    """One named transition of the point or of its change; a refusal shows the page again with what was typed."""
    name = request.POST.get("act", "")
    if name not in table:
        raise ValidationError("没有这种办理，请返回风险点页面重新选择。")
    form = ReasonForm(request.POST)
    refusals = [str(error) for errors in form.errors.values() for error in errors]
    if form.is_valid():
        try:
            perform(name, form.cleaned_data["reason"])
        except ValidationError as error:
            refusals = error.messages
        else:
            messages.success(request, f"已{table[name].label}。")
            return redirect("risk", pk=point.pk)
    typed = request.POST.get("reason", "")[:300]
    return _page(request, point, status=400, refused=f"{prefix}{name}", refusals=refusals, typed=typed)


@require_POST
def risk_act(request, pk: int):
    """确认启用、退回修改、撤回."""
    point = through_the_door(request, pk)
    return _act(
        request,
        point,
        POINT_TRANSITIONS,
        lambda name, reason: verbs.decide(point, name, by=request.user, reason=reason),
    )


@require_POST
def change_act(request, pk: int, change: int):
    """同意变更、不同意变更."""
    point = through_the_door(request, pk)
    row = get_object_or_404(RiskChange.objects.select_related("point"), point=point, pk=change)
    return _act(
        request,
        point,
        CHANGE_TRANSITIONS,
        lambda name, reason: verbs.decide_change(row, name, by=request.user, reason=reason),
        prefix="change-",
    )


@require_POST
def risk_retire(request, pk: int):
    """退出."""
    point = through_the_door(request, pk)
    form = RetireForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            change = verbs.retire(point, by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, _said_of_change(change))
            return redirect("risk", pk=point.pk)
    return _page(request, point, status=400, retire_form=form, refused="retire")
