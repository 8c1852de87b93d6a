"""谈话提醒: the list, arranging one, one talk from order to conclusion (二（二）, 二（三）). Every door asks ``visible_to``."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability.forms import refusals_in
from accountability.models import Duty
from accountability.timeline import history_of_rows
from accountability.views.asked import asked_for
from accountability.views.downloads import marked_paper, sheet_response
from accountability.views.listing import Listing
from accountability.views.menus import tabs_of
from accountability.years import year_in_view, years_opened
from inspections.models import Finding, Sign
from supervision.access import admitted, secrets_of
from supervision.models import FollowUp, Secret, Talk, TalkKind
from supervision.rooms import tabs_for
from supervision.services import talk_reports as reports
from supervision.services import talks as verbs
from supervision.services.talk_papers import record_paper, talks_table
from supervision.talks import access as door
from supervision.talks.filter import TABS, TalkFilter
from supervision.talks.forms import ConfirmForm, HoldForm, OrderForm, ReasonForm, ReportForm, TalkForm, TrackForm
from supervision.talks.workflow import open_to

ORIGINS = {"sign": Sign, "duty": Duty, "finding": Finding}


@require_safe
def talk_list(request):
    user, today = request.user, timezone.localdate()
    chosen = TalkFilter.read(request.GET)
    listing = Listing(request, chosen, secrets_of(user))

    def rows(chosen: TalkFilter = chosen) -> QuerySet:
        return chosen.rows(Talk.objects.visible_to(user), user=user, on=today)

    context = {
        "pager": listing.pager(lambda: rows().for_list(), Talk.objects.for_list),
        "chosen": chosen,
        "tabs": tabs_of(chosen, {view: chosen.VIEWS[view] for view in TABS}),
        "view_label": chosen.VIEWS[chosen.view] if chosen.view not in TABS else "",
        "kinds": TalkKind.choices,
        "units": listing.units(lambda: Talk.objects.visible_to(user).values("organisation")),
        "years": years_opened(request),
        "figures": _figures(listing, rows, TalkFilter(year=year_in_view(request))),
        "year": year_in_view(request),
        "may_arrange": door.may_arrange(user),
        "room_tabs": tabs_for(user, "talks"),
        "all_url": TalkFilter().url,
        "today": today,
    }
    return render(request, "supervision/talks/talk_list_page.html", context)


def _figures(listing: Listing, rows, chosen: TalkFilter) -> list[dict]:
    """已谈话、待本人确认、谈话后未跟踪 of the year, among what the reader sees."""
    year = f"{chosen.year} 年度"
    shown = (
        ("held", "done", year),
        ("unconfirmed", "soon", year),
        ("untracked", "late", "没有定报告期限，或到期没有报告"),
    )
    figures = []
    counts = listing.counts({view: partial(rows, chosen.but(view=view)) for view, _, _ in shown}, "figures")
    for view, state, note in shown:
        narrowed, value = chosen.but(view=view), counts[view]
        words = {"label": chosen.VIEWS[view], "note": note, "state": state if value else "idle"}
        figures.append(words | {"url": narrowed.url, "value": value})
    return figures


@require_safe
def export(request):
    """导出 what the list shows."""
    user, today = request.user, timezone.localdate()
    chosen = TalkFilter.read(request.GET)
    rows = chosen.rows(Talk.objects.visible_to(user), user=user, on=today).for_list()
    note = f"{user.name} 于 {today} 导出，{chosen.VIEWS[chosen.view]}。仅限获准知悉的同志查阅。"
    return sheet_response(f"谈话清单_{today}", talks_table(rows, note=note), reader=user)


def _origin(request):
    """缘起 of the address, as far as the reader may see it; none named gives none."""
    for name, model in ORIGINS.items():
        if row := asked_for(request, name, model.objects.visible_to(request.user)):
            return name, row
    return "", None


@require_http_methods(["GET", "HEAD", "POST"])
def talk_new(request):
    """安排谈话. ``?sign=``, ``?duty=`` or ``?finding=`` for whose sake it is held."""
    user = request.user
    if not door.may_arrange(user):
        raise PermissionDenied(door.ARRANGES)
    name, origin = _origin(request)
    may_propose = admitted(user, Secret.TALK)
    initial = {"matter": origin.category if name == "sign" else ""}
    form = TalkForm(request.POST or None, user=user, may_propose=may_propose, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            talk = verbs.enter(by=user, origin=origin, **form.cleaned_data)
            messages.success(
                request, "已安排，谈话双方已收到通知。" if talk.ordered_at else f"已提请{talk.leader.name}安排。"
            )
            return redirect("talk", pk=talk.pk)
    context = {"form": form, "origin": origin, "origin_kind": name, "may_propose": may_propose}
    return render(request, "supervision/talks/talk_form_page.html", context, status=400 if form.errors else 200)


# ── 一次谈话 ─────────────────────────────────────────────────────────────────────────────────


def through_the_door(request, pk: int) -> Talk:
    rows = Talk.objects.visible_to(request.user).for_list()
    return get_object_or_404(
        rows.select_related("entered_by", "recorded_by", "answered_by", "follow_up__judged_by"), pk=pk
    )


@require_safe
def talk(request, pk: int):
    return _page(request, through_the_door(request, pk))


def _page(request, row: Talk, *, status: int = 200, **forms):
    user = request.user
    open_acts = open_to(row, user)
    context = {
        "talk": row,
        "report": row.report,
        "open": open_acts,
        "is_party": user.pk == row.person_id,
        "origin": _seen_origin(row, user),
        "changes": _changes(row, user),
        "order_form": OrderForm(user=user) if "order" in open_acts else None,
        "hold_form": HoldForm(initial=_held(row)),
        "confirm_form": ConfirmForm(),
        "track_form": TrackForm(initial={"requirements": row.requirements}),
        "report_form": ReportForm(initial={"words": row.report.words if row.report else ""}),
        "reason_form": ReasonForm(),
        "refused": "",
        "today": timezone.localdate(),
        **forms,
    }
    return render(request, "supervision/talks/talk_page.html", context, status=status)


def _held(row: Talk) -> dict:
    names = ("place", "recorder", "issues", "said", "requirements", "is_first_form")
    facts = {name: getattr(row, name) for name in names}
    return facts | {
        "held_on": row.held_on or timezone.localdate(),
        "report_by": row.report.due_on if row.report else None,
    }


def _seen_origin(row: Talk, user) -> dict | None:
    """缘起, to who may see that thing anyway: a sign is not shown to its unit (decision 15)."""
    for name, model in ORIGINS.items():
        if pk := getattr(row, f"{name}_id"):
            thing = model.objects.visible_to(user).filter(pk=pk).first()
            return {"name": name, "thing": thing} if thing else None
    return None


def _changes(row: Talk, user) -> list:
    """办理历史. The talked-to person reads it from the moment it was arranged: who had proposed it is not his to know."""
    told = history_of_rows(Talk.history.filter(id=row.pk), _told)
    told += history_of_rows(FollowUp.history.filter(talk=row.pk), lambda before, now: now.get_state_display())
    if user.pk == row.person_id:
        told = [change for change in told if row.ordered_at and change.at >= row.ordered_at]
    return sorted(told, key=lambda change: change.at, reverse=True)


def _told(before, now) -> str:
    return now.get_state_display() if before is None or before.state != now.state else ""


@require_safe
def pdf(request, pk: int):
    """谈话记录表."""
    row = through_the_door(request, pk)
    if not row.is_held:
        raise Http404
    return marked_paper(record_paper(row).content, f"谈话记录表_{row.number}.pdf", reader=request.user)


def _answer(request, pk: int, form_name: str, form_class, verb, said: str, **facts):
    """One act with a form of its own: what was refused stays typed, beside its field."""
    row = through_the_door(request, pk)
    form = form_class(request.POST, **facts)
    if form.is_valid():
        with refusals_in(form):
            verb(row, form.cleaned_data)
            messages.success(request, said)
            return redirect("talk", pk=row.pk)
    return _page(request, row, status=400, **{form_name: form, "refused": form_name})


@require_POST
def talk_order(request, pk: int):
    user = request.user

    def act(row, data):
        verbs.order(row, by=user, talker=data["talker"] or user, due_on=data["due_on"])

    return _answer(request, pk, "order_form", OrderForm, act, "已安排，谈话双方已收到通知。", user=user)


@require_POST
def talk_hold(request, pk: int):
    def act(row, data):
        verbs.hold(row, by=request.user, **data)

    return _answer(request, pk, "hold_form", HoldForm, act, "已登记，等本人确认。")


@require_POST
def talk_confirm(request, pk: int):
    def act(row, data):
        verbs.confirm(row, by=request.user, **data)

    return _answer(request, pk, "confirm_form", ConfirmForm, act, "已确认。")


@require_POST
def talk_track(request, pk: int):
    def act(row, data):
        verbs.track(row, by=request.user, **data)

    return _answer(request, pk, "track_form", TrackForm, act, "已明确报告期限，本人已收到通知。")


@require_POST
def talk_report(request, pk: int):
    def act(row, data):
        reports.report(row, by=request.user, **data)

    return _answer(request, pk, "report_form", ReportForm, act, "已报告，等谈话人认可。")


ACTS = {
    "decline": ("已答复不安排。", lambda row, by, data: verbs.decline(row, by=by, reason=data["reason"])),
    "cancel": ("谈话已取消。", lambda row, by, data: verbs.cancel(row, by=by, reason=data["reason"])),
    "refuse": ("已登记。", lambda row, by, data: verbs.refuse(row, by=by, reason=data["reason"])),
    "conclude": ("谈话已办结。", lambda row, by, data: verbs.conclude(row, by=by, reason=data["reason"])),
    "accept": ("已认可。", lambda row, by, data: reports.accept(row, by=by)),
    "send_back": ("已退回，本人已收到通知。", lambda row, by, data: reports.send_back(row, by=by, **data)),
}


@require_POST
def talk_act(request, pk: int):
    """不安排、取消、未予确认、认可、退回、办结: the acts that ask for a reason at most."""
    row, name = through_the_door(request, pk), request.POST.get("act", "")
    if name not in ACTS:
        messages.error(request, "没有这种办理，请重新选择。")
        return redirect("talk", pk=row.pk)
    said, verb = ACTS[name]
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            verb(row, request.user, form.cleaned_data)
        except ValidationError as error:
            form.add_error("report_by" if "report_by" in getattr(error, "error_dict", {}) else "reason", error.messages)
        else:
            messages.success(request, said)
            return redirect("talk", pk=row.pk)
    return _page(request, row, status=400, reason_form=form, refused=name)
