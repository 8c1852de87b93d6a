"""读数: every table of a database counted and digested; what rows say of files, migrations and the chain of audit.

Tables are asked of the database, not of the models: none can be left out.
"""

import hashlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from django.apps import apps
from django.db import models
from django.db.migrations.loader import MigrationLoader

from accountability.backups.manifest import Table

Tell = Callable[[str], None]


class Reading(Protocol):
    """A database standing still: a file nobody writes, or a snapshot."""

    def tables(self) -> list[str]: ...

    def table(self, name: str) -> Table: ...

    def values(self, sql: str) -> list[tuple]: ...


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class FileReading:
    """An SQLite file that nobody writes."""

    def __init__(self, path: Path):
        self.connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)

    def close(self) -> None:
        self.connection.close()

    def values(self, sql: str) -> list[tuple]:
        return self.connection.execute(sql).fetchall()

    def tables(self) -> list[str]:
        return sorted(
            name for (name,) in self.values("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'")
        )  # fmt: skip

    def table(self, name: str) -> Table:
        described = self.values(f"PRAGMA table_info({quoted(name)})")
        columns = ", ".join(quoted(row[1]) for row in sorted(described, key=lambda row: row[1]))
        keys = ", ".join(quoted(row[1]) for row in sorted(described, key=lambda row: row[5]) if row[5]) or columns
        digest, count = hashlib.sha256(), 0
        # Names are the database's own.
        for row in self.connection.execute(f"SELECT {columns} FROM {quoted(name)} ORDER BY {keys}"):  # noqa: S608
            digest.update(repr(row).encode())
            count += 1
        return Table(count, digest.hexdigest())

    def is_sound(self) -> bool:
        try:
            return self.values("PRAGMA integrity_check") == [("ok",)]
        except sqlite3.DatabaseError:
            return False


def all_tables(reading: Reading) -> dict[str, Table]:
    return {name: reading.table(name) for name in reading.tables()}


def differences(wanted: dict[str, Table], found: dict[str, Table]) -> list[str]:
    """Tables that are not what the manifest says, in words."""
    said = []
    for name in sorted(wanted.keys() | found.keys()):
        if name not in found:
            said.append(f"缺少表 {name}")
        elif name not in wanted:
            said.append(f"多出表 {name}")
        elif wanted[name].rows != found[name].rows:
            said.append(f"表 {name} 应有 {wanted[name].rows} 行，实有 {found[name].rows} 行")
        elif wanted[name] != found[name]:
            said.append(f"表 {name} 的内容与清单不符")
    return said


def applied_migrations(reading: Reading) -> list[str]:
    if "django_migrations" not in reading.tables():
        return []
    return sorted(f"{app}.{name}" for app, name in reading.values("SELECT app, name FROM django_migrations"))


def known_migrations() -> set[str]:
    """Those of the program that runs."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    replaced = {f"{app}.{name}" for each in loader.disk_migrations.values() for app, name in each.replaces}
    return replaced | {f"{app}.{name}" for app, name in loader.disk_migrations}


def named_files(reading: Reading) -> set[str]:
    """Every file that a row names, of whatever model."""
    tables, named = set(reading.tables()), set()
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields:
            if isinstance(field, models.FileField) and model._meta.db_table in tables:
                column, table = quoted(field.column), quoted(model._meta.db_table)
                said = f"SELECT DISTINCT {column} FROM {table} WHERE {column} <> ''"  # noqa: S608 - our own names
                named.update(name for (name,) in reading.values(said))
    return named


def last_seal(reading: Reading) -> dict[str, str | int] | None:
    """The chain's last seal; None where there is no chain. Asked softly: the columns are those its model has."""
    try:
        seal = apps.get_model("accountability", "AuditSeal")
    except LookupError:
        return None
    columns = {field.name: field.column for field in seal._meta.local_concrete_fields}
    number = columns.get("seq") or columns.get("number") or seal._meta.pk.column
    digest = next((column for name, column in columns.items() if "hash" in name or "digest" in name), number)
    if seal._meta.db_table not in reading.tables():
        return None
    rows = reading.values(
        f"SELECT {quoted(number)}, {quoted(digest)} FROM {quoted(seal._meta.db_table)} "  # noqa: S608
        f"ORDER BY {quoted(number)} DESC LIMIT 1"
    )
    return {"seq": rows[0][0], "hash": str(rows[0][1])} if rows else None
