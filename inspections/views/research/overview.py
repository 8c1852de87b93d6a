"""调研督查总览 and 对口联系: figures that open their rows, what waits for whom, who was never visited (三（四）3)."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accountability.views.menus import Option
from accountability.years import year_in_view, years_opened
from inspections.contacts import SHOWN, Contacts
from inspections.models import Reply, Requirement, Rule, Sign, Topic, Visit
from inspections.research_access import leads_research, posts_to_record_for, units_to_note
from inspections.research_filters import ReplyFilter, RuleFilter, SignFilter, TopicFilter, VisitFilter
from inspections.services.rules import makers
from inspections.views.research import business_only, figure

WAITING_AT_MOST = 10


@require_safe
@business_only
def overview(request):
    user, today, year = request.user, timezone.localdate(), year_in_view(request)
    signs, topics = Sign.objects.visible_to(user), Topic.objects.visible_to(user)
    replies = Reply.objects.visible_to(user)
    here = {"on": today, "user": user}
    context = {
        "year": year,
        "figures": _figures(user, year, here, signs=signs, topics=topics, replies=replies),
        "waiting": list(replies.waiting_for(user).for_list()[:WAITING_AT_MOST]),
        "waiting_topics": list(topics.waiting_for(user)[:WAITING_AT_MOST]),
        "waiting_url": ReplyFilter(view="mine").url,
        "recent": list(
            Requirement.objects.visible_to(user).select_related("issued_by").prefetch_related("replies")[:5]
        ),
        "sees_signs": _sees_signs(user),
        "sees_topics": _sees_topics(user),
        "may_visit": posts_to_record_for(user).exists(),
        "may_note": units_to_note(user).exists(),
        "may_plan": leads_research(user),
        "may_register": makers(user).exists(),
        "today": today,
    }
    return render(request, "research/overview_page.html", context)


def _figures(user, year: int, here: dict, *, signs, topics, replies) -> list:
    visits = figure(
        "调研督查", VisitFilter(year=year), Visit.objects.visible_to(user), "done", note=f"{year} 年度", **here
    )
    found = [visits]
    if _sees_signs(user):
        found.append(
            figure("待研判苗头", SignFilter(view="waiting"), signs, "soon", note="未纳入专题、未提要求", **here)
        )
    if _sees_topics(user):
        found.append(figure("在办专题", TopicFilter(view="running"), topics, "idle", note="结题后向单位提要求", **here))
    return [
        *found,
        figure("待答复", ReplyFilter(view="waiting"), replies, "soon", note="单位还没有答复", **here),
        figure("逾期未答复", ReplyFilter(view="late"), replies, "late", note="过了答复期限", **here),
        figure("待纪委认可", ReplyFilter(view="answered"), replies, "soon", note="单位已答复", **here),
        figure("制度成果", RuleFilter(year=year), Rule.objects.visible_to(user), "done", note=f"{year} 年施行", **here),
    ]


def _sees_signs(user) -> bool:
    return units_to_note(user).exists() or Sign.objects.visible_to(user).exists()


def _sees_topics(user) -> bool:
    return leads_research(user) or Topic.objects.visible_to(user).exists()


@require_safe
@business_only
def contacts(request):
    """对口联系."""
    year = year_in_view(request)
    which = request.GET.get("show") if request.GET.get("show") in SHOWN else "all"
    found = Contacts(request.user, year, timezone.localdate())
    counted = {key: len(found.shown(key)) for key in SHOWN}
    context = {
        "lines": found.shown(which),
        "without": found.without if which == "all" else [],
        "counted": counted,
        "tabs": [Option(label, f"?show={key}&year={year}", key == which, counted[key]) for key, label in SHOWN.items()],
        "which": which,
        "year": year,
        "years": years_opened(request),
        "may_visit": posts_to_record_for(request.user).exists(),
    }
    return render(request, "research/contacts_page.html", context)
