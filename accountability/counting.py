"""计数: several counts in one query, each a row of it."""

from collections.abc import Callable, Hashable

from django.db import connection
from django.db.models import Case, CharField, Count, F, Func, IntegerField, Q, QuerySet, Subquery, Value, When, Window

from accountability import statements


def number_of(rows: QuerySet) -> Subquery:
    """How many of ``rows`` there are beside each row of a list (they name it by ``OuterRef``), as an annotation.

    Counted for the rows that are shown alone: a ``Count`` over a join groups all that could be shown, and the number of
    pages counts over that again.
    """
    number = Func(F("pk"), function="COUNT", output_field=IntegerField())
    return Subquery(rows.order_by().annotate(number_of_rows=number).values("number_of_rows"))


def how_many(rows: QuerySet) -> Subquery:
    """How many of ``rows`` there are in all, as a column beside some of them: a database looks once."""
    number = Func(F("pk"), function="COUNT", output_field=IntegerField())
    return Subquery(_each_once(rows).annotate(number_of_rows=number).values("number_of_rows"))


def how_many_besides(rows: QuerySet) -> Subquery | Window:
    """``how_many``, counted in the same reading as the rows: half the work where finding them is the work.

    Every row found is held until the last one is, so where all of a table is found ``how_many`` costs a third of this.
    """
    return how_many(rows) if _may_repeat(rows) else Window(Count("*"))


def _may_repeat(rows: QuerySet) -> bool:
    return rows.query.group_by is not None or rows.query.distinct


def _each_once(rows: QuerySet) -> QuerySet:
    """Each row once, whatever is counted beside it."""
    if _may_repeat(rows):
        return rows.model._default_manager.filter(pk__in=rows.order_by().values("pk")).order_by()
    return rows.order_by()


def counts_of(rows: dict[str, QuerySet]) -> dict[str, int]:
    """How many rows each queryset holds: one query for all of them.

    Put beside one another rather than as subqueries of one row: Django resolves a subquery and all it contains anew,
    which took as long as everything else the frame of a page does.
    """
    return _told(rows, dict(_one_query(rows)) if rows else {})


def counts_again(shaped_by: Hashable, rows: dict[str, Callable[[], QuerySet]]) -> dict[str, int]:
    """``counts_of`` what is found, without writing the query anew for who asks again (``statements``)."""
    sql, params = statements.kept(shaped_by, lambda: _one_query({name: find() for name, find in rows.items()}))
    if not sql:
        return dict.fromkeys(rows, 0)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return _told(rows, dict(cursor.fetchall()))


def counts_within(
    shaped_by: Hashable, find: Callable[[], QuerySet], conditions: Callable[[], dict[str, Q | None]]
) -> dict[str, int]:
    """How many of what is found meet each condition (none is all of them): one reading of the rows, one statement kept."""

    def build() -> QuerySet:
        columns = {f"n_{name}": _number(condition) for name, condition in conditions().items()}
        return find().order_by().annotate(**columns).values_list(*columns)

    sql, params = statements.kept(shaped_by, build)
    if not sql:
        return dict.fromkeys(conditions(), 0)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return {
            column[0].removeprefix("n_"): number
            for column, number in zip(cursor.description, cursor.fetchone(), strict=True)
        }


def _number(condition: Q | None) -> Func:
    """Not an aggregate of Django's, which would be counted for each row by itself."""
    counted = F("pk") if condition is None else Case(When(condition, then=F("pk")))
    return Func(counted, function="COUNT", output_field=IntegerField())


def _told(names, numbers: dict[str, int]) -> dict[str, int]:
    return {name: numbers.get(name, 0) for name in names}


def _one_query(rows: dict[str, QuerySet]) -> QuerySet:
    first, *others = [_counted(name, queryset) for name, queryset in rows.items()]
    return first.union(*others, all=True)


def _counted(name: str, rows: QuerySet) -> QuerySet:
    """One row: the name and the number. No row at all where nothing could be found."""
    number = Func(F("pk"), function="COUNT", output_field=IntegerField())
    counted = _each_once(rows).annotate(counted_as=Value(name, output_field=CharField()), counted=number)
    return counted.values_list("counted_as", "counted")
