"""历史的抄件: the database copies a row into its history by itself; nothing of it is built in Python.

The text of the statement is written once for each model. On PostgreSQL, where going there and back takes as long as the
work, it goes along with the statement that writes the row; and as it is planned as long as it is carried out, a session that
copies rows of a model again and again has it prepared.
"""

from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from functools import cache
from itertools import count
from typing import NamedTuple

from django.db import connections, models

COPIED_AT_ONCE = 900  # numbers in one statement; SQLite once took no more than 999
PREPARED_AT = 5  # the use from which it pays; JDBC and psycopg count to five too
_numbers = count(1)  # of preparations: a session belongs to one process, and one that failed half way is not met again


class Signature(NamedTuple):
    """What a row of history says beside the values copied: 何时、何种变更、为何、何人."""

    at: datetime
    type: str
    reason: str | None
    by: models.Model | None

    def params(self, connection) -> list:
        return [
            connection.ops.adapt_datetimefield_value(self.at),
            self.type,
            self.reason,
            self.by.pk if self.by else None,
        ]


class _Statement(NamedTuple):
    """Four marks of a signature, then the number of a row; ``many`` ends before the numbers of several.

    ``new`` copies the row whose number this session drew last. On PostgreSQL each gives the number of the row back.
    """

    one: str
    new: str
    many: str
    prepared: str


def copy_row(history: type[models.Model], pk, signature: Signature, *, using: str) -> bool:
    """Whether there was a row to copy."""
    connection = connections[using]
    return _send(connection, _statement(history, using).one, [*signature.params(connection), pk]) == 1


def copy_rows(history: type[models.Model], pks: Iterable, signature: Signature, *, using: str) -> None:
    connection, pks = connections[using], list(pks)
    start = _statement(history, using).many
    with connection.cursor() as cursor:
        for place in range(0, len(pks), COPIED_AT_ONCE):
            some = pks[place : place + COPIED_AT_ONCE]
            marks = ", ".join(["%s"] * len(some))
            cursor.execute(f"{start} ({marks})", [*signature.params(connection), *some])


@cache
def _statement(history: type[models.Model], using: str) -> _Statement:
    """Nothing in it but names of our own tables and columns; values are parameters."""
    connection, model = connections[using], history.instance_type
    quote, column = connection.ops.quote_name, history._meta.get_field
    tracked = [field.attname for field in history.tracked_fields]
    told = [column(name) for name in ("history_date", "history_type", "history_change_reason", "history_user")]
    number = column(model._meta.pk.attname)
    kept = [quote(column(name).column) for name in tracked] + [quote(field.column) for field in told]
    copied = ", ".join(quote(model._meta.get_field(name).column) for name in tracked)
    into = f"INSERT INTO {quote(history._meta.db_table)} ({', '.join(kept)}) SELECT {copied}, "
    source = f" FROM {quote(model._meta.db_table)} WHERE {quote(model._meta.pk.column)}"
    back = f" RETURNING {quote(number.column)}" if connection.vendor == "postgresql" else ""
    types = ", ".join(field.db_type(connection) for field in [*told, number])
    return _Statement(
        one=f"{into}%s, %s, %s, %s{source} = %s{back}",
        new=f"{into}%s, %s, %s, %s{source} = (SELECT lastval()){back}",
        many=f"{into}%s, %s, %s, %s{source} IN",
        prepared=f"({types}) AS {into}$1, $2, $3, $4{source} = $5{back}",
    )


def _send(connection, text: str, params: list) -> int:
    """How many rows were written. Django's cursor is for whoever listens to it: else it is left out, for to be made, wrapped
    and, on SQLite, to translate the marks takes it as long as the database takes to write the row."""
    if connection.queries_logged or connection.execute_wrappers:
        with connection.cursor() as cursor:
            cursor.execute(text, params)
            return cursor.rowcount
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors, closing(connection.connection.cursor()) as cursor:
        cursor.execute(_with_own_marks(text) if connection.vendor == "sqlite" else text, params)
        return cursor.rowcount


@cache
def _with_own_marks(text: str) -> str:
    return text.replace("%s", "?")


class Rider:
    """An ``execute_wrapper`` for one save on PostgreSQL: the copy goes along with the statement that writes the row.

    Without a number it is a new row's. What comes back is the copy's: its number is the row's, and there are as many copies as
    rows were written. A statement is sent as it is at first, once with its preparation, from then on by its name; a preparation
    lives as long as the session, through a rollback too. Where sessions are lent by transaction
    (DISABLE_SERVER_SIDE_CURSORS says so) there is none to rely on.
    """

    def __init__(self, history: type[models.Model], pk, signature: Signature, *, using: str):
        self.connection, self.pk, self.signature = connections[using], pk, signature
        self.statement = _statement(history, using)
        self.is_kept = False

    def __call__(self, execute, sql: str, params, many: bool, context: dict):
        if self.is_kept or not sql.startswith(("INSERT ", "UPDATE ")):
            return execute(sql, params, many, context)
        uses = _uses(self.connection)
        known = uses.get(self.statement.one, 1)
        copy, known = self._prepared(known) if self._may_prepare(known) else self._as_it_is(known)
        signature = self.signature.params(self.connection)
        number = [] if self.pk is None else [self.pk]
        done = execute(f"{sql}; {copy}", (*params, *signature, *number), many, context)
        uses[self.statement.one] = known
        self.is_kept = context["cursor"].rowcount == 1
        return done

    def _may_prepare(self, known: int | str) -> bool:
        if self.connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"):
            return False
        return isinstance(known, str) or known >= PREPARED_AT

    def _as_it_is(self, uses: int | str) -> tuple[str, int | str]:
        text = self.statement.new if self.pk is None else self.statement.one
        return text, uses + 1 if isinstance(uses, int) else uses

    def _prepared(self, known: int | str) -> tuple[str, str]:
        is_new = not isinstance(known, str)
        name = f"history_{next(_numbers)}" if is_new else known
        number = "lastval()" if self.pk is None else "%s"
        execute = f"EXECUTE {name} (%s, %s, %s, %s, {number})"
        return (f"PREPARE {name} {self.statement.prepared}; {execute}" if is_new else execute), name


def _uses(connection) -> dict[str, int | str]:
    """Of this session: how often a statement was sent, or the name under which it is prepared by now."""
    session, uses = getattr(connection, "history_statements", (None, {}))
    if session is not connection.connection:
        uses = {}
        connection.history_statements = connection.connection, uses
    return uses
