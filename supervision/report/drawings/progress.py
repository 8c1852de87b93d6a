"""年度进度: due, done and last year's done, each added up month by month and named at its end; no box of keys."""

from supervision.report.drawings import pen
from supervision.report.drawings.bars import alt_of, nothing

LEFT, RIGHT, TOP, BOTTOM = 34, 560, 14, 176
LINES = (
    ("before", "上年已完成", pen.INK_2, 1.1, "1.5 3"),
    ("due", "应完成", pen.INK_2, 1.3, "6 4"),
    ("done", "已完成", pen.RED, 2.4, ""),
)


def progress(exhibit: dict, _figures: dict) -> str:
    months = exhibit.get("months") or []
    known = {name: [month.get(name) for month in months] for name, *_ in LINES}
    if not any(value is not None for values in known.values() for value in values):
        return nothing(exhibit)
    most = max(value for values in known.values() for value in values if value is not None)
    step = _step(most)
    top = step * max(1, -(-most // step))
    across = (RIGHT - LEFT) / max(1, len(months) - 1)

    def place(at: int, value: float) -> tuple[float, float]:
        return LEFT + at * across, BOTTOM - (BOTTOM - TOP) * value / top

    drawn = [_grid(step, top), _months(months, across)]
    ends = []
    for name, words, colour, width, dash in LINES:
        points = [(place(at, value), value) for at, value in enumerate(known[name]) if value is not None]
        if not points:
            continue
        drawn.append(pen.path([point for point, _ in points], colour, width, dash))
        ends.append((points[-1][0], f"{words} {points[-1][1]:g}", colour, name == "done"))
        if name == "done":
            drawn += _marks(
                points, [place(at, due)[1] if due is not None else BOTTOM for at, due in enumerate(known["due"])]
            )
    drawn.append(_ends(ends))
    said = "；".join(_said(month, at, known) for at, month in enumerate(months))
    return pen.drawing(BOTTOM + 26, alt_of(exhibit), said, drawn)


def _step(most: float) -> float:
    """Four lines or so, at round numbers."""
    size = 1
    while True:
        for each in (1, 2, 5):
            if size * each * 6 >= most:
                return size * each
        size *= 10


def _grid(step: float, top: float) -> str:
    drawn, value = [], 0
    while value <= top:
        y = BOTTOM - (BOTTOM - TOP) * value / top
        drawn.append(pen.line(LEFT, y, RIGHT, y, pen.INK_3 if not value else pen.RULE_2, 0.9 if not value else 0.7))
        drawn.append(pen.text(LEFT - 6, y + 3.4, f"{value:g}", 9, at="end", fill=pen.INK_2))
        value += step
    return "".join(drawn)


def _months(months: list[dict], across: float) -> str:
    return "".join(
        pen.line(LEFT + at * across, BOTTOM, LEFT + at * across, BOTTOM + 4, pen.INK_3)
        + pen.text(LEFT + at * across, BOTTOM + 17, f"{month.get('month', at + 1)}月", 9.5, at="middle", fill=pen.INK_2)
        for at, month in enumerate(months)
    )


def _marks(points: list[tuple[tuple[float, float], float]], due: list[float]) -> list[str]:
    """Every month's number, on the side of its point where the line of what was due is not; the last has the line's name."""
    drawn = []
    for at, ((x, y), value) in enumerate(points):
        drawn.append(pen.disc(x, y, 2.8, pen.RED))
        if at < len(points) - 1:
            above = y <= due[at] or y > BOTTOM - 14
            drawn.append(pen.text(x, y - 6 if above else y + 13, f"{value:g}", 8.5, at="middle", fill=pen.RED))
    return drawn


def _ends(ends: list[tuple]) -> str:
    """Names at the lines' ends, from the top, pushed apart where lines meet."""
    drawn, free = [], 0.0
    for (x, y), words, colour, bold in sorted(ends, key=lambda end: end[0][1]):
        y = max(y, free + 7)
        drawn.append(
            pen.text(max(x, RIGHT) + 8 if x > RIGHT - 60 else x + 8, y + 4, words, 10.5, bold=bold, fill=colour)
        )
        free = y + 7
    return "".join(drawn)


def _said(month: dict, at: int, known: dict) -> str:
    told = "、".join(f"{words}{known[name][at]:g}" for name, words, *_ in LINES[::-1] if known[name][at] is not None)
    return f"{month.get('month', at + 1)}月{told}"
