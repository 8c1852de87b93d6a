"""Excel 读入 in a child process: cells as plain values, and which of them are merged. Imports no Django.

A reader of our own, for four reasons: openpyxl does not tell merged cells when it streams, does not know strict
OOXML, spends ten seconds on a million styled and empty rows, and takes twice the time on an honest ledger.
"""

import math
import os
import re
from datetime import date, timedelta
from typing import IO
from zipfile import ZipFile

from accountability.contents import ole, zips
from accountability.contents.findings import Unacceptable
from accountability.contents.markup import attributes, local, parse
from inspections.reading.names import CELLS_AT_MOST, COLUMNS_AT_MOST, ELEMENTS_AT_MOST, Refused
from inspections.reading.parts import RESAVE, Formats, Package, plain, shared_texts, workbook_part

ROWS_AT_MOST, SHEETS_AT_MOST = 20_000, 100
MERGES_AT_MOST = 200_000
XML_AT_MOST = 120 * 1024 * 1024
TOO_MANY = "这个工作簿的内容异常繁多，不像整改台账；请把台账复制到新的工作簿再导入。"
EMPTY = re.compile(rb"<(?:\w+:)?c(?:\s[^<>]*)?/>|<(?:\w+:)?row(?:\s[^<>]*)?/>")
EMPTY_ROW = re.compile(rb"<((?:\w+:)?row)(?:\s[^<>]*)?>\s*</\1>")
# Runs of cells as every office writes them: a number, the number of a shared text, or a text. No formula, no run of fonts.
RUN = re.compile(
    rb'(?:<c r="[A-Z]{1,3}[0-9]{1,7}"(?: s="[0-9]{1,5}")?(?: t="[A-Za-z]{1,9}")?>'
    rb"(?:<v>[^<]*</v>|<is><t>[^<]*</t></is>)</c>){2,}"
)
MERGES = re.compile(rb'(?:<mergeCell ref="[A-Z0-9:$]+" ?/>){2,}')
LOOK = re.compile(r'(?: s="([0-9]+)")?(?: t="([A-Za-z]+)")?')
RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})")
EPOCHS = {False: date(1899, 12, 30), True: date(1904, 1, 1)}
REFUSALS = {
    "encrypted": f"这个工作簿设有密码，系统读不了；请取消密码，{RESAVE}",
    "disguised": f"这个文件不是 .xlsx 工作簿（可能是旧版 .xls、文本表格或改了扩展名的其他文件），{RESAVE}",
    "damaged": f"这个工作簿已损坏或不完整，{RESAVE}",
    "macro": "这个工作簿带有宏，可能夹带病毒；请另存为不含宏的 .xlsx 后再导入。",
    "bomb": "这个工作簿解压后异常庞大，不能接收；请把台账复制到新的工作簿再导入。",
    "too_heavy": "这个工作簿解压后异常庞大，不能接收；请把台账复制到新的工作簿再导入。",
    "entities": "这个工作簿里有实体声明，不是 Excel 或 WPS 存出来的文件，不能接收；请把台账复制到新的工作簿再导入。",
}


def read_sheets(file: IO[bytes]) -> dict:
    """``refusal`` in words, or ``sheets``: each with its name, rows [number, cells], merges and what is hidden."""
    try:
        if file.read(8) == ole.MAGIC:
            raise Unacceptable("encrypted" if _is_encrypted(file) else "disguised")
        file.seek(0)
        zips.read(file, "xlsx", marks=False)
        file.seek(0)
        with ZipFile(file) as archive:
            if sum(one.file_size for one in archive.infolist() if _is_xml(one.filename)) > XML_AT_MOST:
                raise Unacceptable("bomb")
            return {"refusal": "", "sheets": _sheets(Package(archive))}
    except Unacceptable as error:
        return {"refusal": REFUSALS.get(str(error), REFUSALS["damaged"]), "sheets": []}
    except Refused as error:
        return {"refusal": str(error), "sheets": []}
    except MemoryError:
        raise
    except Exception:  # whatever the parts of a broken file raise
        return {"refusal": REFUSALS["damaged"], "sheets": []}


def _is_encrypted(file: IO[bytes]) -> bool:
    """A workbook with a password, not one of the old kind; what is broken may be either."""
    try:
        return ole.is_encrypted_package(file)
    except Unacceptable:
        return False


def _is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels"))


