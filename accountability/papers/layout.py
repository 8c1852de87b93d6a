"""版面: where a title breaks, how wide a column is, how far the date stands from the right."""

import re
from functools import cache
from math import ceil
from unicodedata import east_asian_width

from accountability.papers.blocks import Table, is_group

LINE = 225 / 22  # mm, the pitch of the 22 lines
TITLE_CHARACTERS = 20  # of 22 pt in 156 mm
ROW_AIR = 0.6  # mm between the text of a full row and its rules
LATIN = 0.58  # the width of a numeral of Noto Serif
LONGEST_TITLE = 100
FIRM = re.compile(r"(?:\d{4}年\d{1,2}月(?:\d{1,2}日)?)?|[\d.%—-]+")
SHORT = 4  # characters of a word that is not broken either: 已完成, 按期完成
MOST_FIRM = 0.68  # of a table's width
MARK_SIZE, MARK_SCALE, NARROWEST = 45, 0.74, 0.5
MM_OF_POINT = 25.4 / 72
LONGEST_NAME = 26  # characters of a signature on one line
DATE_INDENT = 4  # characters between a stamped date and the right edge (GB/T 9704 7.3.5.1)
BREAK_BEFORE = ("关于", "和", "与", "及", "暨", "情况", "工作", "落实", "实施", "全面", "（", "《", "“")
BREAK_AFTER = ("的", "、", "，", "）", "》", "”", "年度", "委员会", "责任", "机制", "制度")
NEVER_BEFORE = set("的、，。；：）》”’！？年月日度号")
NEVER_AFTER = set("（《“‘关")


def width(text: str) -> float:
    """In characters; Latin and numerals are a little wider than half a one."""
    return sum(1 if east_asian_width(each) in "WFA" else LATIN for each in text)


def title_lines(title: str, issuer: str = "", widest: float = TITLE_CHARACTERS) -> list[str]:
    """A title broken where its sense allows, in lines of fit length; the issuer, if it opens it, has the first."""
    lines = [line.strip() for line in title.split("\n") if line.strip()]
    if len(lines) != 1 or width(lines[0]) <= widest:
        return lines
    title = lines[0]
    if issuer and title.startswith(issuer) and issuer != title and width(issuer) <= widest:
        return [issuer, *balanced(title[len(issuer) :], widest)]
    return balanced(title, widest)


def balanced(title: str, widest: float) -> list[str]:
    """The cheapest breaks: few lines first, then breaks at words, then lines alike."""
    if width(title) <= widest:
        return [title]
    even = width(title) / -(-width(title) // widest)

    @cache
    def best(start: int) -> tuple[float, tuple[int, ...]]:
        if width(title[start:]) <= widest:
            return abs(width(title[start:]) - even) / 4, ()
        ends = (end for end in range(start + 1, len(title)) if width(title[start:end]) <= widest)
        return min(
            (10 + price(title, end) + abs(width(title[start:end]) - even) * 0.6 + best(end)[0], (end, *best(end)[1]))
            for end in ends
        )

    if len(title) > LONGEST_TITLE:  # no title: cut it, do not search
        step = int(widest)
        return [title[at : at + step] for at in range(0, len(title), step)]
    cuts = [0, *best(0)[1], len(title)]
    return [title[first:last].strip() for first, last in zip(cuts, cuts[1:], strict=False)]


def price(title: str, at: int) -> float:
    """What a break before this place costs: nothing between words, much inside a number or against kinsoku."""
    before, after = title[at - 1], title[at]
    if after in NEVER_BEFORE or before in NEVER_AFTER or (before.isascii() and after.isascii()):
        return 100
    if title.startswith(BREAK_BEFORE, at) or title.endswith(BREAK_AFTER, 0, at):
        return 0
    return 12


def column_widths(table: Table, whole: float, size: float, padding: float) -> list[float]:
    """Widths in ``whole``'s unit: narrow columns get what they want, the sentences the rest, but never a sliver.

    A day, a number or a word of four characters is not broken as long as the words beside it keep room.
    """
    columns = list(zip(table.header, *_ungrouped(table), strict=True))
    wanted = [max(2.0, *map(width, cells)) * size + padding for cells in columns]
    whole_words = {
        at: max(map(width, cells)) * size + padding
        for at, (_, *cells) in enumerate(columns)
        if cells and all(map(_is_firm, cells))
    }
    given, firm = _fairly(wanted, whole, whole / 4), {}
    while broken := {at: needed for at, needed in whole_words.items() if at not in firm and needed > given[at] + 0.01}:
        firm |= broken
        if len(firm) == len(columns) or sum(firm.values()) > whole * MOST_FIRM:
            break
        rest = whole - sum(firm.values())
        shares = [each for at, each in enumerate(wanted) if at not in firm]
        others = iter(_fairly(shares, rest, min(whole * 0.3, rest * 0.5)))
        given = [firm[at] if at in firm else next(others) for at in range(len(columns))]
    return given


def _is_firm(cell: str) -> bool:
    return bool(FIRM.fullmatch(cell)) or width(cell) <= SHORT


def _ungrouped(table: Table) -> list[tuple[str, ...]]:
    return [row for row in table.rows if not is_group(row)]


def _fairly(wanted: list[float], whole: float, least: float) -> list[float]:
    """The widest column is to have what it wants or ``least``; where it has not, it weighs more."""
    given, widest = _shared(wanted, whole, weight=1), wanted.index(max(wanted))
    return given if given[widest] >= min(wanted[widest], least) else _shared(wanted, whole, weight=2.5)


def _shared(wanted: list[float], whole: float, weight: float) -> list[float]:
    """From the narrowest on, a column gets what it wants as long as the others, the widest weighing more, have room."""
    given, rest, shares = [0.0] * len(wanted), whole, len(wanted) - 1 + weight
    for at in sorted(range(len(wanted)), key=wanted.__getitem__):
        given[at] = min(wanted[at], rest / shares)
        rest, shares = rest - given[at], max(weight, shares - 1)
    if rest > 0.01 and max(wanted) > max(given):
        widest = wanted.index(max(wanted))
        given[widest] += rest
    return [each * whole / sum(given) for each in given]


def centred_columns(table: Table, short: float = 8) -> list[bool]:
    """Numbers and short words stand in the middle, sentences at the left."""
    return [all(width(row[at]) <= short for row in _ungrouped(table)) for at in range(len(table.header))]


def date_indent(name: str, day: str) -> float:
    """印章: characters right of the date so that a name centred over it stays inside the type area."""
    overhang = (width(name) - width(day)) / 2
    return max(0.0, DATE_INDENT - max(0.0, overhang))


def mark_shape(mark: str) -> tuple[float, float]:
    """红头: its size in points and how far it is condensed, to stay in the type area however long the name."""
    scale = min(MARK_SCALE, 154 / (MARK_SIZE * MM_OF_POINT * max(1.0, width(mark))))
    size = MARK_SIZE * min(1.0, scale / NARROWEST)
    return round(size, 2), round(max(scale, NARROWEST), 3)


def name_lines(name: str) -> list[str]:
    """机关署名: on one line unless two offices sign."""
    return [name] if width(name) <= LONGEST_NAME else balanced(name, LONGEST_NAME)


def lines_of(height: float) -> int:
    """Whole lines of the grid for a row of this height in mm, a little air included."""
    return max(1, ceil((height + ROW_AIR) / LINE))
