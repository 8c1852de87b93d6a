"""正文: plain text as people type it, structured by the numbering official documents have anyway (GB/T 9704 7.3.3).

一、 opens a level-1 heading, （一） level 2, 1. level 3, （1） level 4, as long as the line is a heading and not a sentence;
lines that start with | are a table, its first line the head; a line 表1 … right above it is its caption;
a line 〔表：名称〕 or 〔图：名称〕 stands for the table or chart of that name.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from accountability.papers.characters import clean

BAR, DRAWN_BAR = BARS = ("|", "｜")  # the second is what a Chinese keyboard types, and what a cell may hold
MARKERS = (
    re.compile(r"[一二三四五六七八九十百]+、"),
    re.compile(r"[（(][一二三四五六七八九十百]+[）)]"),
    re.compile(r"\d{1,3}(?:[.．](?!\d)|、)"),
    re.compile(r"[（(]\d{1,3}[）)]"),
)
SENTENCE = re.compile("[。；：！？;:!?]")
LEAD = re.compile("[^。！？]*[。！？]")
CAPTION = re.compile(r"表[一二三四五六七八九十\d]+[ 　：:.．、].*\S")
RULE = re.compile(":?-{3,}:?")
EXHIBIT = re.compile(r"〔(表|图)：\s*([^〔〕\s](?:[^〔〕]*[^〔〕\s])?)\s*〕")
LONGEST_HEADING = 56  # two lines of 28 characters


def line_of(text: str) -> str:
    """One line, without the spaces people indent with."""
    return clean(text).replace("\n", " ").strip()


@dataclass(frozen=True)
class Heading:
    """标题: its level, 1 to 4, and its words with the marker they were typed with."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """自然段."""

    text: str

    @property
    def level(self) -> int:
        """The level of the marker it opens with, 0 for none."""
        return level_of(self.text)

    @property
    def lead(self) -> str:
        """What is set in the face of its level: 一、 alone, （一） up to its first full stop."""
        if self.level == 2 and (lead := LEAD.match(self.text)):
            return lead.group()
        return marker_of(self.text) if self.level in (1, 2) else ""


@dataclass(frozen=True)
class Table:
    """表格: every row as wide as the widest; a cell is one line of text and holds no bar."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = ()
    caption: str = ""

    def __post_init__(self):
        width = max(1, len(self.header), *map(len, self.rows)) if self.rows else max(1, len(self.header))
        object.__setattr__(self, "header", _row(self.header, width))
        object.__setattr__(self, "rows", tuple(_row(row, width) for row in self.rows))
        object.__setattr__(self, "caption", line_of(self.caption))

    def with_cells(self, change: Callable[[str], str]) -> "Table":
        """The same table, every cell changed."""
        header, *rows = (tuple(map(change, row)) for row in (self.header, *self.rows))
        return Table(header, tuple(rows), self.caption)


@dataclass(frozen=True)
class Exhibit:
    """图表: the place of a table (表) or chart (图) that is drawn from figures, by its name."""

    kind: str
    name: str

    @property
    def text(self) -> str:
        return f"〔{self.kind}：{self.name}〕"


@dataclass(frozen=True)
class Picture:
    """插图: a drawing, its text alternative and its caption. Nobody types it; code puts it where an exhibit stands."""

    svg: str
    alt: str
    caption: str = ""


def is_group(row: Sequence[str]) -> bool:
    """分组行: words in its first cell alone, over the rows that follow; it is drawn across the table."""
    return len(row) > 1 and bool(row[0]) and not any(row[1:])


Block = Heading | Paragraph | Table | Exhibit | Picture


def _row(cells: Sequence[str], width: int) -> tuple[str, ...]:
    cells = [line_of(cell).replace(BAR, DRAWN_BAR) for cell in cells]
    return tuple(cells + [""] * (width - len(cells)))


def marker_of(line: str) -> str:
    return next((found.group() for marker in MARKERS if (found := marker.match(line))), "")


def level_of(line: str) -> int:
    return next((level for level, marker in enumerate(MARKERS, 1) if marker.match(line)), 0)


def is_heading(line: str) -> bool:
    """A marker and words, no sentence: 一、总体情况 is one, 一、严守政治纪律。 is a paragraph."""
    marker = marker_of(line)
    return bool(marker) and marker != line and len(line) <= LONGEST_HEADING and not SENTENCE.search(line)


def parse(text: str) -> list[Block]:
    lines = [line.strip() for line in clean(text).split("\n")]
    return list(_blocks(lines))


def _blocks(lines: list[str]) -> Iterator[Block]:
    at = 0
    while at < len(lines):
        line = lines[at]
        has_caption = bool(CAPTION.fullmatch(line)) and at + 1 < len(lines) and lines[at + 1].startswith(BARS)
        if line.startswith(BARS) or has_caption:
            first = last = at + has_caption
            while last < len(lines) and lines[last].startswith(BARS):
                last += 1
            yield _table(lines[first:last], line if has_caption else "")
            at = last
            continue
        if line:
            yield _line(line)
        at += 1


def _line(line: str) -> Block:
    if exhibit := EXHIBIT.fullmatch(line):
        return Exhibit(*exhibit.groups())
    return Heading(level_of(line), line) if is_heading(line) else Paragraph(line)


def _table(lines: list[str], caption: str) -> Table:
    header, *rows = [_cells(line) for line in lines]
    while rows and all(RULE.fullmatch(cell) for cell in rows[0]):  # the |---|---| of those who know Markdown
        rows = rows[1:]
    return Table(tuple(header), tuple(map(tuple, rows)), caption)


def _cells(line: str) -> list[str]:
    bar, line = line[0], line[1:]
    if line.endswith(bar):
        line = line[:-1]
    return [cell.strip() for cell in line.split(bar)]


def to_text(blocks: Sequence[Block]) -> str:
    """The text these blocks are read from: ``parse(to_text(parse(x))) == parse(x)``. A picture has none."""
    lines: list[str] = []
    for before, block in zip([None, *blocks], blocks, strict=False):
        if isinstance(block, Table):
            if not block.caption and (isinstance(before, Table) or (lines and CAPTION.fullmatch(lines[-1]))):
                lines.append("")
            lines += [block.caption] if block.caption else []
            lines += [_bars(row) for row in (block.header, *block.rows)]
        elif not isinstance(block, Picture):
            lines.append(block.text)
    return "\n".join(lines)


def _bars(cells: Sequence[str]) -> str:
    return f"{BAR} " + f" {BAR} ".join(cells) + f" {BAR}"
