"""监督看板: what the commission reads on one page, in a fixed number of queries (三（二）1).

Every figure is a ledger filter: it is counted from grouped rows here and opens the same rows there.
"""

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.functional import cached_property

from accountability import access, confidential
from accountability.ledger import LedgerFilter
from accountability.models import Duty, Light, Obligation, Organisation, Record, Subject
from supervision.board.cells import Counted, Lights, counted
from supervision.board.indicators import Told, registers
from supervision.board.loop import Step, loops
from supervision.board.questions import Answer, answered
from supervision.board.tally import Tally, tally


@dataclass(frozen=True)
class Cell:
    """One cell: its light, the words beside it, and the rows it opens."""

    light: str
    words: str
    title: str
    url: str


@dataclass(frozen=True)
class LightLink:
    light: str
    words: str
    url: str


@dataclass(frozen=True)
class SubjectBand:
    """One subject: done of total, its lights, its obligations."""

    subject: Subject
    lights: Lights
    url: str
    links: list[LightLink]
    obligations: list[dict]
    steps: list[Step]

    @property
    def label(self) -> str:
        return self.subject.label

    @property
    def done_url(self) -> str:
        return f"{self.url}&state=done"


class Dashboard:
    """The board of one year on one day, over the duties its reader may see."""

    def __init__(
        self,
        duties: QuerySet,
        year: int,
        on: date,
        records: QuerySet,
        told: dict[str, Told] | None = None,
        reader: Hashable = None,
    ):
        """``reader`` is all that decides which duties these are: statements are kept by it (``statements``)."""
        self.year, self.on = year, on
        self.reader = reader
        self.registers = registers(told or {})
        self.all_duties = duties
        self.records = records
        self.everything = LedgerFilter(year=year)
        self.groups = counted(duties.of_year(year), on, reader and (reader, year))
        # Those owed this year, whatever version they came with, and the uncounted ones of the version the year follows.
        owed = {row.obligation for row in self.groups}
        governing = Obligation.objects.governing(year).filter(is_open_ended=True)
        obligations = Obligation.objects.filter(pk__in=owed) | governing
        obligations = obligations.select_related("clause").prefetch_related("acts").order_by("rank", "id")
        self.obligations = {each.pk: each for each in obligations}

    def total(self) -> Lights:
        return Lights.of(self.groups)

    def bands(self) -> list[SubjectBand]:
        """四个责任主体, and the second-level party organisations they reach down to."""
        return [self._band(subject) for subject in Subject]

    def _band(self, subject: Subject) -> SubjectBand:
        chosen = self.everything.but(subject=subject.value)
        lights, by_obligation = Lights(), defaultdict(list)
        for row in self.groups:
            if row.subject == subject:
                lights.add(row)
                by_obligation[row.obligation].append(row)
        order = [pk for pk in self.obligations if pk in by_obligation]
        return SubjectBand(
            subject=subject,
            lights=lights,
            url=chosen.url,
            links=self._links(lights, chosen),
            obligations=[self._line(pk, by_obligation[pk], chosen) for pk in order] + self._uncounted(subject),
            steps=self.loops[subject],
        )

    def _links(self, lights: Lights, chosen: LedgerFilter) -> list[LightLink]:
        words = {Light.LATE: "逾期", Light.SOON: "将到期", Light.IDLE: "未到"}
        return [
            LightLink(light, f"{word} {lights.counts[light]}", chosen.but(states=(light,)).url)
            for light, word in words.items()
            if lights.counts[light]
        ]

    def _line(self, pk: int, rows: list[Counted], chosen: LedgerFilter) -> dict:
        """One obligation of a subject: done of owed, and its worst light in words."""
        lights = Lights.of(rows)
        narrowed = chosen.but(obligation=pk)
        return {
            "obligation": self.obligations[pk],
            "done": lights.done,
            "total": lights.total,
            "done_url": narrowed.but(states=(Light.DONE,)).url,
            "url": narrowed.url,
            "cell": self._cell(lights, narrowed),
        }

    def _uncounted(self, subject: Subject) -> list[dict]:
        """N: what has no target has a count and no light (三（一）3)."""
        open_ended = [each for each in self.obligations.values() if each.is_open_ended and each.subject == subject]
        return [{"obligation": each, "cell": None} | self._times(each) for each in open_ended]

    def _times(self, obligation: Obligation) -> dict:
        """How often, from 履责纪实, or from the register of the act; no count for whom it must not tell."""
        if kept := [act.code for act in obligation.acts.all() if act.code in self.registers]:
            told = self.registers[kept[0]]
            return {"count": told and told.count, "url": told and told.url, "unit": told and told.figure.unit}
        count = sum(self._recorded[act.pk] for act in obligation.acts.all())
        return {"count": count, "url": self._records_url(obligation), "unit": "次"}

    def _records_url(self, obligation: Obligation) -> str:
        acts = [("act", act.code) for act in obligation.acts.all()]
        return reverse("records") + "?" + urlencode([("year", self.year), *acts])

    @cached_property
    def loops(self) -> dict[str, list[Step]]:
        return loops(self.tally, self.year)

    @cached_property
    def tally(self) -> Tally:
        categories = {pk: {act.category for act in one.acts.all()} for pk, one in self.obligations.items()}
        return tally(self.all_duties, self.year, self.on, self.reader, self.groups, categories)

    def questions(self) -> list[Answer]:
        return answered(self.tally, self.all_duties, self.year, self.on)

    @property
    def _recorded(self) -> dict[int, int]:
        if not hasattr(self, "_recorded_by_act"):
            counts = self.records.filter(work_year=self.year).accepted().order_by().values_list("act")
            self._recorded_by_act = defaultdict(int, counts.annotate(Count("pk")))
        return self._recorded_by_act

    def _cell(self, lights: Lights, chosen: LedgerFilter) -> Cell:
        """The first day owed is of the worst light: what is late is owed before what is soon due."""
        worst = lights.worst
        if worst == Light.SOON:
            words = _days_left((lights.first_due - self.on).days)
        elif worst == Light.LATE:
            words = f"超{(self.on - lights.first_due).days}天"
        else:
            words = "完成" if worst == Light.DONE else "未到"
        title = f"{lights.done}/{lights.total} 完成" + (f"，逾期 {lights.late} 项" if lights.late else "")
        return Cell(worst, words, title, chosen.url)

    def matrix(self, only_late: bool = False) -> dict:
        """单位 × 责任要求: one cell per unit and obligation, grouped by kind of unit."""
        units = list(Organisation.objects.units().active().order_by("rank", "id"))
        cells: dict[tuple[int, int], Lights] = defaultdict(Lights)
        unit_ids = {unit.pk for unit in units}
        for row in self.groups:
            if row.organisation in unit_ids and row.obligation is not None:
                cells[row.organisation, row.obligation].add(row)
        shown = {obligation for _, obligation in cells}
        columns = [pk for pk in self.obligations if pk in shown]
        lines = [self._unit_line(unit, columns, cells) for unit in units]
        if only_late:
            lines = [line for line in lines if line["late"]]
        grouped: dict[str, list[dict]] = defaultdict(list)
        for line in lines:
            grouped[line["unit"].get_kind_display()].append(line)
        return {
            "columns": [self.obligations[pk] for pk in columns],
            "groups": [{"name": name, "lines": members} for name, members in grouped.items()],
            "units": len(lines),
        }

    def _unit_line(self, unit: Organisation, columns: list[int], cells: dict) -> dict:
        chosen = self.everything.but(organisation=unit.pk)
        line, late = [], 0
        for pk in columns:
            lights = cells.get((unit.pk, pk))
            if lights is None:
                line.append(None)
                continue
            late += lights.late
            line.append(self._cell(lights, chosen.but(obligation=pk)))
        return {
            "unit": unit,
            "url": chosen.url,
            "late": late,
            "late_url": chosen.but(states=(Light.LATE,)).url,
            "cells": line,
        }

    def trend(self) -> list[dict]:
        """进度趋势: by month of the working year, what was due and done by its end, and what was late then.

        ``before`` is what was done by the same month of last year; None in a year without one.
        """
        days, first = self.tally.days, date(self.year, 1, 1)
        done_before = self.tally.before
        months = []
        for month in range(1, 13):
            end, past = _month_end(self.year, month), (self.year, month) <= (self.on.year, self.on.month)
            months.append(
                {
                    "month": month,
                    "due": days.due(first, end),
                    "done": days.done(end) - days.done(first - date.resolution) if past else None,
                    "late": days.overdue(min(self.on, end)) if past else None,
                    "before": _done_within(done_before, self.year - 1, month) if done_before else None,
                }
            )
        return months


def _done_within(done: dict[date | None, int], year: int, month: int) -> int:
    """In that year, by the end of that month."""
    return sum(number for day, number in done.items() if day and date(year, 1, 1) <= day <= _month_end(year, month))


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - date.resolution


def _days_left(days: int) -> str:
    return f"剩{days}天" if days else "今日"


def board_for(user, year: int, on: date, told: dict[str, Told] | None = None) -> Dashboard:
    """The dashboard over what ``user`` may see; ``told`` are his figures of the rooms."""
    reader = (access.standing_of(user), confidential.told_of(user))
    return Dashboard(Duty.objects.visible_to(user), year, on, Record.objects.visible_to(user), told, reader)
