"""会议: what was held and is still owed this year, and the form that records one more (三（一）)."""

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accountability import access, statements
from accountability.confidential import told_of
from accountability.filters import number_in
from accountability.forms import add_refusal, refusals_in
from accountability.models import ActKind, Duty, Obligation, Organisation, Record
from accountability.services.records import countable_duties, is_own_word, same_act
from accountability.views.listing import Listing
from accountability.views.menus import Option
from accountability.views.records import revision_initial, to_revise
from accountability.years import year_in_view
from meetings.forms import MeetingForm
from meetings.models import Meeting
from meetings.quota import quotas, quotas_of_units
from meetings.services.counting import missing_items, required_items
from meetings.services.planning import kind_of
from meetings.services.recording import record_meeting, revise_meeting


def meeting_kinds():
    return ActKind.objects.filter(category=ActKind.Category.MEETING)


VIEWS = {"all": "全部", "coming": "将召开", "held": "已召开", "mine": "我参加的", "waiting": "待我确认"}


def _view(view: str, user, rows):
    if view == "coming":
        return rows.to_come().order_by("day", "starts_at")
    if view == "held":
        return rows.held()
    if view == "mine":
        return rows.filter(participants__person=user)
    if view == "waiting":
        return rows.filter(record__in=Record.objects.waiting_for(user))
    return rows


@require_safe
def meeting_list(request):
    year, today = year_in_view(request), timezone.localdate()
    kinds = statements.objects("kinds of meetings", meeting_kinds)
    kind = next((one for one in kinds if one.code == request.GET.get("kind", "")), None)
    view = request.GET.get("view") if request.GET.get("view") in VIEWS else "all"
    q = request.GET.get("q", "").replace("\x00", "").strip()[:60]
    obligation = number_in(request.GET, "obligation")

    def rows() -> QuerySet:
        rows = _view(view, request.user, Meeting.objects.visible_to(request.user).of_year(year))
        if kind:
            rows = rows.filter(act=kind.pk)
        if obligation:
            rows = rows.filter(Exists(Meeting.objects.filter(pk=OuterRef("pk"), counts_for__obligation=obligation)))
        return rows.saying(q) if q else rows

    listing = Listing(request, view, kind and kind.pk, obligation, q, told_of(request.user))
    context = {
        "pager": listing.pager(rows, Meeting.objects.for_list),
        "kinds": kinds,
        "kind": kind,
        "q": q,
        "view": view,
        "tabs": [Option(label, f"?view={key}&year={year}", key == view) for key, label in VIEWS.items()],
        "year": year,
        "quotas": quotas(request.user, year, today),
        "may_record": access.sees_any(request.user, lambda: _organisations_kept(request.user), "meetings to record"),
        "awaiting": listing.objects("awaiting", lambda: _awaiting(request.user, year, today)),
        "all_url": f"?year={year}",
    }
    return render(request, "meetings/meeting_list_page.html", context)


def _awaiting(user, year: int, on: date):
    """待整理纪要: planned meetings of the organisations he keeps whose day has come."""
    kept = access.organisations_where(user, "keep_record")
    return Meeting.objects.to_come().of_year(year).filter(organisation__in=kept, day__lte=on).order_by("day")


@require_safe
def quota(request):
    """应召开与已召开 of one obligation, an organisation a line."""
    year = year_in_view(request)
    obligations = Obligation.objects.filter(acts__category=ActKind.Category.MEETING).distinct()
    pk = number_in(request.GET, "obligation")
    if not pk:
        return redirect("meetings")
    obligation = get_object_or_404(obligations.select_related("clause").prefetch_related("acts"), pk=pk)
    lines = quotas_of_units(request.user, year, obligation, timezone.localdate())
    kept = access.organisations_where(request.user, "keep_record")
    context = {"obligation": obligation, "lines": lines, "kept": kept, "year": year}
    return render(request, "meetings/quota_page.html", context)


def _organisations_kept(user) -> QuerySet:
    kept = access.organisations_where(user, "keep_record")
    return Organisation.objects.active().select_related("parent").filter(pk__in=kept)


def _organisations(user) -> list[Organisation]:
    return list(_organisations_kept(user))


@dataclass(frozen=True)
class Setting:
    """What is settled before the form: whose meeting, of which kind, in which year, for which duty."""

    organisation: Organisation
    act: ActKind
    year: int
    duty: Duty | None = None


def setting_of(request) -> Setting | None:
    act = meeting_kinds().filter(code=request.GET.get("kind", "")).first()
    if request.GET.get("duty"):
        visible = Duty.objects.visible_to(request.user).select_related("organisation", "obligation")
        duty = get_object_or_404(visible, pk=number_in(request.GET, "duty"), obligation__isnull=False)
        acts = duty.obligation.acts.filter(category=ActKind.Category.MEETING)
        act = act if act in acts else acts.first()
        return Setting(duty.organisation, act, duty.work_year_id, duty) if act else None
    organisations = _organisations(request.user)
    asked = number_in(request.GET, "organisation")
    year = year_in_view(request)
    organisation = next((each for each in organisations if each.pk == asked), None)
    if organisation is None and act and not asked:
        organisation = _only_one_that_owes(organisations, act, year)
    return Setting(organisation, act, year) if organisation and act else None


def _only_one_that_owes(organisations: list[Organisation], act: ActKind, year: int) -> Organisation | None:
    """No question where there is no choice: the one organisation that owes meetings of this kind."""
    owing = set(
        Duty.objects.of_year(year)
        .filter(organisation__in=organisations, obligation__acts=act)
        .values_list("organisation", flat=True)
    )
    candidates = [each for each in organisations if each.pk in owing] or organisations
    return candidates[0] if len(candidates) == 1 else None


