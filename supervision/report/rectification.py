"""巡视巡察整改: rounds of the year and their units, from the same indicators as the pages (三（四）1, 三（三）1)."""

from collections.abc import Iterable
from dataclasses import replace

from accountability.models import Organisation
from inspections.false_closures import ItemFilter
from inspections.figures import INDICATORS, RATE_FORMULA, Scope
from inspections.models import Finding, Measure, RecheckItem, Round
from supervision.report.ledger import Chapter, Ledger, column, columns, table
from supervision.report.narrative import count

ROUNDS, UNITS, REBOUNDS, WAFFLE = "巡视巡察轮次", "各单位巡视巡察整改", "反弹重新立账", "整改措施"
MODELS = {Finding: "finding", Measure: "measure"}
SERIES = "R"  # its own letter: rounds and units stand in their own tables
OVERVIEW = (
    "problems", "closed", "closed_in_time", "closed_late", "late", "long_term", "due", "rebound",
    "measures", "measures_done", "measures_mostly", "measures_undone", "measures_kept_up", "measures_unproved",
)  # fmt: skip
IN_A_ROW = ("problems", "closed", "late", "long_term", "measures", "measures_done", "closed_in_time", "due")
HEADS = ("问题", "已销号", "逾期未销号", "长期坚持", "措施", "措施已完成", "按期销号率")
NONE = "本年度没有巡视巡察轮次。"


class Rectification:
    """整改 of the whole school, or of what one unit answers for."""

    def __init__(self, ledger: Ledger, unit: Organisation | None = None):
        self.ledger = ledger
        self.scope = Scope(on=ledger.on, year=ledger.year, organisation=unit.pk if unit else None)
        self.rounds = list(Round.objects.of_year(ledger.year).order_by("starts_on", "pk"))
        self.overview: dict[str, dict] = {}
        self._read: dict[str, list[tuple[int, int, int]]] = {}

    def value(self, name: str) -> int:
        return self.overview[name]["value"] if self.overview else 0

    @property
    def is_empty(self) -> bool:
        """Nothing is told where no round concerns the year, or none of its problems and measures the unit."""
        return not self.rounds or self.scope.organisation and not self.value("problems") + self.value("measures")

    def take_overview(self, label: str = "巡视巡察") -> None:
        if self.rounds:
            self.overview = {name: self.keep(name, self.scope, label, "F") for name in OVERVIEW}
            self.overview["rate"] = self.rate(label, self.overview, "F")

    def keep(self, name: str, scope: Scope, label: str, series: str = SERIES) -> dict:
        """One figure with the ids of its rows; ``scope`` is that of the chapter or narrower by a unit or a round."""
        indicator = INDICATORS[name]
        ids = [
            pk
            for pk, unit, round_pk in self._rows(name)
            if scope.organisation in (self.scope.organisation, unit) and scope.round in (None, round_pk)
        ]
        model = MODELS[indicator.rows(scope).model]
        return self.ledger.keep(f"{label}{indicator.label}", ids, indicator.unit, model, indicator.url(scope), series)

    def _rows(self, name: str) -> list[tuple[int, int, int]]:
        """Of an indicator, once: pk, unit and round of every row."""
        if name not in self._read:
            indicator = INDICATORS[name]
            rows = indicator.rows(self.scope).order_by("pk")
            self._read[name] = list(rows.values_list("pk", indicator.group, indicator.round_path))
        return self._read[name]

    def rate(self, label: str, figures: dict[str, dict], series: str = SERIES) -> dict:
        return self.ledger.rate(f"{label}按期销号率", figures["closed_in_time"], figures["due"], RATE_FORMULA, series)

    def row(self, scope: Scope, label: str) -> dict[str, dict]:
        figures = {name: self.keep(name, scope, label) for name in IN_A_ROW}
        return figures | {"rate": self.rate(label, figures)}

    # ── words ────────────────────────────────────────────────────────────────────────────────

    def say(self, chapter: Chapter) -> None:
        if self.is_empty:
            chapter.say(NONE if not self.rounds else "本年度巡视巡察没有由本单位负责整改的问题和措施。")
            return
        chapter.say(self._problem_words(), self._measure_words(), self._more_words())

    def _problem_words(self) -> str:
        figure, value = self.overview, self.value
        if not value("problems"):
            return "没有负责整改的问题。"
        parts = [f"巡视巡察反馈问题{count(figure['problems'])}"]
        parts.append(f"已销号{count(figure['closed'])}" if value("closed") else "尚无问题销号")
        parts += [f"转入长期坚持{count(figure['long_term'])}"] if value("long_term") else []
        parts.append(f"逾期未销号{count(figure['late'])}" if value("late") else "没有逾期未销号的问题")
        due = f"应销号问题的按期销号率为{count(figure['rate'])}。" if value("due") else ""
        return f"{'，'.join(parts)}。{due}"

    def _measure_words(self) -> str:
        figure, value = self.overview, self.value
        if not value("measures"):
            return "尚未列出整改措施。" if value("problems") else ""
        if value("measures_done") == value("measures"):
            return f"整改措施{count(figure['measures'])}，已完成{count(figure['measures_done'])}。"
        names = {"measures_done": "已完成", "measures_mostly": "基本完成", "measures_undone": "未完成"}
        parts = [f"{label}{count(figure[name])}" for name, label in names.items() if value(name)]
        kept = f"需常态化坚持的措施{count(figure['measures_kept_up'])}。" if value("measures_kept_up") else ""
        return f"整改措施{count(figure['measures'])}，其中{'、'.join(parts)}。{kept}"

    def _more_words(self) -> str:
        if self.value("rebound"):
            return f"销号后反弹、重新立账的问题{count(self.overview['rebound'])}。"
        return "没有销号后反弹、重新立账的问题。" if self.value("closed") else ""

    # ── exhibits ─────────────────────────────────────────────────────────────────────────────

    def show(self, chapter: Chapter) -> None:
        """轮次、单位、反弹、措施, each where there is anything."""
        if self.is_empty:
            return
        if self.value("measures"):
            self.ledger.show(WAFFLE, self._waffle(), chapter)
        if self.scope.organisation is None:
            self.ledger.show(ROUNDS, self._rounds(), chapter)
            self.ledger.show(UNITS, self._units(), chapter)
        if self.value("rebound"):
            self.ledger.show(REBOUNDS, self._rebounds(), chapter)

    def _waffle(self) -> dict:
        parts = {"measures_done": ("已完成", "done"), "measures_mostly": ("基本完成", "partly"), "measures_undone": ("未完成", "open")}  # fmt: skip
        value = self.value
        title = f"{value('measures')}条措施已完成{value('measures_done')}条"
        if value("measures_done") == value("measures"):
            title = f"{value('measures')}条措施均已完成"
        elif value("measures_undone"):
            title += f"，未完成{value('measures_undone')}条"
        return {
            "kind": "waffle",
            "title": title,
            "unit": "条",
            "note": f"一格为一条措施。来源：整改台账〔{self.overview['measures']['code']}〕。",
            "alt": "，".join(f"{label}{value(name)}条" for name, (label, _) in parts.items()) + "。",
            "whole": self.overview["measures"]["code"],
            "parts": [
                {"label": label, "kind": kind, "figure": self.overview[name]["code"]}
                for name, (label, kind) in parts.items()
            ],
        }

    def _rounds(self) -> dict:
        rows = []
        for one in self.rounds:
            figures = self.row(replace(self.scope, round=one.pk, year=None), f"{one.number} ")
            rows.append([one.name, one.get_stage_display(), f"{one.rectify_by or '—'}", *_cells(figures)])
        heads = [
            column("轮次", "left"),
            column("阶段", "left"),
            column("集中整改期限", "left"),
            *columns("", *HEADS)[1:],
        ]
        note = f"按期销号率：{RATE_FORMULA}。"
        return table("本年度巡视巡察轮次", "三（四）1", "个、条", heads, [{"name": "", "rows": rows}], note=note)

    def _units(self) -> dict:
        """Who answers for a problem of these rounds or leads a measure of one."""
        pks = set(INDICATORS["problems"].by(self.scope, "unit")) | set(INDICATORS["measures"].by(self.scope, "unit"))
        units = Organisation.objects.filter(pk__in=pks).select_related("parent").order_by("rank", "pk")
        rows = []
        for unit in units:
            figures = self.row(replace(self.scope, organisation=unit.pk), f"{unit.full_name}整改")
            late = figures["late"]["value"]
            light = {"light": "late", "words": f"逾期 {late} 个"} if late else {"light": "ok", "words": "无逾期"}
            rows.append([unit.full_name, *_cells(figures), light])
        heads = [*columns("单位", *HEADS), column("状态", "left")]
        return table("各单位巡视巡察整改情况", "三（四）1", "个、条", heads, [{"name": "", "rows": rows}])

    def _rebounds(self) -> dict:
        """反弹重新立账: the new number beside the old one."""
        found = INDICATORS["rebound"].rows(self.scope).select_related("round", "predecessor__round", "organisation")
        rows = [
            [row.number, row.predecessor.number, row.organisation.name, row.text, row.get_state_display()]
            for row in found.order_by("round", "serial", "turn")
        ]
        heads = [column(title, "left") for title in ("编号", "原编号", "单位", "问题", "状态")]
        return table("销号后反弹、重新立账的问题", "三（四）1", "个", heads, [{"name": "", "rows": rows}])


