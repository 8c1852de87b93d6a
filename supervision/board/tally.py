"""合计: what the six steps and the four questions count, by subject, in one query over the duties of their reader."""

from datetime import date

from django.db.models import QuerySet

from supervision.board import loop, questions


def tally(duties: QuerySet, year: int, on: date) -> dict[str, dict[str, int]]:
    """Subject → name of the count → how many."""
    counts = loop.counted(year, on) | questions.counted(year, on)
    rows = duties.of_year(year).owed().order_by().values("subject").annotate(**counts)
    return {row["subject"]: row for row in rows}
