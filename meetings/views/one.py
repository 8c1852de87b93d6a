"""一次会议: its page, what may be done to it, its minutes as paper."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accountability import access, workflow
from accountability.models import Attachment, Duty, Problem, Record
from accountability.services import records
from accountability.services.records import same_act
from accountability.views.downloads import DOCX, PDF, download, kept_response
from accountability.views.menus import Option
from meetings.forms import HandInForm
from meetings.models import AgendaItem, AgendaPaper, Meeting, Resolution
from meetings.services import check_in, papers, planning, recording
from meetings.services.calendars import conflicts
from meetings.services.counting import missing_items
from meetings.services.planning import kind_of, may_keep
from meetings.services.resolutions import former_resolutions
from meetings.timeline import history_of_meeting


def through_the_door(request, pk: int) -> Meeting:
    return get_object_or_404(Meeting.objects.visible_to(request.user).for_list(), pk=pk)


def kept(request, pk: int) -> Meeting:
    """The meeting, for who keeps it; whoever only sees it is told."""
    meeting = through_the_door(request, pk)
    if not may_keep(request.user, meeting):
        raise PermissionDenied(f"只有{meeting.organisation.full_name}的会议记录人员可以办理。")
    return meeting


def tabs_of(meeting: Meeting, current: str) -> list[Option]:
    """概况、议程、名单、记录、决议: the rooms of a meeting that is being prepared."""
    rooms = {
        "meeting": ("概况", None),
        "meeting_agenda": ("议程", meeting.items.count()),
        "meeting_people": ("名单", meeting.participants.count()),
        "meeting_minutes": ("记录", None),
        "meeting_resolutions": ("决议", meeting.decided.count()),
    }
    return [Option(label, reverse(name, args=[meeting.pk]), name == current, n) for name, (label, n) in rooms.items()]


@require_safe
def meeting(request, pk: int):
    return render(request, "meetings/meeting_page.html", context_of(request, through_the_door(request, pk)))


def context_of(request, meeting: Meeting, **more) -> dict:
    user, today = request.user, timezone.localdate()
    record, keeps = meeting.record, may_keep(user, meeting)
    missing = missing_items(meeting)
    versions = list(meeting.versions.select_related("made_by", "confirmed_by"))
    pending = next((version for version in versions if version.is_pending), None)
    resolutions = (
        Resolution.objects.visible_to(user)
        .filter(meeting=meeting)
        .select_related("owner__organisation__parent", "duty", "item")
    )
    lights = {row.pk: row for row in Duty.objects.with_light(today).filter(resolution__meeting=meeting)}
    resolutions = list(resolutions)
    for row in resolutions:
        row.shown_duty = lights.get(row.duty_id)
    duties = Duty.objects.visible_to(user).with_light(today)
    attachments = Attachment.objects.visible_to(user).select_related("uploaded_by")
    sees_record = record is not None and Record.objects.visible_to(user).filter(pk=record.pk).exists()
    return {
        "meeting": meeting,
        "record": record,
        "kind": kind_of(meeting.act),
        "keeps": keeps,
        "prepares": keeps and meeting.is_to_come,
        "tabs": tabs_of(meeting, "meeting") if keeps and meeting.is_to_come else [],
        "may_check_in": check_in.may_check_in(user, meeting, today),
        "clashes": conflicts(meeting, user) if keeps else [],
        "items": list(
            AgendaItem.objects.visible_to(user)
            .filter(meeting=meeting)
            .prefetch_related(Prefetch("papers", AgendaPaper.objects.standing()))
        ),
        "hidden_items": meeting.items.count() - AgendaItem.objects.visible_to(user).filter(meeting=meeting).count(),
        "missing": missing,
        "people": list(meeting.participants.all()[:30]),
        "people_count": meeting.participants.count(),
        "resolutions": resolutions,
        "former": former_resolutions(meeting, user, today),
        "lacking": recording.refusal_to_hand_in(meeting) if keeps and meeting.is_to_come else [],
        "hand_in_form": HandInForm(),
        "same_day": same_act(meeting.organisation, meeting.act, meeting.day) if meeting.is_to_come else None,
        "versions": versions,
        "latest": next((version for version in reversed(versions) if version.is_confirmed), None),
        "pending": pending,
        "may_confirm": pending is not None and recording.may_confirm_correction(user, meeting, pending),
        "attachments": list(attachments.filter(record=record)) if record else [],
        "duties": list(duties.filter(evidence__record=record).for_list()) if record else [],
        "planned_duties": [] if record else list(duties.filter(planned_meetings=meeting).for_list()),
        "sees_record": sees_record,
        "choices": workflow.choices_for(record, user) if sees_record else [],
        "problems": list(Problem.objects.visible_to(user).standing().filter(record=record)) if record else [],
        "may_raise": record is not None and bool(access.organisations_where(user, "keep_record")),
        "changes": history_of_meeting(meeting),
        "refused": "",
        "today": today,
        **more,
    }


def _reads_all(user, meeting: Meeting) -> bool:
    """Whether no 限知事项 of this meeting is closed to him."""
    hidden = meeting.items.filter(is_confidential=True).exclude(pk__in=AgendaItem.objects.visible_to(user))
    return not hidden.exists()


@require_POST
def act(request, pk: int):
    """发通知、取消、提交纪要、确认、退回、作废、确认更正."""
    meeting = through_the_door(request, pk)
    name = request.POST.get("act", "")
    verb = VERBS.get(name)
    if verb is None:
        raise ValidationError("没有这种办理，请返回会议页重新选择。")
    try:
        said = verb(request, meeting)
    except ValidationError as error:
        meeting = through_the_door(request, pk)
        typed = HandInForm(request.POST) if name == "hand_in" else HandInForm()
        context = context_of(
            request, meeting, refused=name, refusals=error.messages, typed=request.POST, hand_in_form=typed
        )
        return render(request, "meetings/meeting_page.html", context, status=400)
    messages.success(request, said)
    return redirect("meeting", pk=pk)


def _convene(request, meeting: Meeting) -> str:
    planning.convene(meeting, by=request.user)
    called = meeting.participants.exclude(person=None).count()
    return f"会议通知已发给 {called} 人，{meeting.participants.count() - called} 人没有账号，请另行通知。"


def _cancel(request, meeting: Meeting) -> str:
    planning.cancel(meeting, by=request.user, reason=request.POST.get("reason", ""))
    return "会议已取消。"


def _hand_in(request, meeting: Meeting) -> str:
    form = HandInForm(request.POST, request.FILES)
    if not form.is_valid():
        raise ValidationError([message for errors in form.errors.values() for message in errors])
    data = form.cleaned_data
    data["sitting"] = data["sitting"] or 1
    meeting = recording.hand_in(meeting, by=request.user, **data)
    if missing := missing_items(meeting):
        return f"纪要已提交，但不计入：缺少必议事项「{'」「'.join(item.title for item in missing)}」。"
    return f"纪要已提交，{'已归档并计入' if meeting.is_closed else '等主持人确认后归档、计入'}。"


def _decide(name: str, said: str):
    def verb(request, meeting: Meeting) -> str:
        if meeting.record is None:
            raise ValidationError("纪要还没有提交。")
        records.decide(meeting.record, name, by=request.user, reason=request.POST.get("reason", ""))
        return said

    return verb


def _decide_correction(accept: bool, said: str):
    def verb(request, meeting: Meeting) -> str:
        version = meeting.versions.order_by("-number").first()
        if version is None or not version.is_pending:
            raise ValidationError("没有等待确认的更正。")
        recording.decide_correction(version, by=request.user, accept=accept, reason=request.POST.get("reason", ""))
        return said

    return verb


VERBS = {
    "convene": _convene,
    "cancel": _cancel,
    "hand_in": _hand_in,
    "accept": _decide("accept", "会议纪要已确认归档。"),
    "return": _decide("return", "会议纪要已退回。"),
    "withdraw": _decide("withdraw", "会议记录已作废，不再计入。"),
    "confirm_correction": _decide_correction(True, "更正已确认，新的一版已归档。"),
    "refuse_correction": _decide_correction(False, "更正已退回。"),
}


# ── paper ────────────────────────────────────────────────────────────────────────────────────


def _version(request, pk: int):
    """The version asked for, else the last confirmed; and whether the reader may have all of it."""
    meeting = through_the_door(request, pk)
    versions = meeting.versions.select_related("meeting__organisation", "made_by")
    number = request.GET.get("version", "")
    if number.isascii() and number.isdigit() and len(number) < 5:
        version = get_object_or_404(versions, number=int(number))
    else:
        version = versions.exclude(confirmed_at=None).order_by("-number").first()
    if version is None:
        raise Http404("会议还没有归档的纪要。")
    return version, _reads_all(request.user, meeting)


@require_safe
def pdf(request, pk: int):
    """会议纪要 as frozen; one still waiting for a worker is frozen now. 限知事项 only for those admitted."""
    version, reads_all = _version(request, pk)
    full = reads_all and bool(version.full_text)
    if not version.is_confirmed:
        content = papers.draft(version, full=full)
    else:
        papers.freeze_now(version)
        version.refresh_from_db()
        content = papers.frozen_bytes(version, full=full)
    return download(content, PDF, f"{version.meeting.title}纪要（第{version.number}版）.pdf")


@require_safe
def docx(request, pk: int):
    version, reads_all = _version(request, pk)
    content = papers.word_of(version, full=reads_all and bool(version.full_text))
    return download(content, DOCX, f"{version.meeting.title}纪要（第{version.number}版）.docx")


@require_safe
def paper(request, pk: int, paper: int):
    """会议材料, as a download under its own name; for whoever sees the item it belongs to."""
    items = AgendaItem.objects.visible_to(request.user).filter(meeting=through_the_door(request, pk))
    return kept_response(get_object_or_404(AgendaPaper.objects.standing(), item__in=items, pk=paper))
