"""图: numbers to coordinates for the SVG the paper draws; 664 units are the width of the text (4 = 1 mm)."""

from datetime import date

BAR_LEFT, BAR_WIDTH = 152, 330
LINE_LEFT, LINE_RIGHT, LINE_TOP, LINE_BOTTOM = 40, 560, 20, 170
MONTH_LEFT, MONTH_WIDTH = 150, 40


def bars(rows: list[dict], figures: dict) -> list[dict]:
    """Done solid, done late hatched, late black, to come hollow; every part carries its number."""
    drawn = []
    for number, row in enumerate(rows):
        values = {name: figures[row[name]]["value"] for name in ("owed", "done", "done_late", "late")}
        scale = BAR_WIDTH / values["owed"] if values["owed"] else 0
        x, parts = float(BAR_LEFT), []
        for kind, value in (
            ("done", row["on_time"]),
            ("partly", values["done_late"]),
            ("late", values["late"]),
            ("open", row["to_come"]),
        ):
            width = round(value * scale, 1)
            if value:
                parts.append(
                    {"kind": kind, "x": round(x, 1), "width": width, "value": value, "middle": round(x + width / 2, 1)}
                )
            x += width
        drawn.append({"label": row["label"], "y": 26 + number * 30, "parts": parts, "rate": row["rate"], **values})
    return drawn


def progress(months: list[dict]) -> dict:
    """计划虚线、实际实线: cumulative, both labelled at the line's end."""
    top = max([month["due"] for month in months] + [1])
    step = (LINE_RIGHT - LINE_LEFT) / 11

    def point(index: int, value: int) -> tuple[float, float]:
        return round(LINE_LEFT + index * step, 1), round(LINE_BOTTOM - (LINE_BOTTOM - LINE_TOP) * value / top, 1)

    due = [point(index, month["due"]) for index, month in enumerate(months)]
    done = [point(index, month["done"]) for index, month in enumerate(months) if month["done"] is not None]
    known = [month["done"] for month in months if month["done"] is not None]
    return {
        "ticks": [{"x": x, "label": f"{index + 1}月"} for index, (x, _) in enumerate(due)],
        "due": _path(due),
        "done": _path(done),
        "due_end": {"x": due[-1][0], "y": due[-1][1], "value": months[-1]["due"]},
        "done_end": {"x": done[-1][0], "y": done[-1][1], "value": known[-1]} if done else None,
        "top": top,
    }


def timeline(rows: list[dict], year: int) -> dict:
    """会议分布: a disc for what was held, a ring for what is still due, diamonds for N."""
    lines = []
    for number, row in enumerate(rows):
        y = 40 + number * 30
        held = [{"x": _day_x(day, year), "y": y, "label": _short(day)} for day in row["days"]]
        ahead = [{"x": _day_x(row["next"], year), "y": y, "label": _short(row["next"])}] if row["next"] else []
        lines.append(
            {
                "title": row["short_title"],
                "y": y,
                "held": held,
                "ahead": ahead,
                "is_open_ended": row["required"] is None,
            }
        )
    months = [{"x": MONTH_LEFT + index * MONTH_WIDTH, "label": f"{index + 1}月"} for index in range(12)]
    return {"lines": lines, "months": months, "height": 56 + len(rows) * 30, "right": MONTH_LEFT + 12 * MONTH_WIDTH}


def _day_x(day: str, year: int) -> float:
    on = date.fromisoformat(day)
    month = on.month - 1 + 12 * (on.year - year)
    return round(MONTH_LEFT + min(month + (on.day - 1) / 31, 12.2) * MONTH_WIDTH, 1)


def _short(day: str) -> str:
    on = date.fromisoformat(day)
    return f"{on.month}.{on.day}"


def _path(points: list[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{x} {y}" for x, y in points) if points else ""
