"""上锁: a row is locked first and read afterwards."""

from django.db.models import QuerySet


def lock_and_read(rows: QuerySet, pk):
    """One of ``rows``, locked until the transaction ends and read after that with what is joined to it.

    PostgreSQL gives who waited for a lock the row as it is now, but the rows joined to it as they stood before he waited.
    """
    rows.model.objects.select_for_update().values_list("pk").get(pk=pk)
    return rows.get(pk=pk)
