"""报告页: the text with its numbers as links, the exhibits drawn, every figure with its rows as they were (四（三）)."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import mark_safe

from accountability.papers.blocks import Exhibit, Heading, Table, parse
from accountability.papers.references import REFERENCE, without_references
from supervision.models import FigureSet, Report
from supervision.report.exhibits import svg

SERIES = {
    "F": "总体和各章", "Y": "上年同期", "U": "二级单位", "L": "班子成员", "R": "巡视巡察整改",
}  # fmt: skip


@dataclass(frozen=True)
class Piece:
    """Words, or a number with the address of its rows."""

    text: str
    code: str = ""
    url: str = ""


class Shown:
    """One report with one set of figures, as the page shows it."""

    def __init__(self, report: Report, figure_set: FigureSet):
        self.report, self.figure_set = report, figure_set
        self.taken, self.figures = figure_set.figures, figure_set.figures["figures"]

    def url(self, code: str) -> str:
        address = reverse("report_figure", args=[self.report.pk, code])
        return f"{address}?set={self.figure_set.number}"

    def pieces(self, text: str) -> list[Piece]:
        found, at = [], 0
        for reference in REFERENCE.finditer(text):
            number, code = reference.groups()
            found.append(Piece(text[at : reference.start()]))
            found.append(Piece(number, code, self.url(code) if code in self.figures else ""))
            at = reference.end()
        return [piece for piece in [*found, Piece(text[at:])] if piece.text]

    def blocks(self, text: str) -> list[dict]:
        return [self._shown(block) for block in parse(text)]

    def _shown(self, block) -> dict:
        if isinstance(block, Heading):
            return {"kind": "heading", "level": block.level, "text": block.text}
        if isinstance(block, Table):
            return {"kind": "table", "caption": block.caption, "header": block.header, "rows": block.rows}
        if isinstance(block, Exhibit):
            return self.exhibit(block.name)
        return {"kind": "paragraph", "pieces": self.pieces(block.text)}

    def exhibit(self, name: str) -> dict:
        exhibit = self.taken["exhibits"].get(name)
        if exhibit is None:
            return {"kind": "paragraph", "pieces": [Piece(f"〔没有名为“{name}”的图表〕")]}
        if exhibit["kind"] != "table":
            # Our own drawing, of figures and names that it escapes itself.
            drawn = mark_safe(svg(exhibit, self.taken))  # noqa: S308
            return {
                "kind": "chart",
                "title": exhibit["title"],
                "note": without_references(exhibit.get("note", "")),
                "svg": drawn,
            }
        aligned = [column["align"] for column in exhibit["columns"]]
        groups = [
            {"name": group["name"], "rows": [self._cells(row, aligned) for row in group["rows"]]}
            for group in exhibit["groups"]
        ]
        _keep_whole([row for group in groups for row in group["rows"]])
        return {
            "kind": "exhibit",
            "title": exhibit["title"],
            "note": without_references(exhibit.get("note", "")),
            "columns": exhibit["columns"],
            "groups": groups,
            "sum": self._cells(exhibit["sum"], aligned) if exhibit.get("sum") else None,
        }

    def _cells(self, row: list, aligned: list[str]) -> list[dict]:
        return [self._cell(cell) | {"align": align} for cell, align in zip(row, aligned, strict=True)]

    def _cell(self, cell) -> dict:
        if isinstance(cell, dict) and "figure" in cell:
            return {"text": str(self.figures[cell["figure"]]["value"]), "url": self.url(cell["figure"])}
        if isinstance(cell, dict):
            return {"light": cell["light"], "text": cell["words"]}
        return {"text": cell}

    def annexes(self) -> list[dict]:
        """附件 with what they hold; what the text shows already is not drawn twice."""
        return [
            {"title": annex["title"], "exhibits": [self.exhibit(name) for name in annex["exhibits"]]}
            for annex in self.taken["annexes"]
        ]

    def series(self) -> list[dict]:
        """数字清单, series by series."""
        found: dict[str, list[dict]] = {}
        for code, figure in self.figures.items():
            found.setdefault(code.partition("-")[0], []).append(figure | {"address": self.url(code)})
        return [{"name": SERIES.get(series, series), "figures": figures} for series, figures in found.items()]


SHORT = 9  # characters: a column of no more stays on one line


def _keep_whole(rows: list[list[dict]]) -> None:
    for column in zip(*rows, strict=True):
        longest = max(len(cell["text"]) for cell in column)
        for cell in column:
            cell["is_short"] = longest <= SHORT


# ── rows as they were ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Rows:
    """The rows behind a figure; ``hidden`` says how many of them the reader is not told of."""

    columns: list[str]
    rows: list[list[str]]
    hidden: int = 0

    @property
    def labelled(self) -> list[list[tuple[str, str]]]:
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]


def rows_of(figure_set: FigureSet, figure: dict) -> Rows:
    """Of a confidential kind the report keeps numbers alone, and shows none to anybody."""
    kept = figure_set.rows.get(figure["model"], {"columns": [], "rows": {}})
    if kept.get("confidential"):
        return Rows([], [], len(figure["ids"]))
    return Rows(kept["columns"], [kept["rows"][str(pk)] for pk in figure["ids"]])
