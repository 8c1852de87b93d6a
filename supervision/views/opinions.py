"""廉洁意见: what was asked, the check of each, the reply (二（二）)."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability.forms import refusals_in
from accountability.timeline import history_of_row
from accountability.views.downloads import PDF, download, sheet_response
from accountability.views.listing import Listing
from accountability.views.menus import tabs_of
from accountability.years import years_opened
from supervision.access import secrets_of
from supervision.archives.access import approves_opinions, asking_units, finds_opinions, is_keeper
from supervision.archives.filters import OpinionFilter
from supervision.archives.forms import ReasonForm
from supervision.archives.workflow import OPINION_TRANSITIONS, checks, choices_for
from supervision.board.indicators import figure
from supervision.models import Opinion, OpinionCadre
from supervision.opinions.forms import ConclusionForm, OpinionForm
from supervision.rooms import room
from supervision.services import opinions as verbs
from supervision.services.archive_sheets import opinions_table

room(
    410, "廉洁意见", "opinions", "征求、查核、审核、回复，一份名单一件回复", icon="done-ring",
    may=finds_opinions, waiting=lambda user: Opinion.objects.waiting_for(user).count(),
)  # fmt: skip


def _works(user) -> bool:
    return is_keeper(user) or approves_opinions(user)


figure(
    "opinions_waiting", "廉洁意见待办", unit="件",
    rows=lambda user, year, on: Opinion.objects.waiting_for(user),
    url=lambda year: OpinionFilter(view="mine").url,
    may=_works,
)  # fmt: skip


def _only_concerned(request) -> None:
    if not finds_opinions(request.user):
        raise PermissionDenied("廉洁意见由组织部或党委办公室征求，由纪委查核回复。")


@require_safe
def opinion_list(request):
    _only_concerned(request)
    user = request.user
    chosen = OpinionFilter.read(request.GET)
    listing = Listing(request, chosen, secrets_of(user))

    def rows(view: str = chosen.view) -> QuerySet:
        return chosen.but(view=view).rows(Opinion.objects.visible_to(user), user=user)

    views = {name: label for name, label in OpinionFilter.VIEWS.items() if name != "mine" or _works(user)}
    counts = listing.counts({name: partial(rows, name) for name in views})
    context = {
        "pager": listing.pager(lambda: rows().for_list(), Opinion.objects.for_list),
        "chosen": chosen,
        "tabs": tabs_of(chosen, views, counts=counts),
        "purposes": Opinion.Purpose.choices,
        "years": years_opened(request),
        "may_ask": bool(asking_units(user)),
        "checks": is_keeper(user),
        "all_url": OpinionFilter().url,
        "today": timezone.localdate(),
    }
    return render(request, "supervision/opinions/opinion_list_page.html", context)


@require_safe
def opinion_list_export(request):
    _only_concerned(request)
    rows = OpinionFilter.read(request.GET).rows(Opinion.objects.visible_to(request.user), user=request.user)
    title = f"廉洁意见登记（{timezone.localdate()}）"
    return sheet_response(title, opinions_table(title, rows.for_list()), reader=request.user)


@require_http_methods(["GET", "HEAD", "POST"])
def opinion_new(request):
    """征求."""
    units = asking_units(request.user)
    if not units:
        raise PermissionDenied("廉洁意见由组织部或党委办公室征求。")
    form = OpinionForm(request.POST or None, units=units, initial={"organisation": units[0]})
    if request.method == "POST" and form.is_valid():
        data = {name: form.cleaned_data[name] for name in ("organisation", "purpose", "words", "due_on")}
        with refusals_in(form):
            row = verbs.ask(by=request.user, people=form.people, **data)
            messages.success(request, f"已征求 {len(form.people)} 名同志的廉洁意见，回复后通知您。")
            return redirect("opinion", pk=row.pk)
    status = 400 if form.errors else 200
    return render(request, "supervision/opinions/opinion_form_page.html", {"form": form}, status=status)


def through_the_door(request, pk: int) -> Opinion:
    rows = Opinion.objects.visible_to(request.user).for_list()
    return get_object_or_404(rows.select_related("proposed_by", "approved_by", "job", "duty"), pk=pk)


@require_safe
def opinion(request, pk: int):
    return _page(request, through_the_door(request, pk))


def _page(request, row: Opinion, *, status: int = 200, **forms):
    """Checks and their history for who works on it; the asking unit sees its list and the reply."""
    user = request.user
    sees_checks = _works(user)
    may_check = row.state == Opinion.State.ASKED and checks(user, row)
    cadres = list(row.cadres.select_related("person", "checked_by").order_by("rank"))
    opened = set()
    if may_check:
        mine = OpinionCadre.objects.filter(opinion=row, openings__opened_by=user.pk)
        opened = set(mine.values_list("pk", flat=True))
    initials = {one.pk: {name: getattr(one, name) for name in ("conclusion", "statement", "notes")} for one in cadres}
    refused, refused_form = forms.pop("refused", 0), forms.pop("conclusion_form", None)
    context = {
        "opinion": row,
        "sees_checks": sees_checks,
        "replied": row.state == Opinion.State.REPLIED,
        "lines": [
            {
                "cadre": one,
                "is_open": one.pk in opened,
                "is_refused": one.pk == refused,
                "form": refused_form
                if one.pk == refused
                else ConclusionForm(initial=initials[one.pk], prefix=f"c{one.pk}"),
            }
            for one in cadres
        ],
        "may_check": may_check,
        "left": sum(not one.conclusion for one in cadres),
        "choices": choices_for(row, OPINION_TRANSITIONS, user),
        "refused_act": "",
        "reason_form": ReasonForm(),
        "may_typeset": row.state == Opinion.State.APPROVED
        and not (row.job and row.job.is_under_way)
        and (is_keeper(user) or row.approved_by_id == user.pk),
        "changes": history_of_row(row) if sees_checks else [],
        "today": timezone.localdate(),
        **forms,
    }
    return render(request, "supervision/opinions/opinion_page.html", context, status=status)


@require_POST
def opinion_act(request, pk: int):
    """提交审核、审核并回复、退回、撤回、重新排版."""
    row, name, form = through_the_door(request, pk), request.POST.get("act", ""), ReasonForm(request.POST)
    if name == "typeset":
        verbs.typeset_again(row, by=request.user)
        messages.success(request, "已重新交付排版。")
        return redirect("opinion", pk=row.pk)
    if name not in OPINION_TRANSITIONS:
        raise ValidationError("没有这种办理，请返回页面重新选择。")
    if form.is_valid():
        with refusals_in(form):
            verbs.perform(row, name, by=request.user, reason=form.cleaned_data["reason"])
            said = (
                "已编号并交付排版，完成后送达征求单位。"
                if name == "approve"
                else f"已{OPINION_TRANSITIONS[name].label}。"
            )
            messages.success(request, said)
            return redirect("opinion", pk=row.pk)
    return _page(request, row, status=400, refused_act=name, reason_form=form)


@require_safe
def opinion_pdf(request, pk: int):
    """回复, once it is issued."""
    row = through_the_door(request, pk)
    if row.state != Opinion.State.REPLIED:
        raise Http404
    return download(verbs.reply_bytes(row), PDF, f"廉洁意见回复（{row.number}）.pdf")


def _cadre(request, pk: int) -> OpinionCadre:
    """A line, for who works on lists: the asking unit has no business with one."""
    if not _works(request.user):
        raise Http404
    seen = Opinion.objects.visible_to(request.user)
    return get_object_or_404(OpinionCadre.objects.filter(opinion__in=seen).select_related("opinion"), pk=pk)


@require_POST
def cadre_open(request, pk: int):
    """打开档案查核: logged by itself, then the archive."""
    opening = verbs.open_for_check(_cadre(request, pk), by=request.user)
    messages.success(request, "已登记查阅，查核后回到廉洁意见登记结论。")
    return redirect("archive", pk=opening.archive_id)


@require_POST
def cadre_conclude(request, pk: int):
    """登记结论."""
    row = _cadre(request, pk)
    form = ConclusionForm(request.POST, prefix=f"c{row.pk}")
    if form.is_valid():
        with refusals_in(form):
            verbs.conclude(row, by=request.user, **form.cleaned_data)
            messages.success(request, "已登记结论。")
            return redirect("opinion", pk=row.opinion_id)
    return _page(request, through_the_door(request, row.opinion_id), status=400, refused=row.pk, conclusion_form=form)
