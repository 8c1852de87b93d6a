"""通报的数字与逐条情况: the ledger of a round as it stood on a day; every figure keeps the ids of its rows (三（四）1)."""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from functools import partial

from django.db import models
from django.utils import timezone

from accountability.models import Organisation, Person, Post
from inspections.models import Finding, KindResult, Measure, Round, Withholding
from inspections.models.findings import KINDS

S, C = Finding.State, Measure.Completion
UNITS = {"finding": "个", "measure": "条", "organisation": "个"}
HAN_NAME = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff·]{2,6}")
TITLES = (
    "长",
    "书记",
    "主任",
    "员",
    "秘书",
    "助理",
    "干事",
    "负责人",
    "办",
    "处",
    "部",
    "院",
    "室",
    "组",
    "会",
    "科",
    "馆",
)


class RoundLedger:
    """本轮台账 on a day: its problems in their newest turn, with measures and results; today read live, before from history."""

    def __init__(self, row: Round, on: date):
        self.round, self.on = row, on
        found = self._rows(Finding, round_id=row.pk)
        replaced = {finding.predecessor_id for finding in found}
        self.findings = sorted((one for one in found if one.pk not in replaced), key=lambda one: one.serial)
        for finding in self.findings:
            finding.round = row
        self.measures = sorted(
            self._rows(Measure, finding_id__in=[one.pk for one in self.findings]), key=lambda one: one.rank
        )
        self._results = self._rows(KindResult, measure_id__in=[one.pk for one in self.measures])
        self.units = Organisation.objects.in_bulk({one.organisation_id for one in self.findings})

    def _rows(self, model: type[models.Model], **conditions) -> list:
        if self.on >= timezone.localdate():
            return list(model.objects.filter(**conditions))
        end = timezone.make_aware(datetime.combine(self.on + timedelta(days=1), time.min))
        return list(model.history.as_of(end - timedelta(microseconds=1)).filter(**conditions))

    def measures_of(self, finding: Finding) -> list[Measure]:
        return [measure for measure in self.measures if measure.finding_id == finding.pk]

    def results_of(self, measure: Measure) -> list[KindResult]:
        return sorted((one for one in self._results if one.measure_id == measure.pk), key=lambda one: one.pk)

    def is_late(self, finding: Finding) -> bool:
        return finding.state not in (S.CLOSED, S.LONG_TERM) and bool(finding.due_on) and finding.due_on < self.on


def _in(*states: str) -> Callable:
    return lambda ledger, finding: finding.state in states


OF_FINDINGS: dict[str, Callable[[RoundLedger, Finding], bool]] = {
    "问题数": lambda ledger, finding: True,
    "重点问题数": lambda ledger, finding: finding.is_focus,
    "方案已审定数": lambda ledger, finding: finding.state not in (S.DRAFTING, S.PROPOSED),
    "已销号数": _in(S.CLOSED),
    "按期销号数": lambda ledger, finding: finding.closed_in_time is True,
    "长期坚持数": _in(S.LONG_TERM),
    "整改中数": lambda ledger, finding: finding.state not in (S.CLOSED, S.LONG_TERM),
    "逾期数": lambda ledger, finding: ledger.is_late(finding),
}


def _is_done_of_kind(kind: str, measure: Measure) -> bool:
    return measure.completion == C.DONE and kind in measure.kind_list


OF_MEASURES: dict[str, Callable[[Measure], bool]] = {
    "措施数": lambda measure: True,
    "已完成措施数": lambda measure: measure.completion == C.DONE,
    "基本完成措施数": lambda measure: measure.completion == C.MOSTLY,
    "未完成措施数": lambda measure: measure.completion == C.UNDONE,
    **{f"已完成{kind}数": partial(_is_done_of_kind, kind) for kind in KINDS},
}


def figures_of(ledger: RoundLedger, withheld: list[list]) -> dict[str, dict]:
    """数字 by its label; the label in 【】 stands for it in what the office writes."""
    figures: dict[str, dict] = {}
    units = list(dict.fromkeys(finding.organisation_id for finding in ledger.findings))
    _keep(figures, "责任单位数", "organisation", units)
    for label, holds in OF_FINDINGS.items():
        _keep(figures, label, "finding", [one.pk for one in ledger.findings if holds(ledger, one)])
    for label, holds in OF_MEASURES.items():
        _keep(figures, label, "measure", [one.pk for one in ledger.measures if holds(one)])
    for part in Withholding.Part:
        _keep(figures, f"未公开{part.label}数", "finding", _of(withheld, 1, part), series="W")
    for category in Withholding.Category:
        _keep(figures, f"未公开：{category.label}", "finding", _of(withheld, 2, category), series="W", unit="项")
    return figures


