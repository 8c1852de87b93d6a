"""看板的表格和纸面: what is on the screen as a workbook and as a PDF; no figure is counted here (三（二）1)."""

from io import BytesIO
from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

if TYPE_CHECKING:
    from accountability.papers.printing import Paper


def workbook_of(told: dict) -> BytesIO:
    """Sheets in the order of the page; every cell as text, so that none acts as a formula."""
    book = Workbook(write_only=True)
    _sheet(book, "责任主体", (18, 10, 10, 10, 10, 14, 14, 14, 14, 14, 14), _subjects(told))
    _sheet(book, "四问", (14, 12, 12, 12, 12, 18, 70), _questions(told))
    _sheet(book, "缺失检查", (44, 14, 10, 8), _gaps(told))
    _sheet(book, "监督工作", (22, 30, 10, 8), _work(told))
    _sheet(book, "进度趋势", (10, 14, 14, 14, 14), _trend(told))
    _sheet(book, "单位与责任", (22, 10, *[14] * len(told["matrix"]["columns"])), _matrix(told))
    stream = BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


def _sheet(book: Workbook, title: str, widths: tuple[int, ...], rows: list[list]) -> None:
    sheet = book.create_sheet(title)
    for number, width in enumerate(widths):
        sheet.column_dimensions[chr(65 + number) if number < 26 else f"A{chr(39 + number)}"].width = width
    sheet.freeze_panes = "A2"
    for number, row in enumerate(rows):
        sheet.append([_text(sheet, value, is_head=number == 0) for value in row])


def _text(sheet, value, *, is_head: bool) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=f"{'' if value is None else value}")
    cell.data_type = "s"
    if is_head:
        cell.font = Font(bold=True)
    return cell


def _subjects(told: dict) -> list[list]:
    bands = [*told["subjects"], told["extension"]]
    heads = ["责任主体", "责任事项", "已完成", "逾期", "将到期", *(step.name for step in bands[0].steps)]
    rows = [
        [band.label, band.lights.total, band.lights.done, band.lights.late, band.lights.counts["soon"]]
        + [step.words for step in band.steps]
        for band in bands
    ]
    return [heads, *rows]


def _questions(told: dict) -> list[list]:
    answers = [one["answer"] for one in told["questions"]]
    rows = [
        [one.question.label, one.words, one.well, one.whole, one.lacking, one.change, one.question.formula]
        for one in answers
    ]
    return [["四问", "比率", "符合", "基数", "欠缺", "变化", "算法"], *rows]


def _gaps(told: dict) -> list[list]:
    rows = [[gap.label, gap.check.clause, gap.count, gap.figure.unit] for gap in told["gaps"]]
    return [["缺失检查", "条款", "数量", "单位"], *rows]


def _work(told: dict) -> list[list]:
    rows = [
        [group.name, one.figure.short_label, one.count, one.figure.unit] for group in told["work"] for one in group.told
    ]
    return [["监督工作", "指标", "数量", "单位"], *rows]


def _trend(told: dict) -> list[list]:
    rows = [[f"{row['month']} 月末", row["due"], row["done"], row["late"], row["before"]] for row in told["months"]]
    return [["月份", "应完成", "已完成", "逾期", "上年同期已完成"], *rows]


def _matrix(told: dict) -> list[list]:
    matrix = told["matrix"]
    heads = ["单位", "逾期项", *(column.short_title for column in matrix["columns"])]
    rows = [
        [line["unit"].name, line["late"], *(cell.words if cell else "不适用" for cell in line["cells"])]
        for group in matrix["groups"]
        for line in group["lines"]
    ]
    return [heads, *rows]


def paper_of(told: dict) -> "Paper":
    """A3 across, so that the table of all units stays whole."""
    from accountability.papers.characters import missing_from
    from accountability.papers.printing import installed_fonts, lay_out, put_on_paper  # no web process starts with it

    context = told | {"fonts": installed_fonts(), "university": settings.UNIVERSITY_NAME}
    page = render_to_string("papers/dashboard.html", context)
    return put_on_paper(lay_out(page), missing_from(page))
