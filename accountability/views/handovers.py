"""交接清单: the list, one sheet, notes, both signatures, closing in somebody's stead."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accountability import access
from accountability.filters import whole_number
from accountability.forms import ReasonForm, refusals_in
from accountability.models import HandOver
from accountability.organisation_forms import HandOverSignForm
from accountability.reauthentication import password_is_right
from accountability.services import handovers as verbs
from accountability.timeline import history_of_handover
from accountability.views.listing import Listing


@require_safe
def handover_list(request):
    user, listing = request.user, Listing(request)
    context = {
        "pager": listing.pager(lambda: HandOver.objects.visible_to(user).for_list(), HandOver.objects.for_list),
        "waiting": listing.objects("waiting", lambda: HandOver.objects.waiting_for(user).for_list()),
        "open": listing.counts({"open": lambda: HandOver.objects.visible_to(user).open()})["open"],
    }
    return render(request, "handovers/handover_list_page.html", context)


def _through_the_door(request, pk: int) -> HandOver:
    return get_object_or_404(HandOver.objects.visible_to(request.user).for_list(), pk=pk)


@require_safe
def handover(request, pk: int):
    return _page(request, _through_the_door(request, pk))


def _page(request, sheet: HandOver, status: int = 200, **more):
    user = request.user
    mine = {sheet.giver_id: sheet.giver_signed_at, sheet.taker_id: sheet.taker_signed_at}
    context = {
        "sheet": sheet,
        "lines": list(sheet.lines.select_related("duty", "document")),
        "may_sign": user.pk in mine and mine[user.pk] is None and sheet.closed_at is None,
        "may_note": user.pk == sheet.giver_id and not sheet.is_frozen and sheet.closed_at is None,
        "may_redraw": not sheet.is_frozen
        and sheet.closed_at is None
        and (user.pk in mine or access.may_manage_duties(user)),
        "may_close": access.may_manage_duties(user) and not sheet.is_signed and sheet.closed_at is None,
        "done_before": sheet.post.duties.fulfilled().answered_by(sheet.giver, timezone.localdate()).count(),
        "sign_form": HandOverSignForm(initial={"sha256": verbs.content_sha256(sheet)}),
        "close_form": ReasonForm(),
        "changes": history_of_handover(sheet),
        **more,
    }
    return render(request, "handovers/handover_page.html", context, status=status)


@require_POST
def sign(request, pk: int):
    sheet = _through_the_door(request, pk)
    form = HandOverSignForm(request.POST)
    if form.is_valid() and password_is_right(request, form):
        with refusals_in(form):
            sheet = verbs.sign(sheet, by=request.user, **form.cleaned_data)
            messages.success(request, "已签字。" if not sheet.is_signed else "已签字，双方签字完成。")
            return redirect("handover", pk=sheet.pk)
    return _page(request, _through_the_door(request, pk), status=400, sign_form=form)


@require_POST
def notes(request, pk: int):
    sheet = _through_the_door(request, pk)
    typed = {
        number: value.replace("\x00", "")
        for name, value in request.POST.items()
        if name.startswith("note-") and (number := whole_number(name[5:])) is not None
    }
    verbs.write_notes(sheet, by=request.user, notes=typed)
    messages.success(request, "移交说明已保存。")
    return redirect("handover", pk=pk)


@require_POST
def redraw(request, pk: int):
    verbs.redraw(_through_the_door(request, pk), by=request.user)
    messages.success(request, "已按最新台账重列，移交说明保留。")
    return redirect("handover", pk=pk)


@require_POST
def close(request, pk: int):
    sheet = _through_the_door(request, pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            verbs.close(sheet, by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, "已代为结束。")
            return redirect("handover", pk=pk)
    return _page(request, _through_the_door(request, pk), status=400, close_form=form)
