"""会议分布: a disc for what was held, a dashed ring for what is to come, diamonds for N, the day of the figures upright."""

from datetime import date

from supervision.report.drawings import pen
from supervision.report.drawings.bars import alt_of, nothing
from supervision.report.values import told

LABEL, LEFT = 122, 128
MONTHS = 14  # the year, and the two months in which the last reports of it fall due
TOP, PITCH = 26, 42
GAP = 3  # between two labels


def timeline(exhibit: dict, figures: dict) -> str:
    rows = exhibit.get("rows") or []
    if not rows:
        return nothing(exhibit)
    across = (pen.WIDE - LEFT) / MONTHS
    bottom = TOP + len(rows) * PITCH

    def place(day: str) -> float:
        return LEFT + min(max(_month(day, exhibit["year"]), 0.05), MONTHS - 0.05) * across

    drawn = [_months(across, bottom)]
    if 0 < _month(exhibit["on"], exhibit["year"]) < MONTHS:
        drawn.append(_today(exhibit["on"], place(exhibit["on"]), bottom))
    drawn += [
        _row(row, TOP + at * PITCH + PITCH / 2, place, told(row.get("figure"), figures)) for at, row in enumerate(rows)
    ]
    return pen.drawing(bottom + 14, alt_of(exhibit), "；".join(map(_said, rows)), drawn)


def _month(day: str, year: int) -> float:
    """Months since the year began."""
    on = date.fromisoformat(day)
    return (on.year - year) * 12 + on.month - 1 + (on.day - 1) / 31


def _months(across: float, bottom: float) -> str:
    drawn = [pen.rect(LEFT + 12 * across, 16, (MONTHS - 12) * across, bottom - 16, pen.TINT)]
    for at in range(MONTHS):
        x = LEFT + at * across
        words, size = (f"{at + 1}月", 9.5) if at < 12 else (f"次年{at - 11}月", 8.5)
        drawn.append(pen.line(x, 16, x, bottom, pen.RULE_2))
        drawn.append(pen.text(x + across / 2, 11, words, size, at="middle", fill=pen.INK_2))
    return "".join(drawn)


def _today(day: str, x: float, bottom: float) -> str:
    words = f"数据截至 {_short(day)}"
    middle = min(x, pen.WIDE - pen.measure(words, 8.5) / 2)
    return pen.line(x, 16, x, bottom + 2, pen.INK, 1, "3 2") + pen.text(
        middle, bottom + 12, words, 8.5, at="middle", fill=pen.INK_2
    )


def _row(row: dict, y: float, place, count: str) -> str:
    held, ahead = row["held"], [row["next"]] if row["next"] else []
    words = f"已召开 {count or len(held)} 次" + ("，不设次数" if row["open_ended"] else "")
    drawn = [pen.label(0, y, LABEL, row["label"], words), pen.line(LEFT, y, pen.WIDE, y)]
    for day in held:
        x = place(day)
        drawn.append(pen.diamond(x, y, 5.2, pen.MID, pen.DEEP) if row["open_ended"] else pen.disc(x, y, 5, pen.DEEP))
    drawn += [pen.disc(place(day), y, 4.6, pen.PAPER, pen.RED, "2.2 1.5") for day in ahead]
    days = [] if row["open_ended"] else sorted([*held, *ahead])  # N are many; what counts is how they are spread
    return "".join([*drawn, _labels([(place(day), _short(day)) for day in days], y + 16)])


def _labels(labels: list[tuple[float, str]], y: float) -> str:
    """Small words centred on their marks, moved a little where neighbours would touch, left out where that is not enough."""
    drawn, free = [], 0.0
    for x, words in labels:
        half = pen.measure(words, 8.5) / 2
        at = min(max(x, free + GAP + half), pen.WIDE - half)
        if not words or at - x > 2 * half or at - half < free:
            continue
        drawn.append(pen.text(at, y, words, 8.5, at="middle", fill=pen.INK_2))
        free = at + half
    return "".join(drawn)


def _short(day: str) -> str:
    on = date.fromisoformat(day)
    return f"{on.month}.{on.day}"


def _said(row: dict) -> str:
    days = "、".join(row["held"]) or "没有记录"
    return f"{row['title']}：{days}" + (f"，下一次期限{row['next']}" if row["next"] else "")
