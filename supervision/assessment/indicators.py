"""考核指标: what a rule may count, each read for all the assessed at once, in a number of queries that does not depend on
how many they are (四（四）)."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q

from accountability.models import ActKind, Duty, Obligation, Portfolio, Record
from inspections.models import CheckCampaign, Finding, RecheckItem, RiskAnswer, RiskPoint
from supervision.assessment.rules import Row
from supervision.models import AccountabilityMeasure, AssessedKind

UNIT, LEADER = AssessedKind.UNIT.value, AssessedKind.LEADER.value
BOTH = (UNIT, LEADER)
SCOPES = {"own": "", "branches": "所属党支部", "portfolio": "分管部门和联系单位"}
CATEGORIES = dict(ActKind.Category.choices)
OF_DUTIES = ("scope", "acts", "except_acts", "categories", "except_categories", "asked", "days", "clauses")


class DutyFact(NamedTuple):
    pk: int
    number: str
    title: str
    organisation: int
    parent: int | None
    bearer_post: int | None
    obligation: int | None
    clause: str
    due_on: date
    is_open: bool
    fulfilled_on: date | None


class RecordFact(NamedTuple):
    pk: int
    title: str
    organisation: int
    parent: int | None
    post: int | None
    happened_on: date
    entered_on: date


class Facts:
    """事实: everything the indicators read of one year as it stands on a day, each table once, when first asked."""

    def __init__(self, kind: str, assessed: Iterable[int], *, year: int, on: date) -> None:
        self.kind, self.assessed, self.year, self.on = kind, frozenset(assessed), year, on
        self._read: dict[tuple[str, str], dict[int, list[Row]]] = {}

    def rows(self, key: int, indicator: str, chosen: dict) -> list[Row]:
        """The rows of one assessed: a unit by its id, a leader by that of his post."""
        name = (indicator, repr(sorted(chosen.items(), key=str)))
        if name not in self._read:
            self._read[name] = INDICATORS[indicator].read(self, chosen)
        return self._read[name].get(key, [])

    @cached_property
    def portfolio(self) -> dict[int, list[int]]:
        """单位 → the leaders' posts it is in the portfolio of."""
        found: dict[int, list[int]] = defaultdict(list)
        if self.kind == LEADER:
            in_force = Portfolio.objects.in_force(self.on).filter(post__in=self.assessed)
            for post, unit in in_force.values_list("post", "organisation").distinct():
                found[unit].append(post)
        return found

    @cached_property
    def units(self) -> set[int]:
        return set(self.assessed) if self.kind == UNIT else set(self.portfolio)

    @cached_property
    def duties(self) -> list[DutyFact]:
        within = Q(organisation__in=self.units) | Q(organisation__parent__in=self.units, organisation__kind="branch")
        if self.kind == LEADER:
            within |= Q(bearer_post__in=self.assessed)
        rows = Duty.objects.of_year(self.year).owed().filter(within).order_by("due_on", "pk")
        columns = ("pk", "number", "title", "organisation", "organisation__parent", "bearer_post", "obligation",
                   "clause__key", "due_on", "state", "fulfilled_on")  # fmt: skip
        return [
            DutyFact(*row[:7], row[7] or "", row[8], row[9] == Duty.State.OPEN, row[10])
            for row in rows.values_list(*columns)
        ]

    @cached_property
    def acts(self) -> dict[int, tuple[set[str], set[str]]]:
        """责任要求 → codes and categories of the acts that fulfil it."""
        found: dict[int, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
        for pk, code, category in Obligation.objects.filter(acts__isnull=False).values_list(
            "pk", "acts__code", "acts__category"
        ):
            found[pk][0].add(code)
            found[pk][1].add(category)
        return found

    @cached_property
    def records(self) -> list[RecordFact]:
        within = Q(organisation__in=self.units) | Q(organisation__parent__in=self.units, organisation__kind="branch")
        if self.kind == LEADER:
            within |= Q(post__in=self.assessed)
        rows = Record.objects.standing().filter(within, work_year=self.year).order_by("happened_on", "pk")
        columns = ("pk", "title", "organisation", "organisation__parent", "post", "happened_on", "entered_on")
        return [RecordFact(*row) for row in rows.values_list(*columns)]

    def owners(self, scope: str, organisation: int, parent: int | None, post: int | None) -> Iterable[int]:
        """Whose it is: the unit's or leader's own, of the branches below a unit, or of the units in a portfolio."""
        if scope == "branches":
            return [parent] if parent in self.assessed and organisation not in self.assessed else []
        if scope == "portfolio":
            return self.portfolio.get(organisation, [])
        key = organisation if self.kind == UNIT else post
        return [key] if key in self.assessed else []


Reader = Callable[[Facts, dict], dict[int, list[Row]]]


@dataclass(frozen=True)
class Indicator:
    """指标. ``filters`` it understands; restricted ones count what only few may know."""

    name: str
    label: str
    kinds: tuple[str, ...]
    filters: tuple[str, ...]
    read: Reader
    is_restricted: bool = False


INDICATORS: dict[str, Indicator] = {}


def indicator(name: str, label: str, *, kinds=BOTH, filters=(), is_restricted: bool = False):
    """登记 an indicator: the function reads it for all the assessed."""

    def register(read: Reader) -> Reader:
        INDICATORS[name] = Indicator(name, label, tuple(kinds), tuple(filters), read, is_restricted)
        return read

    return register


# ── filters ──────────────────────────────────────────────────────────────────────────────────


def check_filter(which: Indicator, chosen: dict, kind: str) -> None:
    """Raises ValidationError when the indicator does not understand it."""
    if not isinstance(chosen, dict) or (unknown := set(chosen) - set(which.filters)):
        words = "、".join(sorted(map(str, unknown))) if isinstance(chosen, dict) else chosen
        raise ValidationError(f"「{which.label}」不能按 {words} 筛选。")
    scope = chosen.get("scope", "own")
    if scope not in SCOPES or scope == ("portfolio" if kind == UNIT else "branches"):
        raise ValidationError("计分范围与考核对象不符。")
    for name in ("acts", "except_acts", "categories", "except_categories", "clauses", "kinds", "disclosures"):
        value = chosen.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise ValidationError("筛选条件应是一列代号。")
    if strange := [
        one for name in ("categories", "except_categories") for one in chosen.get(name, []) if one not in CATEGORIES
    ]:
        raise ValidationError(f"没有「{strange[0]}」这个类别。")
    days = chosen.get("days", 0)
    if isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= 366:
        raise ValidationError("天数须是 0 至 366 的整数。")
    if not isinstance(chosen.get("asked", False), bool):
        raise ValidationError("是否交办事项写作 true 或 false。")


def filter_words(chosen: dict) -> str:
    """筛选 in words, to stand before the indicator's label."""
    scope = SCOPES.get(chosen.get("scope", "own"), "")
    words = [f"{scope}的" if scope else ""]
    if days := chosen.get("days"):
        words.append(f"超过 {days} 天的")
    if "asked" in chosen:
        words.append("交办的" if chosen["asked"] else "制度规定的")
    if categories := chosen.get("categories"):
        words.append("、".join(CATEGORIES[one] for one in categories) + "类")
    if disclosures := chosen.get("disclosures"):
        names = dict(AccountabilityMeasure.Disclosure.choices)
        words.append("、".join(names.get(one, one) for one in disclosures) + "的")
    return "".join(filter(None, words))


def _meets(facts: Facts, duty: DutyFact, chosen: dict) -> bool:
    codes, categories = facts.acts.get(duty.obligation, (set(), set()))
    if "asked" in chosen and chosen["asked"] != (duty.obligation is None):
        return False
    if (wanted := chosen.get("acts")) and not codes & set(wanted):
        return False
    if codes & set(chosen.get("except_acts", ())):
        return False
    if (wanted := chosen.get("categories")) and not categories & set(wanted):
        return False
    if categories & set(chosen.get("except_categories", ())):
        return False
    clauses = chosen.get("clauses")
    return not clauses or any(duty.clause == one or duty.clause.startswith(f"{one}.") for one in clauses)


def _of_duties(facts: Facts, chosen: dict, holds: Callable[[DutyFact], bool]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    scope = chosen.get("scope", "own")
    for duty in facts.duties:
        if holds(duty) and _meets(facts, duty, chosen):
            row = Row("duty", duty.pk, f"{duty.number} {duty.title}", f"{duty.due_on}")
            for key in facts.owners(scope, duty.organisation, duty.parent, duty.bearer_post):
                found[key].append(row)
    return found


# ── duties ───────────────────────────────────────────────────────────────────────────────────


def _is_late(duty: DutyFact, on: date, days: int = 0) -> bool:
    return duty.is_open and duty.due_on + timedelta(days=days) < on


def _was_late(duty: DutyFact) -> bool:
    return duty.fulfilled_on is not None and duty.fulfilled_on > duty.due_on


@indicator("duties_due", "应完成责任", filters=OF_DUTIES)
def duties_due(facts: Facts, chosen: dict):
    """Whose day has passed, and those done before it."""
    return _of_duties(facts, chosen, lambda duty: duty.due_on < facts.on or not duty.is_open)


@indicator("duties_late", "逾期未完成责任", filters=OF_DUTIES)
def duties_late(facts: Facts, chosen: dict):
    return _of_duties(facts, chosen, lambda duty: _is_late(duty, facts.on, chosen.get("days", 0)))


@indicator("duties_unfulfilled", "未完成责任", filters=OF_DUTIES)
def duties_unfulfilled(facts: Facts, chosen: dict):
    """Open on the day, late or not: what the year's end has no excuse for."""
    return _of_duties(facts, chosen, lambda duty: duty.is_open)


@indicator("duties_done_late", "逾期完成责任", filters=OF_DUTIES)
def duties_done_late(facts: Facts, chosen: dict):
    return _of_duties(
        facts, chosen, lambda duty: _was_late(duty) and (duty.fulfilled_on - duty.due_on).days > chosen.get("days", 0)
    )


@indicator("duties_on_time", "按期完成责任", filters=OF_DUTIES)
def duties_on_time(facts: Facts, chosen: dict):
    return _of_duties(facts, chosen, lambda duty: duty.fulfilled_on is not None and not _was_late(duty))


@indicator("duties_not_on_time", "未按期完成责任", filters=OF_DUTIES)
def duties_not_on_time(facts: Facts, chosen: dict):
    """Late and still open, or done late."""
    return _of_duties(facts, chosen, lambda duty: _is_late(duty, facts.on) or _was_late(duty))


@indicator("meetings_short", "少开的会议", filters=("scope", "acts", "except_acts"))
def meetings_short(facts: Facts, chosen: dict):
    """Required meetings whose day has passed and which were not held; how many are required the regulation says."""
    return _of_duties(facts, chosen | {"categories": ["meeting"]}, lambda duty: _is_late(duty, facts.on))


@indicator("papers_missing", "未签订的责任文书", filters=("scope", "acts", "except_acts"))
def papers_missing(facts: Facts, chosen: dict):
    """四书、责任书 and the lists in it: documents whose day has passed unsigned."""
    return _of_duties(facts, chosen | {"categories": ["document"]}, lambda duty: _is_late(duty, facts.on))


# ── records ──────────────────────────────────────────────────────────────────────────────────


def _of_records(facts: Facts, chosen: dict, holds: Callable[[RecordFact], bool]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for record in facts.records:
        if holds(record):
            row = Row("record", record.pk, record.title, f"{record.happened_on}")
            for key in facts.owners(chosen.get("scope", "own"), record.organisation, record.parent, record.post):
                found[key].append(row)
    return found


@indicator("records", "履责记录", filters=("scope",))
def records(facts: Facts, chosen: dict):
    return _of_records(facts, chosen, lambda record: True)


@indicator("records_entered_late", "补录的记录", filters=("scope", "days"))
def records_entered_late(facts: Facts, chosen: dict):
    days = chosen.get("days") or settings.LATE_ENTRY_DAYS
    return _of_records(facts, chosen, lambda record: (record.entered_on - record.happened_on).days > days)


# ── rectification, self-check ────────────────────────────────────────────────────────────────


def _of_units(facts: Facts, chosen: dict, told: Iterable[tuple[int, Row]]) -> dict[int, list[Row]]:
    """Rows of units, for the units themselves or for the leaders in charge of them."""
    found: dict[int, list[Row]] = defaultdict(list)
    for unit, row in told:
        keys = [unit] if facts.kind == UNIT else facts.portfolio.get(unit, [])
        for key in keys:
            found[key].append(row)
    return found


def _findings(facts: Facts, chosen: dict, rows) -> dict[int, list[Row]]:
    rows = rows.filter(organisation__in=facts.units).select_related("round").order_by("round", "serial", "turn")
    told = ((one.organisation_id, Row("finding", one.pk, f"{one}", f"{one.due_on or ''}")) for one in rows)
    return _of_units(facts, chosen, told)


@indicator("findings_late", "逾期未销号的问题")
def findings_late(facts: Facts, chosen: dict):
    return _findings(facts, chosen, Finding.objects.late(facts.on))


@indicator("findings_closed_late", "逾期后销号的问题")
def findings_closed_late(facts: Facts, chosen: dict):
    return _findings(facts, chosen, Finding.objects.closed().filter(closed_in_time=False, closed_on__year=facts.year))


@indicator("findings_false", "虚假销号的问题")
def findings_false(facts: Facts, chosen: dict):
    rows = (
        RecheckItem.objects.false()
        .filter(finding__organisation__in=facts.units, checked_on__year=facts.year, checked_on__lte=facts.on)
        .select_related("finding__round")
        .order_by("pk")
    )
    told = (
        (one.finding.organisation_id, Row("recheck", one.pk, f"{one.finding}", f"{one.checked_on}")) for one in rows
    )
    return _of_units(facts, chosen, told)


@indicator("risks_unanswered", "未作答自查的风险点", kinds=(UNIT,))
def risks_unanswered(facts: Facts, chosen: dict):
    """Of the year's campaign, once its day has passed: points in use since before it that nobody answered for."""
    campaign = CheckCampaign.objects.filter(work_year=facts.year, due_on__lt=facts.on).first()
    if campaign is None:
        return {}
    answered = RiskAnswer.objects.handed_in().filter(unit_check__campaign=campaign).values("point")
    rows = RiskPoint.objects.in_use().filter(organisation__in=facts.units, in_use_from__lte=campaign.due_on)
    told = (
        (one.organisation_id, Row("risk", one.pk, one.text, f"{campaign.due_on}"))
        for one in rows.exclude(pk__in=answered).order_by("level", "pk")
    )
    return _of_units(facts, chosen, told)


# ── measures ─────────────────────────────────────────────────────────────────────────────────


def _measures(facts: Facts, chosen: dict, rows) -> dict[int, list[Row]]:
    if wanted := chosen.get("disclosures"):
        rows = rows.filter(disclosure__in=wanted)
    if wanted := chosen.get("kinds"):
        rows = rows.filter(kind__code__in=wanted)
    found: dict[int, list[Row]] = defaultdict(list)
    column = "organisation" if facts.kind == UNIT else "post"
    for one in rows.filter(**{f"{column}__in": facts.assessed}).select_related("kind").order_by("decided_on", "pk"):
        label = f"{one.number} 号 {one.kind}"
        tag = (one.disclosure, one.get_disclosure_display())
        found[getattr(one, f"{column}_id")].append(Row("measure", one.pk, label, f"{one.decided_on}", *tag))
    return found


OF_MEASURES = ("kinds", "disclosures")


@indicator("measures_taken", "问责处理", filters=OF_MEASURES, is_restricted=True)
def measures_taken(facts: Facts, chosen: dict):
    rows = AccountabilityMeasure.objects.standing().of_year(facts.year).filter(decided_on__lte=facts.on)
    return _measures(facts, chosen, rows)


@indicator("measures_in_influence", "影响期内的问责处理", filters=OF_MEASURES, is_restricted=True)
def measures_in_influence(facts: Facts, chosen: dict):
    return _measures(facts, chosen, AccountabilityMeasure.objects.in_influence(facts.on))


def choices_for(kind: str) -> list[tuple[str, str]]:
    return [(one.name, one.label) for one in INDICATORS.values() if kind in one.kinds]
