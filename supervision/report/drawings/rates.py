"""四问: a rate as a bar from nought, how it is divided, last year's as a stroke across it, and its months as a line."""

from supervision.report.drawings import pen
from supervision.report.drawings.bars import alt_of, nothing
from supervision.report.values import number, told

PITCH, WITHOUT_MONTHS = 122, 66
BAR, THICK = 41, 12
LEFT, MONTH, TALL = 66, 51, 18  # the months' line


def rates(exhibit: dict, figures: dict) -> str:
    rows = exhibit.get("rows") or []
    if not rows:
        return nothing(exhibit)
    drawn, y = [], 0
    for row in rows:
        drawn.append(_row(row, y, figures))
        y += PITCH if _has_months(row) else WITHOUT_MONTHS
    return pen.drawing(y, alt_of(exhibit), "；".join(_said(row, figures) for row in rows), drawn)


def _has_months(row: dict) -> bool:
    return any(each is not None for each in row.get("months") or ())


def _row(row: dict, y: float, figures: dict) -> str:
    rate, last = told(row["figure"], figures), told(row.get("before"), figures)
    drawn = [pen.line(0, y + 0.5, pen.WIDE, y + 0.5, pen.RULE, 0.8)]
    drawn += [pen.text(0, y + 19, each, 13, bold=True, serif=True) for each in pen.fit(row["asked"], 13, 400, 1)]
    drawn.append(pen.text(pen.WIDE, y + 28, rate, 24, at="end", bold=True, serif=True, fill=pen.RED))
    if last:
        drawn.append(pen.text(pen.WIDE - 96, y + 19, f"上年 {last}", 10, at="end", fill=pen.INK_2))
    if division := _division(row, rate, figures):
        drawn.append(pen.text(0, y + 34, division, 9.5, fill=pen.INK_2))
    drawn.append(_bar(number(row["figure"], figures), number(row.get("before"), figures), y + BAR))
    if _has_months(row):
        drawn.append(_months(row["months"], y + BAR + THICK + 20))
    return "".join(drawn)


def _division(row: dict, rate: str, figures: dict) -> str:
    parts = [told(row.get(name), figures) for name in ("well", "whole", "lacking")]
    if not all(parts):
        return ""
    return f"符合 {parts[0]}　÷　应计 {parts[1]}　＝　{rate}　　未符合 {parts[2]}"


def _bar(now: float | None, last: float | None, y: float) -> str:
    """From 0 to 100, so that its length is the rate."""
    drawn = [pen.rect(0, y, pen.WIDE, THICK, pen.TINT, pen.RULE, 0.6)]
    if now:
        drawn.append(pen.rect(0, y, pen.WIDE * min(now, 100) / 100, THICK, pen.DEEP))
    if last is not None:
        x = min(max(pen.WIDE * last / 100, 1), pen.WIDE - 1)
        drawn.append(pen.line(x, y - 3, x, y + THICK + 3, pen.PAPER, 4))
        drawn.append(pen.line(x, y - 3, x, y + THICK + 3, pen.INK, 1.8))
    return "".join(drawn)


def _months(months: list[float | None], y: float) -> str:
    """A point and its number for every month; where there was nothing to count the line has a gap and the month a dash."""
    drawn = [pen.text(0, y + TALL + 11, "各月末", 9.5, fill=pen.INK_2)]
    drawn.append(pen.line(LEFT - 18, y + TALL, LEFT + 11 * MONTH + 18, y + TALL, pen.RULE, 0.8))
    points = [
        (LEFT + at * MONTH, y + TALL * (1 - each / 100)) if each is not None else None for at, each in enumerate(months)
    ]
    drawn += [pen.path(stretch, pen.MID, 1.6) for stretch in _stretches(points) if len(stretch) > 1]
    for at in range(12):
        x = LEFT + at * MONTH
        drawn.append(pen.text(x, y + TALL + 11, f"{at + 1}月", 8, at="middle", fill=pen.INK_2))
        if at < len(months) and points[at]:
            drawn.append(pen.disc(x, points[at][1], 2.4, pen.DEEP))
            drawn.append(pen.text(x, points[at][1] - 5, f"{months[at]:g}", 8.5, at="middle"))
        elif at < len(months):
            drawn.append(pen.text(x, y + TALL - 5, "—", 8.5, at="middle", fill=pen.INK_2))
    return "".join(drawn)


def _stretches(points: list[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    found: list[list[tuple[float, float]]] = [[]]
    for each in points:
        if each:
            found[-1].append(each)
        else:
            found.append([])
    return found


def _said(row: dict, figures: dict) -> str:
    last = told(row.get("before"), figures)
    months = "、".join(
        f"{at}月{'—' if each is None else f'{each:g}%'}" for at, each in enumerate(row.get("months") or (), 1)
    )
    parts = [
        f"{row['asked']}{told(row['figure'], figures)}",
        f"上年{last}" if last else "",
        f"各月末{months}" if months else "",
    ]
    return "，".join(each for each in parts if each)
