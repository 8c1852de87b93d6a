"""专题调研: list, planning, signs in and out, findings, conclusion (三（四）3)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability.forms import refusals_in
from accountability.timeline import history_of_row
from accountability.views.listing import Listing
from accountability.years import year_in_view
from inspections.models import Requirement, Rule, Sign, Topic, TopicSign
from inspections.models.topics import key_areas
from inspections.research_access import leads_research
from inspections.research_filters import TopicFilter
from inspections.research_flow import TOPIC_TRANSITIONS, choices_for, works_on
from inspections.research_forms import CollectForm, FindingsForm, ReasonForm, TopicForm
from inspections.services import topics as verbs
from inspections.services.requirements import may_require
from inspections.services.rules import makers
from inspections.views.research import business_only, list_context, steps

FIELDS = ("title", "key_area", "lead", "plan", "due_on")


@require_safe
@business_only
def topic_list(request):
    user, chosen = request.user, TopicFilter.read(request.GET)
    listing, today = Listing(request, chosen), timezone.localdate()

    def lines() -> QuerySet:
        seen = Q(signs__sign__in=Sign.objects.visible_to(user).values("pk"))
        return Topic.objects.for_list().annotate(collected=Count("signs", filter=seen, distinct=True))

    context = {
        "pager": listing.pager(
            lambda: chosen.rows(Topic.objects.visible_to(user), on=today, user=user).order_by("-planned_at", "-id"),
            lines,
            lines_by=listing.key("lines"),
        ),
        "areas": key_areas(),
        "may_plan": leads_research(user),
        "today": today,
        **list_context(listing, chosen),
    }
    return render(request, "research/topic_list_page.html", context)


def through_the_door(request, pk: int) -> Topic:
    rows = Topic.objects.visible_to(request.user).for_list()
    return get_object_or_404(rows.select_related("proposed_by", "concluded_by", "planned_by"), pk=pk)


@require_safe
def topic(request, pk: int):
    return _page(request, through_the_door(request, pk))


def _page(request, topic: Topic, *, status: int = 200, findings_form=None, collect_form=None, **shown):
    user = request.user
    seen = Sign.objects.visible_to(user)
    links = topic.signs.select_related("sign__organisation__parent").filter(sign__in=seen.values("pk"))
    may_write = topic.state == Topic.State.RESEARCHING and works_on(user, topic)
    may_collect = leads_research(user) and topic.is_running
    context = {
        "topic": topic,
        "team": list(topic.team.order_by("name")),
        "links": list(links),
        "hidden": topic.signs.count() - links.count() if leads_research(user) else 0,
        "requirements": list(Requirement.objects.visible_to(user).filter(topic=topic).prefetch_related("replies")),
        "rules": list(Rule.objects.visible_to(user).filter(topic=topic).for_list()),
        "may_write": may_write,
        "findings_form": findings_form or FindingsForm(initial={"causes": topic.causes, "advice": topic.advice}),
        "may_collect": may_collect,
        "collect_form": collect_form or (CollectForm(signs=_to_collect(user)) if may_collect else None),
        "may_edit": leads_research(user) and topic.state in (Topic.State.PLANNED, Topic.State.RESEARCHING),
        "may_require": topic.state == Topic.State.CONCLUDED and may_require(user, topic),
        "may_register": topic.state == Topic.State.CONCLUDED and makers(user).exists(),
        "changes": history_of_row(topic),
        "today": timezone.localdate(),
        **steps(choices_for(topic, TOPIC_TRANSITIONS, user), **shown),
    }
    return render(request, "research/topic_page.html", context, status=status)


def _to_collect(user):
    """Open signs that are in no topic under way."""
    taken = TopicSign.objects.filter(sign=OuterRef("pk"), is_current=True)
    return Sign.objects.visible_to(user).open().exclude(Exists(taken)).select_related("organisation__parent")


@require_http_methods(["GET", "HEAD", "POST"])
@business_only
def topic_new(request):
    """专题立项."""
    if not leads_research(request.user):
        raise PermissionDenied("专题立项由纪委办理。")
    form = TopicForm(request.POST or None, initial={"lead": request.user.pk})
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            made = verbs.plan_topic(by=request.user, work_year=year_in_view(request), **form.cleaned_data)
            messages.success(request, "已立项，接着纳入苗头。")
            return redirect("topic", pk=made.pk)
    return render(request, "research/topic_form_page.html", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def topic_edit(request, pk: int):
    """调整方案."""
    topic = through_the_door(request, pk)
    if not leads_research(request.user):
        raise PermissionDenied("专题方案由纪委调整。")
    initial = {name: getattr(topic, name) for name in FIELDS} | {"team": topic.team.all()}
    form = TopicForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            verbs.change_plan(topic, by=request.user, **form.cleaned_data)
            messages.success(request, "方案已调整。")
            return redirect("topic", pk=topic.pk)
    context = {"form": form, "topic": topic}
    return render(request, "research/topic_form_page.html", context, status=400 if form.errors else 200)


@require_POST
def topic_findings(request, pk: int):
    """填写结论."""
    topic = through_the_door(request, pk)
    form = FindingsForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            verbs.write_findings(topic, by=request.user, **form.cleaned_data)
            messages.success(request, "结论已保存，写好后提交审定。")
            return redirect("topic", pk=topic.pk)
    return _page(request, topic, status=400, findings_form=form, refused="findings")


@require_POST
def topic_collect(request, pk: int):
    """纳入苗头."""
    topic = through_the_door(request, pk)
    form = CollectForm(request.POST, signs=_to_collect(request.user))
    if form.is_valid():
        with refusals_in(form):
            links = verbs.collect(topic, form.cleaned_data["signs"], by=request.user)
            messages.success(request, f"已纳入 {len(links)} 个苗头。")
            return redirect("topic", pk=topic.pk)
    return _page(request, topic, status=400, collect_form=form, refused="collect")


@require_POST
def topic_release(request, pk: int, link: int):
    """移出苗头."""
    topic = through_the_door(request, pk)
    seen = Sign.objects.visible_to(request.user).values("pk")
    row = get_object_or_404(TopicSign.objects.select_related("topic"), topic=topic, sign__in=seen, pk=link)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            verbs.release(row, by=request.user, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            return _page(request, topic, status=400, refused="release", refusals=error.messages)
        messages.success(request, "已移出专题。")
        return redirect("topic", pk=topic.pk)
    refusals = [str(error) for errors in form.errors.values() for error in errors]
    return _page(request, topic, status=400, refused="release", refusals=refusals)


@require_POST
def topic_act(request, pk: int):
    topic = through_the_door(request, pk)
    name = request.POST.get("act", "")
    if name not in TOPIC_TRANSITIONS:
        raise ValidationError("没有这种办理，请返回专题页面重新选择。")
    form = ReasonForm(request.POST)
    refusals = [str(error) for errors in form.errors.values() for error in errors]
    if form.is_valid():
        try:
            verbs.perform(topic, name, by=request.user, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            refusals = error.messages
        else:
            messages.success(request, f"已{TOPIC_TRANSITIONS[name].label}。")
            return redirect("topic", pk=topic.pk)
    typed = {"reason": request.POST.get("reason", "")}
    return _page(request, topic, status=400, refused=name, refusals=refusals, typed=typed)
