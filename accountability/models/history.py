"""变更历史: every business row keeps who changed it, when and why."""

from collections.abc import Sequence

from django.db import connections, models, router, transaction
from django.utils import timezone
from simple_history.models import HistoricalRecords
from simple_history.utils import bulk_update_with_history

from accountability.acting import wrote
from accountability.unclassified import refuse_marks


def kept_history(**options) -> HistoricalRecords:
    """The one way a model keeps its history: with a reason of any length."""
    return HistoricalRecords(
        history_change_reason_field=models.TextField("原因", null=True),
        verbose_name="变更历史",
        verbose_name_plural="变更历史",
        **options,
    )


def save_as(row: models.Model, *, by, reason: str = "") -> None:
    """Save ``row`` so that its history names the actor and the reason, inside or outside a request; refuse marks of secrecy."""
    refuse_marks(row, reason)
    row._history_user = by
    row._change_reason = reason or None
    row.save()


def create_with_history(rows: Sequence[models.Model], *, by, reason: str, batch_size: int = 500) -> None:
    """Save many new rows of one model, each with its history: what was written is copied by the database itself.

    ``rows`` have their numbers afterwards. simple_history's own ``bulk_create_with_history`` builds every row of the
    history in Python, which takes longer than all the rest; the rows kept are the same.
    """
    if not rows:
        return
    model = type(rows[0])
    with transaction.atomic(using=router.db_for_write(model)):
        model._default_manager.bulk_create(rows, batch_size=batch_size)
        _copy_to_history(model, [row.pk for row in rows], by=by, reason=reason)
        wrote(model, rows[0].pk, by)


def update_with_history(
    rows: Sequence[models.Model], fields: Sequence[str], *, by, reason: str, batch_size: int
) -> None:
    """Save ``fields`` of many rows, each with its history."""
    if rows and fields:
        model = type(rows[0])
        settings = {"batch_size": batch_size, "default_user": by, "default_change_reason": reason}
        with transaction.atomic(using=router.db_for_write(model)):
            bulk_update_with_history(rows, model, fields, **settings)
            wrote(model, rows[0].pk, by)


COPIED_AT_ONCE = 900  # numbers in one statement; SQLite once took no more than 999


def _copy_to_history(model: type[models.Model], pks: Sequence[int], *, by, reason: str) -> None:
    history, alias = model.history.model, router.db_for_write(model)
    connection = connections[alias]
    quote, column = connection.ops.quote_name, history._meta.get_field
    tracked = [field.attname for field in history.tracked_fields]
    kept = [quote(column(name).column) for name in tracked]
    copied = [quote(model._meta.get_field(name).column) for name in tracked]
    extra = [
        quote(column(name).column) for name in ("history_date", "history_type", "history_change_reason", "history_user")
    ]
    # Nothing in this statement but names of our own tables and columns; values are parameters.
    start = (
        f"INSERT INTO {quote(history._meta.db_table)} ({', '.join(kept + extra)}) "  # noqa: S608
        f"SELECT {', '.join(copied)}, %s, '+', %s, %s FROM {quote(model._meta.db_table)} "
        f"WHERE {quote(model._meta.pk.column)} IN "
    )  # fmt: skip
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        for place in range(0, len(pks), COPIED_AT_ONCE):
            some = pks[place : place + COPIED_AT_ONCE]
            marks = ", ".join(["%s"] * len(some))
            cursor.execute(f"{start}({marks})", [now, reason or None, by.pk, *some])
