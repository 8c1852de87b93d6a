"""语句留存: the text of a query that is asked again and again, written once.

To write a statement of ours takes Django longer than the database takes to carry it out. It is the statement that is kept,
never an answer: ``shaped_by`` must hold everything that ``build`` looks at, so that the same key always means the same text.
What ``build`` had to ask the database for, and a moment of the day, are in no key: such a statement is carried out and not kept.
"""

import copy
import re
from collections.abc import Callable, Hashable, Sequence
from datetime import date, datetime

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.sql.compiler import SQLCompiler

MOST = 4000  # some 5 KB each
MOST_COMPILERS = 600  # of objects: what they select and how they are made of it, some 60 KB each
_kept: dict[Hashable, tuple[str, tuple]] = {}
_compilers: dict[Hashable, SQLCompiler | None] = {}
A_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d")


def kept(shaped_by: Hashable, build: Callable[[], QuerySet]) -> tuple[str, tuple]:
    """SQL and parameters; an empty text where nothing can be found. Nothing is kept by None."""
    if shaped_by is None:
        return _written(build())
    statement = _kept.get(shaped_by)
    if statement is None:
        with Watch() as watch:
            statement = _written(build())
        if watch.allows(statement):
            _keep(_kept, MOST, shaped_by, statement)
    return statement


class Watch:
    """Sees whether the database is asked for anything while a statement is written."""

    def __init__(self) -> None:
        self.asked = False

    def __enter__(self) -> "Watch":
        connection.execute_wrappers.append(self)
        return self

    def __exit__(self, *_) -> None:
        connection.execute_wrappers.remove(self)

    def __call__(self, execute, sql, params, many, context):
        self.asked = True
        return execute(sql, params, many, context)

    def allows(self, statement: tuple[str, tuple]) -> bool:
        return not self.asked and not any(_is_moment(value) for value in statement[1])


def _is_moment(value) -> bool:
    return isinstance(value, datetime) or isinstance(value, str) and A_MOMENT.match(value) is not None


def _keep(store: dict, most: int, shaped_by: Hashable, statement) -> None:
    if len(store) >= most:
        for oldest in list(store)[: most // 4 + 1]:
            store.pop(oldest, None)
    store[shaped_by] = statement


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


def is_any(shaped_by: Hashable, build: Callable[[], QuerySet]) -> bool:
    """Whether ``build`` finds anything."""
    return bool(rows(shaped_by, lambda: build().order_by().values_list("pk")[:1]))


def day(value: date | str) -> date:
    """SQLite keeps a day as a word."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def objects(shaped_by: Hashable, build: Callable[[], QuerySet]) -> list:
    """What ``build`` finds, as objects, with what it selects beside them; what it would prefetch is not."""
    compiler = _compiler(shaped_by, build)
    return _objects(compiler, compiler.kept[1]) if compiler else []


def these(shaped_by: Hashable, build: Callable[[], QuerySet], pks: Sequence, most: int) -> list:
    """Those of what ``build`` finds that have these numbers, at most ``most`` of them, in the order of ``pks``.

    One statement whoever asks, and however many they are: the last number fills the places that are left.
    """
    places = tuple(range(-LEAST_NUMBER, most - LEAST_NUMBER))
    key = None if shaped_by is None else (shaped_by, "these", most)
    compiler = _compiler(key, lambda: build().order_by().filter(pk__in=places)) if pks else None
    if compiler is None:
        return []
    filled = (*pks, *(pks[-1:] * (most - len(pks))))
    # By its words: where the key is a word, the place is one too.
    by_place = {str(place): pk for place, pk in zip(places, filled, strict=True)}
    params = tuple(by_place.get(str(value), value) for value in compiler.kept[1])
    found = {row.pk: row for row in _objects(compiler, params)}
    return [found[pk] for pk in pks if pk in found]


UNKNOWN = object()
LEAST_NUMBER = 1 << 40  # numbers nothing has, in the places of those that will be asked for


def _compiler(shaped_by: Hashable, build: Callable[[], QuerySet]) -> SQLCompiler | None:
    """Nothing where nothing can be found, which is kept as well."""
    known = UNKNOWN if shaped_by is None else _compilers.get(shaped_by, UNKNOWN)
    if known is not UNKNOWN:
        return known
    with Watch() as watch:
        found = build()
        compiler = found.query.get_compiler(connection=connection)
        try:
            compiler.kept, compiler.found = compiler.as_sql(), found
        except EmptyResultSet:
            compiler = None
    if shaped_by is not None and watch.allows(compiler.kept if compiler else ("", ())):
        _keep(_compilers, MOST_COMPILERS, shaped_by, compiler)
    return compiler


def _objects(compiler: SQLCompiler, params: tuple) -> list:
    found = compiler.found.all()
    found.query.get_compiler = lambda *_, **__: _again(compiler, params)
    return list(found)


def _again(compiler: SQLCompiler, params: tuple) -> SQLCompiler:
    """One that has compiled already, for this thread's connection."""
    ours = copy.copy(compiler)
    ours.connection = connection
    ours.as_sql = lambda *_, **__: (compiler.kept[0], params)
    ours.klass_info = _sharing(compiler.klass_info)
    return ours


def _sharing(told: dict) -> dict:
    """How objects are made of a row: what several rows are joined to, such as their unit, is made once and shared.

    As ``prefetch_related`` shares it. Half of what a list costs is to make objects, and a row of the ledger has nine.
    """
    joined = [_sharing(each) | {"model": _Once(each["model"])} for each in told.get("related_klass_infos", ())]
    return told | {"related_klass_infos": joined}


class _Once:
    """A model to whoever makes objects of rows: the same number gives the same object."""

    def __init__(self, model: type[Model]) -> None:
        self._meta = model._meta
        self._make, self._made, self._place = model.from_db, {}, None

    def from_db(self, db: str, names: list[str], values: Sequence) -> Model:
        if self._place is None:
            self._place = names.index(self._meta.pk.attname)
        number = values[self._place]
        found = self._made.get(number)
        if found is None:
            found = self._made[number] = self._make(db, names, values)
        return found


def _written(rows: QuerySet) -> tuple[str, tuple]:
    try:
        return rows.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return "", ()


def forget() -> None:
    _kept.clear()
    _compilers.clear()
