"""整改措施: one square is one measure, filled column by column; beside it what each fill means, how many, what share."""

from supervision.report.drawings import pen
from supervision.report.drawings.bars import alt_of, nothing
from supervision.report.values import number

WIDTH, MOST = 460, 600  # of the squares; above so many a square stands for several
ROW = 22  # squares, before a second row is begun; more than five rows only where squares would get small
KEY = 488


def waffle(exhibit: dict, figures: dict) -> str:
    parts = [(part["kind"], part["label"], int(number(part["figure"], figures) or 0)) for part in exhibit["parts"]]
    whole = sum(value for *_, value in parts)
    if not whole:
        return nothing(exhibit)
    each = -(-whole // MOST)
    kinds = [kind for kind, _, value in parts for _ in range(-(-value // each))]
    rows = min(5, -(-len(kinds) // ROW))
    while (pitch := min(21.0, WIDTH / -(-len(kinds) // rows))) < 13 and rows < 15:
        rows += 1
    drawn = [
        pen.block(kind, at // rows * pitch + 0.5, at % rows * pitch + 0.5, pitch * 0.82, pitch * 0.82)
        for at, kind in enumerate(kinds)
    ]
    height = max(rows * pitch, len(parts) * 28)
    unit = exhibit.get("unit", "")
    if each > 1:
        drawn.append(pen.text(0, height + 12, f"一格为{each}{unit}", 9, fill=pen.INK_2))
    drawn += [_key(part, 4 + at * 28, whole) for at, part in enumerate(parts)]
    said = "；".join(f"{label}{value}{unit}" for _, label, value in parts)
    return pen.drawing(height + (18 if each > 1 else 4), alt_of(exhibit), said, drawn)


def _key(part: tuple[str, str, int], y: float, whole: int) -> str:
    kind, words, value = part
    shown = "".join(pen.fit(words, 10.5, 84, 1))
    return (
        pen.block(kind, KEY, y + 1, 12, 12)
        + pen.text(KEY + 18, y + 11, shown, 10.5)
        + pen.text(622, y + 13, f"{value}", 17, at="end", bold=True, fill=pen.RED if kind == "done" else pen.INK)
        + pen.text(pen.WIDE, y + 11, f"{value / whole:.1%}", 9.5, at="end", fill=pen.INK_2)
    )
