"""表: how a table of the illustrated report stands on its page: how small, how wide each column, which cells carry codes."""

from dataclasses import dataclass, field

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from accountability.papers.blocks import Table
from accountability.papers.characters import breakable, clean
from accountability.papers.layout import width
from supervision.report.values import code_of, words_of

UPRIGHT, ACROSS = 166, 253  # mm of text on an upright page and on one laid across
SIZES = {"": 8.2, "units": 7.6, "tight": 7.0}  # pt, by the class that sets it
MM_OF_POINT = 25.4 / 72
PADDING = {"": 3.2, "units": 2.8, "tight": 2.2}  # mm, both sides of a cell
LONG = 9  # characters a column keeps on one line before it gives way to the others
CODE = 4.6  # characters of this size that a code in small print takes
LIGHT = 1.5  # and a light before its words
KEPT = 12  # rows of a table that a page break does not divide
MOST_CODES = 60  # figures in a table up to which each shows its code, if there is room; above, 编制说明 lists them
ALIGNED = {"right": "num", "centre": "c"}
LIGHTS = {
    "ok": '<svg class="ic" viewBox="0 0 16 16" role="img"><title>正常</title><circle cx="8" cy="8" r="7.4" fill="#2c6e49"/><path d="M4.4 8.3l2.5 2.6 4.8-5.4" fill="none" stroke="#fff" stroke-width="1.9"/></svg>',
    "soon": '<svg class="ic" viewBox="0 0 16 16" role="img"><title>临近</title><path d="M8 1L15.6 15H.4z" fill="#9a6200"/><path d="M8 5.6v4.6M8 11.6v1.9" stroke="#fff" stroke-width="1.8"/></svg>',
    "late": '<svg class="ic" viewBox="0 0 16 16" role="img"><title>逾期</title><path d="M1 1h14v14H1z" fill="#b3151b"/><path d="M4.6 4.6l6.8 6.8M11.4 4.6l-6.8 6.8" stroke="#fff" stroke-width="1.9"/></svg>',
    "rest": '<svg class="ic" viewBox="0 0 16 16" role="img"><title>未到期</title><circle cx="8" cy="8" r="6.6" fill="none" stroke="#857d76" stroke-width="1.5" stroke-dasharray="2.6 1.9"/></svg>',
}


@dataclass
class Shown:
    """A table ready for the page."""

    columns: list[dict]
    groups: list[dict]
    sum: list[dict] | None = None
    size: str = ""
    across: bool = False
    kept: bool = False
    widths: list[str] = field(default_factory=list)


def shown(exhibit: dict, figures: dict) -> Shown:
    """An exhibit of kind table."""
    groups = [group for group in exhibit.get("groups") or [] if group["rows"]]
    rows = [row for group in groups for row in group["rows"]] + ([exhibit["sum"]] if exhibit.get("sum") else [])
    columns = [
        {"title": column["title"], "align": ALIGNED.get(column.get("align"), "")} for column in exhibit["columns"]
    ]
    titles = [column["title"] for column in columns]
    with_codes = sum(bool(code_of(cell)) for row in rows for cell in row) <= MOST_CODES
    size, across, widths = set_widths(titles, _longest(titles, rows, figures, with_codes))
    if across and with_codes:
        with_codes = False
        size, across, widths = set_widths(titles, _longest(titles, rows, figures, with_codes))

    def cells(row: list) -> list[dict]:
        return [_cell(cell, column["align"], figures, with_codes) for cell, column in zip(row, columns, strict=True)]

    return Shown(
        columns=columns,
        groups=[{"name": group.get("name", ""), "rows": [cells(row) for row in group["rows"]]} for group in groups],
        sum=cells(exhibit["sum"]) if exhibit.get("sum") else None,
        size=size,
        across=across,
        kept=len(rows) + len(groups) <= KEPT,
        widths=widths,
    )


def shown_typed(table: Table) -> Shown:
    """A table that people typed into the text."""
    figures = {"figures": {}}
    return shown({"columns": [{"title": each} for each in table.header], "groups": [{"rows": table.rows}]}, figures)


def set_widths(titles: list[str], longest: list[float]) -> tuple[str, bool, list[str]]:
    """The largest size at which the columns fit an upright page, else the smallest on one laid across."""
    for broken_heads in (1, 2):
        heads = [_head(title, broken_heads) for title in titles]
        for size in SIZES:
            given = _needed(longest, heads, size)
            if sum(given) <= UPRIGHT:
                return size, False, _stretched(given, longest, size, UPRIGHT)
    return "tight", True, _stretched(given, longest, "tight", ACROSS)


def _head(title: str, lines: int) -> float:
    """A head may take two lines, but no word of three characters is broken."""
    whole = width(title)
    return max(whole / lines + 0.5, min(whole, 3)) if lines > 1 else whole


def _longest(titles: list[str], rows: list[list], figures: dict, with_codes: bool) -> list[float]:
    """The widest cell of each column, in characters."""
    measured = [[_width(cell, figures, with_codes) for cell in row] for row in rows]
    return [max((row[at] for row in measured), default=2.0) for at in range(len(titles))]


def _needed(longest: list[float], heads: list[float], size: str) -> list[float]:
    """Every column on one line, as far as it asks for no more than a few words."""
    return [
        max(2.2, head, min(cells, LONG)) * _em(size) + PADDING[size] for cells, head in zip(longest, heads, strict=True)
    ]


def _stretched(given: list[float], longest: list[float], size: str, whole: float) -> list[str]:
    """What is left goes to who asks for more, the modest first; then to all alike."""
    missing = [max(0.0, cells * _em(size) + PADDING[size] - now) for now, cells in zip(given, longest, strict=True)]
    rest, asking = max(0.0, whole - sum(given)), sum(each > 0 for each in missing)
    given = list(given)
    for at in sorted(range(len(given)), key=missing.__getitem__):
        if missing[at]:
            more = min(missing[at], rest / asking)
            given[at], rest, asking = given[at] + more, rest - more, asking - 1
    scale = whole / sum(given)
    return [f"{each * scale:.2f}" for each in given]


def _em(size: str) -> float:
    return SIZES[size] * MM_OF_POINT


def _width(cell, figures: dict, with_codes: bool) -> float:
    light = isinstance(cell, dict) and cell.get("light") in LIGHTS
    return width(words_of(cell, figures)) + light * LIGHT + (CODE if with_codes and code_of(cell) else 0)


def _cell(cell, align: str, figures: dict, with_codes: bool) -> dict:
    words = words_of(cell, figures)
    dim = " dim" if words in ("0", "—") else ""
    html = pieces(words)
    if isinstance(cell, dict) and cell.get("light"):
        html = f'<span class="light {cell["light"]}">{LIGHTS.get(cell["light"], "")}{html}</span>'
    elif with_codes and (code := code_of(cell)):
        html = f'{html}<span class="f">〔{code}〕</span>'
    return {"class": (align + dim).strip(), "html": mark_safe(html)}  # noqa: S308  (escaped by pieces)


def pieces(text: str) -> SafeString:
    """Escaped words, with a break offered outside quotation marks."""
    return mark_safe("<wbr>".join(escape(piece) for piece in breakable(clean(text))))  # noqa: S308  (escaped piece by piece)
