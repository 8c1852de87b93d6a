"""监督记录: list, enter, read, follow up; what was found, told to units (二（二）, 三（二）2)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability import access
from accountability.confidential import told_of
from accountability.filters import number_in
from accountability.forms import refusals_in
from accountability.models import Duty, Organisation, Record
from accountability.offers import Offer, offers
from accountability.timeline import history_of_row
from accountability.views.asked import asked_for
from accountability.views.downloads import sheet_response
from accountability.views.listing import Listing
from accountability.views.menus import tabs_of
from accountability.years import year_in_view, years_opened
from inspections.research_access import takes_part
from supervision.board.indicators import figure
from supervision.models import FoundProblem, Oversight, OversightUnit, RecordEvaluation, SpecialCheck
from supervision.records.filters import SOURCES, FoundFilter, OversightFilter
from supervision.records.forms import AskForm, FoundProblemForm, LongReasonForm, OversightForm, StepForm
from supervision.rooms import room
from supervision.services import found_problems
from supervision.services import oversight as verbs
from supervision.services.oversight_sheets import oversights_table

room(
    200, "监督记录", "oversights", "纪委和各类监督做了什么、发现什么、怎样跟踪；专项检查和监督评价",
    icon="search", may=takes_part,
)  # fmt: skip

for _source, _label in SOURCES.items():
    figure(
        f"oversight_{_source}", f"监督记录：{_label}", unit="次",
        rows=lambda user, year, on, source=_source: OversightFilter(year=year, source=source).rows(
            Oversight.objects.visible_to(user)
        ),
        url=lambda year, source=_source: OversightFilter(year=year, source=source).url,
    )  # fmt: skip
figure(
    "unanswered_problems", "监督发现问题，单位逾期未回应", unit="个",
    rows=lambda user, year, on: FoundFilter(year=year, view="late").rows(FoundProblem.objects.visible_to(user), on=on),
    url=lambda year: FoundFilter(year=year, view="late").url,
)  # fmt: skip


@offers("organisation")
def record_about(user, organisation: Organisation) -> list[Offer]:
    if not organisation.is_unit or not access.may_supervise(user):
        return []
    return [Offer("登记监督", f"/oversight/records/new/?unit={organisation.pk}", icon="search")]


def sections(here: str) -> dict:
    """The pages of the room and what every list of it shows beside its rows."""
    labels = {
        "oversights": "监督记录",
        "special_checks": "专项检查",
        "found_problems": "发现的问题",
        "record_evaluations": "监督评价",
    }
    return {"sections": labels.items(), "here": here}


def business_only(user) -> None:
    if not takes_part(user):
        raise PermissionDenied("您的岗位不办理监督工作。")


@require_safe
def oversight_list(request):
    business_only(request.user)
    chosen = OversightFilter.read(request.GET)
    listing = Listing(request, chosen, told_of(request.user))

    def visible() -> QuerySet:
        return Oversight.objects.visible_to(request.user)

    context = {
        "pager": listing.pager(lambda: chosen.rows(visible()).for_list(), Oversight.objects.for_list),
        "by_source": _by_source(listing, chosen, visible),
        "chosen": chosen,
        "tabs": tabs_of(chosen),
        "kinds": Oversight.Kind.choices,
        "sources": SOURCES.items(),
        "units": listing.units(
            lambda: OversightUnit.objects.filter(oversight__in=visible().values("pk")).values("organisation")
        ),
        "years": years_opened(request),
        "may_record": bool(verbs.bodies_for(request.user)),
        "all_url": OversightFilter().url,
        **sections("oversights"),
    }
    return render(request, "supervision/records/oversight_list_page.html", context)


def _by_source(listing: Listing, chosen: OversightFilter, visible) -> list[dict]:
    """分来源: each count opens its rows."""
    whole = chosen.but(source="")

    def counted() -> QuerySet:
        by_source = whole.rows(visible()).order_by().values_list("source")
        return by_source.annotate(count=Count("pk")).order_by("-count", "source")

    rows = listing.rows("by source", counted)
    return [{"label": SOURCES[source], "count": count, "url": whole.but(source=source).url} for source, count in rows]


def _units(rows):
    return Organisation.objects.filter(pk__in=rows.values("organisation")).order_by("rank", "pk")


@require_safe
def export(request):
    business_only(request.user)
    rows = OversightFilter.read(request.GET).rows(Oversight.objects.visible_to(request.user))
    return sheet_response(f"监督记录-{timezone.localdate()}", oversights_table(rows.for_list()))


@require_http_methods(["GET", "HEAD", "POST"])
def oversight_new(request):
    """登记监督记录; from a duty it counts for that one."""
    user = request.user
    bodies = verbs.bodies_for(user)
    if not bodies:
        raise PermissionDenied(verbs.RECORDERS)
    duty = _duty(request)
    year = duty.work_year_id if duty else year_in_view(request)
    if duty and duty.organisation in bodies:
        bodies.sort(key=lambda one: one.pk != duty.organisation_id)
    kinds = list(dict.fromkeys(kind for body in bodies for kind in verbs.kinds_of(body)))
    initial = {
        "body": bodies[0].pk,
        "kind": request.GET.get("kind", ""),
        "units": [number_in(request.GET, "unit")],
        "happened_on": timezone.localdate(),
    }
    form = OversightForm(request.POST or None, request.FILES or None, bodies=bodies, kinds=kinds, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data | {"units": list(form.cleaned_data["units"])}
        with refusals_in(form):
            row = verbs.record_oversight(by=user, work_year=year, duty=duty, **data)
            messages.success(request, _said(row))
            return redirect("oversight", pk=row.pk)
    context = {"form": form, "duty": duty, "year": year, **sections("oversights")}
    return render(request, "supervision/records/oversight_form_page.html", context, status=400 if form.errors else 200)


def _duty(request) -> Duty | None:
    return asked_for(
        request, "duty", Duty.objects.visible_to(request.user).select_related("organisation", "obligation")
    )


def _said(row: Oversight) -> str:
    if row.record.state == Record.State.SUBMITTED:
        return "已提交，等本单位党组织书记审核。"
    counted = row.record.evidence.count()
    return f"已登记，计入 {counted} 项责任。" if counted else "已登记。"


def through_the_door(request, pk: int) -> Oversight:
    rows = Oversight.objects.visible_to(request.user).for_list().select_related("settled_by", "record__act")
    return get_object_or_404(rows, pk=pk)


@require_safe
def oversight(request, pk: int):
    return _page(request, through_the_door(request, pk))


def _page(request, row: Oversight, *, status: int = 200, **forms):
    user = request.user
    reads_all = Record.objects.visible_to(user).filter(pk=row.record_id).exists()
    may_follow = verbs.may_follow(user, row)
    is_open = not verbs.refusal_to_follow(row, user)
    problems = FoundProblem.objects.visible_to(user).filter(oversight=row).for_list()
    context = {
        "oversight": row,
        "record": row.record,
        "reads_all": reads_all,
        "attachments": list(row.record.attachments.select_related("uploaded_by")) if reads_all else [],
        "problems": list(problems),
        "steps": list(row.steps.select_related("entered_by")) if reads_all else [],
        "check": SpecialCheck.objects.visible_to(user).filter(oversight=row).first(),
        "evaluations": list(
            RecordEvaluation.objects.visible_to(user).current().filter(record=row.record_id).for_list()
        ),
        "may_follow": may_follow and is_open,
        "may_take_up": may_follow and row.state == Oversight.State.SETTLED,
        "may_ask": access.may_supervise(user),
        "step_form": StepForm(),
        "problem_form": FoundProblemForm(units=_units(row.units.all())),
        "reason_form": LongReasonForm(),
        "changes": history_of_row(row) if reads_all else [],
        "today": timezone.localdate(),
        **forms,
        **sections("oversights"),
    }
    return render(request, "supervision/records/oversight_page.html", context, status=status)


@require_POST
def oversight_step(request, pk: int):
    """登记后续."""
    row, form = through_the_door(request, pk), StepForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            verbs.follow_up(row, by=request.user, **form.cleaned_data)
            messages.success(request, "已办结。" if form.cleaned_data["settles"] else "已登记后续。")
            return redirect("oversight", pk=row.pk)
    return _page(request, row, status=400, step_form=form)


@require_POST
def oversight_again(request, pk: int):
    """重新跟踪."""
    row, form = through_the_door(request, pk), LongReasonForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            verbs.take_up_again(row, by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, "已重新跟踪。")
            return redirect("oversight", pk=row.pk)
    return _page(request, row, status=400, reason_form=form)


@require_POST
def problem_new(request, pk: int):
    """列出问题 of a supervision recorded."""
    row = through_the_door(request, pk)
    form = FoundProblemForm(request.POST, units=_units(row.units.all()))
    if form.is_valid():
        with refusals_in(form):
            found_problems.note_problem(row, by=request.user, **form.cleaned_data)
            messages.success(request, "已列出问题，可以向单位提出整改要求。")
            return redirect("oversight", pk=row.pk)
    return _page(request, row, status=400, problem_form=form)


# ── 发现的问题 ───────────────────────────────────────────────────────────────────────────────


@require_safe
def found_list(request):
    business_only(request.user)
    today, chosen = timezone.localdate(), FoundFilter.read(request.GET)
    listing = Listing(request, chosen, told_of(request.user))

    def visible() -> QuerySet:
        return FoundProblem.objects.visible_to(request.user)

    context = {
        "pager": listing.pager(lambda: chosen.rows(visible(), on=today).for_list(), FoundProblem.objects.for_list),
        "chosen": chosen,
        "tabs": tabs_of(chosen),
        "sources": SOURCES.items(),
        "units": listing.units(lambda: visible().values("organisation")),
        "years": years_opened(request),
        "today": today,
        "may_ask": access.may_supervise(request.user),
        "all_url": FoundFilter().url,
        **sections("found_problems"),
    }
    return render(request, "supervision/records/found_list_page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def found_ask(request, pk: int):
    """向单位提出整改要求."""
    row = get_object_or_404(FoundProblem.objects.visible_to(request.user).for_list(), pk=pk)
    if refusal := found_problems.refusal_to_ask(row, request.user):
        if row.requirement_id:
            raise ValidationError(refusal)
        raise PermissionDenied(refusal)
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            row = found_problems.ask(row, by=request.user, **form.cleaned_data)
            messages.success(request, f"已向{row.organisation.name}提出，列入其责任台账。")
            return redirect("requirement", pk=row.requirement_id)
    context = {"form": form, "problem": row, **sections("found_problems")}
    return render(request, "supervision/records/ask_page.html", context, status=400 if form.errors else 200)
