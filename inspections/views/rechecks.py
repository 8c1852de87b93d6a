"""销号抽查: the draws, one draw with its proof, one item on the spot, the rate of false closures (三（四）1)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability.filters import number_in
from accountability.forms import refusals_in
from accountability.timeline import history_of_row, history_of_rows
from accountability.views.downloads import sheet_response
from accountability.views.listing import Listing
from accountability.views.menus import tabs_of
from inspections import false_closures
from inspections.false_closures import ItemFilter
from inspections.models import Finding, Recheck, RecheckItem, Round
from inspections.models.rechecks import frame_sha256
from inspections.models.rounds import manages
from inspections.recheck_forms import CheckerForm, DrawForm, ReasonForm, ResultForm
from inspections.sampling import Candidate, lot
from inspections.services import rechecks as verbs
from inspections.services.recheck_sheets import recheck_table


@require_safe
def recheck_list(request):
    user = request.user
    items = RecheckItem.objects.visible_to(user)
    context = {
        "pager": Listing(request).pager(lambda: Recheck.objects.visible_to(user).for_list(), Recheck.objects.for_list),
        "rate": false_closures.rate(items),
        "units": false_closures.by_unit(items)[:10],
        "rounds": false_closures.by_round(items)[:10],
        "manages": manages(user),
    }
    return render(request, "inspections/rechecks/recheck_list_page.html", context)


@require_safe
def results(request):
    """已核查的问题 behind a figure."""
    items = RecheckItem.objects.visible_to(request.user)
    chosen = ItemFilter.read(request.GET)
    listing = Listing(request, chosen)
    whole = chosen.but(result="")
    results = {"": "全部", **dict(RecheckItem.Result.choices)}
    context = {
        "pager": listing.pager(lambda: chosen.rows(items).order_by("-checked_on", "-pk"), RecheckItem.objects.for_list),
        "rate": false_closures.rate(items, whole),
        "chosen": chosen,
        "tabs": tabs_of(chosen, results, by="result"),
        "units": listing.units(lambda: items.checked().values("finding__organisation")),
        "rounds": listing.objects(
            "rounds", lambda: Round.objects.filter(pk__in=items.checked().values("finding__round"))
        ),
        "all_url": ItemFilter().url,
    }
    return render(request, "inspections/rechecks/result_list_page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def recheck_new(request):
    """抽取."""
    if not manages(request.user):
        raise PermissionDenied(verbs.MANAGERS)
    initial = {"round": number_in(request.GET, "round"), "size": 5}
    form = DrawForm(request.POST or None, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            row = verbs.draw_recheck(by=request.user, **form.cleaned_data)
            messages.success(request, f"已从 {len(row.frame)} 个已销号问题中抽出 {row.items.count()} 个。")
            return redirect("recheck", pk=row.pk)
    context = {"form": form, "open_to_draw": verbs.open_rounds(request.user)}
    status = 400 if form.errors else 200
    return render(request, "inspections/rechecks/recheck_form_page.html", context, status=status)


def through_the_door(request, pk: int) -> Recheck:
    rows = Recheck.objects.visible_to(request.user).for_list().select_related("concluded_by")
    return get_object_or_404(rows, pk=pk)


def _items(request, row: Recheck):
    return RecheckItem.objects.visible_to(request.user).filter(recheck=row).for_list()


@require_safe
def recheck(request, pk: int):
    return _page(request, through_the_door(request, pk))


def _page(request, row: Recheck, *, status: int = 200, form: ReasonForm | None = None):
    items = _items(request, row)
    shown = {"checked": items.checked(), "false": items.false()}.get(request.GET.get("show", ""))
    context = {
        "recheck": row,
        "items": list(items if shown is None else shown),
        "shown": {"checked": "只看已核查", "false": "只看虚假销号"}.get(request.GET.get("show", ""), ""),
        "unchecked": row.drawn - row.checked,
        "rate": false_closures.FalseClosureRate("虚假销号率", row.false, row.checked, ItemFilter()),
        "sees_all": manages(request.user) or row.state == Recheck.State.CONCLUDED,
        "manages": manages(request.user),
        "form": form or ReasonForm(),
        "changes": history_of_row(row),
        "today": timezone.localdate(),
    }
    return render(request, "inspections/rechecks/recheck_page.html", context, status=status)


@require_safe
def recheck_draw(request, pk: int):
    """按种子复算: the list, every lot, and whether the draw repeats equal."""
    row = through_the_door(request, pk)
    if not manages(request.user) and row.state != Recheck.State.CONCLUDED:
        raise PermissionDenied("抽样名单在抽查办结后公布，办结前由巡察办和纪委查看。")
    again = row.redraw()
    drawn = list(row.items.order_by("rank").select_related("finding__round"))
    lines = [
        {**line, "lot": lot(Candidate(line["number"], line["unit"], line["is_focus"]), row.seed)} for line in row.frame
    ]
    context = {
        "recheck": row,
        "lines": sorted(lines, key=lambda line: line["lot"], reverse=True),
        "again": again,
        "drawn": {item.finding.number for item in drawn},
        "is_equal": again == [item.finding.number for item in drawn],
        "frame_is_kept": frame_sha256(row.frame) == row.frame_sha256,
    }
    return render(request, "inspections/rechecks/draw_page.html", context)


@require_safe
def recheck_file(request, pk: int):
    """导出: ``?filled=1`` with the results, else the sheet to take on the spot."""
    row, filled = through_the_door(request, pk), request.GET.get("filled") == "1"
    name = f"{row}{'结果' if filled else '现场核查表'}"
    return sheet_response(name, recheck_table(row, list(_items(request, row)), filled=filled))


@require_POST
def recheck_act(request, pk: int):
    """办结."""
    row, form = through_the_door(request, pk), ReasonForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            verbs.conclude(row, by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, "抽查已办结，指定的核查人不再能查看。")
            return redirect("recheck", pk=row.pk)
    return _page(request, row, status=400, form=form)


# ── 一个被抽查的问题 ─────────────────────────────────────────────────────────────────────────


def _item(request, pk: int) -> RecheckItem:
    rows = RecheckItem.objects.visible_to(request.user).for_list()
    rows = rows.select_related("applied_by", "reviewed_by", "verified_by").prefetch_related("papers")
    return get_object_or_404(rows, pk=pk)


@require_safe
def item(request, pk: int):
    return _item_page(request, _item(request, pk))


def _item_page(request, row: RecheckItem, *, status: int = 200, **forms):
    user = request.user
    is_running = row.recheck.state == Recheck.State.RUNNING
    successor = Finding.objects.filter(predecessor=row.finding_id).select_related("round").first()
    context = {
        "item": row,
        "refusal": verbs.refusal_to_record(row, user),
        "may_name": manages(user) and is_running and not row.result,
        "may_take_back": bool(row.result)
        and is_running
        and successor is None
        and (manages(user) or row.checked_by_id == user.pk),
        "may_reopen": manages(user) and row.result == RecheckItem.Result.FALSE and successor is None,
        "successor": successor,
        "sees_finding": Finding.objects.visible_to(user).filter(pk=row.finding_id).exists(),
        "sees_recheck": Recheck.objects.visible_to(user).filter(pk=row.recheck_id).exists(),
        "changes": history_of_rows(RecheckItem.history.filter(id=row.pk), _item_change)[::-1],
        "result_form": ResultForm(),
        "checker_form": CheckerForm(initial={"person": row.checker_id}, barred=row.three),
        "reopen_form": ReasonForm(initial={"reason": row.words[:500]}),
        "back_form": ReasonForm(),
        **forms,
    }
    return render(request, "inspections/rechecks/item_page.html", context, status=status)


def _item_change(before, now) -> str:
    return now.get_result_display() or "未核查"


@require_POST
def item_record(request, pk: int):
    """登记结果."""
    row, form = _item(request, pk), ResultForm(request.POST, request.FILES)
    if form.is_valid():
        with refusals_in(form):
            verbs.record_result(row, by=request.user, **form.cleaned_data)
            messages.success(request, "核查结果已登记，责任单位已收到通知。")
            return redirect("recheck_item", pk=row.pk)
    return _item_page(request, row, status=400, result_form=form)


@require_POST
def item_checker(request, pk: int):
    """指定核查人."""
    row = _item(request, pk)
    form = CheckerForm(request.POST)  # whoever is barred is refused in words, not dropped from the list
    if form.is_valid():
        with refusals_in(form):
            verbs.name_checker(row, by=request.user, person=form.cleaned_data["person"])
            messages.success(request, "已保存核查人。")
            return redirect("recheck_item", pk=row.pk)
    return _item_page(request, row, status=400, checker_form=form)


@require_POST
def item_take_back(request, pk: int):
    row, form = _item(request, pk), ReasonForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            verbs.take_back(row, by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, "已撤回，可以重新登记。")
            return redirect("recheck_item", pk=row.pk)
    return _item_page(request, row, status=400, back_form=form)


@require_POST
def item_reopen(request, pk: int):
    """虚假销号，重新立账."""
    row, form = _item(request, pk), ReasonForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            finding = verbs.reopen(row, by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, f"已重新立账，编号 {finding.number}；原销号的记录保持不变。")
            return redirect("finding", pk=finding.pk)
    return _item_page(request, row, status=400, reopen_form=form)
