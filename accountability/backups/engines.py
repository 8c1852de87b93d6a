"""The engine of this installation."""

from django.db import connection

from accountability.backups import Refusal, postgres, reading, sqlite

_ENGINES = {"sqlite": sqlite.Engine, "postgresql": postgres.Engine}


def current():
    if connection.vendor not in _ENGINES:
        raise Refusal(f"备份只支持 SQLite 和 PostgreSQL，当前数据库是 {connection.vendor}。")
    return _ENGINES[connection.vendor]()


def named_now() -> set[str]:
    """Files that rows of the living database name."""
    if connection.vendor == "postgresql":
        return reading.named_files(postgres.LiveReading())
    living = reading.FileReading(sqlite.Engine().path)
    try:
        return reading.named_files(living)
    finally:
        living.close()
