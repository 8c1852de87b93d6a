"""读表: cells to values, each complaint with its sheet, row, column, value and remedy; all of them at once."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, timedelta

from accountability.services.roster.sheets import SHEETS, Column, Sheet

DAY = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?$")
EXCEL_EPOCH = date(1899, 12, 30)
SHOWN_AT_MOST = 40


@dataclass(frozen=True)
class Complaint:
    """一处错误: which cell, what stands in it, why it is wrong and what to do."""

    sheet: str
    row: int
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        value = f"：“{self.value}”" if self.value else "："
        return f"{self.sheet} 第 {self.row} 行「{self.column}」{value}{self.reason}"


@dataclass
class Line:
    """一行 of a sheet, by column name."""

    sheet: Sheet
    number: int
    values: dict[str, str | date | None] = field(default_factory=dict)
    is_broken: bool = False

    def __getitem__(self, name: str):
        return self.values.get(name)


@dataclass
class Book:
    """读入的花名册: lines per sheet, and what is wrong."""

    lines: dict[str, list[Line]] = field(default_factory=dict)
    complaints: list[Complaint] = field(default_factory=list)

    def complain(self, line: Line, column: str, reason: str) -> None:
        value = line.values.get(column)
        line.is_broken = True
        self.complaints.append(
            Complaint(line.sheet.name, line.number, column, "" if value is None else str(value)[:SHOWN_AT_MOST], reason)
        )

    def of(self, sheet: Sheet) -> list[Line]:
        return self.lines.get(sheet.name, [])


def tidy(text: str) -> str:
    """Full-width digits and letters to plain ones, spaces single: what people type for the same thing."""
    return " ".join(unicodedata.normalize("NFKC", text).replace("\u3000", " ").split())


def read(raw: dict[str, list], sheets: tuple[Sheet, ...] = SHEETS, what: str = "花名册") -> Book:
    """``raw`` as the child process gave it: sheet → [[row number, cells], …]."""
    book = Book()
    named = {tidy(name): rows for name, rows in raw.items()}
    for sheet in sheets:
        book.lines[sheet.name] = _read_sheet(book, sheet, named.get(sheet.name, []))
    if not any(tidy(name) in {sheet.name for sheet in sheets} for name in raw):
        names = "、".join(sheet.name for sheet in sheets)
        book.complaints.append(
            Complaint("工作簿", 1, "工作表", "", f"没有找到名为{names}的工作表。请用导出的{what}修改。")
        )
    return book


def _read_sheet(book: Book, sheet: Sheet, rows: list) -> list[Line]:
    if not rows:
        return []
    (head_row, heads), body = rows[0], rows[1:]
    where = {tidy(str(head)): position for position, head in enumerate(heads) if isinstance(head, str) and head}
    missing = [column.name for column in sheet.columns if column.required and column.name not in where]
    for name in missing:
        book.complaints.append(Complaint(sheet.name, head_row, name, "", "表头缺少这一列，请用导出的表格修改。"))
    if missing:
        return []
    lines = []
    for number, cells in body:
        line = Line(sheet, number)
        for column in sheet.columns:
            position = where.get(column.name)
            cell = cells[position] if position is not None and position < len(cells) else ""
            _read_cell(book, line, column, cell)
        if any(value not in ("", None) for value in line.values.values()) or line.is_broken:
            lines.append(line)
    return lines


def _read_cell(book: Book, line: Line, column: Column, cell: str | dict) -> None:
    if isinstance(cell, dict) and "formula" in cell:
        line.values[column.name] = cell["formula"]
        book.complain(line, column.name, "这里是公式，请改成值。")
        return
    text = cell["day"] if isinstance(cell, dict) else cell.strip() if column.is_text else tidy(cell)
    line.values[column.name] = text
    if not text:
        line.values[column.name] = None if column.is_day else ""
        if column.required:
            book.complain(line, column.name, f"没有填写{column.name}。")
    elif column.is_day:
        _read_day(book, line, column, text)
    elif column.choices and text not in column.choices:
        book.complain(line, column.name, f"不在列表中，请填 {'、'.join(column.choices)}。")


def _read_day(book: Book, line: Line, column: Column, text: str) -> None:
    day = _day(text)
    if day is None:
        book.complain(line, column.name, "不是日期，请写成 2026-07-01。")
    elif not 2000 <= day.year <= 2100:
        book.complain(line, column.name, "年份不在 2000 至 2100 之间，请检查。")
    else:
        line.values[column.name] = day


def _day(text: str) -> date | None:
    if found := DAY.match(text):
        try:
            return date(*(int(part) for part in found.groups()))
        except ValueError:
            return None
    if text.isascii() and text.isdigit() and len(text) == 5 and 36_526 <= int(text) <= 73_415:  # Excel's own number
        return EXCEL_EPOCH + timedelta(days=int(text))
    return None
