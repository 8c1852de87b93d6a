"""线索移送: what one knows, what one was sent, what one handed in; nobody learns of anything else (三（二）3)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability import access
from accountability.forms import add_refusal, refusals_in
from accountability.timeline import history_of_row, history_of_rows
from accountability.views.downloads import sheet_response
from accountability.views.listing import Listing
from accountability.views.menus import tabs_of
from accountability.years import year_in_view, years_opened
from inspections.models import Sign
from supervision.access import admitted, secrets_of
from supervision.board.indicators import figure
from supervision.clues.counts import LEAST, Counts, may_count
from supervision.clues.filters import ClueFilter, ClueItemFilter
from supervision.clues.forms import ActForm, AgainForm, CloseForm, ForwardForm, HandInForm, SendForm
from supervision.clues.workflow import CLUE_TRANSITIONS, choices_for
from supervision.models import Clue, ClueItem, Secret, Source
from supervision.rooms import room, tabs_for
from supervision.services import clues as verbs
from supervision.services.clue_papers import clues_table

NOT_YOURS = "线索移送由知悉授权范围内的纪委同志、接收人和移送人使用。"


def may_enter(user) -> bool:
    """Who knows clues, who may hand one in, who was sent one."""
    return (
        admitted(user, Secret.CLUE)
        or bool(verbs.posts_to_hand_in(user))
        or access.sees_any(user, lambda: ClueItem.objects.received_by(user), "clues received")
    )


def waiting(user) -> int:
    return Clue.objects.waiting_for(user).count() + ClueItem.objects.waiting_for(user).count()


room(
    210, "线索移送", "clues", "收到的、移送出的和移送纪委的事项；只列出与您本人有关的",
    icon="lock", may=may_enter, waiting=waiting,
)  # fmt: skip
room(
    215, "监督信息统计", "clue_counts", "各类监督和移送事项的数量，按来源和年度；不含内容", icon="board", may=may_count
)

figure(
    "late_clues", "移送事项逾期未答复", unit="件",
    rows=lambda user, year, on: ClueItemFilter(year=year, view="late").rows(
        ClueItem.objects.visible_to(user), on=on, user=user
    ),
    url=lambda year: ClueItemFilter(year=year, view="late").url,
    may=lambda user: admitted(user, Secret.CLUE),
)  # fmt: skip


def _enter(user) -> None:
    if not may_enter(user):
        raise PermissionDenied(NOT_YOURS)


def _around(request, here: str) -> dict:
    user = request.user
    knows = admitted(user, Secret.CLUE)
    return {
        "here": here,
        "knows": knows,
        "may_send": knows,
        "may_hand_in": bool(verbs.posts_to_hand_in(user)) and not knows,
        "sources": Source.choices,
        "years": years_opened(request),
    }


@require_safe
def clue_list(request):
    """移送事项 of who knows them; for others what they handed in. What one was sent stands in the next tab."""
    user = request.user
    _enter(user)
    chosen = ClueFilter.read(request.GET)
    views = chosen.VIEWS if admitted(user, Secret.CLUE) else {"all": "全部", "mine": "待我补充", "closed": "已办结"}
    listing = Listing(request, chosen, secrets_of(user))
    context = {
        "pager": listing.pager(
            lambda: chosen.rows(Clue.objects.visible_to(user), user=user).for_list(), Clue.objects.for_list
        ),
        "chosen": chosen,
        "tabs": tabs_of(chosen, views),
        "categories": Sign.Category.choices,
        "received": listing.counts({"received": lambda: ClueItem.objects.received_by(user)})["received"],
        "all_url": ClueFilter().url,
        "today": timezone.localdate(),
        **_around(request, "clues"),
    }
    return render(request, "supervision/clues/clue_list_page.html", context)


@require_safe
def item_list(request):
    """移送接收: what one was sent; for who knows clues every recipient's."""
    user, today = request.user, timezone.localdate()
    _enter(user)
    chosen = ClueItemFilter.read(request.GET)
    views = {name: label for name, label in chosen.VIEWS.items() if name not in ("told", "recalled")}
    listing = Listing(request, chosen, secrets_of(user))
    context = {
        "pager": listing.pager(
            lambda: chosen.rows(ClueItem.objects.visible_to(user), on=today, user=user).for_list(),
            ClueItem.objects.for_list,
        ),
        "chosen": chosen,
        "tabs": tabs_of(chosen, views),
        "today": today,
        "all_url": ClueItemFilter().url,
        **_around(request, "clue_items"),
    }
    return render(request, "supervision/clues/item_list_page.html", context)


