"""语句留存: the text of a query that is asked again and again, written once.

To write a statement of ours takes Django longer than the database takes to carry it out. It is the statement that is kept,
never an answer: ``shaped_by`` must hold everything that ``build`` looks at, so that the same key always means the same text.
"""

from collections.abc import Callable, Hashable
from datetime import date

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

MOST = 4000  # some 5 KB each
_kept: dict[Hashable, tuple[str, tuple]] = {}


def kept(shaped_by: Hashable, build: Callable[[], QuerySet]) -> tuple[str, tuple]:
    """SQL and parameters; an empty text where nothing can be found. Nothing is kept by None."""
    if shaped_by is None:
        return _written(build())
    statement = _kept.get(shaped_by)
    if statement is None:  # another thread may empty the store meanwhile: what was found is held
        statement = _written(build())
        if len(_kept) >= MOST:
            _kept.clear()
        _kept[shaped_by] = statement
    return statement


def ids(shaped_by: Hashable, build: Callable[[], QuerySet]) -> RawSQL | tuple:
    """What ``build`` finds, for ``…__in=`` in another query."""
    sql, params = kept(shaped_by, build)
    return RawSQL(sql, params) if sql else ()  # noqa: S611 - the ORM wrote it; values stand in params


def rows(shaped_by: Hashable, build: Callable[[], QuerySet]) -> list[tuple]:
    """What ``build`` finds, as the database gives it: a day has to be read by ``day``."""
    sql, params = kept(shaped_by, build)
    if not sql:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def day(value: date | str) -> date:
    """SQLite keeps a day as a word."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def _written(rows: QuerySet) -> tuple[str, tuple]:
    try:
        return rows.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return "", ()


def forget() -> None:
    _kept.clear()
