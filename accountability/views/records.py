"""履责记录: list, file, read, decide."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability import access, acting, workflow
from accountability.confidential import told_of
from accountability.forms import ReasonForm, RecordForm, refusals_in
from accountability.models import ActKind, Duty, Organisation, Post, Record
from accountability.own_pages import Occasion, page_of, where_to_mend, where_to_record
from accountability.record_filter import RecordFilter
from accountability.services import records as verbs
from accountability.services.duties import own_ways
from accountability.timeline import history_of
from accountability.views.asked import asked_for
from accountability.views.listing import Listing
from accountability.views.menus import tabs_of, unit_chips
from accountability.years import year_in_view


@require_safe
def record_list(request):
    year = year_in_view(request)
    chosen = RecordFilter.read(request.GET, year=year)
    user = request.user
    listing = Listing(request, chosen, told_of(user))
    context = {
        "pager": listing.pager(
            lambda: chosen.rows(Record.objects.visible_to(user), user=user),
            lambda: Record.objects.for_list().prefetch_related("attachments"),
        ),
        "tabs": tabs_of(chosen),
        "all_url": RecordFilter(year).url if chosen.narrows else "",
        "chosen": chosen,
        "chips": _chips(request.user, chosen),
        "year": year,
        "may_file": bool(bearers_of(request.user)),
    }
    return render(request, "records/record_list_page.html", context)


def _chips(user, chosen: RecordFilter) -> list[dict]:
    """已用筛选: one chip per condition, each with the address without it."""
    chips = [
        {"label": act.name, "url": chosen.but(act=tuple(code for code in chosen.act if code != act.code)).url}
        for act in ActKind.objects.filter(code__in=chosen.act)
    ]
    if chosen.way:
        act = ActKind.objects.filter(code=chosen.way).first()
        chips.append({"label": act.name if act else "履责方式不存在", "url": chosen.but(way="").url})
    chips += unit_chips(chosen, user, "unit")
    if chosen.entered:
        chips.append({"label": f"{chosen.entered.words}录入", "url": chosen.but(entered=None).url})
    return chips


@dataclass(frozen=True)
class Bearer:
    """为谁记录: an organisation, or a post the user holds in person."""

    key: str
    label: str
    organisation: Organisation
    post: Post | None = None


def bearers_of(user) -> list[Bearer]:
    """Whom ``user`` may record for: his own posts that owe duties in person, and organisations he keeps."""
    own = [
        Bearer(f"post-{post.pk}", f"{post.full_title}（本人）", post.organisation, post)
        for post in access.posts_held(user)
        if Duty.objects.filter(bearer_post=post).exists()
    ]
    kept = (
        Organisation.objects.active()
        .select_related("parent")
        .filter(pk__in=access.organisations_where(user, "keep_record"))
    )
    return [*own, *(Bearer(f"organisation-{row.pk}", row.full_name, row) for row in kept)]


@dataclass(frozen=True)
class Setting:
    """What is settled before the form: for whom, how, in which year, from which duty."""

    bearer: Bearer
    act: ActKind
    year: int
    duty: Duty | None = None


def _setting(request) -> Setting | None:
    """Read the address: ``?duty=`` or ``?bearer=&act=``. Nothing readable means: ask first."""
    duty = _duty_asked_for(request)
    if duty is not None:
        bearer = _bearer_of_duty(request.user, duty)
        acts = _acts_for(duty)
        act = acts.filter(code=request.GET.get("act", "")).first() or acts.first()
        return Setting(bearer, act, duty.work_year_id, duty) if act else None
    bearer = next((each for each in bearers_of(request.user) if each.key == request.GET.get("bearer")), None)
    act = _simple_acts().filter(code=request.GET.get("act", "")).first()
    return Setting(bearer, act, year_in_view(request)) if bearer and act else None


def _acts_for(duty: Duty):
    if duty.obligation:
        return duty.obligation.acts.exclude(category=ActKind.Category.MEETING)
    own = own_ways(duty)
    return ActKind.objects.filter(code__in=own) if own else _simple_acts()


def _duty_asked_for(request) -> Duty | None:
    duties = Duty.objects.visible_to(request.user)
    return asked_for(
        request,
        "duty",
        duties.select_related("organisation__parent", "bearer_post__organisation__parent", "obligation"),
    )


def _bearer_of_duty(user, duty: Duty) -> Bearer:
    """Never a choice: the duty says who bears it; whether ``user`` may record it the service decides."""
    if duty.bearer_post:
        return Bearer(f"post-{duty.bearer_post_id}", duty.bearer_post.full_title, duty.organisation, duty.bearer_post)
    return Bearer(f"organisation-{duty.organisation_id}", duty.organisation.full_name, duty.organisation)


def _simple_acts():
    return ActKind.objects.exclude(category=ActKind.Category.MEETING)


@require_http_methods(["GET", "HEAD", "POST"])
def file(request):
    """录入履责记录. Two steps without a script: for whom and how, then what."""
    setting = _setting(request)
    if setting is None:
        return _ask_setting(request)
    occasion = Occasion(setting.bearer.organisation.pk, setting.year, setting.duty)
    if elsewhere := where_to_record(setting.act.code, occasion):
        return redirect(elsewhere)
    countable = verbs.countable_duties(setting.bearer.organisation, setting.act, setting.year, setting.bearer.post)
    if setting.duty in countable:
        countable.insert(0, countable.pop(countable.index(setting.duty)))
    elif setting.duty and setting.duty.is_open:
        # The n-th time was asked for while an earlier one is open: this one takes its place.
        countable = [setting.duty, *(duty for duty in countable if duty.obligation_id != setting.duty.obligation_id)]
    form = RecordForm(request.POST or None, request.FILES or None, countable=countable, initial=_initial(setting))
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            record = _file(request.user, setting, form.cleaned_data)
            messages.success(request, _said(record))
            return redirect("record", pk=record.pk)
    context = {
        "form": form,
        "setting": setting,
        "countable": countable,
        "own_word": verbs.is_own_word(request.user, setting.bearer.organisation, setting.bearer.post),
        "today": timezone.localdate(),
    }
    return render(request, "records/record_form_page.html", context, status=400 if form.errors else 200)


def _initial(setting: Setting) -> dict:
    return {"title": setting.duty.title if setting.duty else "", "happened_on": timezone.localdate()}


def _file(user, setting: Setting, data: dict) -> Record:
    return verbs.file_record(
        by=user,
        organisation=setting.bearer.organisation,
        post=setting.bearer.post,
        act=setting.act,
        work_year=setting.year,
        title=data["title"],
        happened_on=data["happened_on"],
        content=data["content"],
        sitting=data["sitting"],
        late_reason=data["late_reason"],
        duties=list(data["duties"]),
        files=data["files"],
    )


def _said(record: Record) -> str:
    counted = record.evidence.count()
    if record.state == Record.State.SUBMITTED:
        return "已提交，等本单位党组织书记审核。"
    return f"已录入，计入 {counted} 项责任。" if counted else "已录入，未计入责任事项。"


def _ask_setting(request):
    bearers = bearers_of(request.user)
    if not bearers:
        raise PermissionDenied("您的岗位没有录入履责记录的权限。")
    context = {
        "bearers": bearers,
        "acts": _simple_acts(),
        "chosen_bearer": request.GET.get("bearer", ""),
        "chosen_act": request.GET.get("act", ""),
    }
    return render(request, "records/record_setting_page.html", context)


def _through_the_door(request, pk: int) -> Record:
    rows = Record.objects.visible_to(request.user).for_list().select_related("decided_by")
    record = get_object_or_404(rows, pk=pk)
    request.is_confidential = record.is_confidential
    if record.is_confidential:
        acting.shows(record)
    return record


@require_safe
def record(request, pk: int):
    record = _through_the_door(request, pk)
    return render(request, "records/record_page.html", _context(request, record))


def _context(request, record: Record, **more) -> dict:
    today = timezone.localdate()
    visible = Duty.objects.visible_to(request.user).with_light(today).filter(evidence__record=record)
    return {
        "record": record,
        "attachments": list(record.attachments.select_related("uploaded_by")),
        "duties": list(visible.for_list()),
        "hidden_duties": record.evidence.exclude(duty__in=visible).count(),
        "choices": workflow.choices_for(record, request.user),
        "reason_form": ReasonForm(),
        "own_page": page_of(record),
        "changes": history_of(record),
        "today": today,
        "refused": "",
        **more,
    }


def to_revise(request, pk: int) -> Record:
    """The returned record its author may mend; everybody else is told who may."""
    record = _through_the_door(request, pk)
    if refusal := workflow.RECORD_TRANSITIONS["resubmit"].refusal(record, request.user):
        raise PermissionDenied(refusal)
    return record


def revision_initial(record: Record) -> dict:
    return {
        "title": record.title,
        "happened_on": record.happened_on,
        "content": record.content,
        "late_reason": record.late_reason,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def revise(request, pk: int):
    """修改退回的记录 and hand it in again; nothing has to be typed twice."""
    record = to_revise(request, pk)
    if elsewhere := where_to_mend(record):
        return redirect(elsewhere)
    form = RecordForm(request.POST or None, request.FILES or None, countable=[], initial=revision_initial(record))
    if request.method == "POST" and form.is_valid():
        names = ("title", "happened_on", "content", "late_reason", "files")
        with refusals_in(form):
            verbs.revise(record, by=request.user, **{name: form.cleaned_data[name] for name in names})
            messages.success(request, "已重新提交，等本单位党组织书记审核。")
            return redirect("record", pk=record.pk)
    context = {
        "form": form,
        "record": record,
        "attachments": list(record.attachments.select_related("uploaded_by")),
    }
    return render(request, "records/record_revise_page.html", context, status=400 if form.errors else 200)


@require_POST
def decide(request, pk: int):
    """审核通过、退回、作废."""
    record = _through_the_door(request, pk)
    name = request.POST.get("transition", "")
    if name not in workflow.RECORD_TRANSITIONS:
        raise ValidationError("没有这种办理，请返回记录页重新选择。")
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            verbs.decide(record, name, by=request.user, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            form.add_error("reason", error)
        else:
            messages.success(request, f"已{workflow.RECORD_TRANSITIONS[name].label}。")
            return redirect("record", pk=record.pk)
    context = _context(request, record, reason_form=form, refused=name)
    return render(request, "records/record_page.html", context, status=400)