@require_http_methods(["GET", "HEAD", "POST"])
def record(request):
    """记录会议. Two steps without a script: whose and which kind, then what happened."""
    setting = setting_of(request)
    if setting is None:
        return ask_setting(request)
    countable = countable_of(setting)
    form = MeetingForm(
        request.POST or None,
        request.FILES or None,
        countable=countable,
        initial=_initial(setting),
        **_asked(setting.act),
    )
    duplicate = None
    if request.method == "POST" and form.is_valid():
        try:
            meeting = _record(request.user, setting, form.cleaned_data)
        except ValidationError as error:
            add_refusal(form, error)
            duplicate = _duplicate(request.user, setting, form)
        else:
            messages.success(request, _said(meeting))
            return redirect("meeting", pk=meeting.pk)
    context = {
        "form": form,
        "meeting": None,
        "setting": setting,
        "countable": countable,
        "duplicate": duplicate,
        "own_word": is_own_word(request.user, setting.organisation, None),
        "today": timezone.localdate(),
    }
    return render(request, "meetings/meeting_form_page.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def revise(request, pk: int):
    """修改退回的会议记录. ``pk`` is the record's, as the record page knows no meeting."""
    record = to_revise(request, pk)
    meeting = get_object_or_404(Meeting, record=record)
    initial = revision_initial(record) | {name: getattr(meeting, name) for name in (*MEETING_FIELDS, "trigger")}
    initial["dealt_with"] = list(meeting.items.filter(is_dealt_with=True).values_list("required", flat=True))
    form = MeetingForm(request.POST or None, request.FILES or None, countable=[], initial=initial, **_asked(record.act))
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            _revise(request.user, meeting, form.cleaned_data)
            messages.success(request, "已重新提交，等本单位党组织书记审核。")
            return redirect("meeting", pk=meeting.pk)
    context = {
        "form": form,
        "meeting": meeting,
        "setting": Setting(record.organisation, record.act, record.work_year_id),
        "countable": [],
        "duplicate": None,
        "own_word": False,
        "today": timezone.localdate(),
    }
    return render(request, "meetings/meeting_form_page.html", context, status=400 if form.errors else 200)


def _revise(user, meeting: Meeting, data: dict) -> None:
    revise_meeting(
        meeting,
        by=user,
        title=data["title"],
        happened_on=data["happened_on"],
        minutes=data["content"],
        late_reason=data["late_reason"],
        files=data["files"],
        **_details(form_data=data),
    )


def countable_of(setting: Setting) -> list[Duty]:
    countable = countable_duties(setting.organisation, setting.act, setting.year)
    if setting.duty and setting.duty.is_open and setting.duty not in countable:
        others = (duty for duty in countable if duty.obligation_id != setting.duty.obligation_id)
        return [setting.duty, *others]
    return countable


def _duplicate(user, setting: Setting, form: MeetingForm) -> Meeting | None:
    """The meeting already recorded, to link to, when the user may see it."""
    data = form.cleaned_data
    if "happened_on" not in data:
        return None
    known = same_act(setting.organisation, setting.act, data["happened_on"], data.get("sitting") or 1)
    return Meeting.objects.visible_to(user).filter(record=known).first() if known else None


def _asked(act: ActKind) -> dict:
    """What the kind of meeting asks besides: its required items, and why it was held."""
    kind = kind_of(act)
    return {"required_items": required_items(act.pk), "asks_trigger": bool(kind and kind.asks_trigger)}


def _initial(setting: Setting) -> dict:
    title = setting.duty.title if setting.duty else f"{setting.organisation.party_name}{setting.act.name}"
    return {"title": title, "happened_on": timezone.localdate()}


def _record(user, setting: Setting, data: dict) -> Meeting:
    return record_meeting(
        by=user,
        organisation=setting.organisation,
        act=setting.act,
        work_year=setting.year,
        title=data["title"],
        happened_on=data["happened_on"],
        sitting=data["sitting"],
        late_reason=data["late_reason"],
        minutes=data["content"],
        duties=list(data["duties"]),
        files=data["files"],
        **_details(form_data=data),
    )


MEETING_FIELDS = ("chaired_by", "place", "expected_count", "present_count", "attendance", "absence", "resolutions")


def _details(form_data: dict) -> dict:
    details = {name: form_data[name] for name in MEETING_FIELDS} | {"dealt_with": list(form_data["dealt_with"])}
    return details | ({"trigger": form_data["trigger"]} if "trigger" in form_data else {})


def _said(meeting: Meeting) -> str:
    if missing := missing_items(meeting):
        return f"会议已记录，但不计入：缺少必议事项「{'」「'.join(item.title for item in missing)}」。"
    if meeting.record.state == Record.State.SUBMITTED:
        return "会议已提交，等本单位党组织书记审核后计入。"
    return f"会议已记录，计入 {meeting.record.evidence.count()} 项责任。"


def ask_setting(request, words: str = "记录会议"):
    organisations = _organisations(request.user)
    if not organisations:
        raise PermissionDenied(f"您的岗位没有{words}的权限。")
    context = {
        "words": words,
        "organisations": organisations,
        "kinds": meeting_kinds(),
        "chosen_organisation": number_in(request.GET, "organisation"),
        "chosen_kind": request.GET.get("kind", ""),
    }
    return render(request, "meetings/meeting_setting_page.html", context)