def _cells(figures: dict[str, dict]) -> list[dict]:
    shown = ("problems", "closed", "late", "long_term", "measures", "measures_done", "rate")
    return [{"figure": figures[name]["code"]} for name in shown]


def rechecks(ledger: Ledger, chapter: Chapter) -> None:
    """销号抽查 of the year: how many closings were looked at, how many were false."""
    checked = ItemFilter(year=ledger.year)
    kept = [
        _keep_items(ledger, label, chosen)
        for label, chosen in (
            ("销号抽查已核查", checked),
            ("虚假销号", checked.but(result=RecheckItem.Result.FALSE)),
        )
    ]
    if not kept[0]["value"]:
        return
    found = "未发现虚假销号"
    if kept[1]["value"]:
        rate = ledger.rate("虚假销号率", kept[1], kept[0], "虚假销号 ÷ 销号抽查已核查")
        found = f"其中虚假销号{count(kept[1])}，占{count(rate)}"
    chapter.say(f"抽查已销号问题{count(kept[0])}，{found}。")


def _keep_items(ledger: Ledger, label: str, chosen: ItemFilter) -> dict:
    ids: Iterable[int] = chosen.rows(RecheckItem.objects.all()).order_by("pk").values_list("pk", flat=True)
    return ledger.keep(f"巡视巡察{label}", ids, "个", "recheck_item", chosen.url)


def rectification(ledger: Ledger, chapter: Chapter, unit: Organisation | None = None) -> Rectification:
    told = Rectification(ledger, unit)
    told.take_overview(unit.full_name if unit else "巡视巡察")
    told.say(chapter)
    if unit is None and told.rounds:
        rechecks(ledger, chapter)
    told.show(chapter)
    return told
