"""移送接收: one recipient's item, his answer, what the commission says to it (三（二）3)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accountability.forms import refusals_in
from accountability.timeline import history_of_row
from accountability.views.downloads import marked_paper
from supervision.clues.forms import ActForm, ClueAnswerForm
from supervision.clues.workflow import ITEM_TRANSITIONS, choices_for
from supervision.models import Clue, ClueItem
from supervision.services import clue_items as verbs
from supervision.services.clue_papers import slip_of

STEPS = ("read", "adopt", "send_back", "recall")


def through_the_door(request, pk: int) -> ClueItem:
    rows = ClueItem.objects.visible_to(request.user).for_list()
    return get_object_or_404(rows.select_related("decided_by").prefetch_related("papers"), pk=pk)


@require_safe
def item(request, pk: int):
    return _page(request, through_the_door(request, pk))


def _page(request, row: ClueItem, *, status: int = 200, **forms):
    user = request.user
    knows = Clue.objects.known_to(user).filter(pk=row.clue_id).exists()
    is_mine = ClueItem.objects.received_by(user).filter(pk=row.pk).exists()
    is_open = row.clue.state == Clue.State.OPEN
    others = ClueItem.objects.visible_to(user).filter(clue=row.clue_id).exclude(pk=row.pk)
    context = {
        "item": row,
        "clue": row.clue,
        "knows_all": knows,
        "is_mine": is_mine,
        "may_answer": is_mine and row.is_unanswered,
        "others": list(others.for_list()) if is_mine and not knows else [],
        "choices": choices_for(row, ITEM_TRANSITIONS, user) if is_open and (knows or is_mine) else [],
        "answer_form": ClueAnswerForm(initial={"text": row.answer}),
        "act_form": ActForm(),
        "refused": "",
        "changes": history_of_row(row) if knows else [],
        "today": timezone.localdate(),
        **forms,
    }
    return render(request, "supervision/clues/item_page.html", context, status=status)


@require_POST
def item_act(request, pk: int):
    """已阅、采纳、退回补充、撤回移送."""
    row, form, name = through_the_door(request, pk), ActForm(request.POST), request.POST.get("act", "")
    if name not in STEPS:
        raise ValidationError("没有这种办理，请返回移送事项页面重新选择。")
    if form.is_valid():
        with refusals_in(form):
            verbs.perform(row, name, by=request.user, **form.cleaned_data)
            messages.success(request, f"已{ITEM_TRANSITIONS[name].label.removeprefix('已')}。")
            return redirect("clue_item", pk=row.pk)
    return _page(request, row, status=400, act_form=form, refused=name)


@require_POST
def item_answer(request, pk: int):
    """答复."""
    row, form = through_the_door(request, pk), ClueAnswerForm(request.POST, request.FILES)
    if form.is_valid():
        with refusals_in(form):
            verbs.answer(row, by=request.user, **form.cleaned_data)
            messages.success(request, "已答复，等纪委采纳。")
            return redirect("clue_item", pk=row.pk)
    return _page(request, row, status=400, answer_form=form)


@require_safe
def item_pdf(request, pk: int):
    """移送单."""
    row = through_the_door(request, pk)
    name = f"移送单-{timezone.localdate(row.named_at)}.pdf"
    return marked_paper(slip_of(row).content, name, reader=request.user)
