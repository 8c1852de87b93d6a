"""筹备与记录: plan, agenda, list of participants, minutes, resolutions, correction; each a page of its own."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accountability.filters import whole_number
from accountability.forms import add_refusal, refusals_in
from accountability.models import Duty
from accountability.views.asked import asked_for
from accountability.views.paging import paged
from accountability.years import year_in_view
from meetings.forms import CorrectionForm, InviteForm, ItemForm, MinutesForm, PapersForm, PlanForm, ResolutionForm
from meetings.models import AgendaItem, AgendaPaper, Meeting, Participant
from meetings.services import planning, recording, resolutions
from meetings.services.planning import kind_of, last_sensible_days
from meetings.views.meetings import Setting, ask_setting, setting_of
from meetings.views.one import kept, tabs_of

PEOPLE_A_PAGE = 200
PLAN = ("title", "day", "starts_at", "ends_at", "place", "chair", "chaired_by")


# ── plan ─────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
def plan(request):
    """安排会议, from what is still owed, from last year's, or from nothing."""
    former = _former(request)
    setting = setting_of(request) if former is None else _setting_like(request, former)
    if setting is None:
        return ask_setting(request, "安排会议")
    countable, kind = _plannable(setting), kind_of(setting.act)
    form = PlanForm(
        request.POST or None,
        organisation=setting.organisation,
        countable=countable,
        asks_trigger=bool(kind and kind.asks_trigger),
        is_new=former is None,
        initial=_initial(setting, former),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with refusals_in(form):
            meeting, said = _plan(request.user, setting, former, data)
            messages.success(request, said)
            return redirect("meeting", pk=meeting.pk)
    next_duty = setting.duty or (countable[0] if countable else None)
    context = {
        "form": form,
        "setting": setting,
        "meeting": None,
        "former": former,
        "kind": kind,
        "countable": countable,
        "next_duty": next_duty,
        "last_day": last_sensible_days([next_duty.due_on])[next_duty.due_on] if next_duty else None,
        "today": timezone.localdate(),
    }
    return render(request, "meetings/plan_page.html", context, status=400 if form.errors else 200)


def _plannable(setting) -> list[Duty]:
    """The next occurrence of each obligation; the duty that was asked for in place of its own."""
    rows = [rows[0] for rows in planning.unplanned_duties(setting.organisation, setting.act, setting.year).values()]
    if setting.duty and setting.duty.is_open:
        return [setting.duty, *(duty for duty in rows if duty.obligation_id != setting.duty.obligation_id)]
    return rows


def _plan(user, setting, former: Meeting | None, data: dict) -> tuple[Meeting, str]:
    """One meeting, or a series of them, and what to say."""
    given = {
        "by": user,
        "organisation": setting.organisation,
        "act": setting.act,
        "work_year": setting.year,
        "duties": list(data["duties"]),
        **_facts(data),
    }
    if data.get("every"):
        series = planning.plan_series(every=data["every"], times=data["times"], **given)
        return series[0], f"已安排 {len(series)} 次会议，这是第一次；其余见会议日历。"
    return planning.plan_meeting(copied_from=former, **given), "会议已安排。请核对议程和名单，再发通知。"


def _former(request) -> Meeting | None:
    return asked_for(request, "copy", Meeting.objects.visible_to(request.user).for_list())


def _setting_like(request, former: Meeting):
    return Setting(former.organisation, former.act, year_in_view(request))


def _initial(setting, former: Meeting | None) -> dict:
    if former is not None:
        title = former.title.replace(str(former.work_year_id), str(setting.year))
        facts = {"starts_at": former.starts_at, "ends_at": former.ends_at, "place": former.place}
        return facts | {"title": title, "chair": former.chair_id, "chaired_by": former.chaired_by}
    title = setting.duty.title if setting.duty else f"{setting.organisation.party_name}{setting.act.name}"
    return {"title": title}


def _facts(data: dict) -> dict:
    facts = {name: data[name] for name in PLAN}
    return facts | ({"trigger": data["trigger"]} if "trigger" in data else {})


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk: int):
    """修改安排; once the notice is out, another day or place is a postponement with a reason."""
    meeting = _to_come(request, pk)
    kind, is_called = kind_of(meeting.act), meeting.stage == Meeting.Stage.CONVENED
    chosen = list(meeting.counts_for.all())
    others = planning.unplanned_duties(meeting.organisation, meeting.act, meeting.work_year_id)
    taken = {duty.obligation_id for duty in chosen}
    countable = [*chosen, *(rows[0] for obligation, rows in others.items() if obligation not in taken)]
    initial = {name: getattr(meeting, name) for name in (*PLAN, "trigger")}
    form = PlanForm(
        request.POST or None,
        organisation=meeting.organisation,
        countable=countable,
        asks_trigger=bool(kind and kind.asks_trigger),
        is_called=is_called,
        initial=initial | {"chair": meeting.chair_id},
    )
    form.fields["duties"].initial = [duty.pk for duty in chosen]
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with refusals_in(form):
            planning.change_plan(
                meeting,
                by=request.user,
                duties=list(data["duties"]),
                reason=data.get("reason", ""),
                **_facts(data),
            )
            messages.success(request, "会议安排已修改。")
            return redirect("meeting", pk=meeting.pk)
    context = {
        "form": form,
        "setting": meeting,
        "meeting": meeting,
        "kind": kind,
        "countable": countable,
        "chosen": chosen,
        "today": timezone.localdate(),
    }
    return render(request, "meetings/plan_page.html", context, status=400 if form.errors else 200)


