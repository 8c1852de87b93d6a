"""签到: the code for the room's screen, and the page where a participant types it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from meetings.forms import CodeForm
from meetings.models import Participant
from meetings.services import check_in as verbs
from meetings.views.one import kept, through_the_door


@require_http_methods(["GET", "HEAD", "POST"])
def code(request, pk: int):
    """会场签到码, renewed by itself."""
    meeting = kept(request, pk)
    if request.method == "POST":
        verbs.open_check_in(meeting, by=request.user)
        return redirect("meeting_code", pk=pk)
    is_open = bool(meeting.check_in_nonce) and meeting.is_to_come and meeting.day == timezone.localdate()
    words, seconds = verbs.code_now(meeting, timezone.now()) if is_open else ("", 0)
    people = meeting.participants
    context = {
        "meeting": meeting,
        "is_open": is_open,
        "is_today": meeting.is_to_come and meeting.day == timezone.localdate(),
        "code": f"{words[:3]} {words[3:]}",
        "there": people.filter(answer=Participant.Answer.PRESENT).count(),
        "all": people.count(),
    }
    response = render(request, "meetings/code_page.html", context)
    if is_open:
        response["Refresh"] = str(min(seconds, 10))  # the next code, and how many are there by now
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def check_in(request, pk: int):
    """本人签到."""
    meeting = through_the_door(request, pk)
    seat = verbs.seat_of(request.user, meeting)
    if seat is None:
        raise PermissionDenied("您不在这次会议的名单中，请找会务人员登记。")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            verbs.check_in(meeting, by=request.user, code=form.cleaned_data["code"])
        except ValidationError as error:
            form.add_error("code", error.message_dict["code"][0])
        else:
            messages.success(request, "签到成功。")
            return redirect("meeting", pk=pk)
    context = {"meeting": meeting, "form": form, "seat": seat}
    return render(request, "meetings/check_in_page.html", context, status=400 if form.errors else 200)
