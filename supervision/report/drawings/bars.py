"""完成情况: one bar a row. Solid done, hatched done late, black overdue, hollow to come; every piece carries its number."""

from supervision.report.drawings import pen
from supervision.report.values import number, told

WORDS = {"done": "按期完成", "partly": "逾期完成", "late": "逾期未完成", "open": "未到期"}
LABEL, LEFT, RIGHT = 142, 150, 560  # the name; where the bars begin and, at the longest, end
THICK, PITCH, TOP = 19, 34, 30


def bars(exhibit: dict, figures: dict) -> str:
    rows = exhibit.get("rows") or []
    if not rows:
        return nothing(exhibit)
    legend = WORDS | exhibit.get("legend", {})
    counted = [[(part["kind"], number(part["figure"], figures) or 0) for part in row["parts"]] for row in rows]
    sums = [sum(value for _, value in parts) for parts in counted]
    used = [kind for kind in legend if any(kind == each for parts in counted for each, value in parts if value)]
    drawn = [key([(kind, legend[kind]) for kind in used], LEFT, 10), _heads(exhibit, rows)]
    for at, (row, parts) in enumerate(zip(rows, counted, strict=True)):
        drawn.append(_row(row, parts, sums[at], TOP + at * PITCH, figures))
    said = "；".join(_said(row, parts, legend, figures) for row, parts in zip(rows, counted, strict=True))
    return pen.drawing(TOP + len(rows) * PITCH, alt_of(exhibit), said, drawn)


def key(kinds: list[tuple[str, str]], x: float, y: float) -> str:
    """图例: the four fills and what each means, above the drawing."""
    drawn = []
    for kind, words in kinds:
        drawn += [pen.block(kind, x, y - 9, 10, 10), pen.text(x + 14, y, words, 9.5, fill=pen.INK_2)]
        x += 14 + pen.measure(words, 9.5) + 14
    return "".join(drawn)


def nothing(exhibit: dict) -> str:
    """No rows: the frame says so, and nobody takes an empty space for a nought."""
    words = exhibit.get("empty") or "没有可画的数据"
    drawn = [pen.rect(0.5, 0.5, pen.WIDE - 1, 39, pen.PAPER, pen.RULE), pen.text(12, 24, words, 11, fill=pen.INK_2)]
    return pen.drawing(40, alt_of(exhibit), words, drawn)


def alt_of(exhibit: dict) -> str:
    """The title states the finding; the text alternative says what is to be seen."""
    title, alt = exhibit.get("title", ""), exhibit.get("alt", "")
    return f"{title}。{alt}" if alt and title and not alt.startswith(title) else alt or title


def _heads(exhibit: dict, rows: list[dict]) -> str:
    heads = [
        pen.text(606, 10, f"合计（{unit}）" if (unit := exhibit.get("unit")) else "合计", 9, at="end", fill=pen.INK_2)
    ]
    if any(row.get("rate") for row in rows):
        heads.append(pen.text(pen.WIDE, 10, "完成率", 9, at="end", fill=pen.INK_2))
    return "".join(heads)


def _row(row: dict, parts: list[tuple[str, float]], whole: float, y: float, figures: dict) -> str:
    """The bar is as long as all of this row, however many that are: what counts is the share."""
    middle = y + THICK / 2 + 6
    drawn = [pen.label(0, middle, LABEL, row["label"], row.get("sub", ""))]
    x, narrow = float(LEFT), []
    for kind, value in parts:
        if not value:
            continue
        width = max((RIGHT - 12 - LEFT) * value / whole, 1.4)
        drawn.append(pen.block(kind, x, y + 6, width, THICK))
        words = f"{value:g}"
        if width < pen.measure(words, 10.5) + 6:
            narrow.append((x + width / 2, words, kind))
        else:
            drawn.append(_number(kind, x + width / 2, middle, words))
        x += width
    if not whole:
        drawn += [pen.text(LEFT + 4, middle + 4, "0", 10.5, fill=pen.INK_2)]
        drawn.append(pen.line(LEFT, y + 6, LEFT, y + 6 + THICK, pen.INK_3, 1))
    owed, rate = told(row.get("owed"), figures) or f"{whole:g}", told(row.get("rate"), figures)
    drawn += [_above(narrow, y + 3.5), pen.text(606, middle + 4, owed, 11, at="end")]
    return "".join([*drawn, pen.text(pen.WIDE, middle + 4, rate, 11, at="end", bold=True) if rate else ""])


def _number(kind: str, x: float, middle: float, words: str) -> str:
    if kind in ("done", "late"):
        return pen.text(x, middle + 3.8, words, 10.5, at="middle", bold=True, fill=pen.PAPER)
    ground = ""
    if kind == "partly":  # a number is not read on hatching
        width = pen.measure(words, 10.5) + 3
        ground = pen.rect(x - width / 2, middle - 6.5, width, 13, pen.PAPER)
    return ground + pen.text(x, middle + 3.8, words, 10.5, at="middle", bold=kind == "partly", fill=pen.INK)


def _above(narrow: list[tuple[float, str, str]], y: float) -> str:
    """The numbers of pieces too narrow to hold them: above the bar, pushed apart where they would touch."""
    drawn, free = [], 0.0
    for x, words, kind in narrow:
        half = pen.measure(words, 8.5) / 2
        x = max(x, free + half)
        drawn.append(pen.text(x, y, words, 8.5, at="middle", bold=kind == "late", fill=pen.INK))
        free = x + half + 3
    return "".join(drawn)


def _said(row: dict, parts: list[tuple[str, float]], legend: dict, figures: dict) -> str:
    values = "、".join(f"{legend[kind]}{value:g}" for kind, value in parts)
    rate = told(row.get("rate"), figures)
    return f"{row['label']}：{values}" + (f"，完成率{rate}" if rate else "")
