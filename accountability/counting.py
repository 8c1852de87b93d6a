"""计数: several counts in one query, each a row of it."""

from collections.abc import Callable, Hashable

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import CharField, F, Func, IntegerField, QuerySet, Value

KEPT_STATEMENTS = 2000  # some 10 KB each
_statements: dict[Hashable, tuple[tuple[str, ...], str, tuple]] = {}


def counts_of(rows: dict[str, QuerySet]) -> dict[str, int]:
    """How many rows each queryset holds: one query for all of them.

    Put beside one another rather than as subqueries of one row: Django resolves a subquery and all it contains anew,
    which took as long as everything else the frame of a page does.
    """
    return _told(rows, dict(_one_query(rows)) if rows else {})


def counts_again(shaped_by: Hashable, rows: Callable[[], dict[str, QuerySet]]) -> dict[str, int]:
    """``counts_of(rows())``, without building the query anew for who asks again.

    To write the statement takes longer than to carry it out. It is the statement that is kept, never an answer:
    ``shaped_by`` must hold everything that ``rows`` looks at, so that the same key always means the same text.
    """
    if shaped_by not in _statements:
        if len(_statements) >= KEPT_STATEMENTS:
            _statements.clear()
        built = rows()
        _statements[shaped_by] = tuple(built), *_statement(_one_query(built))
    names, sql, params = _statements[shaped_by]
    if not sql:
        return dict.fromkeys(names, 0)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return _told(names, dict(cursor.fetchall()))


def _statement(query: QuerySet) -> tuple[str, tuple]:
    try:
        return query.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return "", ()


def _told(names, numbers: dict[str, int]) -> dict[str, int]:
    return {name: numbers.get(name, 0) for name in names}


def _one_query(rows: dict[str, QuerySet]) -> QuerySet:
    first, *others = [_counted(name, queryset) for name, queryset in rows.items()]
    return first.union(*others, all=True)


def _counted(name: str, rows: QuerySet) -> QuerySet:
    """One row: the name and the number. No row at all where nothing could be found."""
    number = Func(F("pk"), function="COUNT", output_field=IntegerField())
    counted = rows.order_by().annotate(counted_as=Value(name, output_field=CharField()), counted=number)
    return counted.values_list("counted_as", "counted")