def _sheets(package: Package) -> list[dict]:
    book = workbook_part(package)
    relations = package.relations(book)
    parts = dict(relations.values())
    texts = shared_texts(package, parts.get("sharedStrings", "xl/sharedStrings.xml"))
    formats = Formats(package, parts.get("styles", "xl/styles.xml"))
    told = package.elements(book)
    is_1904 = any(tag == "workbookPr" and one.get("date1904") in ("1", "true") for tag, one in told)
    sheets: list[dict] = []
    for tag, one in told:
        kind, part = relations.get(one.get("id", ""), ("", "")) if tag == "sheet" else ("", "")
        if kind != "worksheet":
            continue
        stream = package.open(part)
        if stream is None:
            raise Unacceptable("damaged")
        if len(sheets) == SHEETS_AT_MOST:
            raise Refused(f"工作表超过 {SHEETS_AT_MOST} 张，不像整改台账；请把台账复制到新的工作簿再导入。")
        name = plain(one.get("name", ""))[:60]
        with stream:
            sheet = _Sheet(name, texts, formats, EPOCHS[is_1904])
            sheet.read(stream)
        sheets.append(
            {
                "name": name,
                "hidden": one.get("state", "visible") != "visible",
                "rows": sheet.rows,
                "merges": sheet.merges,
                "hidden_rows": sheet.hidden_rows,
            }
        )
    return sheets


class Sieve:
    """Cells and rows that hold nothing but a format never reach the parser: a million of them cost nothing.

    A run of plain cells reaches it as the text of one element, its cells parted by a sign no file can know: the parser
    still reads every character of it, and calls us three times instead of seven times a cell.
    """

    def __init__(self) -> None:
        self.left, self.is_open = b"", True
        self.sign = f"run-{os.urandom(8).hex()}"
        sign = self.sign.encode()
        self._first, self._last = b"<" + sign + b">", b"</" + sign + b">"
        self.merged = f"{self.sign}-merged"
        between = (b"</v></c><c ", b"</t></is></c><c ", b"><v>", b"><is><t>")
        self._signs = [(tags, sign) for tags in between]

    def _joined_merges(self, found: re.Match) -> bytes:
        refs = b" ".join(found[0].split(b'"')[1::2])
        return b'<%b refs="%b"/>' % (self.merged.encode(), refs)

    def _joined(self, found: re.Match) -> bytes:
        cells = found[0][3:].removesuffix(b"</c>").removesuffix(b"</is>")[:-4]
        for tags, sign in self._signs:
            cells = cells.replace(tags, sign)
        return self._first + cells + self._last

    def __call__(self, chunk: bytes) -> bytes:
        if not chunk or not self.is_open:
            text, self.left = self.left + chunk, b""
            return text
        text = self.left + chunk
        end = text.rfind(b">") + 1
        if b"<!" in chunk or not end:  # a comment or CDATA: from here on every byte is the parser's
            self.is_open, self.left = False, b""
            return text
        text, self.left = text[:end], text[end:]
        if b"/>" in text:
            text = EMPTY.sub(b"", text)
        if b"></" in text:
            text = EMPTY_ROW.sub(b"", text)
        if b"<mergeCell " in text:
            text = MERGES.sub(self._joined_merges, text)
        return RUN.sub(self._joined, text)


def column_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


COLUMNS = {}
for _first in ("", "A", "B", "C"):
    for _second in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        COLUMNS[_first + _second] = column_of(_first + _second)


