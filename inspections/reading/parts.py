"""工作簿的部件: what a workbook says of itself: its sheets, its shared texts, which number formats are days.

Only local names count, so that the prefixes of WPS and the namespaces of strict OOXML read alike. No link is followed.
"""

import posixpath
import re
from typing import IO
from zipfile import ZipFile

from accountability.contents.markup import elements_of, local, parse
from inspections.reading.names import Refused

RESAVE = "请在 Excel 或 WPS 中打开，另存为 .xlsx 后再导入。"
TEXTS_AT_MOST = 400_000
TEXT_AT_MOST = 32_767  # what a cell of Excel can hold
STYLES_AT_MOST = 100_000
BUILTIN_DAYS = {*range(14, 23), *range(27, 37), *range(50, 59)}  # the last two: what 中文 Excel calls by number
BUILTIN_MONTHS = {17, 27, 36, 50, 52, 57}  # yyyy年m月: no day is shown
BUILTIN_PERCENTS = {9, 10}
NOT_SHOWN = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def plain(text: str) -> str:
    """_x000D_ and its like as the characters they stand for; none that nobody sees."""
    if "_x" in text:
        text = ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return UNSEEN.sub("", text)[:TEXT_AT_MOST]


class Package:
    """The archive by the names of its parts, whatever their case."""

    def __init__(self, archive: ZipFile) -> None:
        self.archive = archive
        self.names = {name.lower().lstrip("/"): name for name in archive.namelist()}

    def open(self, part: str) -> IO[bytes] | None:
        name = self.names.get(part.lower().lstrip("/"))
        return None if name is None else self.archive.open(name)

    def elements(self, part: str) -> list[tuple[str, dict[str, str]]]:
        """Every element of a small part: its local name and its attributes."""
        stream = self.open(part)
        if stream is None:
            return []
        with stream:
            return elements_of(stream, STYLES_AT_MOST)

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """id → (the last word of its type, the part it names); what lies outside of the file is left out."""
        folder, name = posixpath.split(part)
        found = {}
        for tag, told in self.elements(f"{folder}/_rels/{name}.rels"):
            if tag == "Relationship" and told.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, told.get("Target", "")))
                found[told.get("Id", "")] = (told.get("Type", "").rpartition("/")[2], target.lstrip("/"))
        return found


def workbook_part(package: Package) -> str:
    kinds = dict(package.relations("").values())
    return kinds.get("officeDocument", "xl/workbook.xml")


def shared_texts(package: Package, part: str) -> list[str]:
    """The texts of the cells, runs joined; how a word is pronounced (拼音) is no text."""
    texts: list[str] = []
    pieces: list[str] = []
    is_text = is_sound = False

    def start(name: str, _) -> None:
        nonlocal is_text, is_sound
        tag = local(name)
        if tag == "t":
            is_text = not is_sound
        elif tag == "rPh":
            is_sound = True

    def end(name: str) -> None:
        nonlocal is_text, is_sound
        tag = local(name)
        if tag == "t":
            is_text = False
        elif tag == "rPh":
            is_sound = False
        elif tag == "si":
            texts.append(plain("".join(pieces)))
            pieces.clear()
            if len(texts) > TEXTS_AT_MOST:
                raise Refused("这个工作簿的文字异常繁多，不像整改台账；请把台账复制到新的工作簿再导入。")

    def text(piece: str) -> None:
        if is_text:
            pieces.append(piece)

    if (stream := package.open(part)) is not None:
        with stream:
            parse(stream, start, end, text)
    return texts


class Formats:
    """Which styles show a number as a day, as a month without a day, or in percent."""

    def __init__(self, package: Package, part: str) -> None:
        self.days: set[str] = set()
        self.months: set[str] = set()
        self.percents: set[str] = set()
        codes: dict[int, str] = {}
        number, inside = 0, False
        for tag, told in package.elements(part):
            if tag == "numFmt" and told.get("numFmtId", "").isdigit():
                codes[int(told["numFmtId"])] = told.get("formatCode", "")
            elif tag in ("cellXfs", "cellStyles"):
                inside = tag == "cellXfs"
            elif tag == "xf" and inside:
                code = told.get("numFmtId", "0")
                self._sort(str(number), int(code) if code.isdigit() else 0, codes)
                number += 1

    def _sort(self, style: str, code: int, codes: dict[int, str]) -> None:
        shown = NOT_SHOWN.sub("", codes.get(code, "")).partition(";")[0].lower()
        has_day, has_year = "d" in shown, "y" in shown or "e" in shown.replace("general", "")
        if has_day or has_year or (code not in codes and code in BUILTIN_DAYS):
            self.days.add(style)
        if (has_year and "m" in shown and not has_day) or (code not in codes and code in BUILTIN_MONTHS):
            self.months.add(style)
        if "%" in shown or (code not in codes and code in BUILTIN_PERCENTS):
            self.percents.add(style)
