"""重复要求: the same thing asked twice of one unit, shown to who asks, so that it is asked once (四（三）).

Looked for among what others ask of a unit; its own plans (measures, milestones, its list of tasks) and the several times
of one obligation are no repetition. Where one record counts for both, nothing is asked twice either.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.db.models import Q, QuerySet

from accountability.models import Duty, Obligation, Organisation, Person
from inspections.models import ProgressReport, Reply
from supervision.hints.similarity import closeness
from supervision.models import LetterMatter

REPORT = "rectification-progress"
# Duties that a unit set itself, or that stand for one thing step by step, by the names of their relations.
OWN_PLANS = ("measure", "milestone", "unit_item", "half_year_of", "result_of", "long_term_review", "answers_document")

# What was asked in words, where a title says too little; each room that asks registers its own.
_askers: list[Callable[[Sequence[int]], dict[int, str]]] = []


def asks(function: Callable[[Sequence[int]], dict[int, str]]):
    """登记: a function of duties' ids that gives, for those it knows, the words in which they were asked."""
    _askers.append(function)
    return function


@asks
def _required(duties: Sequence[int]) -> dict[int, str]:
    """工作要求."""
    rows = Reply.objects.filter(duty__in=duties).values_list("duty", "requirement__title", "requirement__text")
    return {duty: f"{title}：{text}" for duty, title, text in rows}


@asks
def _of_a_letter(duties: Sequence[int]) -> dict[int, str]:
    """监督文书: matters of one letter share its title, not what they ask."""
    return {
        duty: f"{text}：{asked}"
        for duty, text, asked in LetterMatter.objects.filter(duty__in=duties).values_list("duty", "text", "asked")
    }


@dataclass(frozen=True)
class Twice:
    """Two duties of one unit, the earlier due first, and in what they repeat one another."""

    organisation: Organisation
    first: Duty
    second: Duty
    why: str


@dataclass(frozen=True)
class _Ask:
    duty: Duty
    words: str
    series: tuple
    acts: frozenset[str]


def asked_twice(user: Person, year: int) -> list[Twice]:
    """Of the duties ``user`` may see, by day; a fixed number of queries."""
    duties = list(_asked(user, year))
    words = {pk: told for asker in _askers for pk, told in asker([duty.pk for duty in duties]).items()}
    rounds = dict(ProgressReport.objects.filter(duty__in=duties).values_list("duty", "round"))
    acts = _acts_of({duty.obligation_id for duty in duties})
    by_bearer: dict[tuple, list[_Ask]] = defaultdict(list)
    for duty in duties:
        series = ("round", rounds[duty.pk]) if duty.pk in rounds else ("obligation", duty.obligation_id or -duty.pk)
        counted = frozenset({REPORT}) if duty.pk in rounds else acts.get(duty.obligation_id, frozenset())
        by_bearer[duty.organisation_id, duty.bearer_post_id].append(
            _Ask(duty, words.get(duty.pk, duty.title), series, counted)
        )
    found = [twice for held in by_bearer.values() for twice in _pairs(held)]
    return sorted(found, key=lambda twice: (twice.second.due_on, twice.second.pk), reverse=True)


def own_plans(duties: QuerySet[Duty]) -> QuerySet[Duty]:
    """自己的计划: those of ``duties`` that the unit set itself."""
    planned = Q()
    for name in OWN_PLANS:
        planned |= Q(**{f"{name}__isnull": False})
    return duties.filter(planned)


def _asked(user: Person, year: int) -> QuerySet[Duty]:
    duties = Duty.objects.visible_to(user).of_year(year).owed()
    return (
        duties.exclude(pk__in=own_plans(Duty.objects.of_year(year)).values("pk"))
        .filter(organisation__in=Organisation.objects.units())
        .select_related("organisation")
        .order_by("due_on", "pk")
    )


def _acts_of(obligations: set[int | None]) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for pk, code in Obligation.objects.filter(pk__in=obligations - {None}).values_list("pk", "acts__code"):
        found[pk].add(code)
    return {pk: frozenset(codes) for pk, codes in found.items()}


def _pairs(held: list[_Ask]) -> Iterator[Twice]:
    for place, one in enumerate(held):
        for other in held[place + 1 :]:
            if (other.duty.due_on - one.duty.due_on).days > 31:
                break  # by day, so that all that follow are further away
            if why := _why(one, other):
                yield Twice(one.duty.organisation, one.duty, other.duty, why)


def _why(one: _Ask, other: _Ask) -> str:
    if one.series == other.series:
        return ""
    is_same_act = bool(one.acts & other.acts)
    if is_same_act and one.duty.obligation_id and other.duty.obligation_id:
        return ""  # one record counts for both
    days = (other.duty.due_on - one.duty.due_on).days
    is_same_month = (one.duty.due_on.year, one.duty.due_on.month) == (other.duty.due_on.year, other.duty.due_on.month)
    if is_same_act and is_same_month:
        return "同一个月要求报送两份同类材料"
    if days <= settings.ASKED_TWICE_DAYS or is_same_month:
        share = _close(one.words, other.words, one.duty.organisation.name)
        if share * 100 >= settings.ASKED_TWICE_PERCENT:
            return f"要求的文字有 {share:.0%} 相同，到期日相隔 {days} 天"
    return ""


@lru_cache(maxsize=4_096)
def _close(one: str, other: str, name: str) -> float:
    """The same two obligations meet again in every unit."""
    return closeness(one, other, (name,))
