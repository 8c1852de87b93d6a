"""Ledgers for tests: as the reader sees them (no Excel needed), as real files, and the sample with a part rewritten."""

import io
import re
import zipfile

import openpyxl

from inspections.reading.ledger import Book, read_ledger
from tests.inspections.rounds import SAMPLE

HEADS = ["序号", "问题类别", "具体问题", "具体表现", "整改措施", "措施类型", "牵头单位", "配合单位", "责任人", "整改时限", "完成情况"]  # fmt: skip
ONE = [1, "财务管理方面", "报销审核不严", "抽查发现三笔", "修订办法", "建章立制", "财务处", "审计处", "处长", "2026年6月底前", "已完成"]  # fmt: skip
TWO = [2, "财务管理方面", "招标不规范", "两项未公开", "公开招标信息", "专项整治", "招投标办公室", "", "主任", "立行立改", "未完成"]  # fmt: skip
SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def below(measure: str = "开展培训", **fields) -> list:
    """A further measure of the problem above, in a sheet without merged cells."""
    row = ["", "", "", "", measure, "", "财务处", "", "", "2026.9.30", ""]
    for name, value in fields.items():
        row[HEADS.index(name)] = value
    return row


def one(**fields) -> list:
    row = list(ONE)
    for name, value in fields.items():
        row[HEADS.index(name)] = value
    return row


def sheet(rows: list[list], merges=(), *, name: str = "台账", hidden: bool = False, start: int = 1) -> dict:
    """What ``cells.read_sheets`` tells of a sheet."""
    told = []
    for number, row in enumerate(rows, start):
        cells = [cell if isinstance(cell, dict) else ("" if cell is None else str(cell)) for cell in row]
        while cells and cells[-1] == "":
            cells.pop()
        if cells:
            told.append([number, cells])
    return {"name": name, "hidden": hidden, "rows": told, "merges": [_range(one) for one in merges], "hidden_rows": 0}


def _range(words: str) -> list[int]:
    left, top, right, bottom = re.fullmatch(r"([A-Z])(\d+):([A-Z])(\d+)", words).groups()
    return [int(top), ord(left) - 64, int(bottom), ord(right) - 64]


def seen(*rows, merges=(), **more) -> Book:
    return read_ledger({"sheets": [sheet(list(rows), merges, **more)]})


def sheets(*told) -> Book:
    return read_ledger({"sheets": list(told)})


def workbook(*rows, sheets=(), merges=()) -> bytes:
    """A real file."""
    book = openpyxl.Workbook()
    for name, lines in [("台账", rows), *sheets]:
        page = book.active if name == "台账" else book.create_sheet(name)
        page.title = name
        for line in lines:
            page.append(list(line))
    for merged in merges:
        book.worksheets[0].merge_cells(merged)
    return saved(book)


def saved(book) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def rewritten(edits: dict, content: bytes | None = None, more=()) -> bytes:
    """The sample, or ``content``, with parts of its archive edited, left out (None) or added."""
    stream = io.BytesIO()
    source = io.BytesIO(content) if content else SAMPLE
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            edit = edits.get(part.filename, lambda text: text)
            if edit is not None:
                new.writestr(part.filename, edit(old.read(part)))
        for name, text in more:
            new.writestr(name, text)
    return stream.getvalue()


def raw(body: str, *, strings: str = "", styles: str = "", workbook_extra: str = "", namespace: str = MAIN) -> bytes:
    """A file whose only sheet is this XML: what no library would write."""
    content = workbook(["x"])
    page = f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{namespace}">{body}</worksheet>'
    edits = {SHEET: lambda _: page.encode()}
    if styles:
        edits["xl/styles.xml"] = lambda _: styles.encode()
    more = [("xl/sharedStrings.xml", f'<sst xmlns="{namespace}">{strings}</sst>')] if strings else []
    if strings:
        edits["xl/sharedStrings.xml"] = None
    if workbook_extra:
        edits["xl/workbook.xml"] = lambda text: text.replace(b"<sheets>", workbook_extra.encode() + b"<sheets>")
    return rewritten(edits, content, more)


def inline(rows: list[list], first: int = 1) -> str:
    """sheetData with inline texts, as WPS and exporters write them; a tuple is a cell's own XML."""
    lines = []
    for number, row in enumerate(rows, first):
        cells = [cell[0] if isinstance(cell, tuple) else f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row]
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    return f"<sheetData>{''.join(lines)}</sheetData>"


def multiplied(rows: int) -> bytes:
    """The sample's rows over and over, each round of them other problems, up to so many measures."""
    from openpyxl.worksheet.cell_range import CellRange

    sample = openpyxl.load_workbook(SAMPLE).active
    lines = [[cell.value for cell in line] for line in sample.iter_rows(min_row=5, max_row=119)]
    book = openpyxl.Workbook()
    page = book.active
    for line in sample.iter_rows(min_row=1, max_row=4):
        page.append([cell.value for cell in line])
    tops = []
    for place in range(rows):
        line = list(lines[place % len(lines)])
        if line[0] is not None:
            tops.append(place + 5)
            line[0], line[3] = len(tops), f"{line[3]}（{place}）"
        page.append(line)
    spans = [(top, bottom - 1) for top, bottom in zip(tops, [*tops[1:], rows + 5], strict=True) if bottom - top > 1]
    ranges = [f"{column}{top}:{column}{bottom}" for top, bottom in spans for column in "ABCDEFGH"]
    ranges += [str(one) for one in sample.merged_cells.ranges if one.max_row < 5]
    page.merged_cells.ranges.update(CellRange(one) for one in ranges)  # merge_cells compares each with every other
    return saved(book)
