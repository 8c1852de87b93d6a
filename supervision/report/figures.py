"""年度报告的数字: read once, frozen with the ids of the rows behind each (四（三）).

A figure is a ledger filter (docs/decisions/0004): its value is the number of rows the filter selects, its
address on the web opens the same rows. Nothing in the report is a number that is not taken here.
"""

import hashlib
import json
from collections import defaultdict
from datetime import date

from django.db.models import Prefetch
from django.utils import timezone

from accountability.ledger import LedgerFilter
from accountability.models import ActKind, Duty, Evidence, Light, Obligation, Organisation, Record, Role, Subject
from meetings.models import Meeting

THREE_TWO_N = "3.1"
FOUR_BOOKS = "3.3.1"
STAGES = ("年度概览", "四个责任主体", "“3+2+N”会议", "四书四会三报告", "二级单位", "巡视巡察整改", "校领导", "进度")


class Ledger:
    """The ledger of one year on one day, from which figures are taken and numbered."""

    def __init__(self, year: int, on: date):
        self.year, self.on = year, on
        self.duties = Duty.objects.ordinary()
        self.everything = LedgerFilter(year=year)
        self.figures: dict[str, dict] = {}

    def take(self, label: str, chosen: LedgerFilter, unit: str = "项", series: str = "F") -> dict:
        """Count the rows of a filter; keep value, address and ids under the next code."""
        ids = list(chosen.rows(self.duties, on=self.on).order_by("pk").values_list("pk", flat=True))
        return self.keep(label, ids, unit, "duty", chosen.url, series)

    def keep(self, label: str, ids: list[int], unit: str, model: str, url: str, series: str = "F") -> dict:
        """``series`` F is listed in the report; U (units), L (leaders) and R (rectification) stand in their own tables."""
        number = sum(code.startswith(series) for code in self.figures) + 1
        code = f"{series}-{number:02d}"
        figure = {"code": code, "label": label, "value": len(ids), "unit": unit, "model": model, "ids": ids, "url": url}
        self.figures[code] = figure
        return figure

    def standing(self, label: str, chosen: LedgerFilter, series: str = "F") -> dict:
        """应完成、已完成、逾期完成、逾期未完成 of one filter, and the rate of what is due."""
        owed = self.take(f"{label}责任事项", chosen, series=series)
        done = self.take(f"{label}已完成", chosen.but(states=(Light.DONE,)), series=series)
        done_late = self.take(f"{label}逾期完成", chosen.but(states=("done_late",)), series=series)
        late = self.take(f"{label}逾期未完成", chosen.but(states=(Light.LATE,)), series=series)
        return {
            "owed": owed["code"],
            "done": done["code"],
            "done_late": done_late["code"],
            "late": late["code"],
            "due": done["value"] + late["value"],
            "to_come": owed["value"] - done["value"] - late["value"],
            "on_time": done["value"] - done_late["value"],
            "rate": percent(done["value"], done["value"] + late["value"]),
        }


def percent(part: int, whole: int) -> str:
    """With one decimal; a dash where nothing is due."""
    return f"{100 * part / whole:.1f}%" if whole else "—"


