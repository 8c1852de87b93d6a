"""可搜索的内容 of this app: problems of inspections, risk points, visits, signs, topics, requirements, rules (三（四）).

Each through the scope and the filter of its own list: the leader's notes of a visit and the source of a sign are found
by nobody who does not read them there.
"""

from django.db.models import QuerySet
from django.urls import reverse

from accountability.filters import Filter
from accountability.search import Hit, Query, searchable
from inspections.finding_filter import FindingFilter
from inspections.models import Finding, Reply, RiskPoint, Rule, Sign, Topic, Visit
from inspections.research_access import takes_part
from inspections.research_filters import ReplyFilter, RuleFilter, SignFilter, TopicFilter, VisitFilter
from inspections.risk_filter import RiskFilter

searchable(
    50,
    "findings",
    "巡察问题",
    "个",
    rows=lambda query: (
        FindingFilter(q=query.words)
        .rows(Finding.objects.visible_to(query.user, query.on), on=query.on, user=query.user)
        .select_related("round", "organisation__parent")
        .defer("symptoms", "goal")
        .order_by("-round", "serial", "turn")
    ),
    tell=lambda row: Hit(
        row.text,
        reverse("finding", args=[row.pk]),
        f"{row.number} · {row.organisation.name} · {row.round.name} · {row.get_state_display()}",
    ),
    url=lambda query: FindingFilter(q=query.words).url,
)
searchable(
    55,
    "risks",
    "廉政风险点",
    "个",
    rows=lambda query: (
        RiskFilter(view="all", q=query.words)
        .rows(RiskPoint.objects.visible_to(query.user), user=query.user)
        .select_related("organisation")
    ),
    tell=lambda row: Hit(
        row.text,
        reverse("risk", args=[row.pk]),
        f"{row.number} · {row.organisation.name} · {row.get_level_display()} · {row.get_state_display()}",
    ),
    url=lambda query: RiskFilter(view="all", q=query.words).url,
)


def _of(kind: type[Filter], rows: QuerySet, query: Query) -> QuerySet:
    return kind(q=query.words).rows(rows, on=query.on, user=query.user).for_list()


def _research(rank: int, name: str, label: str, noun: str, kind: type[Filter], model, tell) -> None:
    searchable(
        rank,
        name,
        label,
        noun,
        rows=lambda query: _of(kind, model.objects.visible_to(query.user), query),
        tell=tell,
        url=lambda query: kind(q=query.words).url,
        may=takes_part,
    )


_research(
    60,
    "visits",
    "调研督查",
    "次",
    VisitFilter,
    Visit,
    lambda row: Hit(row.record.title, reverse("visit", args=[row.pk]), f"{row.record.happened_on} · {row.place}"),
)
_research(
    62,
    "signs",
    "苗头性问题",
    "个",
    SignFilter,
    Sign,
    lambda row: Hit(
        row.text,
        reverse("sign", args=[row.pk]),
        f"{row.organisation.name} · {row.get_category_display()} · {row.noticed_on}",
    ),
)
_research(
    64,
    "topics",
    "专题调研",
    "个",
    TopicFilter,
    Topic,
    lambda row: Hit(row.title, reverse("topic", args=[row.pk]), f"{row.lead.name}牵头 · {row.get_state_display()}"),
)
_research(
    66,
    "requirements",
    "工作要求",
    "项",
    ReplyFilter,
    Reply,
    lambda row: Hit(
        row.requirement.title,
        reverse("reply", args=[row.pk]),
        f"{row.organisation.name} · {row.duty.due_on} 前答复 · {row.get_state_display()}",
    ),
)
_research(
    68,
    "rules",
    "制度成果",
    "项",
    RuleFilter,
    Rule,
    lambda row: Hit(
        row.title,
        reverse("rule", args=[row.pk]),
        f"{row.organisation.name} · {row.get_status_display()} · {row.in_force_on} 施行",
    ),
)