@require_safe
def export(request):
    """The register, for who knows it whole."""
    user = request.user
    if not admitted(user, Secret.CLUE):
        raise PermissionDenied(NOT_YOURS)
    rows = ClueFilter.read(request.GET).rows(Clue.objects.known_to(user), user=user)
    return sheet_response(f"移送事项-{timezone.localdate()}", clues_table(rows.for_list()), reader=user)


@require_safe
def counts(request):
    """监督信息统计."""
    user = request.user
    if not may_count(user):
        raise PermissionDenied("监督信息统计由知悉授权范围内的纪委同志和党委书记查看。")
    year = year_in_view(request)
    told = Counts(user, year, timezone.localdate())
    context = {
        "lines": told.lines(),
        "total": told.total(),
        "is_exact": told.is_exact,
        "least": LEAST,
        "year": year,
        "years": years_opened(request),
        "room_tabs": tabs_for(user, "clue_counts"),
    }
    return render(request, "supervision/clues/counts_page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def clue_new(request):
    """移送."""
    user = request.user
    if not verbs.may_send(user):
        raise PermissionDenied(verbs.SENDERS)
    form = SendForm(request.POST or None, posts=verbs.recipient_posts(user))
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        asked, due_on = data.pop("asked"), data.pop("due_on")
        people = [verbs.Asked(post, asked, due_on) for post in data.pop("posts")]
        with refusals_in(form):
            row = verbs.send(by=user, asked=people, **data)
            messages.success(request, f"已移送 {len(people)} 位同志，各人只看到自己收到的。")
            return redirect("clue", pk=row.pk)
    context = {"form": form, **_around(request, "clues")}
    return render(request, "supervision/clues/send_page.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def clue_hand_in(request):
    """移送纪委."""
    user = request.user
    posts = verbs.posts_to_hand_in(user)
    if not posts:
        raise PermissionDenied("线索由职能部门、巡察办负责人和二级党组织书记移送纪委。")
    form = HandInForm(request.POST or None, posts=posts, initial={"post": posts[0].pk})
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            row = verbs.hand_in(by=user, **form.cleaned_data)
            messages.success(request, "已移送纪委；除您本人外，只有知悉授权范围内的纪委同志能看到。")
            return redirect("clue", pk=row.pk)
    context = {"form": form, **_around(request, "clues")}
    return render(request, "supervision/clues/hand_in_page.html", context, status=400 if form.errors else 200)


# ── 一件 ─────────────────────────────────────────────────────────────────────────────────────


def through_the_door(request, pk: int) -> Clue:
    rows = Clue.objects.visible_to(request.user).select_related(
        "sender", "post__organisation__parent", "organisation", "received_by", "closed_by"
    )
    return get_object_or_404(rows, pk=pk)


@require_safe
def clue(request, pk: int):
    return _page(request, through_the_door(request, pk))


def _page(request, row: Clue, *, status: int = 200, **forms):
    user = request.user
    knows = Clue.objects.known_to(user).filter(pk=row.pk).exists()
    is_open = knows and row.state == Clue.State.OPEN
    items = ClueItem.objects.visible_to(user).filter(clue=row) if knows else ClueItem.objects.none()
    context = {
        "clue": row,
        "knows_all": knows,
        "items": list(items.for_list().order_by("named_at", "pk")),
        "choices": choices_for(row, CLUE_TRANSITIONS, user) if knows else [],
        "is_open": is_open,
        "may_supplement": row.sender_id == user.pk and row.state == Clue.State.RETURNED,
        "forward_form": ForwardForm(posts=verbs.recipient_posts(user)) if is_open else None,
        "close_form": CloseForm(),
        "again_form": AgainForm(initial={"words": row.words}),
        "act_form": ActForm(),
        "refused": "",
        "changes": _changes(row, knows),
        "today": timezone.localdate(),
        **forms,
        **_around(request, "clues"),
    }
    return render(request, "supervision/clues/clue_page.html", context, status=status)


def _changes(row: Clue, knows: bool) -> list:
    """Who knows it whole reads to whom it went and why; who handed it in reads the states of his own."""
    if not knows:
        return history_of_rows(Clue.history.filter(id=row.pk).exclude(_of_the_commission()), _state_alone)[::-1]
    told = history_of_row(row)
    told += history_of_rows(ClueItem.history.filter(clue=row.pk), _item_change)
    return sorted(told, key=lambda change: change.at, reverse=True)


def _of_the_commission() -> Q:
    """Steps that tell how the commission works on it."""
    return Q(history_change_reason__startswith="接收人") | Q(history_change_reason__startswith="重新办理")


def _state_alone(before, now) -> str:
    return now.get_state_display()


def _item_change(before, now) -> str:
    return now.get_state_display()


@require_POST
def clue_act(request, pk: int):
    """接收、退回补充、重新办理."""
    row, form, name = through_the_door(request, pk), ActForm(request.POST), request.POST.get("act", "")
    if name not in CLUE_TRANSITIONS:
        raise ValidationError("没有这种办理，请返回移送事项页面重新选择。")
    if form.is_valid():
        with refusals_in(form):
            verbs.perform(row, name, by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, f"已{CLUE_TRANSITIONS[name].label}。")
            return redirect("clue", pk=row.pk)
    return _page(request, row, status=400, act_form=form, refused=name)


@require_POST
def clue_again(request, pk: int):
    """补充后再移送."""
    row, form = through_the_door(request, pk), AgainForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            verbs.hand_in_again(row, by=request.user, words=form.cleaned_data["words"])
            messages.success(request, "已补充并再移送纪委。")
            return redirect("clue", pk=row.pk)
    return _page(request, row, status=400, again_form=form)


@require_POST
def clue_forward(request, pk: int):
    """追加移送, with a reason that stays."""
    row, form = through_the_door(request, pk), ForwardForm(request.POST, posts=verbs.recipient_posts(request.user))
    if form.is_valid():
        data = form.cleaned_data
        asked = verbs.Asked(data["post"], data["asked"], data["due_on"])
        try:
            verbs.forward(row, by=request.user, asked=asked, reason=data["reason"])
        except ValidationError as error:
            _at_post(form, error)
        else:
            messages.success(request, f"已移送{asked.post.full_title}。")
            return redirect("clue", pk=row.pk)
    return _page(request, row, status=400, forward_form=form)


def _at_post(form: ForwardForm, error: ValidationError) -> None:
    """The service speaks of ``posts``; here there is one."""
    if hasattr(error, "error_dict") and "posts" in error.error_dict:
        error.error_dict["post"] = error.error_dict.pop("posts")
    add_refusal(form, error)


@require_POST
def clue_open_answers(request, pk: int):
    """答复互见."""
    row, is_open = through_the_door(request, pk), request.POST.get("open") == "1"
    verbs.open_answers(row, by=request.user, is_open=is_open)
    messages.success(request, "接收人可以互看答复。" if is_open else "接收人只看自己的答复。")
    return redirect("clue", pk=row.pk)


@require_POST
def clue_close(request, pk: int):
    """办结."""
    row, form = through_the_door(request, pk), CloseForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            verbs.close(row, by=request.user, **form.cleaned_data)
            messages.success(request, "已办结。")
            return redirect("clue", pk=row.pk)
    return _page(request, row, status=400, close_form=form)