def figures_sha256(taken: dict) -> str:
    """校验值 of the frozen figures, the same whatever order a database returns their keys in."""
    return hashlib.sha256(json.dumps(taken, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def take(year: int, on: date, tell=lambda progress, step: None) -> dict:
    """汇总: every figure of the report; ``tell`` hears how far it is (per cent, words)."""
    from supervision.report.rectification import take_rectification  # it takes its ledger from here

    ledger = Ledger(year, on)
    parts = (_overview, _subjects, _meetings, _documents, _units, take_rectification, _leaders, _months)
    taken: dict = {}
    for number, part in enumerate(parts, 1):
        tell(5 + 60 * number // len(parts), f"正在汇总第 {number} 部分，共 {len(parts)} 部分：{STAGES[number - 1]}")
        taken |= part(ledger)
    moment = timezone.localtime()
    return taken | {
        "year": year,
        "on": f"{on}",
        "taken_at": f"{moment:%Y-%m-%d %H:%M}",
        "figures": ledger.figures,
    }


def _overview(ledger: Ledger) -> dict:
    return {"overview": ledger.standing("全年", ledger.everything)}


def _subjects(ledger: Ledger) -> dict:
    subjects = []
    for subject in Subject:
        chosen = ledger.everything.but(subject=subject.value)
        subjects.append({"label": subject.label, **ledger.standing(subject.label, chosen)})
    return {"subjects": subjects}


def _meetings(ledger: Ledger) -> dict:
    """每项要求: required, held with their days, still to hold; N with a count alone (三（一）3)."""
    rows = []
    obligations = Obligation.objects.filter(
        acts__category=ActKind.Category.MEETING, clause__key__startswith=f"{THREE_TWO_N}.", duties__work_year=ledger.year
    )  # fmt: skip
    open_ended = Obligation.objects.governing(ledger.year).filter(
        acts__category=ActKind.Category.MEETING, is_open_ended=True, clause__key__startswith=f"{THREE_TWO_N}."
    )
    for obligation in (obligations | open_ended).distinct().select_related("clause").prefetch_related("acts"):
        rows.append(_uncounted(ledger, obligation) if obligation.is_open_ended else _counted(ledger, obligation))
    return {"meetings": rows}


def _counted(ledger: Ledger, obligation: Obligation) -> dict:
    chosen = ledger.everything.but(obligation=obligation.pk)
    required = ledger.take(f"{obligation.title}应召开", chosen, "次")
    held = ledger.take(f"{obligation.title}已召开", chosen.but(states=(Light.DONE,)), "次")
    duties = Duty.objects.filter(pk__in=required["ids"]).order_by("occurrence")
    return {
        "title": obligation.title,
        "short_title": obligation.short_title,
        "clause": obligation.clause.number,
        "required": required["code"],
        "held": held["code"],
        "days": [f"{duty.fulfilled_on}" for duty in duties if duty.fulfilled_on],
        "next": next((f"{duty.due_on}" for duty in duties if duty.is_open), ""),
        **_light(ledger, list(duties)),
    }


def _uncounted(ledger: Ledger, obligation: Obligation) -> dict:
    held = Meeting.objects.of_year(ledger.year).held().fulfilling(obligation).order_by("day", "pk")
    kind = obligation.acts.all()[0].code
    url = f"/meetings/?year={ledger.year}&kind={kind}"
    figure = ledger.keep(f"{obligation.title}已召开", list(held.values_list("pk", flat=True)), "次", "meeting", url)
    return {
        "title": obligation.title,
        "short_title": obligation.short_title,
        "clause": obligation.clause.number,
        "required": None,
        "held": figure["code"],
        "days": [f"{day}" for day in held.values_list("day", flat=True)],
        "next": "",
        "light": "none",
        "words": "不设目标",
    }


def _light(ledger: Ledger, duties: list[Duty]) -> dict:
    """The worst light of several duties on the day of the report, in words."""
    late = [duty for duty in duties if duty.is_open and duty.due_on < ledger.on]
    left = [duty for duty in duties if duty.is_open]
    if late:
        return {"light": "late", "words": f"逾期 {len(late)} 项"}
    if left:
        return {"light": "rest", "words": "未到期"}
    return {"light": "ok", "words": "已完成"}


def _documents(ledger: Ledger) -> dict:
    """四书四会三报告: every obligation of the clause, grouped by what kind of act it is."""
    groups: dict[str, list[dict]] = defaultdict(list)
    duties = (
        Duty.objects.of_year(ledger.year).owed().filter(clause__key=FOUR_BOOKS).select_related("obligation", "clause")
    )
    by_obligation: dict[int, list[Duty]] = defaultdict(list)
    for duty in duties.order_by("obligation__rank", "due_on"):
        by_obligation[duty.obligation_id].append(duty)
    obligations = Obligation.objects.filter(pk__in=by_obligation).order_by("rank").prefetch_related("acts")
    for obligation in obligations:
        act = obligation.acts.all()[0]
        groups[_group_of(act, obligation)].append(_document(ledger, obligation, by_obligation[obligation.pk]))
    order = ("四书及点评", "四会及例会", "三报告", "责任书")
    return {"documents": [{"name": name, "rows": groups[name]} for name in order if groups[name]]}


def _group_of(act: ActKind, obligation: Obligation) -> str:
    """四书、四会、三报告 are documents, meetings and reports of the school; the units' letters stand apart."""
    if obligation.subject == Subject.UNIT:
        return "责任书"
    return {ActKind.Category.MEETING: "四会及例会", ActKind.Category.REPORT: "三报告"}.get(act.category, "四书及点评")


def _document(ledger: Ledger, obligation: Obligation, duties: list[Duty]) -> dict:
    chosen = ledger.everything.but(obligation=obligation.pk)
    owed = ledger.take(f"{obligation.title}应完成", chosen, "份")
    done = ledger.take(f"{obligation.title}已完成", chosen.but(states=(Light.DONE,)), "份")
    days = [duty.fulfilled_on for duty in duties if duty.fulfilled_on]
    return {
        "title": obligation.title,
        "bearer": obligation.get_bearer_display(),
        "owed": owed["code"],
        "done": done["code"],
        "last_day": f"{max(days)}" if days else "",
        "next": next((f"{duty.due_on}" for duty in duties if duty.is_open), ""),
        **_light(ledger, duties),
    }


def _units(ledger: Ledger) -> dict:
    """二级单位: one row per unit, grouped by kind, with the titles of what is late."""
    late_titles: dict[int, list[str]] = defaultdict(list)
    for duty in ledger.everything.but(states=(Light.LATE,)).rows(ledger.duties, on=ledger.on):
        late_titles[duty.organisation_id].append(duty.title)
    groups: dict[str, list[dict]] = defaultdict(list)
    for unit in Organisation.objects.units().order_by("rank", "id"):
        chosen = ledger.everything.but(organisation=unit.pk)
        row = ledger.standing(unit.name, chosen, "U")
        titles = late_titles[unit.pk]
        light = _light_of_unit(len(titles), ledger.figures[row["owed"]]["value"])
        groups[unit.get_kind_display()].append(
            {"name": unit.name, "branches": unit.children.count(), "titles": titles, **row, **light}
        )
    return {"units": [{"name": name, "rows": rows} for name, rows in groups.items()]}


def _light_of_unit(late: int, owed: int) -> dict:
    """正常 only where something was owed: a unit without duties is a gap in coverage, not a good one."""
    if late:
        return {"light": "late", "words": f"逾期 {late} 项"}
    return {"light": "ok", "words": "正常"} if owed else {"light": "rest", "words": "未覆盖"}


ASSIGNED = "交办"  # what no obligation asks: a project's milestones, a meeting's resolutions


def _leaders(ledger: Ledger) -> dict:
    """校领导履责明细: done of owed per leader and obligation, with the total."""
    duties = (
        ledger.duties.of_year(ledger.year)
        .owed()
        .filter(owner__role__in=(Role.SECRETARY, Role.MEMBER), bearer_post__isnull=False)
        .select_related("owner__organisation", "obligation")
        .prefetch_related(Prefetch("owner__tenures"))
        .order_by("owner__rank", "owner_id", "obligation__rank")
    )
    leaders: dict[str, dict] = {}
    columns: dict[int, str] = {}
    for duty in duties:
        if duty.owner.role == Role.MEMBER:
            columns.setdefault(duty.obligation_id, duty.obligation.short_title if duty.obligation else ASSIGNED)
        row = leaders.setdefault(duty.owner_id, {"title": duty.owner.full_title, "cells": defaultdict(lambda: [0, 0])})
        cell = row["cells"][duty.obligation_id]
        cell[0] += duty.is_fulfilled
        cell[1] += 1
    if None in columns:  # last, whatever order a database gives to what has no rank
        columns[None] = columns.pop(None)
    rows = []
    for pk, row in leaders.items():
        total = ledger.standing(row["title"], ledger.everything.but(owner=pk), "L")
        cells = [
            f"{row['cells'][column][0]}/{row['cells'][column][1]}" if column in row["cells"] else "—"
            for column in columns
        ]
        rows.append({"title": row["title"], "cells": cells, **total})
    return {"leaders": {"columns": list(columns.values()), "rows": rows}}


def _months(ledger: Ledger) -> dict:
    """进度: due and done by the end of each month of the working year."""
    duties = list(ledger.duties.of_year(ledger.year).owed().values_list("due_on", "fulfilled_on"))
    months = []
    for month in range(1, 13):
        end = date(ledger.year + month // 12, month % 12 + 1, 1)
        past = date(ledger.year, month, 1) <= ledger.on
        months.append(
            {
                "month": month,
                "due": sum(due < end for due, _ in duties),
                "done": sum(done is not None and done < end for _, done in duties) if past else None,
            }
        )
    late_entries = Evidence.objects.filter(duty__work_year=ledger.year).values("record")
    late = Record.objects.accepted().filter(pk__in=late_entries).entered_late().values_list("pk", flat=True)
    figure = ledger.keep("补录的履责记录", list(late), "条", "record", f"/records/?view=late&year={ledger.year}")
    return {"months": months, "late_entry": figure["code"]}
