"""The foundation kept beside the database: laid once, put back table by table after every transactional test.

In place of Django's flush, which on PostgreSQL takes ten seconds for our tables, and of laying the foundation again. On
SQLite it is kept as a file, on PostgreSQL in a schema of the same database.
"""

from itertools import count
from pathlib import Path

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import TransactionTestCase


def keep() -> None:
    """Write the database as it stands beside itself."""
    _ways()[0]()


def restore() -> bool:
    """Put every row back; False where nothing was kept."""
    is_back = _ways()[1]()
    ContentType.objects.clear_cache()
    return is_back


def instead_of_flushing() -> None:
    """From here on transactional tests leave the foundation behind, as all others do."""
    flush = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = lambda case: restore() or flush(case)


def _ways():
    return (_keep_file, _restore_file) if connection.vendor == "sqlite" else (_keep_schema, _restore_schema)


# ── SQLite ───────────────────────────────────────────────────────────────────────────────────


def _file() -> Path:
    name = Path(connection.settings_dict["NAME"])
    return name.with_name(f"{name.name}.foundation")


def _keep_file() -> None:
    _file().unlink(missing_ok=True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(_file())])


def _restore_file() -> bool:
    if not _file().exists():
        return False
    with connection.cursor() as cursor:
        cursor.execute("ATTACH DATABASE %s AS kept", [str(_file())])
        cursor.execute("PRAGMA foreign_keys = OFF")
        try:
            cursor.execute("BEGIN IMMEDIATE")
            kept_from_change = _triggers(cursor)
            for name, _ in kept_from_change:
                cursor.execute(f"DROP TRIGGER {name}")
            for table in _tables(cursor):
                cursor.execute(f'DELETE FROM main."{table}"')
                cursor.execute(f'INSERT INTO main."{table}" SELECT * FROM kept."{table}"')
            for _, made in kept_from_change:
                cursor.execute(made)
            cursor.execute("COMMIT")
        finally:
            cursor.execute("PRAGMA foreign_keys = ON")
            cursor.execute("DETACH DATABASE kept")
    return True


def _triggers(cursor) -> list[tuple[str, str]]:
    """What refuses to change the audit log, also to put it back."""
    cursor.execute("SELECT name, sql FROM main.sqlite_master WHERE type = 'trigger'")
    return cursor.fetchall()


def _tables(cursor) -> list[str]:
    cursor.execute("SELECT name FROM kept.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_stat%%'")
    return [name for (name,) in cursor.fetchall()]


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────


SWEPT_EVERY = 8
_restored = count(1)


def _keep_schema() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS kept CASCADE")
        cursor.execute("CREATE SCHEMA kept")
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'CREATE TABLE kept."{table}" AS TABLE public."{table}"')


def _restore_schema() -> bool:
    """With the checks of foreign keys at rest, which only the owner of the server may order; sequences go on from where they are."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'kept'")
        back = [
            f'DELETE FROM public."{table}"; INSERT INTO public."{table}" TABLE kept."{table}"' for (table,) in cursor
        ]
        if back:
            cursor.execute("; ".join(["SET LOCAL session_replication_role = replica", *back]))
    if next(_restored) % SWEPT_EVERY == 0:  # rows deleted again and again pile up, and a board takes seconds
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    return bool(back)
