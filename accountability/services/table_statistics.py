"""数据库统计信息: what tells a database's planner how many rows a condition leaves.

PostgreSQL gathers it by itself. SQLite does not, and without it the ledger of a million duties takes the index of a state, which
leads to nine years of others, in place of the year's: 1.3 s in place of 0.03 (docs/performance.md). The whole of every index is
read, 0.8 s with a million duties: from a part of it SQLite takes a year for smaller than it is, and walks it.
"""

from django.db import connection

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
        cursor.execute("ANALYZE")
        cursor.execute(OF_EMPTY_TABLES)
        cursor.execute("ANALYZE sqlite_master")  # reads what was written
    return True