def _to_come(request, pk: int) -> Meeting:
    meeting = kept(request, pk)
    if not meeting.is_to_come:
        raise PermissionDenied(f"会议当前是「{meeting.state_words}」，不能再改筹备内容。")
    return meeting


def _open_for_resolutions(request, pk: int) -> Meeting:
    """决议 may be mended after a return as well."""
    meeting = kept(request, pk)
    is_returned = meeting.record is not None and meeting.record.state == meeting.record.State.RETURNED
    if not meeting.is_to_come and not is_returned:
        raise PermissionDenied(f"会议当前是「{meeting.state_words}」，不能再改。")
    return meeting


# ── agenda ───────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
def agenda(request, pk: int):
    """议程: what is on it, and the form for one more."""
    meeting = _to_come(request, pk)
    form = ItemForm(request.POST or None, meeting=meeting)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            planning.add_item(meeting, by=request.user, **form.cleaned_data)
            messages.success(request, "已列入议程。")
            return redirect("meeting_agenda", pk=meeting.pk)
    items = AgendaItem.objects.visible_to(request.user).filter(meeting=meeting)
    context = {
        "meeting": meeting,
        "form": form,
        "items": list(items.prefetch_related("admitted")),
        "tabs": tabs_of(meeting, "meeting_agenda"),
        "minutes": sum(item.minutes_planned or 0 for item in items),
    }
    return render(request, "meetings/agenda_page.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def item(request, pk: int, item: int):
    """修改议题, or take it off."""
    meeting = _to_come(request, pk)
    row = get_object_or_404(AgendaItem.objects.visible_to(request.user).filter(meeting=meeting), pk=item)
    if request.method == "POST" and request.POST.get("drop"):
        planning.drop_item(row, by=request.user)
        messages.success(request, "已从议程撤下。")
        return redirect("meeting_agenda", pk=meeting.pk)
    papers_form = PapersForm()
    if request.method == "POST" and "papers" in request.POST:
        papers_form = PapersForm(request.POST, request.FILES)
        if papers_form.is_valid() and _papers_kept(request, row, papers_form):
            return redirect("meeting_item", pk=meeting.pk, item=row.pk)
        return _item_page(request, meeting, row, _item_form(meeting, row), papers_form)
    form = _item_form(meeting, row, request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            planning.change_item(row, by=request.user, **form.cleaned_data)
            messages.success(request, "议题已修改。")
            return redirect("meeting_agenda", pk=meeting.pk)
    return _item_page(request, meeting, row, form, papers_form)


def _item_form(meeting: Meeting, row: AgendaItem, posted=None) -> ItemForm:
    initial = {name: getattr(row, name) for name in ("title", "presenter", "minutes_planned", "is_confidential")}
    initial["admitted"] = "、".join(person.name for person in row.admitted.all())
    return ItemForm(posted, meeting=meeting, is_required=row.required_id is not None, initial=initial)


def _item_page(request, meeting: Meeting, row: AgendaItem, form: ItemForm, papers_form: PapersForm):
    context = {
        "meeting": meeting,
        "item": row,
        "form": form,
        "papers_form": papers_form,
        "papers": list(row.papers.filter(is_withdrawn=False).select_related("uploaded_by")),
    }
    bad = form.errors or papers_form.errors
    return render(request, "meetings/item_page.html", context, status=400 if bad else 200)


def _papers_kept(request, row: AgendaItem, form: PapersForm) -> bool:
    with refusals_in(form):
        added = planning.add_papers(row, form.cleaned_data["files"], by=request.user)
        messages.success(request, f"已收 {added} 份材料。")
        return True
    return False


@require_POST
def withdraw_paper(request, pk: int, paper: int):
    meeting = _to_come(request, pk)
    visible = AgendaItem.objects.visible_to(request.user).filter(meeting=meeting)
    row = get_object_or_404(AgendaPaper.objects.select_related("item__meeting"), item__in=visible, pk=paper)
    planning.withdraw_paper(row, by=request.user)
    messages.success(request, f"「{row.name}」已撤回。")
    return redirect("meeting_item", pk=meeting.pk, item=row.item_id)


# ── participants ─────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
def people(request, pk: int):
    """名单与到会情况, two hundred a page: what a browser may send at once has a limit."""
    meeting = _to_come(request, pk)
    form, refusals = InviteForm(organisation=meeting.organisation, on=meeting.day), []
    if request.method == "POST":
        form, refusals, said = _people_posted(request, meeting)
        if said:
            messages.success(request, said)
            return redirect(request.get_full_path())
    pager = paged(request, meeting.participants.all(), PEOPLE_A_PAGE)
    rows = list(pager.page)
    if refusals:
        _put_back(rows, request.POST)
    context = {
        "meeting": meeting,
        "form": form,
        "rows": rows,
        "pager": pager,
        "answers": Participant.Answer.choices,
        "counts": _counts(meeting),
        "refusals": refusals,
        "tabs": tabs_of(meeting, "meeting_people"),
    }
    return render(request, "meetings/people_page.html", context, status=400 if form.errors or refusals else 200)


def _people_posted(request, meeting: Meeting):
    """(form, refusals, what to say): whoever pressed which button."""
    form = InviteForm(organisation=meeting.organisation, on=meeting.day)
    try:
        if "invite" in request.POST:
            form = InviteForm(request.POST, organisation=meeting.organisation, on=meeting.day)
            if form.is_valid():
                seat = form.cleaned_data["seat"]
                added = planning.invite(meeting, by=request.user, people=form.people(), seat=seat)
                return form, [], f"已列入 {added} 人。" if added else "所选的人都已经在名单中。"
            return form, [], ""
        rest_present = "all_present" in request.POST
        answers = _answers(request.POST)
        changed = planning.take_attendance(meeting, answers, by=request.user, rest_present=rest_present)
        if strike := request.POST.get("strike", ""):
            row = get_object_or_404(Participant, meeting=meeting, pk=whole_number(strike))
            planning.strike(row, by=request.user)
            return form, [], f"{row.name}已移出名单。"
    except ValidationError as error:
        return form, error.messages, ""
    return form, [], f"到会情况已登记，更新 {changed} 人。"


def _answers(posted) -> dict[int, dict]:
    found = {}
    for name in posted:
        head, _, text = name.partition("answer-")
        if head or (number := whole_number(text)) is None:
            continue
        found[number] = {
            "answer": posted[name],
            "reason": posted.get(f"reason-{text}", "")[:100],
            "substitute": posted.get(f"substitute-{text}", "")[:40],
        }
    return found


def _put_back(rows: list[Participant], posted) -> None:
    """Nothing typed is lost."""
    given = _answers(posted)
    for row in rows:
        for name, value in given.get(row.pk, {}).items():
            setattr(row, name, value)


def _counts(meeting: Meeting) -> list[tuple[str, int]]:
    """应到、到会、请假 of those who attend, and who sits in."""
    attends = Q(seat=Participant.Seat.ATTENDS)
    counted = meeting.participants.aggregate(
        expected=Count("pk", filter=attends),
        there=Count("pk", filter=attends & Q(answer__in=Participant.THERE)),
        leave=Count("pk", filter=attends & Q(answer=Participant.Answer.LEAVE)),
        sitting_in=Count("pk", filter=~attends),
    )
    return list(zip(("应到", "到会", "请假", "列席"), counted.values(), strict=True))


# ── minutes ──────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
def minutes(request, pk: int):
    """会议记录, saved as it is typed; what another recorder saved meanwhile is never overwritten."""
    meeting = _to_come(request, pk)
    is_autosave = request.headers.get("X-Autosave") == "1"
    items = AgendaItem.objects.visible_to(request.user).filter(meeting=meeting)
    initial = {"minutes": meeting.minutes, "revision": meeting.revision}
    form = MinutesForm(request.POST or None, items=items, initial=initial)
    conflict = ""
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            meeting = recording.save_minutes(
                meeting,
                by=request.user,
                revision=data["revision"],
                minutes=data["minutes"],
                items=form.item_facts(),
            )
        except recording.Overwritten as error:
            conflict = error.messages[0]
        except ValidationError as error:
            add_refusal(form, error)
        else:
            if is_autosave:
                said = f"已自动保存 {timezone.localtime(meeting.saved_at):%H:%M:%S}"
                return JsonResponse({"revision": meeting.revision, "said": said})
            messages.success(request, "会议记录已保存。")
            return redirect("meeting_minutes", pk=meeting.pk)
    if is_autosave:
        said = conflict or "没有保存：" + "；".join(str(one) for errors in form.errors.values() for one in errors)
        return JsonResponse({"said": said}, status=409)
    theirs = Meeting.objects.get(pk=pk).minutes if conflict else ""
    context = {
        "meeting": meeting,
        "form": form,
        "conflict": conflict,
        "theirs": theirs,
        "tabs": tabs_of(meeting, "meeting_minutes"),
    }
    return render(request, "meetings/minutes_page.html", context, status=400 if form.errors or conflict else 200)


# ── resolutions ──────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request, pk: int):
    """决议: what was decided so far, and the form for one more."""
    meeting = _open_for_resolutions(request, pk)
    form = ResolutionForm(request.POST or None, organisation=meeting.organisation)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            resolutions.add_resolution(meeting, by=request.user, **form.cleaned_data)
            messages.success(request, "决议已登记，纪要确认后列入台账。")
            return redirect("meeting_resolutions", pk=meeting.pk)
    rows = meeting.decided.select_related("owner__organisation__parent")
    context = {
        "meeting": meeting,
        "form": form,
        "rows": list(rows),
        "tabs": tabs_of(meeting, "meeting_resolutions") if meeting.is_to_come else [],
    }
    return render(request, "meetings/resolutions_page.html", context, status=400 if form.errors else 200)


@require_POST
def drop_resolution(request, pk: int, resolution: int):
    meeting = _open_for_resolutions(request, pk)
    resolutions.drop_resolution(get_object_or_404(meeting.decided, pk=resolution), by=request.user)
    messages.success(request, "决议已删去。")
    return redirect("meeting_resolutions", pk=meeting.pk)


# ── correction ───────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request, pk: int):
    """更正 of closed minutes: a new version that says why."""
    meeting = kept(request, pk)
    if not meeting.is_closed:
        raise PermissionDenied(f"会议当前是「{meeting.state_words}」，归档之后才用更正。")
    form = CorrectionForm(request.POST or None, initial={"minutes": meeting.minutes})
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            version = recording.propose_correction(meeting, by=request.user, **form.cleaned_data)
            messages.success(request, f"第 {version.number} 版更正已提交，等主持人确认。")
            return redirect("meeting", pk=meeting.pk)
    context = {"meeting": meeting, "form": form}
    return render(request, "meetings/correct_page.html", context, status=400 if form.errors else 200)
