"""调研督查: the list, one visit as each may read it, recording one (三（四）3)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accountability import access
from accountability.confidential import told_of
from accountability.filters import number_in
from accountability.forms import refusals_in
from accountability.models import Duty, Organisation, Record
from accountability.timeline import history_of
from accountability.views.asked import asked_for
from accountability.views.listing import Listing
from accountability.years import year_in_view
from inspections.models import Requirement, Sign, Visit, VisitUnit
from inspections.research_access import posts_to_record_for, units_to_note, visiting_posts
from inspections.research_filters import VisitFilter
from inspections.research_forms import VisitForm
from inspections.services import visits as verbs
from inspections.services.requirements import may_require
from inspections.views.research import business_only, list_context


@require_safe
@business_only
def visit_list(request):
    user, chosen = request.user, VisitFilter.read(request.GET)
    listing, today = Listing(request, chosen, told_of(user)), timezone.localdate()

    def visible() -> QuerySet:
        return Visit.objects.visible_to(user)

    def units() -> QuerySet:
        visited = VisitUnit.objects.filter(visit__in=visible().values("pk"))
        return visited.filter(organisation__in=Organisation.objects.units()).values("organisation")

    context = {
        "pager": listing.pager(lambda: chosen.rows(visible(), on=today, user=user).for_list(), Visit.objects.for_list),
        "leaders": listing.objects(
            "leaders", lambda: visiting_posts().filter(records__visit__in=visible().values("pk")).distinct()
        ),
        "may_visit": access.sees_any(user, lambda: posts_to_record_for(user), "posts to record visits for"),
        **list_context(listing, chosen, units),
    }
    return render(request, "research/visit_list_page.html", context)


@require_safe
def visit(request, pk: int):
    user = request.user
    visit = get_object_or_404(Visit.objects.visible_to(user).for_list().select_related("record__entered_by"), pk=pk)
    reads_all = Record.objects.visible_to(user).filter(pk=visit.record_id).exists()
    unit_ids = [unit.pk for unit in visit.organisations]
    context = {
        "visit": visit,
        "record": visit.record,
        "reads_all": reads_all,
        "attachments": list(visit.record.attachments.select_related("uploaded_by")) if reads_all else [],
        "signs": list(Sign.objects.visible_to(user).filter(visit=visit).for_list()),
        "requirements": list(Requirement.objects.visible_to(user).filter(visit=visit)),
        "may_note": reads_all and units_to_note(user).filter(pk__in=unit_ids).exists(),
        "may_require": may_require(user, visit) and visit.record.state != Record.State.WITHDRAWN,
        "changes": history_of(visit.record) if reads_all else [],
    }
    return render(request, "research/visit_page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@business_only
def visit_new(request):
    """登记调研督查. ``?duty=`` says which duty it is for, ``?leader=&unit=`` preselect."""
    posts = posts_to_record_for(request.user)
    if not posts.exists():
        raise PermissionDenied("调研督查由校领导本人，或由为校领导做记录的办公机构登记。")
    duty = _duty(request)
    form = VisitForm(request.POST or None, request.FILES or None, posts=posts, initial=_initial(request, duty, posts))
    if request.method == "POST" and form.is_valid():
        year = duty.work_year_id if duty else year_in_view(request)
        duty = duty if duty and duty.bearer_post_id == form.cleaned_data["post"].pk else None
        with refusals_in(form):
            made = verbs.record_visit(by=request.user, work_year=year, duty=duty, **_facts(form))
            counted = made.record.evidence.count()
            messages.success(request, f"已登记，计入 {counted} 项责任。" if counted else "已登记。")
            return redirect("visit", pk=made.pk)
    context = {"form": form, "duty": duty, "year": duty.work_year_id if duty else year_in_view(request)}
    return render(request, "research/visit_form_page.html", context, status=400 if form.errors else 200)


def _facts(form: VisitForm) -> dict:
    return {**form.cleaned_data, "units": list(form.cleaned_data["units"])}


def _duty(request) -> Duty | None:
    duties = Duty.objects.visible_to(request.user).filter(obligation__acts__code=verbs.ACT)
    return asked_for(request, "duty", duties.select_related("work_year"))


def _initial(request, duty: Duty | None, posts) -> dict:
    chosen = duty.bearer_post_id if duty else number_in(request.GET, "leader")
    if not chosen and posts.count() == 1:
        chosen = posts.get().pk
    return {"post": chosen or None, "units": [number_in(request.GET, "unit")], "happened_on": timezone.localdate()}
