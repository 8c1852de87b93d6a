"""看板的表格和纸面: what is on the screen as tables and as a PDF; no figure is counted here (三（二）1)."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string

from accountability.sheets import Table

if TYPE_CHECKING:
    from accountability.papers.printing import Paper


def tables_of(told: dict) -> list[Table]:
    """In the order of the page."""
    return [_subjects(told), _questions(told), _gaps(told), _work(told), _trend(told), _matrix(told)]


def _subjects(told: dict) -> Table:
    bands = [*told["subjects"], told["extension"]]
    heads = (("责任主体", 18), ("责任事项", 10), ("已完成", 10), ("逾期", 10), ("将到期", 10))
    rows = [
        (band.label, band.lights.total, band.lights.done, band.lights.late, band.lights.counts["soon"])
        + tuple(step.words for step in band.steps)
        for band in bands
    ]
    return Table("责任主体", (*heads, *((step.name, 14) for step in bands[0].steps)), rows)


def _questions(told: dict) -> Table:
    heads = (("四问", 14), ("比率", 12), ("符合", 12), ("基数", 12), ("欠缺", 12), ("变化", 18), ("算法", 70))
    answers = [one["answer"] for one in told["questions"]]
    rows = [
        (one.question.label, one.words, one.well, one.whole, one.lacking, one.change, one.question.formula)
        for one in answers
    ]
    return Table("四问", heads, rows)


def _gaps(told: dict) -> Table:
    heads = (("缺失检查", 44), ("条款", 14), ("数量", 10), ("单位", 8))
    rows = [(gap.label, gap.check.clause, gap.count, gap.figure.unit) for gap in told["gaps"]]
    return Table("缺失检查", heads, rows)


def _work(told: dict) -> Table:
    heads = (("监督工作", 22), ("指标", 30), ("数量", 10), ("单位", 8))
    rows = [
        (group.name, one.figure.short_label, one.count, one.figure.unit) for group in told["work"] for one in group.told
    ]
    return Table("监督工作", heads, rows)


def _trend(told: dict) -> Table:
    heads = (("月份", 10), ("应完成", 14), ("已完成", 14), ("逾期", 14), ("上年同期已完成", 14))
    rows = [(f"{row['month']} 月末", row["due"], row["done"], row["late"], row["before"]) for row in told["months"]]
    return Table("进度趋势", heads, rows)


def _matrix(told: dict) -> Table:
    matrix = told["matrix"]
    heads = (("单位", 22), ("逾期项", 10), *((column.short_title, 14) for column in matrix["columns"]))
    rows = [
        (line["unit"].name, line["late"], *(cell.words if cell else "不适用" for cell in line["cells"]))
        for group in matrix["groups"]
        for line in group["lines"]
    ]
    return Table("单位与责任", heads, rows, fixed_columns=1)


def paper_of(told: dict) -> "Paper":
    """A3 across, so that the table of all units stays whole."""
    from accountability.papers.characters import missing_from
    from accountability.papers.printing import installed_fonts, lay_out, put_on_paper  # no web process starts with it

    context = told | {"fonts": installed_fonts(), "university": settings.UNIVERSITY_NAME}
    page = render_to_string("papers/dashboard.html", context)
    return put_on_paper(lay_out(page), missing_from(page))
