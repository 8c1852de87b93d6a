"""工作要求与答复: what was asked of whom, answering it, accepting it, asking others too (三（四）3)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability.forms import refusals_in
from accountability.models import Duty, Record
from accountability.timeline import history_of_row, history_of_rows
from accountability.views.asked import asked_for
from accountability.views.downloads import sheet_response
from accountability.views.listing import Listing
from inspections.models import Reply, Requirement, Rule, Sign, Topic, Visit
from inspections.research_access import leads_research
from inspections.research_filters import ReplyFilter
from inspections.research_flow import REPLY_TRANSITIONS, choices_for
from inspections.research_forms import AnswerForm, ReasonForm, RequirementForm, SpreadForm
from inspections.services import replies as answers
from inspections.services import requirements as verbs
from inspections.services.research_export import replies_table
from inspections.services.rules import makers
from inspections.views.research import business_only, figures_of, list_context, steps

FIGURES = (
    ("all", "应答复", "idle"),
    ("waiting", "待答复", "soon"),
    ("late", "逾期未答复", "late"),
    ("answered", "待纪委认可", "soon"),
    ("accepted", "已认可", "done"),
)


@require_safe
@business_only
def requirement_list(request):
    user, today, chosen = request.user, timezone.localdate(), ReplyFilter.read(request.GET)
    listing = Listing(request, chosen)

    def rows(chosen: ReplyFilter = chosen) -> QuerySet:
        return chosen.rows(Reply.objects.visible_to(user), on=today, user=user)

    context = {
        "pager": listing.pager(lambda: rows().for_list(), Reply.objects.for_list),
        "figures": figures_of(listing, ReplyFilter(), FIGURES, rows),
        "of": Requirement.objects.visible_to(user).filter(pk=chosen.requirement).first()
        if chosen.requirement
        else None,
        "today": today,
        **list_context(listing, chosen, lambda: Reply.objects.visible_to(user).values("organisation")),
    }
    return render(request, "research/requirement_list_page.html", context)


@require_safe
@business_only
def export(request):
    user, today = request.user, timezone.localdate()
    rows = ReplyFilter.read(request.GET).rows(Reply.objects.visible_to(user), on=today, user=user)
    return sheet_response(f"工作要求答复-{today}", replies_table(rows.for_list(), today))


def _origin(request) -> verbs.Origin | None:
    """``?topic=``, ``?sign=`` or ``?visit=``, as far as one may see it."""
    for name, model in (("topic", Topic), ("sign", Sign), ("visit", Visit)):
        if found := asked_for(request, name, model.objects.visible_to(request.user)):
            return found
    return None


@require_http_methods(["GET", "HEAD", "POST"])
@business_only
def requirement_new(request):
    """提出工作要求 from a topic, a sign or a visit."""
    origin = _origin(request)
    if origin is None:  # a requirement comes from something: it is begun on the page of that
        return redirect("requirements")
    if not verbs.may_require(request.user, origin):
        raise PermissionDenied("工作要求由纪委提出；调研中提出的，也可由调研的校领导本人提出。")
    units = verbs.units_to_ask(request.user, origin)
    form = RequirementForm(request.POST or None, units=units, initial=_initial(origin))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data | {"units": list(form.cleaned_data["units"])}
        with refusals_in(form):
            made = verbs.require(origin, by=request.user, **data)
            messages.success(request, f"已向 {made.replies.count()} 个单位提出，列入各单位责任台账。")
            return redirect("requirement", pk=made.pk)
    context = {"form": form, "origin": origin, "origin_words": type(origin)._meta.verbose_name}
    return render(request, "research/requirement_form_page.html", context, status=400 if form.errors else 200)


def _initial(origin: verbs.Origin) -> dict:
    if isinstance(origin, Sign):
        return {"units": [origin.organisation_id]}
    if isinstance(origin, Visit):
        return {"units": [row.organisation_id for row in origin.units.all()], "text": origin.asked}
    signs = origin.signs.values_list("sign__organisation", flat=True)
    return {"units": list(dict.fromkeys(signs))}


def through_the_door(request, pk: int) -> Requirement:
    rows = Requirement.objects.visible_to(request.user).select_related("topic", "sign", "visit", "repeats", "issued_by")
    return get_object_or_404(rows, pk=pk)


@require_safe
def requirement(request, pk: int):
    row = through_the_door(request, pk)
    user = request.user
    family = Requirement.objects.visible_to(user).filter(repeats=verbs.first_of(row)).exclude(pk=row.pk)
    seen = Requirement.objects.visible_to(user)
    context = {
        "requirement": row,
        "replies": list(Reply.objects.visible_to(user).filter(requirement=row).for_list()),
        "repeats": seen.filter(pk=row.repeats_id).first(),
        "repeated_by": list(family.prefetch_related("replies")),
        "topic": Topic.objects.visible_to(user).filter(pk=row.topic_id).first(),
        "sign": Sign.objects.visible_to(user).filter(pk=row.sign_id).first(),
        "visit": Visit.objects.visible_to(user).filter(pk=row.visit_id).select_related("record").first(),
        "rules": list(Rule.objects.visible_to(user).filter(requirement=row).for_list()),
        "may_spread": leads_research(user),
        "may_register": makers(user).filter(replies__requirement=row).exists(),
        "changes": history_of_rows(Requirement.history.filter(id=row.pk), lambda before, now: "")[::-1],
        "today": timezone.localdate(),
    }
    return render(request, "research/requirement_page.html", context)

    return history_of_rows(type(row).history.filter(id=row.pk), lambda before, now: "")[::-1]


@require_http_methods(["GET", "HEAD", "POST"])
def requirement_spread(request, pk: int):
    """举一反三."""
    row = through_the_door(request, pk)
    if not leads_research(request.user):
        raise PermissionDenied("举一反三由纪委提出。")
    others = verbs.peers(row, "picked")
    initial = {"title": row.title, "text": row.text, "scope": "kind"}
    form = SpreadForm(request.POST or None, units=others, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data | {"units": list(form.cleaned_data["units"])}
        with refusals_in(form):
            made = verbs.spread(row, by=request.user, **data)
            messages.success(request, f"已向另外 {made.replies.count()} 个单位提出，举一反三。")
            return redirect("requirement", pk=made.pk)
    context = {
        "form": form,
        "requirement": row,
        "counts": [(verbs.SCOPES[scope], verbs.peers(row, scope).count()) for scope in ("kind", "area")],
    }
    return render(request, "research/spread_page.html", context, status=400 if form.errors else 200)


def _reply(request, pk: int) -> Reply:
    rows = Reply.objects.visible_to(request.user).for_list()
    rows = rows.select_related(
        "record", "answered_by", "accepted_by", "requirement__topic", "requirement__sign", "requirement__visit__record"
    )
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def reply(request, pk: int):
    """一个单位的答复: reading it; writing it is posted here too."""
    row = _reply(request, pk)
    if request.method != "POST":
        return _page(request, row)
    if not answers.may_answer(request.user, row):
        raise PermissionDenied(f"这项要求由{row.organisation.name}答复。")
    form = AnswerForm(request.POST, request.FILES)
    if form.is_valid():
        with refusals_in(form):
            done = answers.answer(row, by=request.user, **form.cleaned_data)
            waits = done.state == Reply.State.DRAFTED
            messages.success(request, "已提交，等本单位党组织书记审核。" if waits else "已答复，等纪委认可。")
            return redirect("reply", pk=row.pk)
    return _page(request, row, status=400, answer_form=form)


def _page(request, row: Reply, *, status: int = 200, answer_form=None, **shown):
    user = request.user
    may_write = row.state in Reply.TO_WRITE and row.duty.is_open and answers.may_answer(user, row)
    record = Record.objects.visible_to(user).filter(pk=row.record_id or 0).prefetch_related("attachments").first()
    former = Record.objects.visible_to(user).filter(pk__in=_former(row)).select_related("entered_by")
    context = {
        "reply": row,
        "requirement": row.requirement,
        "duty": Duty.objects.visible_to(user).with_light(timezone.localdate()).filter(pk=row.duty_id).first(),
        "record": record,
        "attachments": list(record.attachments.select_related("uploaded_by")) if record else [],
        "former": list(former),
        "quoted": _quoted(row, user),
        "may_write": may_write,
        "answer_form": answer_form or AnswerForm(),
        "may_register": makers(user).filter(pk=row.organisation_id).exists(),
        "changes": history_of_row(row),
        "today": timezone.localdate(),
        **steps(choices_for(row, REPLY_TRANSITIONS, user), **shown),
    }
    return render(request, "research/reply_page.html", context, status=status)


def _former(row: Reply) -> list[int]:
    """Answers that were sent back, from the history."""
    known = Reply.history.filter(id=row.pk).exclude(record=None).values_list("record", flat=True)
    return [pk for pk in set(known) if pk != row.record_id]


def _quoted(row: Reply, user) -> Sign | None:
    """The sign behind it, for the unit it is about and for who may see it; never the words of a petition (decision 15)."""
    sign = row.requirement.sign
    if sign is None:
        return None
    if Sign.objects.visible_to(user).filter(pk=sign.pk).exists():
        return sign
    return sign if sign.organisation_id == row.organisation_id and not sign.is_from_petition else None


@require_POST
def reply_act(request, pk: int):
    """认可、退回补充."""
    row = _reply(request, pk)
    name = request.POST.get("act", "")
    if name not in REPLY_TRANSITIONS:
        raise ValidationError("没有这种办理，请返回答复页面重新选择。")
    form = ReasonForm(request.POST)
    refusals = [str(error) for errors in form.errors.values() for error in errors]
    if form.is_valid():
        try:
            answers.perform(row, name, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            refusals = error.messages
        else:
            messages.success(request, f"已{REPLY_TRANSITIONS[name].label}。")
            return redirect("reply", pk=row.pk)
    typed = {"reason": request.POST.get("reason", ""), "due_on": request.POST.get("due_on", "")}
    return _page(request, row, status=400, refused=name, refusals=refusals, typed=typed)
