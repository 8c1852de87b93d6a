"""Excel 读入: every sheet of a workbook as rows of plain cells. Runs in a child process only; imports no Django."""

from datetime import date, datetime

import openpyxl

ROWS_AT_MOST, COLUMNS_AT_MOST = 20_000, 60
TEXT_AT_MOST = 32_767  # what a cell of Excel can hold


def read_sheets(file) -> dict:
    """``refusal`` in words, or ``sheets``: name → list of [row number, cells]; a cell is text, or {"day": …}."""
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=False)
    except Exception:  # openpyxl raises whatever the parts of a broken file raise
        return {
            "refusal": "这个文件不是能打开的 .xlsx 工作簿，可能设有密码、已损坏或是旧版 .xls。请在 Excel 或 WPS 中另存为 .xlsx 后上传。"
        }
    sheets = {}
    for sheet in book.worksheets:
        rows = []
        for number, cells in enumerate(sheet.iter_rows(max_col=COLUMNS_AT_MOST), 1):
            if number > ROWS_AT_MOST:
                return {"refusal": f"「{sheet.title}」超过 {ROWS_AT_MOST} 行，请拆成几个文件。"}
            values = [_value(cell) for cell in cells]
            while values and values[-1] == "":
                values.pop()
            if values:
                rows.append([number, values])
        sheets[sheet.title] = rows
    return {"refusal": "", "sheets": sheets}


def _value(cell) -> str | dict:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return {"day": (value.date() if isinstance(value, datetime) else value).isoformat()}
    if cell.data_type == "f":
        return {"formula": str(value)[:60]}
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)[:TEXT_AT_MOST]
