"""表头: one to three rows, any order, many names; found among the first rows of a sheet."""

from dataclasses import dataclass, field

from inspections.reading.names import COLUMNS_AT_MOST, field_of, head_name, tidy

HEAD_ROWS, HEAD_DEPTH, KNOWN_AT_LEAST = 40, 3, 3


@dataclass
class Head:
    """Where each field stands (column number from 0), what it is called there, the rows of the header."""

    first_row: int
    last_row: int
    columns: dict[str, int] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    ignored: dict[int, str] = field(default_factory=dict)  # column → its name; named in a note, never read
    problem_from: str = ""  # the label of the column that had to serve as 具体问题


def find_head(sheet: dict) -> Head | None:
    """The best of the first rows: where most names are known, alone or with the one or two rows below."""
    numbers = [number for number, _ in sheet["rows"][:HEAD_ROWS]]
    rows = dict(sheet["rows"][: HEAD_ROWS + HEAD_DEPTH])
    last = max(rows, default=0)
    merges = [one for one in sheet["merges"] if one[0] <= last]
    best: Head | None = None
    for first in numbers:
        for depth in range(1, HEAD_DEPTH + 1):
            head = _read_head(merges, rows, first, first + depth - 1)
            known = len(head.columns)
            if known >= KNOWN_AT_LEAST and "measure" in head.columns and (not best or known > len(best.columns)):
                best = head
    if best is not None:
        best.last_row = max(best.last_row, _bottom(merges, best))
        if "text" not in best.columns and "symptoms" in best.columns:
            best.columns["text"], best.labels["text"] = best.columns.pop("symptoms"), best.labels.pop("symptoms")
            best.problem_from = best.labels["text"]
    return best


def _bottom(merges: list, head: Head) -> int:
    """The last row a merged name of the header reaches down to."""
    reach = [
        bottom for top, _, bottom, _ in merges
        if head.first_row <= top <= head.last_row and bottom < head.first_row + HEAD_DEPTH
    ]  # fmt: skip
    return max(reach, default=0)


def _read_head(merges: list, rows: dict[int, list], first: int, last: int) -> Head:
    """The lowest name of each column counts; a group name only over a column that has no name of its own."""
    across = {
        (top, column)
        for top, left, _, right in merges
        if first <= top <= last and right > left
        for column in range(left - 1, min(right, COLUMNS_AT_MOST))
    }
    width = max((len(rows.get(number, ())) for number in range(first, last + 1)), default=0)
    head, ranks = Head(first, last), {}
    for column in range(width):
        label, is_group = _lowest(rows, column, first, last, across)
        name = head_name(label)
        if not name or is_group:
            continue
        key, rank = field_of(name) or ("", 0)
        if not key:
            head.ignored[column] = tidy(label)
        elif key not in ranks or rank < ranks[key]:
            if key in ranks:
                head.ignored[head.columns[key]] = head.labels[key]
            head.columns[key], head.labels[key], ranks[key] = column, tidy(label), rank
        else:
            head.ignored[column] = tidy(label)
    return head


def _lowest(rows: dict[int, list], column: int, first: int, last: int, across: set) -> tuple[str, bool]:
    for number in range(last, first - 1, -1):
        cells = rows.get(number, ())
        if column < len(cells) and isinstance(cells[column], str) and cells[column].strip():
            return cells[column], (number, column) in across and number < last
    return "", False
