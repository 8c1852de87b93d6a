"""一份报告的账: figures with the rows behind them, exhibits and chapters as they are taken (四（三）).

A figure is a ledger filter (docs/decisions/0004): its value is the number of rows the filter selects, its
address on the web opens the same rows. Nothing in the report is a number that is not taken here.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from django.conf import settings

from accountability.ledger import LedgerFilter
from accountability.models import UNIT_KINDS, Duty, Light, Organisation, WorkYear
from supervision.report.rows import frozen
from supervision.report.scope import Scope

LEVELS = {
    "school": (Organisation.Kind.SCHOOL, Organisation.Kind.COMMISSION),
    "unit": UNIT_KINDS,
    "branch": (Organisation.Kind.BRANCH,),
}
# 一组责任的几个数: name → label, states; none of the states means every one owed.
STANDING: dict[str, tuple[str, tuple[str, ...]]] = {
    "owed": ("责任事项", ()),
    "done": ("已完成", (Light.DONE,)),
    "in_time": ("按期完成", ("done_in_time",)),
    "done_late": ("逾期完成", ("done_late",)),
    "late": ("逾期未完成", (Light.LATE,)),
    "to_come": ("未到期", (Light.SOON, Light.IDLE)),
    "due": ("已完成和逾期未完成", (Light.DONE, Light.LATE)),
}
IN_A_TABLE = ("owed", "done", "done_late", "late", "due")
RATE_FORMULA = "已完成 ÷（已完成＋逾期未完成）"


class Owed(NamedTuple):
    """A duty as far as counting goes."""

    pk: int
    subject: str
    organisation: int
    kind: str
    obligation: int | None
    owner: int
    occurrence: int
    clause: str | None
    state: str
    due_on: date
    fulfilled_on: date | None
    title: str

    def is_(self, state: str, on: date) -> bool:
        """The same meaning of a state as ``LedgerFilter.meaning`` has in the database."""
        if self.state == Duty.State.FULFILLED:
            late = self.fulfilled_on > self.due_on
            return state == Light.DONE or state == ("done_late" if late else "done_in_time")
        soon_until = on + timedelta(days=settings.SOON_DAYS)
        if self.due_on < on:
            return state == Light.LATE
        return state == (Light.SOON if self.due_on <= soon_until else Light.IDLE)

    @property
    def is_open(self) -> bool:
        return self.state == Duty.State.OPEN


COUNTED = ("pk", "subject", "organisation", "organisation__kind", "obligation", "owner", "occurrence", "clause__key",
           "state", "due_on", "fulfilled_on", "title")  # fmt: skip
INDEXED = ("organisation", "owner", "obligation", "subject")


class YearOfDuties:
    """一年的台账 in memory, so that a hundred figures cost one query."""

    def __init__(self, year: int):
        rows = Duty.objects.ordinary().of_year(year).owed().order_by("pk")
        self.rows = [Owed(*row) for row in rows.values_list(*COUNTED)]
        self.by: dict[str, dict] = {name: defaultdict(list) for name in INDEXED}
        for row in self.rows:
            for name in INDEXED:
                self.by[name][getattr(row, name)].append(row)

    def select(self, chosen: LedgerFilter, on: date) -> list[Owed]:
        narrowest = min(
            (self.by[name].get(value, []) for name in INDEXED if (value := getattr(chosen, name))),
            key=len,
            default=self.rows,
        )
        return [row for row in narrowest if _meets(row, chosen, on)]


def _meets(row: Owed, chosen: LedgerFilter, on: date) -> bool:
    return (
        all(not (value := getattr(chosen, name)) or value == getattr(row, name) for name in (*INDEXED, "occurrence"))
        and (not chosen.kind or row.kind == chosen.kind)
        and (not chosen.level or row.kind in LEVELS[chosen.level])
        and (not chosen.states or any(row.is_(state, on) for state in chosen.states))
    )


# What is asked of the database itself: conditions of other apps, words, months and clauses.
ASKED_ELSEWHERE = ("q", "such", "mine", "month", "clause")


@dataclass(frozen=True)
class Standing:
    """一组责任办得怎样: its figures by name (``STANDING``), and the rate of what was due."""

    figures: dict[str, dict]

    def __getitem__(self, name: str) -> dict:
        return self.figures[name]

    def value(self, name: str) -> int:
        return self.figures[name]["value"]

    def cell(self, name: str) -> dict:
        return {"figure": self.figures[name]["code"]}

    def cells(self, *names: str) -> list[dict]:
        return [self.cell(name) for name in names]


@dataclass
class Chapter:
    """一章: heading, clause, what is said and what is shown, in order."""

    title: str
    clause: str
    lines: list[str] = field(default_factory=list)
    exhibits: list[str] = field(default_factory=list)

    def say(self, *lines: str) -> None:
        self.lines += [line for line in lines if line]

    def show(self, name: str, kind: str) -> None:
        self.exhibits.append(name)
        self.lines.append(f"〔{'表' if kind == 'table' else '图'}：{name}〕")


class Ledger:
    """The figures of one report on one day, numbered as they are taken."""

    def __init__(self, scope: Scope, year: int, on: date):
        self.scope, self.year, self.on = scope, year, on
        self.everything = LedgerFilter(year=year)
        self.figures: dict[str, dict] = {}
        self.exhibits: dict[str, dict] = {}
        self.chapters: list[Chapter] = []
        self.annexes: list[dict] = []
        self._numbers: dict[str, int] = defaultdict(int)
        self._years: dict[int, YearOfDuties] = {}

    # ── figures ──────────────────────────────────────────────────────────────────────────────

    def duties(self, year: int | None = None) -> YearOfDuties:
        year = year or self.year
        if year not in self._years:
            self._years[year] = YearOfDuties(year)
        return self._years[year]

    def select(self, chosen: LedgerFilter) -> list[Owed]:
        """The duties that meet a filter, from memory; the same the ledger page lists under its address."""
        if not any(getattr(chosen, name) for name in ASKED_ELSEWHERE):
            return self.duties(chosen.year).select(chosen, self.on)
        pks = set(chosen.rows(Duty.objects.ordinary(), on=self.on).values_list("pk", flat=True))
        return [row for row in self.duties(chosen.year).rows if row.pk in pks]

    def take(self, label: str, chosen: LedgerFilter, unit: str = "项", series: str = "F") -> dict:
        """Count the duties of a filter; keep value, address and ids under the next code."""
        return self.keep(label, [row.pk for row in self.select(chosen)], unit, "duty", chosen.url, series)

    def keep(self, label: str, ids: Iterable[int], unit: str, model: str, url: str = "", series: str = "F") -> dict:
        """``series``: F the report's own, Y last year's; U (units), L (leaders), R (rectification) have own tables."""
        ids = list(ids)
        return self._number(
            series, {"label": label, "value": len(ids), "unit": unit, "model": model, "ids": ids, "url": url}
        )

    def rate(self, label: str, well: dict, whole: dict, formula: str, series: str = "F") -> dict:
        """A share: its parts are two figures, each with its rows."""
        value = percent(well["value"], whole["value"])
        parts = [well["code"], whole["code"]]
        return self._number(
            series,
            {"label": label, "value": value, "unit": "", "model": "rate", "formula": formula, "parts": parts},
        )

    def _number(self, series: str, figure: dict) -> dict:
        self._numbers[series] += 1
        code = f"{series}-{self._numbers[series]:02d}"
        self.figures[code] = {"code": code, **figure}
        return self.figures[code]

    def standing(
        self, label: str, chosen: LedgerFilter, series: str = "F", names: Iterable[str] = tuple(STANDING)
    ) -> Standing:
        """应完成、已完成、逾期等 of one filter, and the rate of what is due."""
        figures = {
            name: self.take(f"{label}{STANDING[name][0]}", chosen.but(states=STANDING[name][1]), series=series)
            for name in names
        }
        figures["rate"] = self.rate(f"{label}完成率", figures["done"], figures["due"], RATE_FORMULA, series)
        return Standing(figures)

    @cached_property
    def has_last_year(self) -> bool:
        """同比 only where last year was opened and has a ledger."""
        return WorkYear.objects.filter(year=self.year - 1).exists() and bool(self.duties(self.year - 1).rows)

    # ── what is shown and said ───────────────────────────────────────────────────────────────

    def chapter(self, title: str, clause: str = "") -> Chapter:
        self.chapters.append(Chapter(title, clause))
        return self.chapters[-1]

    def show(self, name: str, exhibit: dict, chapter: Chapter | None = None) -> str:
        """Keep an exhibit under its name; in a chapter it is drawn where it is shown."""
        self.exhibits[name] = exhibit
        if chapter is not None:
            chapter.show(name, exhibit["kind"])
        return name

    def annex(self, title: str, *names: str) -> None:
        """附件, if there is anything to print in it."""
        shown = [name for name in names if name in self.exhibits]
        if shown:
            self.annexes.append({"title": title, "exhibits": shown})

    def frozen_rows(self) -> dict:
        """Every row behind every figure, as it is today."""
        wanted: dict[str, set[int]] = defaultdict(set)
        for figure in self.figures.values():
            wanted[figure["model"]].update(figure.get("ids", ()))
        wanted.pop("rate", None)
        return frozen(wanted, self.on)


def percent(part: int, whole: int) -> str:
    """With one decimal; a dash where nothing is due."""
    return f"{100 * part / whole:.1f}%" if whole else "—"


def column(title: str, align: str = "right") -> dict:
    return {"title": title, "align": align}


def columns(first: str, *others: str) -> list[dict]:
    """Words left, numbers right."""
    return [column(first, "left"), *(column(title) for title in others)]


def table(title: str, clause: str, unit: str, heads: list[dict], groups: list[dict], **more) -> dict:
    return {
        "kind": "table", "title": title, "clause": clause, "unit": unit, "note": more.get("note", ""),
        "columns": heads, "groups": groups, "sum": more.get("total"),
    }  # fmt: skip
