"""苗头性问题: list, entering, one sign with what became of it (三（四）3). Every door asks ``visible_to``."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability import access
from accountability.forms import refusals_in
from accountability.timeline import history_of_row
from accountability.views.asked import asked_for
from accountability.views.listing import Listing
from accountability.years import year_in_view
from inspections.models import Requirement, Sign, Topic, Visit
from inspections.research_access import leads_research, units_to_note
from inspections.research_filters import SignFilter
from inspections.research_flow import SIGN_TRANSITIONS, choices_for
from inspections.research_forms import ReasonForm, SignForm
from inspections.services import signs as verbs
from inspections.services.requirements import may_require
from inspections.views.research import business_only, list_context, steps


@require_safe
@business_only
def sign_list(request):
    user, chosen = request.user, SignFilter.read(request.GET)
    listing, today = Listing(request, chosen), timezone.localdate()
    context = {
        "pager": listing.pager(
            lambda: chosen.rows(Sign.objects.visible_to(user), on=today, user=user).for_list(), Sign.objects.for_list
        ),
        "sources": Sign.Source.choices,
        "categories": Sign.Category.choices,
        "may_note": access.sees_any(user, lambda: units_to_note(user), "units to note signs of"),
        **list_context(listing, chosen, lambda: Sign.objects.visible_to(user).values("organisation")),
    }
    return render(request, "research/sign_list_page.html", context)


def through_the_door(request, pk: int) -> Sign:
    return get_object_or_404(
        Sign.objects.visible_to(request.user).for_list().select_related("visit__record", "settled_by"), pk=pk
    )


@require_safe
def sign(request, pk: int):
    return _page(request, through_the_door(request, pk))


def _page(request, sign: Sign, *, status: int = 200, **shown):
    user = request.user
    topics = Topic.objects.visible_to(user).filter(signs__sign=sign).distinct()
    context = {
        "sign": sign,
        "visit": Visit.objects.visible_to(user).filter(pk=sign.visit_id).select_related("record").first(),
        "topics": list(topics),
        "requirements": list(Requirement.objects.visible_to(user).filter(sign=sign)),
        "may_require": sign.state == Sign.State.OPEN and may_require(user, sign),
        "leads": leads_research(user),
        "changes": history_of_row(sign),
        **steps(choices_for(sign, SIGN_TRANSITIONS, user), **shown),
    }
    return render(request, "research/sign_page.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@business_only
def sign_new(request):
    """录入苗头. ``?visit=`` when it was noticed on a visit."""
    user = request.user
    units, visit = units_to_note(user), _visit(request)
    if visit:
        units = units.filter(visits__visit=visit).distinct()
    if not units.exists():
        raise PermissionDenied("苗头由纪委、党办、校领导（分管联系单位）和监督合力部门录入，不录入本单位的。")
    initial = {"noticed_on": visit.record.happened_on if visit else timezone.localdate()}
    if visit and units.count() == 1:
        initial["organisation"] = units.get().pk
    form = SignForm(
        request.POST or None, units=units, takes_petitions=leads_research(user), visit=visit, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            made = verbs.enter_sign(by=user, work_year=year_in_view(request), visit=visit, **form.cleaned_data)
            messages.success(request, "已录入；涉及单位看不到，纪委研判后再向单位提出要求。")
            return redirect("sign", pk=made.pk)
    context = {"form": form, "visit": visit}
    return render(request, "research/sign_form_page.html", context, status=400 if form.errors else 200)


def _visit(request) -> Visit | None:
    return asked_for(request, "visit", Visit.objects.visible_to(request.user).standing().select_related("record"))


@require_POST
def sign_act(request, pk: int):
    """了结、重新跟踪."""
    sign = through_the_door(request, pk)
    name = request.POST.get("act", "")
    if name not in SIGN_TRANSITIONS:
        raise ValidationError("没有这种办理，请返回苗头页面重新选择。")
    form = ReasonForm(request.POST)
    refusals = [str(error) for errors in form.errors.values() for error in errors]
    if form.is_valid():
        try:
            verbs.perform(sign, name, by=request.user, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            refusals = error.messages
        else:
            messages.success(request, f"已{SIGN_TRANSITIONS[name].label}。")
            return redirect("sign", pk=sign.pk)
    typed = {"reason": request.POST.get("reason", "")}
    return _page(request, sign, status=400, refused=name, refusals=refusals, typed=typed)
