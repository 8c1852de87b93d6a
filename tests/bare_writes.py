"""事务外的写: statements that write although no transaction holds them together."""

import re
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from django.db import connection, models

WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
# One statement each, whole by itself, of the frame around every call or of a trace that has no history.
ALONE = re.compile(
    r"django_session|accountability_(loginsession|ratecount|auditevent|auditseal)\b|calendarfeed. SET .used_at. ="
)


def depth() -> int:
    return len(connection.savepoint_ids)


@contextmanager
def bare_writes():
    """Statements that write, and locks that are taken, outside every transaction but those that are open already."""
    found, bottom = [], depth()

    def heard(execute, sql, params, many, context):
        if depth() == bottom and WRITES.match(sql) and not ALONE.search(sql):
            found.append(sql[:120])
        return execute(sql, params, many, context)

    take = models.QuerySet.select_for_update

    def locked(self, *args, **kwargs):
        if depth() == bottom:
            found.append(f"lock on {self.model.__name__}")
        return take(self, *args, **kwargs)

    with ExitStack() as stack:
        stack.enter_context(connection.execute_wrapper(heard))
        stack.enter_context(patch.object(models.QuerySet, "select_for_update", locked))
        yield found
