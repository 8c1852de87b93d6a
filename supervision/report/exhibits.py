"""图表: an exhibit of the frozen figures as a drawing or a table, the same on paper, on the page and in Word."""

from accountability.papers.blocks import Picture, Table
from supervision.report.drawings import DRAWN
from supervision.report.values import words_of


def is_chart(exhibit: dict) -> bool:
    return exhibit["kind"] in DRAWN


def svg(exhibit: dict, figures: dict) -> str:
    """图: one drawing, with its title and its values in words for who does not see it."""
    return DRAWN[exhibit["kind"]](exhibit, figures)


def table_block(exhibit: dict, figures: dict) -> Table:
    """表: every cell as words; a group's name opens a row of its own, the sum closes the table."""
    width = len(exhibit["columns"])
    rows = []
    for group in exhibit.get("groups") or []:
        if group.get("name"):
            rows.append((group["name"], *[""] * (width - 1)))
        rows += [tuple(words_of(cell, figures) for cell in row) for row in group["rows"]]
    if exhibit.get("sum"):
        rows.append(tuple(words_of(cell, figures) for cell in exhibit["sum"]))
    return Table(tuple(column["title"] for column in exhibit["columns"]), tuple(rows), exhibit["title"])


def block_of(exhibit: dict, figures: dict) -> Table | Picture:
    """As it stands on a formal paper and in Word."""
    if is_chart(exhibit):
        return Picture(svg(exhibit, figures), exhibit.get("alt", exhibit["title"]), exhibit["title"])
    return table_block(exhibit, figures)