def _of(withheld: list[list], place: int, value: str) -> list[int]:
    return [line[0] for line in withheld if line[place] == value]


def _keep(figures: dict, label: str, model: str, ids: list[int], *, series: str = "F", unit: str = "") -> None:
    number = sum(figure["code"].startswith(series) for figure in figures.values()) + 1
    figures[label] = {
        "code": f"{series}{number:02d}",
        "label": label,
        "value": len(ids),
        "unit": unit or UNITS[model],
        "model": model,
        "ids": ids,
    }


def withheld_of(row: Round, scope: str, findings: Iterable[int]) -> list[list]:
    """未公开的内容 as it is decided now: [finding, part, category], each part once."""
    rows = (
        Withholding.objects.holding_for(scope).filter(finding__in=list(findings)).order_by("finding", "part", "scope")
    )
    kept: dict[tuple[int, str], str] = {}
    for one in rows:
        kept.setdefault((one.finding_id, one.part), one.category)
    return [[finding, part, category] for (finding, part), category in kept.items()]


def items_of(ledger: RoundLedger, withheld: list[list], *, with_symptoms: bool) -> list[dict]:
    """逐条: what is withheld is not in it at all."""
    hidden = {(finding, part) for finding, part, _ in withheld}
    items = []
    for finding in ledger.findings:
        hides_problem = (finding.pk, Withholding.Part.PROBLEM) in hidden
        hides_rectification = (finding.pk, Withholding.Part.RECTIFICATION) in hidden
        if hides_problem and hides_rectification:
            continue
        items.append(
            {
                "finding": finding.pk,
                "category": "" if hides_problem else finding.category,
                "problem": None if hides_problem else finding.text,
                "symptoms": "" if hides_problem or not with_symptoms else finding.symptoms,
                "rectification": None if hides_rectification else _rectification(ledger, finding),
                "status": _status(ledger, finding),
                "is_long_term": finding.state == S.LONG_TERM,
                "review_on": f"{finding.review_on or ''}",
            }
        )
    return items


def _rectification(ledger: RoundLedger, finding: Finding) -> list[str]:
    """整改情况, joined from the progress and the results of its measures; who answers for them is not in it."""
    told = []
    for measure in ledger.measures_of(finding):
        words = measure.text.strip().rstrip("。；")
        progress = measure.progress.strip()
        going_on = "已完成" if measure.completion == C.DONE else "正在推进"
        words += f"。{progress}" if progress else f"，{going_on}。"
        words += "".join(
            f"{'' if words.endswith('。') else '。'}{one.kind}：{one.text}" for one in ledger.results_of(measure)
        )
        told.append(words if words.endswith(("。", "！", "；")) else f"{words}。")
    return told


def _status(ledger: RoundLedger, finding: Finding) -> str:
    if finding.state == S.CLOSED:
        return f"已销号（{day_words(finding.closed_on)}）"
    if finding.state == S.LONG_TERM:
        return "转长期坚持"
    limit = f"，整改期限{day_words(finding.due_on)}" if finding.due_on else ""
    return f"正在整改{limit}{'，已逾期' if ledger.is_late(finding) else ''}"


def day_words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def names_in(ledger: RoundLedger) -> list[str]:
    """姓名 of those who answer for or lead a measure: as the ledger writes them, and as they hold the posts."""
    words = {
        word
        for one in ledger.measures
        for word in re.split(r"[、，,；;\s/]+", f"{one.owner_words}、{one.leader_words}")
    }
    posts = {pk for one in ledger.measures for pk in (one.owner_id, one.leader_id) if pk}
    holders = Person.objects.filter(tenures__post__in=posts).values_list("name", flat=True)
    known = set(Person.objects.filter(name__in=words).values_list("name", flat=True))
    offices = set(Organisation.objects.filter(name__in=words).values_list("name", flat=True))
    offices |= set(Post.objects.filter(title__in=words).values_list("title", flat=True))
    typed = {
        word for word in words - offices if HAN_NAME.fullmatch(word) and len(word) < 5 and not word.endswith(TITLES)
    }
    return sorted({name for name in (*holders, *known, *typed) if len(name) > 1})


def masked(text: str, names: list[str]) -> str:
    """隐去姓名: 沈若愚 becomes 沈某某."""
    if not names:
        return text
    found = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.sub(found, lambda match: match.group()[0] + "某" * min(len(match.group()) - 1, 2), text)
