"""书记亲自办理: what needs him this week, and the year's 四个亲自 with their rows (二（三）)."""

from dataclasses import dataclass
from typing import ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accountability import access
from accountability.confidential import told_of
from accountability.filters import Filter
from accountability.forms import refusals_in
from accountability.models import ActKind, Duty, Record, Role
from accountability.views.asked import asked_for
from accountability.views.listing import Listing
from accountability.views.menus import tabs_of
from accountability.years import year_in_view, years_opened
from supervision.in_person.agenda import agenda
from supervision.in_person.forms import InPersonForm
from supervision.models.in_person import ACTS
from supervision.rooms import tabs_for
from supervision.services import in_person as verbs

READERS = "四个亲自由党委书记、党委办公室和纪委查阅。"
STATES = {
    "counted": Record.State.ACCEPTED, "waiting": Record.State.SUBMITTED, "returned": Record.State.RETURNED,
}  # fmt: skip


def finds_in_person(user) -> bool:
    """书记; 党办, which records for him; 纪委, which supervises."""
    return access.holds(user, Role.SECRETARY) or access.may_manage_duties(user) or access.may_supervise(user)


def _readers_only(request) -> None:
    if not finds_in_person(request.user):
        raise PermissionDenied(READERS)


@dataclass(frozen=True)
class EntryFilter(Filter):
    """Of the entries; a figure is one of these."""

    ADDRESS: ClassVar[str] = "in_person_entries"
    VIEWS: ClassVar[dict] = {"counted": "已计入", "waiting": "待书记确认", "returned": "已退回"}
    CHOICES: ClassVar[dict] = {"kind": ACTS}
    COLUMNS: ClassVar[dict] = {"kind": "act__code", "year": "work_year"}

    kind: str = ""
    year: int | None = None
    view: str = "counted"

    def rows(self, entries):
        return self.narrowed(entries).filter(state=STATES[self.view])


def _visible(user):
    return verbs.entries().visible_to(user)


@require_safe
def in_person(request):
    """本周需要书记亲自办理; others read the four alone."""
    _readers_only(request)
    user, year, today = request.user, year_in_view(request), timezone.localdate()
    listing = Listing(request, told_of(user))
    is_secretary = access.holds(user, Role.SECRETARY)
    groups = agenda(user, year, today) if is_secretary else []
    context = {
        "groups": groups,
        "count": sum(group.count for group in groups),
        "is_secretary": is_secretary,
        "figures": _figures(listing, year),
        "latest": listing.objects("latest", lambda: EntryFilter(year=year).rows(_visible(user)).for_list()[:6]),
        "all_url": EntryFilter(year=year).url,
        "may_record": verbs.may_record(user),
        "tabs": tabs_for(user, "in_person"),
        "year": year,
        "today": today,
    }
    return render(request, "supervision/in_person/in_person_page.html", context)


def _figures(listing: Listing, year: int) -> list[dict]:
    """四个亲自 of the year per kind, each with its rows."""
    user, counted = listing.request.user, EntryFilter(year=year)

    def by_kind() -> QuerySet:
        return counted.rows(_visible(user)).order_by().values_list("act__code").annotate(Count("pk"))

    counts = dict(listing.rows("by kind", by_kind))
    acts = ActKind.objects.filter(code__in=ACTS).order_by("rank", "pk")
    return [
        {"label": act.name, "value": counts.get(act.code, 0), "url": counted.but(kind=act.code).url} for act in acts
    ]


@require_safe
def entries(request):
    """四个亲自 behind a figure."""
    _readers_only(request)
    chosen = EntryFilter.read(request.GET)
    listing = Listing(request, chosen, told_of(request.user))
    context = {
        "pager": listing.pager(
            lambda: chosen.rows(_visible(request.user)).for_list(), lambda: verbs.entries().for_list()
        ),
        "chosen": chosen,
        "tabs": tabs_of(chosen),
        "kinds": ActKind.objects.filter(code__in=ACTS).order_by("rank", "pk"),
        "years": years_opened(request),
        "may_record": verbs.may_record(request.user),
        "all_url": EntryFilter().url,
    }
    return render(request, "supervision/in_person/entry_list_page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def entry_new(request):
    """记录亲自办理. ``?kind=``, ``?about=duty-12`` for what it is about, ``?fulfils=`` for the duty it is done for."""
    user = request.user
    if not verbs.may_record(user):
        raise PermissionDenied(verbs.RECORDERS)
    duty, year = _fulfilled(request), year_in_view(request)
    given = request.GET.get("about", "")
    initial = {"act": request.GET.get("kind", ""), "happened_on": timezone.localdate(), "about": given}
    if duty is not None:
        year, initial["title"] = duty.work_year_id, duty.title
    form = InPersonForm(request.POST or None, request.FILES or None, user=user, year=year, given=given, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            record = verbs.record_in_person(by=user, work_year=year, duty=duty, **form.cleaned_data)
            waits = record.state == Record.State.SUBMITTED
            messages.success(request, "已提交，等书记确认。" if waits else "已记录。")
            return redirect("record", pk=record.pk)
    context = {"form": form, "duty": duty, "is_own": access.holds(user, Role.SECRETARY)}
    status = 400 if form.errors else 200
    return render(request, "supervision/in_person/entry_form_page.html", context, status=status)


def _fulfilled(request) -> Duty | None:
    rows = Duty.objects.visible_to(request.user).filter(obligation__acts__code__in=ACTS)
    return asked_for(request, "fulfils", rows.distinct())
