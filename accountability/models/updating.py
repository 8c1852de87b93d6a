"""成批改写: fields of many rows of one model, in a tenth of the time ``bulk_update`` takes, and to the very same values.

Django writes for each field a CASE with a branch for each row, which it makes into SQL branch by branch and the database
walks through for every row. Here the new values are a table that the rows are joined to.
"""

from collections.abc import Sequence
from itertools import chain

from django.db import connections, models, router, transaction

from accountability.models.insertion import PARAMETERS_AT_MOST, prepared


def update_rows(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Write the fields ``names`` of saved ``rows`` of one model, each row once. Values the database computes are Django's to write."""
    if not rows:
        return
    model, meta = type(rows[0]), rows[0]._meta
    connection = connections[router.db_for_write(model)]
    fields = [meta.get_field(name) for name in names]
    columns = [prepared(field, rows, connection) for field in fields]
    if None in columns:
        model._default_manager.bulk_update(rows, names, batch_size=100)
        return
    values = list(zip([row.pk for row in rows], *columns, strict=True))
    at_once = PARAMETERS_AT_MOST // (len(fields) + 1)
    with transaction.atomic(using=connection.alias, savepoint=False), connection.cursor() as cursor:
        for place in range(0, len(values), at_once):
            some = values[place : place + at_once]
            cursor.execute(_statement(meta, fields, len(some), connection), list(chain.from_iterable(some)))


def _statement(meta, fields: Sequence[models.Field], count: int, connection) -> str:
    """Names of our own tables and columns alone; values are parameters, on PostgreSQL of the kind their column has."""
    quote = connection.ops.quote_name
    table, marks = quote(meta.db_table), ", ".join(["%s"] * (len(fields) + 1))
    first = marks
    if connection.features.requires_casted_case_in_updates:
        first = ", ".join(f"%s::{_kind(field, connection)}" for field in (meta.pk, *fields))
    told = ", ".join([f"({first})"] + [f"({marks})"] * (count - 1))
    # Both databases call what VALUES gives column1, column2 and so on.
    changes = ", ".join(f"{quote(field.column)} = told.column{place}" for place, field in enumerate(fields, 2))
    return (
        f"UPDATE {table} SET {changes} FROM (VALUES {told}) AS told "  # noqa: S608
        f"WHERE {table}.{quote(meta.pk.column)} = told.column1"
    )


def _kind(field: models.Field, connection) -> str:
    """Without its length: a cast would cut off what is too long, where writing it refuses."""
    kind = field.rel_db_type(connection) if field.primary_key else field.db_type(connection)
    return kind.partition("(")[0]
