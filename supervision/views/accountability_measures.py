"""问责处理: the register, one entry, its decision paper; and duties long late that nothing was done about (三（二）2)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability import access
from accountability.filters import number_in
from accountability.forms import refusals_in
from accountability.models import Duty, Person, Role
from accountability.offers import Offer, offers
from accountability.timeline import history_of_row
from accountability.views.downloads import sheet_response
from accountability.views.listing import Listing
from accountability.years import years_opened
from inspections.models import Finding
from supervision.access import secrets_of
from supervision.assessment.access import sees_all
from supervision.board.conditions import is_long_late
from supervision.board.consequences import consequence
from supervision.board.indicators import figure
from supervision.measures.filter import AccountabilityFilter
from supervision.measures.forms import FollowUpForm, InfluenceForm, LiftForm, MeasureForm, WithdrawForm
from supervision.models import AccountabilityKind, AccountabilityMeasure
from supervision.rooms import room, tabs_for
from supervision.services import accountability_measures as verbs
from supervision.services.measure_sheets import measures_table


def finds_the_room(user: Person) -> bool:
    """Commission, secretary, office, the units' secretaries; and whoever is concerned by a measure himself."""
    if sees_all(user) or Role.UNIT_SECRETARY in access.roles_of(user):
        return True
    return access.sees_any(user, lambda: AccountabilityMeasure.objects.visible_to(user), "accountability measures")


def waiting_for(user: Person) -> int:
    """待跟进 whose day has come, for who records."""
    if not verbs.may_record(user):
        return 0
    due = AccountabilityMeasure.objects.visible_to(user).to_follow()
    return due.filter(follow_up_on__lte=timezone.localdate()).count()


room(
    500,
    "问责处理",
    "accountability_measures",
    "登记有关机关作出的问责决定，跟进整改，查看失责而未追究的事项",
    icon="warn",
    may=finds_the_room,
    waiting=waiting_for,
)

figure(
    "accountability_measures",
    "问责处理",
    unit="项",
    rows=lambda user, year, on: AccountabilityMeasure.objects.visible_to(user).standing().of_year(year),
    url=lambda year: AccountabilityFilter(year=year).url,
    words="本年度登记的对组织和个人的问责处理，只计您可以查看的",
    may=lambda user: verbs.may_record(user) or access.holds(user, Role.SECRETARY),
)


@consequence(duty="duty", on="decided_on")
def measures_on_organisations():
    """追究: what all supervisors may know; a measure on a person is told to nobody by a rate."""
    return AccountabilityMeasure.objects.standing().filter(person=None)


@offers("duty")
def offer_for_duty(user: Person, duty: Duty) -> list[Offer]:
    if not verbs.may_record(user) or not (duty.was_late or duty.is_open and duty.due_on < timezone.localdate()):
        return []
    hint = "逾期已久，还没有追究" if is_long_late(duty, timezone.localdate()) else "有关机关作出决定后登记"
    url = f"{reverse('accountability_measure_new')}?duty={duty.pk}"
    return [Offer("登记问责处理", url, icon="warn", hint=hint)]


@offers("finding")
def offer_for_finding(user: Person, finding: Finding) -> list[Offer]:
    if not verbs.may_record(user):
        return []
    url = f"{reverse('accountability_measure_new')}?finding={finding.pk}"
    return [Offer("登记问责处理", url, icon="warn", hint="有关机关作出决定后登记")]


def _only_finders(user: Person) -> None:
    if not finds_the_room(user):
        raise PermissionDenied("问责处理由纪委被授权的同志登记；与您有关的处理会单独通知您。")


@require_safe
def measure_list(request):
    user, today = request.user, timezone.localdate()
    _only_finders(user)
    chosen = AccountabilityFilter.read(request.GET)
    listing = Listing(request, chosen, secrets_of(user))
    context = {
        "pager": listing.pager(
            lambda: chosen.rows(AccountabilityMeasure.objects.visible_to(user), on=today).for_list(),
            AccountabilityMeasure.objects.for_list,
        ),
        "chosen": chosen,
        "views": list(chosen.VIEWS.items()),
        "tabs": tabs_for(user, "accountability_measures"),
        "kinds": list(AccountabilityKind.objects.all()),
        "years": years_opened(request),
        "may_record": verbs.may_record(user),
        "is_unadmitted": access.may_supervise(user) and not verbs.may_record(user),
        "sees_unanswered": sees_all(user),
        "all_url": AccountabilityFilter().url,
        "today": today,
    }
    return render(request, "supervision/measures/measure_list_page.html", context)