class _Sheet:
    """One sheet: rows that hold something. Numbers are the file's own: a gap of a million rows costs nothing."""

    def __init__(self, name: str, texts: list[str], formats: Formats, epoch: date) -> None:
        self.name, self.texts, self.formats, self.epoch = name, texts, formats, epoch
        self.rows: list = []
        self.merges: list[list[int]] = []
        self.hidden_rows = 0
        self.tags: dict[str, str] = {}

    def read(self, stream: IO[bytes]) -> None:
        """Handlers of expat, closed over plain variables: they run once for every element of the sheet."""
        tags = self.tags
        number = column = 0
        values: list = []
        kind = style = ""
        pieces: list[str] = []
        formula: list[str] | None = None
        is_hidden = is_taking = is_sound = in_cell = False
        elements = cells = 0
        sieve = Sieve()
        sign, merged = sieve.sign, sieve.merged
        tags |= {sign: sign, merged: merged}
        looks: dict[str, tuple[str, str]] = {}
        seen: dict[tuple[str, str], str | dict] = {}

        def take_run(told: list[str]) -> None:
            """Cells as ``Sieve`` joined them: r="B5" s="3" t="s", then what stands in it."""
            nonlocal column, elements, cells
            elements, cells = elements + len(told), cells + len(told) // 2
            if cells > CELLS_AT_MOST or elements > ELEMENTS_AT_MOST:
                raise Refused(TOO_MANY)
            for head, text in zip(told[::2], told[1::2], strict=True):
                place, _, look = head[3:].partition('"')
                column = COLUMNS.get(place.rstrip("0123456789"), 0) or COLUMNS_AT_MOST + 1
                if column <= COLUMNS_AT_MOST and text:
                    value = seen.get((look, text))
                    if value is None:
                        style, kind = looks.get(look) or looks.setdefault(look, LOOK.fullmatch(look).groups(""))
                        value = seen[look, text] = self._value(kind, style, text, None)
                    if value != "":
                        values.extend([""] * (column - len(values)))
                        values[column - 1] = value

        def start(name: str, told: list[str]) -> None:
            nonlocal number, column, kind, style, formula, is_hidden, is_taking, is_sound, in_cell, elements, cells
            tag = tags.get(name) or tags.setdefault(name, local(name))
            elements += 1
            if tag == "c":
                cells += 1
                if cells > CELLS_AT_MOST or elements > ELEMENTS_AT_MOST:
                    raise Refused(TOO_MANY)
                in_cell, kind, style, formula = True, "", "", None
                column += 1
                for index in range(0, len(told), 2):
                    key = told[index]
                    if key == "r":
                        column = COLUMNS.get(told[index + 1].rstrip("0123456789"), 0) or COLUMNS_AT_MOST + 1
                    elif key == "t":
                        kind = told[index + 1]
                    elif key == "s":
                        style = told[index + 1]
                pieces.clear()
            elif tag == "v" or tag == "t":
                is_taking = in_cell and not is_sound
            elif tag == "f" and in_cell:
                formula, is_taking = [], False
            elif tag == "rPh":
                is_sound = True
            elif tag == sign:
                is_taking = True
                pieces.clear()
            elif tag == "row":
                one = attributes(told)
                given = one.get("r", "")
                number, column = int(given) if given.isdigit() else number + 1, 0
                values.clear()
                is_hidden = one.get("hidden") in ("1", "true")
            elif tag == "mergeCell":
                self._merge(attributes(told).get("ref", ""))
            elif tag == merged:
                refs = told[1].split(" ")
                elements += len(refs)
                for ref in refs:
                    self._merge(ref)
            elif elements > ELEMENTS_AT_MOST:
                raise Refused(TOO_MANY)

        def end(name: str) -> None:
            nonlocal is_taking, is_sound, in_cell, formula
            tag = tags[name]
            if tag == "c":
                in_cell = is_taking = False
                if column <= COLUMNS_AT_MOST and (pieces or formula is not None):
                    value = self._value(kind, style, "".join(pieces), formula)
                    if value != "":
                        while len(values) < column:
                            values.append("")
                        values[column - 1] = value
                formula = None
            elif tag == "v" or tag == "t":
                is_taking = False
            elif tag == "rPh":
                is_sound = False
            elif tag == sign:
                is_taking = False
                take_run("".join(pieces).split(sign))
            elif tag == "row" and values:
                self._keep(number, values[:], is_hidden)

        def text(piece: str) -> None:
            if is_taking:
                pieces.append(piece)
            elif formula is not None and in_cell:
                formula.append(piece)

        parse(stream, start, end, text, sieve)

    def _keep(self, number: int, values: list, is_hidden: bool) -> None:
        self.rows.append([number, values])
        self.hidden_rows += is_hidden
        if len(self.rows) > ROWS_AT_MOST:
            raise Refused(f"「{self.name}」超过 {ROWS_AT_MOST} 行，请拆成几个文件分别导入。")

    def _value(self, kind: str, style: str, text: str, formula: list[str] | None) -> str | dict:
        if formula is not None:
            return {"formula": plain("".join(formula))[:60] or plain(text)[:60]}
        if kind == "s":
            return self.texts[int(text)]
        if kind in ("inlineStr", "str"):
            return plain(text)
        if kind == "b":
            return "是" if text == "1" else "否"
        if kind == "e":
            return {"error": plain(text)[:20]}
        if kind == "d":
            return {"day": text[:10]}
        return self._number(style, text.strip())

    def _number(self, style: str, text: str) -> str | dict:
        try:
            value = float(text)
        except ValueError:
            return plain(text)
        if not math.isfinite(value):
            return plain(text)
        if style in self.formats.days and 1 <= value < 2_958_466:
            day = self.epoch + timedelta(days=int(value))
            if style in self.formats.months and day.day == 1:
                return {"day": day.isoformat(), "month": f"{day.year}-{day.month}"}
            return {"day": day.isoformat()}
        if style in self.formats.percents:
            return f"{value * 100:.15g}%"
        shown = f"{value:.15g}"
        return shown if value.is_integer() or "." not in shown else {"number": shown}

    def _merge(self, told: str) -> None:
        """[first row, first column, last row, last column], of the columns that are read."""
        found = RANGE.fullmatch(told)
        if found is None:
            return
        left, right = sorted((column_of(found[1]), column_of(found[3])))
        top, bottom = sorted((int(found[2]), int(found[4])))
        if left <= COLUMNS_AT_MOST:
            self.merges.append([top, left, bottom, right])
        if len(self.merges) > MERGES_AT_MOST:
            raise Refused("合并单元格过多，不像整改台账；请把台账复制到新的工作簿再导入。")
