"""折线与柱: numbers to coordinates for the SVG the template draws; labels at the line's end, no legend."""

from dataclasses import dataclass

LEFT, RIGHT, TOP, BOTTOM = 44, 484, 24, 224
BAR_TOP, BAR_BOTTOM = 264, 324


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    label: str
    value: int


@dataclass(frozen=True)
class TrendChart:
    """Cumulative due against done, and what was late at each month's end."""

    grid: list[Point]
    months: list[Point]
    due_path: str
    done_path: str
    before_path: str
    due_end: Point
    done_end: Point | None
    before_end: Point | None
    bars: list[dict]


def trend_chart(months: list[dict]) -> TrendChart:
    top = _round_up(max(max(month["due"], month["before"] or 0) for month in months))
    peak = max([month["late"] or 0 for month in months] + [1])
    step = (RIGHT - LEFT) / 11
    xs = [round(LEFT + index * step, 1) for index in range(12)]

    def y(value: int) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * value / top, 1)

    due = [Point(x, y(month["due"]), f"{month['month']}月", month["due"]) for x, month in zip(xs, months, strict=True)]
    done = [
        Point(x, y(month["done"]), "", month["done"])
        for x, month in zip(xs, months, strict=True)
        if month["done"] is not None
    ]
    before = [
        Point(x, y(month["before"]), "", month["before"])
        for x, month in zip(xs, months, strict=True)
        if month["before"] is not None
    ]
    last = len(done) - 1
    return TrendChart(
        grid=[Point(LEFT, y(value), str(value), value) for value in range(0, top + 1, top // 4)],
        months=[Point(point.x, BAR_BOTTOM + 18, point.label, 0) for point in due],
        due_path=_path(due),
        done_path=_path(done),
        before_path=_path(before),
        due_end=due[-1],
        done_end=done[-1] if done else None,
        before_end=before[-1] if before else None,
        bars=[_bar(point.x, month["late"], peak, index == last) for index, (point, month) in enumerate(zip(due, months, strict=True)) if month["late"] is not None],
    )  # fmt: skip


def _bar(x: float, late: int, peak: int, is_now: bool) -> dict:
    height = round((BAR_BOTTOM - BAR_TOP - 16) * late / peak, 1)
    return {"x": x - 7, "middle": x, "y": BAR_BOTTOM - height, "height": height, "late": late, "is_now": is_now}


def _path(points: list[Point]) -> str:
    return "M" + " L".join(f"{point.x} {point.y}" for point in points) if points else ""


def _round_up(value: int) -> int:
    """The next number a person would end an axis at: 4 steps of 1, 2, 5 × 10ⁿ."""
    size = 4
    while True:
        for factor in (1, 2, 5):
            if size * factor >= value:
                return size * factor
        size *= 10


SPARK_WIDTH, SPARK_HEIGHT = 168, 32


@dataclass(frozen=True)
class Spark:
    """迷你折线: a rate in per cent over the months so far; gaps where there was nothing to count."""

    path: str
    end: Point
    words: str


def spark(months: list[float | None]) -> Spark | None:
    """None where fewer than two months have a rate."""
    known = [(index, rate) for index, rate in enumerate(months) if rate is not None]
    if len(known) < 2:
        return None
    low, high = min(rate for _, rate in known), max(rate for _, rate in known)
    span = max(high - low, 10)
    step = (SPARK_WIDTH - 8) / 11

    def place(index: int, rate: float) -> Point:
        return Point(
            round(4 + index * step, 1), round(4 + (SPARK_HEIGHT - 8) * (high - rate) / span, 1), "", round(rate)
        )

    points = [place(index, rate) for index, rate in known]
    (first, begun), (last, now) = known[0], known[-1]
    words = f"{first + 1} 月末 {begun:.1f}%，{last + 1} 月末 {now:.1f}%"
    return Spark(_path(points), points[-1], words)
