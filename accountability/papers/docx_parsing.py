"""读 Word, the part that touches the file: runs alone in a child process, for a file of strangers may eat any memory.

    python -m accountability.papers.docx_parsing < file.docx > {"title": …, "text": …, "warnings": […]}

Headings become the numbering they stand for, tables lines of bars, revisions what they become when accepted. Codes of
figures are hidden in the file and read like any text; of what was drawn from figures only its name comes back.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO

from lxml import etree

from accountability.papers.blocks import (
    BARS,
    CAPTION,
    EXHIBIT,
    Block,
    Paragraph,
    Table,
    line_of,
    marker_of,
    parse,
    to_text,
)
from accountability.papers.docx_numbering import Numbering, chinese
from accountability.papers.docx_styles import ANNEX_MARK, EXHIBIT_CELL, EXHIBIT_PICTURE, EXHIBIT_TITLE, FURNITURE

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
HEADING = re.compile(r"(?:heading|标题) ?([1-9])", re.IGNORECASE)
TITLES = {"title", "标题"}
NUMBER = re.compile(r".{0,20}〔\d{4}〕.{0,10}号$")
LONGEST_TITLE = 80
LEFT_OUT = {
    f"{W}txbxContent": "文本框里的文字没有读入，请移到正文中。",
    f"{W}drawing": "图片没有读入。",
    f"{W}object": "嵌入的对象没有读入。",
    f"{W}footnoteReference": "脚注没有读入。",
    f"{W}endnoteReference": "尾注没有读入。",
    "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath": "公式没有读入。",
}
REVISED = "文件含有修订，已按“接受修订”读入。"
MERGED = "合并的单元格已拆开。"
NESTED = "单元格里的表格已合为一行文字。"
DELETED = {f"{W}del", f"{W}moveFrom"}


@dataclass
class Reading:
    """What is known while a document is walked through."""

    styles: dict[str, "Style"]
    numbering: Numbering
    warnings: dict[str, None] = field(default_factory=dict)
    counts: list[int] = field(default_factory=lambda: [0, 0, 0, 0])

    def warn(self, words: str) -> None:
        self.warnings[words] = None


@dataclass(frozen=True)
class Style:
    name: str
    level: int  # of a heading, 0 for none
    based_on: str


@dataclass(frozen=True)
class Line:
    """A paragraph of the file."""

    text: str
    style: str
    level: int
    is_centred: bool
    goes_on: bool  # its end was deleted: the next paragraph continues it


def read_file(file: IO[bytes]) -> dict:
    """In the child process: nothing here imports Django."""
    return read(file.read())


def read(content: bytes) -> dict:
    with zipfile.ZipFile(BytesIO(content)) as file:
        body = _tree(file, "word/document.xml").find(f"{W}body")
        if body is None:
            raise ValueError("no body")
        reading = Reading(_styles(_tree(file, "word/styles.xml")), Numbering(_tree(file, "word/numbering.xml")))
    title, blocks = _sort(list(_parts(body, reading)), reading)
    # Once more through the text: what is shown for correction is what will be read from it.
    return {"title": title, "text": to_text(parse(to_text(blocks))), "warnings": list(reading.warnings)}


def _tree(file: zipfile.ZipFile, name: str):
    if name not in file.namelist():
        if name == "word/document.xml":
            raise ValueError("no document")
        return etree.Element("none")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    content = file.read(name).replace(STRICT, W[1:-1].encode())
    return etree.fromstring(content, parser)


def _styles(tree) -> dict[str, Style]:
    found = {}
    for style in tree.iter(f"{W}style"):
        name = _value(style, f"{W}name")
        outline = _value(style, f"{W}pPr/{W}outlineLvl")
        heading = HEADING.fullmatch(name.strip())
        level = (
            int(heading.group(1)) if heading else int(outline) + 1 if outline.isdecimal() and int(outline) < 9 else 0
        )
        found[style.get(f"{W}styleId", "")] = Style(name.strip(), level, _value(style, f"{W}basedOn"))
    return found


def _value(element, path: str) -> str:
    found = element.find(path)
    return "" if found is None else found.get(f"{W}val", "")


# Paragraphs and tables in their order


def _parts(parent, reading: Reading) -> Iterator["Line | Table"]:
    for element in parent:
        if element.tag == f"{W}p":
            yield from _lines(element, reading)
        elif element.tag == f"{W}tbl":
            yield from _table(element, reading)
        elif element.tag == f"{W}sdt":
            yield from _parts(
                element.find(f"{W}sdtContent") if element.find(f"{W}sdtContent") is not None else [], reading
            )
        elif element.tag in (f"{W}ins", f"{W}moveTo", f"{W}customXml", f"{W}smartTag"):
            yield from _parts(element, reading)


def _lines(paragraph, reading: Reading) -> Iterator[Line]:
    rules = paragraph.find(f"{W}pPr")
    rules = etree.Element("none") if rules is None else rules
    style = _style(paragraph, reading)
    level = _level(rules, style, reading)
    goes_on = rules.find(f"{W}rPr/{W}del") is not None
    if goes_on:
        reading.warn(REVISED)
    text = "" if style.name == EXHIBIT_PICTURE else "".join(_words(paragraph, reading))
    if text.strip() and not marker_of(line_of(text)):
        text = _marker(rules, level, reading) + text.lstrip()
    is_centred = _value(rules, f"{W}jc") == "center"
    pieces = [text] if _is_title(style) else text.split("\n")
    for number, piece in enumerate(pieces, 1):
        yield Line(piece, style.name, level, is_centred, goes_on and number == len(pieces))


def _style(paragraph, reading: Reading) -> Style:
    name = "" if paragraph is None else _value(paragraph, f"{W}pPr/{W}pStyle")
    return reading.styles.get(name, Style("", 0, ""))


def _level(rules, style: Style, reading: Reading) -> int:
    if (own := _value(rules, f"{W}outlineLvl")).isdecimal() and int(own) < 9:
        return int(own) + 1
    for _ in range(10):
        if style.level or style.based_on not in reading.styles or _is_title(style):
            return style.level
        style = reading.styles[style.based_on]
    return 0


def _is_title(style: Style) -> bool:
    return style.name.lower() in TITLES


def _marker(rules, level: int, reading: Reading) -> str:
    """The number Word shows but does not write: of a heading in our four forms, of a list in its own."""
    if 1 <= level <= 4:
        counts = reading.counts
        counts[level - 1] += 1
        counts[level:] = [0] * (4 - level)
        number = counts[level - 1]
        return (f"{chinese(number)}、", f"（{chinese(number)}）", f"{number}.", f"（{number}）")[level - 1]
    return reading.numbering.marker(_value(rules, f"{W}numPr/{W}numId"), _value(rules, f"{W}numPr/{W}ilvl"))


def _words(element, reading: Reading) -> Iterator[str]:
    """The text of a run, a link, a field, an insertion: what the reader of the accepted document sees."""
    for child in element:
        tag = child.tag
        if tag in DELETED:
            reading.warn(REVISED)
        elif tag in LEFT_OUT:
            reading.warn(LEFT_OUT[tag])
            if tag == f"{W}drawing" and next(child.iter(f"{W}txbxContent"), None) is not None:
                reading.warn(LEFT_OUT[f"{W}txbxContent"])
        elif tag == f"{W}pict":
            is_box = next(child.iter(f"{W}txbxContent"), None) is not None
            reading.warn(LEFT_OUT[f"{W}txbxContent" if is_box else f"{W}drawing"])
        elif tag == f"{W}t":
            yield child.text or ""
        elif tag in (f"{W}tab", f"{W}ptab"):
            yield " "
        elif tag in (f"{W}br", f"{W}cr"):
            yield "" if child.get(f"{W}type") in ("page", "column") else "\n"
        elif tag == f"{W}noBreakHyphen":
            yield "-"
        elif isinstance(tag, str) and tag not in (f"{W}pPr", f"{W}rPr", f"{W}instrText", f"{W}delText"):
            if tag in (f"{W}ins", f"{W}moveTo"):
                reading.warn(REVISED)
            if not tag.endswith("}Fallback"):
                yield from _words(child, reading)


def _table(table, reading: Reading) -> Iterator["Line | Table"]:
    if _style(next(table.iter(f"{W}p"), None), reading).name == EXHIBIT_CELL:
        return  # drawn from figures, whatever was changed in it
    rows, is_furniture = [], True
    above: list[str] = []
    for row in table.iter(f"{W}tr"):
        if next(row.iterancestors(f"{W}tbl")) is not table or row.find(f"{W}trPr/{W}del") is not None:
            continue
        cells: list[str] = []
        for cell in row.iter(f"{W}tc"):
            if next(cell.iterancestors(f"{W}tr")) is row:
                text, theirs = _cell(cell, reading)
                is_furniture = is_furniture and theirs
                _place(cells, cell, text, above, reading)
        above = cells
        rows.append(tuple(cells))
    if rows and not is_furniture:
        yield Table(rows[0], tuple(rows[1:]))


def _cell(cell, reading: Reading) -> tuple[str, bool]:
    """Its text on one line, and whether it belongs to a signature panel."""
    if cell.find(f".//{W}tbl") is not None:
        reading.warn(NESTED)
    lines = [line for paragraph in cell.iter(f"{W}p") if not _in_box(paragraph) for line in _lines(paragraph, reading)]
    return " ".join(text for line in lines if (text := line_of(line.text))), all(
        line.style in FURNITURE for line in lines
    )


def _in_box(paragraph) -> bool:
    return next(paragraph.iterancestors(f"{W}txbxContent"), None) is not None


def _place(cells: list[str], cell, text: str, above: list[str], reading: Reading) -> None:
    """A cell merged downwards repeats its text, one merged across leaves the rest empty."""
    merged = cell.find(f"{W}tcPr/{W}vMerge")
    if merged is not None and merged.get(f"{W}val") != "restart":
        reading.warn(MERGED)
        text = above[len(cells)] if len(cells) < len(above) else text
    span = _value(cell, f"{W}tcPr/{W}gridSpan")
    span = min(int(span), 200) if span.isdecimal() else 1
    if span > 1:
        reading.warn(MERGED)
    cells += [text] + [""] * (span - 1)


# Title, furniture, body


def _sort(parts: list["Line | Table"], reading: Reading) -> tuple[str, list[Block]]:
    parts = list(_joined(parts))
    title = "".join(
        line_of(part.text.replace("\n", ""))
        for part in parts
        if isinstance(part, Line) and part.style.lower() in TITLES
    )
    if not title:
        title, parts = _guessed_title(parts)
    blocks: list[Block] = []
    for part in parts:
        if isinstance(part, Table):
            blocks.append(Table(part.header, part.rows, _caption(blocks)))
        elif part.style == ANNEX_MARK:
            break
        elif part.style == EXHIBIT_TITLE:
            blocks += [Paragraph(found.group()) for found in [EXHIBIT.search(part.text)] if found]
        elif part.style not in FURNITURE and part.style.lower() not in TITLES and (text := line_of(part.text)):
            blocks += _blocks_of(text)
    return title[:500], blocks


def _caption(blocks: list[Block]) -> str:
    """A line 表1 … right above a table, taken from the blocks."""
    is_one = blocks and isinstance(blocks[-1], Paragraph) and CAPTION.fullmatch(blocks[-1].text)
    return blocks.pop().text if is_one else ""


def _blocks_of(text: str) -> list[Block]:
    """A paragraph of bars in Word is our own notation, typed there; any other line is what it is."""
    return parse(text) if text.startswith(BARS) else [Paragraph(text)]


def _joined(parts: list["Line | Table"]) -> Iterator["Line | Table"]:
    waiting = ""
    for part in parts:
        if isinstance(part, Line):
            part = Line(waiting + part.text, part.style, part.level, part.is_centred, part.goes_on)
            waiting = part.text if part.goes_on else ""
            if part.goes_on:
                continue
        yield part
    if waiting:
        yield Line(waiting, "", 0, False, False)


def _guessed_title(parts: list["Line | Table"]) -> tuple[str, list["Line | Table"]]:
    """Without a title style: the centred lines at the top, the red head and the number above them left out."""
    title, at = "", 0
    while at < len(parts) and isinstance(parts[at], Line):
        text = line_of(parts[at].text)
        is_head = NUMBER.fullmatch(text) or (parts[at].is_centred and text.endswith("文件") and not title)
        if text and not is_head:
            if not parts[at].is_centred or marker_of(text) or len(title + text) > LONGEST_TITLE:
                break
            title += text
        elif title and not text:
            break
        at += 1
    return (title, parts[at:]) if title else ("", parts)
