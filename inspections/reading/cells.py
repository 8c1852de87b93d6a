"""Excel 读入 in a child process: cells as plain values, and which of them are merged. Imports no Django.

openpyxl streams the cells; it does not tell merged cells then, so these are read from the bytes of each sheet.
"""

import re
from datetime import date, datetime
from typing import IO
from zipfile import ZipFile

import openpyxl
from openpyxl.utils import range_boundaries

from accountability.contents import ole, zips
from accountability.contents.findings import Unacceptable

ROWS_AT_MOST, COLUMNS_AT_MOST = 20_000, 60
TEXT_AT_MOST = 32_767  # what a cell of Excel can hold
MERGES_AT_MOST = 400_000
CHUNK = 256 * 1024
MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
DECLARES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
RESAVE = "请在 Excel 或 WPS 中打开，另存为 .xlsx 后再导入。"
REFUSALS = {
    "encrypted": f"这个工作簿设有密码，或是旧版 .xls，系统读不了；请取消密码，{RESAVE}",
    "disguised": f"这个文件不是 .xlsx 工作簿（可能是旧版 .xls 或改了扩展名的其他文件），{RESAVE}",
    "damaged": f"这个工作簿已损坏或不完整，{RESAVE}",
    "macro": "这个工作簿带有宏，可能夹带病毒；请另存为不含宏的 .xlsx 后再导入。",
    "bomb": "这个工作簿解压后异常庞大，不能接收；请把台账复制到新的工作簿再导入。",
    "entities": "这个工作簿里有外部实体声明，不是 Excel 或 WPS 存出来的文件，不能接收；请把台账复制到新的工作簿再导入。",
}


class Refused(Exception):
    """Words why a file is not read."""


def read_sheets(file: IO[bytes]) -> dict:
    """``refusal`` in words, or ``sheets``: each with its name, rows [number, cells], merges and whether it is hidden."""
    try:
        if file.read(8) == ole.MAGIC:
            raise Refused(REFUSALS["encrypted"])
        file.seek(0)
        zips.read(file, "xlsx")
        file.seek(0)
        with ZipFile(file) as archive:
            _refuse_declarations(archive)
        file.seek(0)
        return {"refusal": "", "sheets": _sheets(file)}
    except Unacceptable as error:
        return {"refusal": REFUSALS.get(str(error), REFUSALS["damaged"]), "sheets": []}
    except Refused as error:
        return {"refusal": str(error), "sheets": []}
    except Exception:  # openpyxl raises whatever the parts of a broken file raise
        return {"refusal": REFUSALS["damaged"], "sheets": []}


def _refuse_declarations(archive: ZipFile) -> None:
    for name in archive.namelist():
        if name.lower().endswith((".xml", ".rels")):
            with archive.open(name) as stream:
                if DECLARES.search(stream.read(4096)):
                    raise Refused(REFUSALS["entities"])


def _sheets(file: IO[bytes]) -> list[dict]:
    book = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
    sheets = []
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what a file says of its own size is not to be trusted
        sheets.append(
            {
                "name": sheet.title,
                "hidden": sheet.sheet_state != "visible",
                "rows": _rows(sheet),
                "merges": _merges(file, sheet._worksheet_path),
            }
        )
    return sheets


def _rows(sheet) -> list:
    """Rows that hold something. Numbers are the file's own: a gap of a million rows costs nothing."""
    rows = []
    with sheet._get_source() as source:
        from openpyxl.worksheet._reader import WorkSheetParser

        parser = WorkSheetParser(
            source,
            sheet._shared_strings,
            data_only=False,
            epoch=sheet.parent.epoch,
            date_formats=sheet.parent._date_formats,
        )
        for number, cells in parser.parse():
            values: list = []
            for cell in cells:
                column = cell["column"]
                if column > COLUMNS_AT_MOST or cell["value"] is None:
                    continue
                values += [""] * (column - 1 - len(values))
                values.append(_value(cell))
            while values and values[-1] == "":
                values.pop()
            if values:
                rows.append([number, values])
            if len(rows) > ROWS_AT_MOST:
                raise Refused(f"「{sheet.title}」超过 {ROWS_AT_MOST} 行，请拆成几个文件分别导入。")
    return rows


def _value(cell: dict) -> str | dict:
    value = cell["value"]
    if isinstance(value, datetime | date):
        return {"day": (value.date() if isinstance(value, datetime) else value).isoformat()}
    if cell.get("data_type") == "f" or hasattr(value, "ref"):  # an ArrayFormula is an object of its own
        return {"formula": str(getattr(value, "text", value))[:60]}
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)[:TEXT_AT_MOST]


def _merges(file: IO[bytes], path: str) -> list[list[int]]:
    """Merged ranges as [first row, first column, last row, last column]."""
    file.seek(0)
    merges: list[list[int]] = []
    with ZipFile(file) as archive, archive.open(path) as stream:
        left = b""
        while chunk := stream.read(CHUNK):
            text = left + chunk
            end = 0
            for found in MERGE.finditer(text):
                first_column, first_row, last_column, last_row = range_boundaries(found[1].decode())
                merges.append([first_row, first_column, last_row, last_column])
                end = found.end()
                if len(merges) > MERGES_AT_MOST:
                    raise Refused("合并单元格过多，不像整改台账；请把台账复制到新的工作簿再导入。")
            left = text[max(end, len(text) - 200) :]
    return merges
