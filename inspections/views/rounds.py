"""巡察轮次: the list, one round with its ledger, its team and what covers whom (三（四）1)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability.access import organisations_where
from accountability.filters import number_in, whole_number
from accountability.forms import add_refusal, refusals_in
from accountability.models import Duty, Organisation, Record
from accountability.timeline import history_of_rows
from accountability.views.listing import Listing
from accountability.views.menus import Option
from inspections.figures import INDICATORS, RATE_FORMULA, Scope, cells_by_round, lines_by_unit
from inspections.finding_filter import FindingFilter
from inspections.forms import FeedbackForm, MemberForm, RoundEditForm, RoundForm
from inspections.models import Finding, LongTermReview, Measure, ProgressReport, Round, RoundMember, Term
from inspections.models.rounds import manages
from inspections.services import rounds as verbs
from inspections.services.drafting import may_enter
from inspections.views.cards import Figure

FIGURES = (
    ("all", "问题", "idle"),
    ("waiting", "待审核核验", "soon"),
    ("closed", "已销号", "done"),
    ("late", "逾期未销号", "late"),
)
# What the list of rounds has room for.
LISTED = ("problems", "closed", "late", "long_term", "measures", "measures_done")


@require_safe
def round_list(request):
    user, today = request.user, timezone.localdate()
    visible = Finding.objects.visible_to(user)
    rows = list(Round.objects.visible_to(user).prefetch_related("units__organisation"))
    lines = cells_by_round(Scope(on=today, user=user), rows)
    for row in rows:
        row.line = lines[row.pk]
        row.cells = [cell for cell in row.line.cells if cell.indicator.name in LISTED]
    context = {
        "rounds": rows,
        "manages": manages(user),
        "sees_units": Organisation.objects.visible_to(user).units().exists(),
        "waiting": list(visible.waiting_for(user).select_related("round", "organisation")[:10]),
        "heads": [INDICATORS[name].label for name in LISTED],
        "reports": _reports_to_file(user, today),
        "reviews": list(LongTermReview.objects.visible_to(user).waiting_for(user).for_list()[:10]),
    }
    return render(request, "inspections/round_list_page.html", context)


def _reports_to_file(user, today) -> list[ProgressReport]:
    """待填报的月报: of the units the user records for, of this month and what is late."""
    reports = ProgressReport.objects.visible_to(user).filter(
        organisation__in=organisations_where(user, "keep_record"), duty__state=Duty.State.OPEN, month__lte=today
    )
    unfiled = reports.exclude(record__state=Record.State.SUBMITTED)
    return list(unfiled.select_related("round", "organisation", "duty", "record").order_by("month")[:10])


def through_the_door(request, pk: int) -> Round:
    return get_object_or_404(Round.objects.visible_to(request.user).select_related("revisits", "term"), pk=pk)


@require_safe
def inspection(request, pk: int):
    return _round_page(request, through_the_door(request, pk))


def _round_page(request, row: Round, *, status: int = 200, **more):
    user, today = request.user, timezone.localdate()
    chosen = FindingFilter.read(request.GET)
    listing = Listing(request, chosen)

    def visible() -> QuerySet:
        return Finding.objects.visible_to(user).filter(round=row)

    def categories() -> QuerySet:
        return visible().exclude(category="").order_by("category").values_list("category").distinct()

    whole = FindingFilter()
    scope = Scope(on=today, user=user, round=row.pk)
    lines, total = lines_by_unit(scope)
    counts = listing.counts_within(
        visible, lambda: {view: whole.but(view=view).meaning(today) or None for view, _, _ in FIGURES}
    )
    figures = [
        Figure(label, counts[view], whole.but(view=view).in_round(row.pk), state) for view, label, state in FIGURES
    ]
    context = {
        "round": row,
        "pager": listing.pager(
            lambda: chosen.rows(visible(), on=today, user=user).for_list(), Finding.objects.for_list
        ),
        "chosen": chosen,
        "tabs": [
            Option(label, chosen.but(view=view).in_round(row.pk), view == chosen.view)
            for view, label in chosen.tabs.items()
        ],
        "figures": figures,
        "categories": [category for (category,) in listing.rows("categories", categories)],
        "completions": Measure.Completion.choices,
        "units": [link.organisation for link in row.units.select_related("organisation__parent")],
        "members": list(row.members.select_related("person")),
        "manages": manages(user),
        "may_enter": may_enter(user, row),
        "feedback_form": FeedbackForm(),
        "member_form": MemberForm(initial={"from_on": row.starts_on, "until_on": row.ends_on}),
        "changes": history_of_rows(Round.history.filter(id=row.pk), _round_change)[::-1],
        "today": today,
        "all_url": whole.in_round(row.pk),
        "lines": lines,
        "total": total,
        "formula": RATE_FORMULA,
        "organisation": Organisation.objects.filter(pk=chosen.organisation or 0).first(),
        "export_query": request.GET.urlencode(),
        "refused": "",
        **more,
    }
    return render(request, "inspections/round_page.html", context, status=status)


def _round_change(before, now) -> str:
    stage = Round.Stage(now.stage).label
    return stage if before is None or before.stage == now.stage else f"{Round.Stage(before.stage).label} → {stage}"


@require_http_methods(["GET", "HEAD", "POST"])
def round_new(request):
    """登记轮次."""
    if not manages(request.user):
        raise PermissionDenied("巡察轮次由巡察办或纪委登记。")
    form = RoundForm(request.POST or None, user=request.user, initial=_from_plan(request))
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            row = verbs.plan_round(by=request.user, **form.cleaned_data)
            messages.success(request, f"已登记，编号 {row.number}。")
            return redirect("inspection", pk=row.pk)
    return render(request, "inspections/round_form_page.html", {"form": form}, status=400 if form.errors else 200)


def _from_plan(request) -> dict:
    """What the page of a term fills in: the term and the units of one year."""
    numbers = [number for text in request.GET.getlist("units") if (number := whole_number(text))]
    terms = Term.objects.visible_to(request.user)
    term = terms.filter(pk=number_in(request.GET, "term")).first()
    return {"kind": Round.Kind.SCHOOL, "term": term or terms.on(timezone.localdate()), "units": numbers}


@require_http_methods(["GET", "HEAD", "POST"])
def round_edit(request, pk: int):
    """修改轮次."""
    row = through_the_door(request, pk)
    verbs.only_managers(request.user)
    names = ("name", "kind", "term", "starts_on", "ends_on", "key_area", "revisits", "scope")
    initial = {name: getattr(row, name) for name in names} | {"units": row.units.values_list("organisation", flat=True)}
    form = RoundEditForm(request.POST or None, row=row, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            verbs.revise_round(row, by=request.user, **form.cleaned_data)
            messages.success(request, "已修改。")
            return redirect("inspection", pk=row.pk)
    context = {"form": form, "round": row}
    return render(request, "inspections/round_edit_page.html", context, status=400 if form.errors else 200)


@require_POST
def round_act(request, pk: int):
    """进驻、反馈、结束."""
    row = through_the_door(request, pk)
    act = request.POST.get("act", "")
    form = FeedbackForm(request.POST if act == "feed_back" else None)
    try:
        if act == "begin":
            verbs.begin(row, by=request.user)
        elif act == "end":
            verbs.end_round(row, by=request.user)
        elif act == "feed_back" and form.is_valid():
            data = form.cleaned_data
            verbs.feed_back(row, by=request.user, on=data["feedback_on"], rectify_by=data["rectify_by"])
        elif act != "feed_back":
            raise ValidationError("没有这种办理，请返回本轮页面重新选择。")
    except ValidationError as error:
        if act != "feed_back":
            raise
        add_refusal(form, error)
    if form.errors:
        return _round_page(request, row, status=400, feedback_form=form, refused="feed_back")
    messages.success(request, "已办理。")
    return redirect("inspection", pk=row.pk)


@require_POST
def member_add(request, pk: int):
    row = through_the_door(request, pk)
    verbs.only_managers(request.user)
    form = MemberForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            member = verbs.name_member(row, by=request.user, **form.cleaned_data)
            messages.success(
                request, f"{member.person}已列入巡察组，{member.from_on} 至 {member.until_on} 可以查看本轮。"
            )
            return redirect("inspection", pk=row.pk)
    return _round_page(request, row, status=400, member_form=form, refused="member")


@require_POST
def member_dismiss(request, pk: int, member: int):
    row = through_the_door(request, pk)
    named = get_object_or_404(RoundMember, round=row, pk=member)
    verbs.dismiss_member(named, by=request.user, reason=request.POST.get("reason", ""))
    messages.success(request, f"{named.person}已调出巡察组，不再能查看本轮。")
    return redirect("inspection", pk=row.pk)
