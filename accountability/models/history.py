"""变更历史: every business row keeps who changed it, when and why."""

from django.db import models
from simple_history.models import HistoricalRecords

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
