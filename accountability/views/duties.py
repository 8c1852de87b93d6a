"""责任事项: one duty with its clause, people, proof and history, and what may be done to it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accountability import access, acting
from accountability.forms import MoveForm, WaiveForm, refusals_in
from accountability.ledger import LedgerFilter
from accountability.models import ActKind, Duty, Portfolio
from accountability.own_pages import Occasion, where_to_record
from accountability.services import duties as verbs
from accountability.services.handovers import answering, fell_due_under
from accountability.services.lists import project_of
from accountability.services.records import may_file
from accountability.timeline import changes_of
from accountability.views.documents import offers_for


def _through_the_door(request, pk: int) -> Duty:
    today = timezone.localdate()
    duties = Duty.objects.visible_to(request.user).with_light(today).for_list()
    duty = get_object_or_404(duties.select_related("work_year", "clause__regulation", "organisation__parent"), pk=pk)
    request.is_confidential = duty.is_confidential
    if duty.is_confidential:
        acting.shows(duty)
    return duty


@require_safe
def duty(request, pk: int):
    duty = _through_the_door(request, pk)
    return render(request, "ledger/duty_page.html", _context(request, duty))


def _context(request, duty: Duty, **forms) -> dict:
    today = timezone.localdate()
    evidence = (
        duty.evidence.select_related("record__act", "record__entered_by")
        .prefetch_related("record__attachments", "record__evidence__duty")
        .order_by("-record__happened_on", "-id")
    )
    return {
        "duty": duty,
        "today": today,
        "records": [proof.record for proof in evidence],
        "holders": answering(duty, today),
        "fell_due_under": fell_due_under(duty, today),
        "handover_lines": list(duty.handover_lines.select_related("handover__giver", "handover__taker")),
        "helpers": list(duty.helpers.all()),
        "leaders": _leaders_in_charge(duty, today),
        "siblings": _siblings(duty, request.user, today),
        "changes": changes_of(duty, limit=6),
        "project": project_of(duty, request.user),
        "ways": _ways_to_record(duty, request.user),
        "drafts": offers_for(request.user, duty) if duty.is_open and not duty.work_year.is_closed else [],
        "may_manage": access.may_manage_duties(request.user) and duty.is_open and not duty.work_year.is_closed,
        "move_form": forms.get("move_form") or MoveForm(initial={"due_on": duty.due_on}),
        "waive_form": forms.get("waive_form") or WaiveForm(),
        "unit_url": LedgerFilter(year=duty.work_year_id, organisation=duty.organisation_id).url,
    }


def _leaders_in_charge(duty: Duty, today) -> list[Portfolio]:
    unit = duty.organisation if duty.organisation.is_unit else duty.organisation.parent
    return list(Portfolio.objects.in_force(today).filter(organisation=unit).select_related("post__organisation"))


def _siblings(duty: Duty, user, today) -> list[Duty]:
    """The other times of the same obligation this year."""
    if duty.obligation_id is None:
        return []
    others = (
        Duty.objects.visible_to(user)
        .with_light(today)
        .filter(
            obligation=duty.obligation_id,
            work_year=duty.work_year_id,
            organisation=duty.organisation_id,
            bearer_post=duty.bearer_post_id,
        )
    )
    return list(others.exclude(pk=duty.pk).order_by("occurrence"))


def _ways_to_record(duty: Duty, user) -> list[ActKind]:
    """以何种方式录入: the acts that fulfil this duty, when the user may record them and the year is open."""
    if not duty.is_open or duty.work_year.is_closed:
        return []
    if not may_file(user, duty.organisation, duty.bearer_post):
        return []
    if duty.obligation_id is None:
        acts = list(ActKind.objects.filter(code__in=verbs.own_ways(duty)))
    else:
        acts = list(duty.obligation.acts.all())
    for act in acts:
        act.own_url = where_to_record(act.code, Occasion(duty.organisation_id, duty.work_year_id, duty))
    return acts


@require_safe
def history(request, pk: int):
    """办理历史: every change of the duty, its proof and its records, newest first."""
    duty = _through_the_door(request, pk)
    return render(request, "ledger/duty_history_page.html", {"duty": duty, "changes": changes_of(duty)})


@require_http_methods(["POST"])
def move(request, pk: int):
    return _adjust(request, pk, MoveForm, "move_form", "到期日已调整。", _move)


@require_http_methods(["POST"])
def waive(request, pk: int):
    return _adjust(request, pk, WaiveForm, "waive_form", "已标为不再要求。", _waive)


def _move(duty: Duty, data: dict, by) -> None:
    verbs.move_due_day(duty, to=data["due_on"], by=by, reason=data["reason"])


def _waive(duty: Duty, data: dict, by) -> None:
    verbs.waive(duty, by=by, reason=data["reason"])


def _adjust(request, pk: int, form_class, form_name: str, done: str, verb):
    duty = _through_the_door(request, pk)
    form = form_class(request.POST)
    if form.is_valid():
        with refusals_in(form):
            verb(duty, form.cleaned_data, request.user)
            messages.success(request, done)
            return redirect("duty", pk=duty.pk)
    return render(request, "ledger/duty_page.html", _context(request, duty, **{form_name: form}), status=400)
