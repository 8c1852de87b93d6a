"""数据库统计信息: what tells a database's planner how many rows a condition leaves.

PostgreSQL gathers it by itself. SQLite does not, and without it the ledger of a million duties takes the index of a state, which
leads to nine years of others, in place of the year's: 1.3 s in place of 0.03 (docs/performance.md).
"""

from django.db import connection

LOOKED_AT = 1000  # rows of an index; the whole of it would take the write lock for seconds


def gather() -> bool:
    """Whether there was anything to do."""
    if connection.vendor != "sqlite":
        return False
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit = {LOOKED_AT}")
        cursor.execute("ANALYZE")
    return True
