"""数据库统计信息: what tells a database's planner how many rows a condition leaves.

PostgreSQL gathers it by itself. SQLite does not, and without it the ledger of a million duties takes the index of a state, which
leads to nine years of others, in place of the year's: 1.3 s in place of 0.03 (docs/performance.md).
"""

from django.db import connection

# Rows of an index: 0.2 s of the write lock for a million duties. Of a year with more rows than this the planner is told that it
# has so many: at 1,000 it took the year of ten thousand duties for the shortest way to a college's (117 ms in place of 9).
LOOKED_AT = 100_000
# ANALYZE says nothing of an empty table, and the planner takes it for a million rows: what nobody uses yet was joined last,
# after all records.
OF_EMPTY_TABLES = """
    INSERT INTO sqlite_stat1 (tbl, idx, stat)
    SELECT name, NULL, '0' FROM sqlite_master
    WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT IN (SELECT tbl FROM sqlite_stat1)
"""


def gather() -> bool:
    """Whether there was anything to do."""
    if connection.vendor != "sqlite":
        return False
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit = {LOOKED_AT}")
        cursor.execute("ANALYZE")
        cursor.execute(OF_EMPTY_TABLES)
        cursor.execute("ANALYZE sqlite_master")  # reads what was written
    return True
