"""The foundation kept as a file: laid once, copied back table by table when a transactional test has flushed it.

On SQLite only, where laying it again would cost every such test seconds; PostgreSQL lays it again.
"""

from pathlib import Path

from django.contrib.contenttypes.models import ContentType
from django.db import connection


def _file() -> Path:
    name = Path(connection.settings_dict["NAME"])
    return name.with_name(f"{name.name}.foundation")


def keep() -> None:
    """Write the database as it stands beside itself."""
    if connection.vendor != "sqlite":
        return
    _file().unlink(missing_ok=True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(_file())])


def restore() -> bool:
    """Put every row back; False where nothing was kept."""
    if connection.vendor != "sqlite" or not _file().exists():
        return False
    with connection.cursor() as cursor:
        cursor.execute("ATTACH DATABASE %s AS kept", [str(_file())])
        cursor.execute("PRAGMA foreign_keys = OFF")
        try:
            cursor.execute("BEGIN IMMEDIATE")
            for table in _tables(cursor):
                cursor.execute(f'DELETE FROM main."{table}"')
                cursor.execute(f'INSERT INTO main."{table}" SELECT * FROM kept."{table}"')
            cursor.execute("COMMIT")
        finally:
            cursor.execute("PRAGMA foreign_keys = ON")
            cursor.execute("DETACH DATABASE kept")
    ContentType.objects.clear_cache()  # a flush had numbered them anew
    return True


def _tables(cursor) -> list[str]:
    cursor.execute("SELECT name FROM kept.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_stat%%'")
    return [name for (name,) in cursor.fetchall()]
