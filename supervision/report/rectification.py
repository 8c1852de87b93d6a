"""年度报告·巡视巡察整改: rounds of the year and their units, from the same indicators as the pages (三（四）1, 三（三）1)."""

from dataclasses import replace

from accountability.models import Organisation
from inspections.false_closures import ItemFilter
from inspections.figures import INDICATORS, RATE_FORMULA, Scope, rate
from inspections.models import Finding, Measure, RecheckItem, Round
from supervision.report.figures import Ledger, percent

SERIES = "R"  # its own letter: rounds and units stand in their own tables
OVERVIEW = (
    "problems", "closed", "closed_in_time", "closed_late", "late", "long_term", "due", "rebound",
    "measures", "measures_done", "measures_mostly", "measures_undone", "measures_kept_up", "measures_unproved",
)  # fmt: skip
OF_ROUND = (
    "problems", "closed", "closed_in_time", "closed_late", "late", "long_term", "due",
    "measures", "measures_done", "measures_mostly", "measures_undone",
)  # fmt: skip
OF_UNIT = (
    "problems",
    "closed",
    "closed_in_time",
    "closed_late",
    "late",
    "long_term",
    "due",
    "measures",
    "measures_done",
)


def take_rectification(ledger: Ledger) -> dict:
    """汇总: totals in series F, rounds and units in R. Nothing is taken where no round concerns the year."""
    scope = Scope(on=ledger.on, year=ledger.year)
    rounds = list(Round.objects.of_year(ledger.year).order_by("starts_on", "pk"))
    if not rounds:
        return {"rectification": {"rounds": [], "units": [], "overview": {}, "rate": "—", "formula": RATE_FORMULA}}
    overview = {name: _keep(ledger, name, scope, "巡视巡察", "F") for name in OVERVIEW}
    return {
        "rectification": {
            "overview": overview,
            "rate": _rate(ledger, overview),
            "formula": RATE_FORMULA,
            "rounds": [_round(ledger, scope, row) for row in rounds],
            "units": [_unit(ledger, scope, unit) for unit in _units(scope)],
            "rebounds": _rebounds(scope),
            "rechecks": _rechecks(ledger),
        }
    }


def _keep(ledger: Ledger, name: str, scope: Scope, label: str, series: str = SERIES) -> str:
    """Freeze one figure with the ids of its rows; returns its code."""
    indicator = INDICATORS[name]
    rows = indicator.rows(scope).order_by("pk")
    model = {Finding: "finding", Measure: "measure"}[rows.model]
    ids = list(rows.values_list("pk", flat=True))
    return ledger.keep(f"{label}{indicator.label}", ids, indicator.unit, model, indicator.url(scope), series)["code"]


def _rate(ledger: Ledger, codes: dict[str, str]) -> str:
    return rate(ledger.figures[codes["closed_in_time"]]["value"], ledger.figures[codes["due"]]["value"])


def _round(ledger: Ledger, scope: Scope, row: Round) -> dict:
    narrowed = replace(scope, round=row.pk, year=None)
    codes = {name: _keep(ledger, name, narrowed, f"{row.number} ") for name in OF_ROUND}
    return {
        "number": row.number,
        "name": row.name,
        "kind": row.get_kind_display(),
        "stage": row.get_stage_display(),
        "feedback": f"{row.feedback_on or ''}",
        "rectify_by": f"{row.rectify_by or ''}",
        "rate": _rate(ledger, codes),
        **codes,
    }


def _units(scope: Scope):
    """Who answers for a problem of these rounds or leads a measure of one."""
    pks = set(INDICATORS["problems"].by(scope, "unit")) | set(INDICATORS["measures"].by(scope, "unit"))
    return Organisation.objects.filter(pk__in=pks).select_related("parent").order_by("rank", "pk")


def _unit(ledger: Ledger, scope: Scope, unit: Organisation) -> dict:
    narrowed = replace(scope, organisation=unit.pk)
    codes = {name: _keep(ledger, name, narrowed, f"{unit.full_name}整改") for name in OF_UNIT}
    late = ledger.figures[codes["late"]]["value"]
    light = {"light": "late", "words": f"逾期 {late} 个"} if late else {"light": "ok", "words": "无逾期"}
    return {"name": unit.full_name, "rate": _rate(ledger, codes), **light, **codes}


def _rechecks(ledger: Ledger) -> dict:
    """销号抽查 of the year: how many closings were looked at, how many were false."""
    checked = ItemFilter(year=ledger.year)
    filters = {"checked": checked, "false": checked.but(result=RecheckItem.Result.FALSE)}
    labels = {"checked": "销号抽查已核查", "false": "虚假销号"}
    kept = {name: _keep_items(ledger, labels[name], chosen) for name, chosen in filters.items()}
    rate = percent(kept["false"]["value"], kept["checked"]["value"])
    return {name: figure["code"] for name, figure in kept.items()} | {"rate": rate}


def _keep_items(ledger: Ledger, label: str, chosen: ItemFilter) -> dict:
    ids = list(chosen.rows(RecheckItem.objects.all()).order_by("pk").values_list("pk", flat=True))
    return ledger.keep(f"巡视巡察{label}", ids, "个", "recheck_item", chosen.url)


def _rebounds(scope: Scope) -> list[dict]:
    """反弹重新立账: the new number beside the old one."""
    rows = INDICATORS["rebound"].rows(scope).select_related("round", "predecessor__round", "organisation")
    return [
        {
            "number": row.number,
            "former": row.predecessor.number,
            "unit": row.organisation.name,
            "text": row.text,
            "state": row.get_state_display(),
        }
        for row in rows.order_by("round", "serial", "turn")
    ]
