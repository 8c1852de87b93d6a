"""计数: several counts in one query, each a row of it."""

from django.db.models import CharField, F, Func, IntegerField, QuerySet, Value


def counts_of(rows: dict[str, QuerySet]) -> dict[str, int]:
    """How many rows each queryset holds: one query for all of them.

    Put beside one another rather than as subqueries of one row: Django resolves a subquery and all it contains anew,
    which took as long as everything else the frame of a page does.
    """
    counted = [_counted(name, queryset) for name, queryset in rows.items()]
    told = dict(counted[0].union(*counted[1:], all=True)) if counted else {}
    return {name: told.get(name, 0) for name in rows}


def _counted(name: str, rows: QuerySet) -> QuerySet:
    """One row: the name and the number. No row at all where nothing could be found."""
    number = Func(F("pk"), function="COUNT", output_field=IntegerField())
    counted = rows.order_by().annotate(counted_as=Value(name, output_field=CharField()), counted=number)
    return counted.values_list("counted_as", "counted")
