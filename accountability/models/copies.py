"""历史的抄件: the database copies a row into its history by itself, one statement a save; nothing of it is built in Python.

The text of the statement is written once for each model. PostgreSQL plans it as long as it carries it out, so a session
that copies rows of a model again and again has it prepared.
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
    by_id: int | None

    def params(self, connection) -> list:
        return [connection.ops.adapt_datetimefield_value(self.at), self.type, self.reason, self.by_id]


class _Statement(NamedTuple):
    """Four marks of a signature, then the number of a row; ``many`` ends before the numbers of several."""

    one: str
    many: str
    prepared: str


def copy_row(history: type[models.Model], pk, signature: Signature, *, using: str) -> bool:
    """Whether there was a row to copy."""
    connection, statement = connections[using], _statement(history, using)
    params = [*signature.params(connection), pk]
    if connection.vendor == "postgresql":
        return _send_prepared(connection, statement, params) == 1
    return _send(connection, statement.one, params) == 1


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
    types = ", ".join(field.db_type(connection) for field in [*told, number])
    return _Statement(
        one=f"{into}%s, %s, %s, %s{source} = %s",
        many=f"{into}%s, %s, %s, %s{source} IN",
        prepared=f"({types}) AS {into}$1, $2, $3, $4{source} = $5",
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


def _send_prepared(connection, statement: _Statement, params: list) -> int:
    """The statement itself at first, once its preparation with its first use, from then on its name alone.

    A preparation lives as long as the session, through a rollback too. Where sessions are lent by transaction
    (DISABLE_SERVER_SIDE_CURSORS says so) there is none to rely on.
    """
    uses = _uses(connection)
    use = uses.get(statement.one, 1)
    if isinstance(use, str):
        return _send(connection, use, params)
    if use < PREPARED_AT or connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"):
        uses[statement.one] = use + 1
        return _send(connection, statement.one, params)
    name = f"history_{next(_numbers)}"
    named = f"EXECUTE {name} (%s, %s, %s, %s, %s)"
    written = _send(connection, f"PREPARE {name} {statement.prepared}; {named}", params)
    uses[statement.one] = named
    return written


def _uses(connection) -> dict[str, int | str]:
    """Of this session: how often a statement was sent, or what to send now that it is prepared."""
    session, uses = getattr(connection, "history_statements", (None, {}))
    if session is not connection.connection:
        uses = {}
        connection.history_statements = connection.connection, uses
    return uses