@require_safe
def measure_file(request):
    """导出 what the list shows."""
    _only_finders(request.user)
    chosen = AccountabilityFilter.read(request.GET)
    rows = chosen.rows(AccountabilityMeasure.objects.visible_to(request.user), on=timezone.localdate())
    return sheet_response(
        "问责处理登记表", measures_table(rows.for_list(), on=timezone.localdate()), reader=request.user
    )


@require_http_methods(["GET", "HEAD", "POST"])
def measure_new(request):
    """登记; from a duty or a finding, what it says stands in the form already."""
    if not verbs.may_record(request.user):
        raise PermissionDenied(verbs.RECORDERS)
    form = MeasureForm(request.POST or None, request.FILES or None, initial=_ground(request))
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            row = verbs.record_measure(by=request.user, **form.cleaned_data)
            messages.success(request, f"已登记为 {row.number} 号。")
            return redirect("accountability_measure", pk=row.pk)
    groups = (
        ("处理", "按作出决定的文件登记，本系统不作处理决定", ("kind", "organisation", "person", "liability")),
        ("事由", "失责事项、巡察问题至少关联一项；都没有的写明事由", ("duty", "finding", "reason", "disclosure")),
        ("决定", "须上传处理决定", ("decided_by_body", "decided_on", "document_number", "files")),
        ("整改", "设了日期的到期提醒跟进", ("requirements", "follow_up_on")),
    )
    context = {"form": form, "groups": [(head, about, [form[name] for name in names]) for head, about, names in groups]}
    return render(request, "supervision/measures/measure_form_page.html", context, status=400 if form.errors else 200)


def _ground(request) -> dict:
    user, found = request.user, {}
    for name, model in (("duty", Duty), ("finding", Finding)):
        rows = model.objects.visible_to(user).select_related("organisation")
        if row := rows.filter(pk=number_in(request.GET, name)).first():
            found |= {name: row.number}
            of_unit = getattr(row, "bearer_post_id", None) is None
            found |= {"organisation": row.organisation_id} if of_unit else {}
    return found


def _through_the_door(request, pk: int) -> AccountabilityMeasure:
    rows = AccountabilityMeasure.objects.visible_to(request.user).for_list()
    return get_object_or_404(rows.select_related("followed_by", "work_year").prefetch_related("papers"), pk=pk)


@require_safe
def measure(request, pk: int):
    return _page(request, _through_the_door(request, pk))


def _forms(row: AccountabilityMeasure, today) -> dict:
    return {
        "follow_up": FollowUpForm(initial={"on": today}),
        "influence": InfluenceForm(
            initial={"influence_from": row.influence_from, "influence_until": row.influence_until}
        ),
        "lift": LiftForm(initial={"on": today}),
        "withdraw": WithdrawForm(),
    }


def _page(request, row: AccountabilityMeasure, *, status: int = 200, **forms):
    user, today = request.user, timezone.localdate()
    may_act = verbs.may_record(user) and row.is_standing and row.person_id != user.pk
    context = {
        "measure": row,
        "counts": row.counts_on(today),
        "sees_duty": bool(row.duty_id) and Duty.objects.visible_to(user).filter(pk=row.duty_id).exists(),
        "sees_finding": bool(row.finding_id) and Finding.objects.visible_to(user).filter(pk=row.finding_id).exists(),
        "may_act": may_act,
        "forms": _forms(row, today) | forms,
        "changes": history_of_row(row),
        "today": today,
    }
    return render(request, "supervision/measures/measure_page.html", context, status=status)


ACTS = {
    "follow_up": (FollowUpForm, verbs.follow_up, "跟进情况已登记。"),
    "influence": (InfluenceForm, verbs.change_influence, "影响期已调整。"),
    "lift": (LiftForm, verbs.lift, "已登记解除。"),
    "withdraw": (WithdrawForm, verbs.withdraw, "登记已撤销。"),
}


@require_POST
def measure_act(request, pk: int):
    """跟进、调整影响期、解除、撤销登记."""
    row, name = _through_the_door(request, pk), request.POST.get("act", "")
    if name not in ACTS:
        raise ValidationError("没有这种办理，请返回问责处理页面重新选择。")
    form_class, verb, said = ACTS[name]
    form = form_class(request.POST)
    if form.is_valid():
        with refusals_in(form):
            verb(row, by=request.user, **form.cleaned_data)
            messages.success(request, said)
            return redirect("accountability_measure", pk=row.pk)
    return _page(request, row, status=400, **{name: form})
