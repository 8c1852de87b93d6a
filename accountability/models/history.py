"""变更历史: every business row keeps who changed it, when and why (docs/decisions/0030)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from itertools import groupby

from django.conf import settings
from django.db import connections, models, router, transaction
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from simple_history.models import HistoricalRecords
from simple_history.signals import post_create_historical_record, pre_create_historical_record

from accountability.acting import wrote
from accountability.models.copies import Rider, Signature, copy_row, copy_rows
from accountability.models.updating import update_rows
from accountability.unclassified import refuse_marks


class KeptRecords(HistoricalRecords):
    """simple_history's records, written by the database: the same rows, the same signals.

    A row that is deleted is no longer there to be copied, and whoever hears before the row is written may change it:
    those are written as simple_history does. ``sought_by`` are columns by which a page looks for rows of the history,
    beside the number of the row: no other is indexed, for each index costs as much as the row.
    """

    def __init__(self, *, sought_by: Sequence[str] = (), **options):
        super().__init__(**options)
        self.sought_by = sought_by

    def copy_fields(self, model: type[models.Model]) -> dict[str, models.Field]:
        fields = super().copy_fields(model)
        for name, field in fields.items():
            field.db_index = name == model._meta.pk.name or name in self.sought_by
        return fields

    def create_history_model(self, model: type[models.Model], inherited: bool) -> type[models.Model]:
        self.kept_in = super().create_history_model(model, inherited)
        return self.kept_in

    def add_extra_methods(self, cls: type[models.Model]) -> None:
        super().add_extra_methods(cls)
        models.signals.pre_save.connect(self._before_save, sender=cls, weak=False)
        cls._do_insert = self._with_rider(cls._do_insert, "+")
        cls._do_update = self._with_rider(cls._do_update, "~")

    def _before_save(self, instance: models.Model, raw: bool, using: str, **_) -> None:
        instance.__dict__.pop("_kept_as", None)
        instance._takes_history_along = (
            connections[using].vendor == "postgresql"
            and getattr(settings, "SIMPLE_HISTORY_ENABLED", True)
            and not raw
            and not hasattr(instance, "skip_history_when_saving")
            and not self._is_built("~")
        )

    def _with_rider(self, save: Callable, history_type: str) -> Callable:
        """Django's own step of a save, with the copy for the history along."""

        @wraps(save)
        def saved(instance: models.Model, manager, using: str, *arguments):
            if not instance.__dict__.get("_takes_history_along") or not self._gives_only_its_number(
                history_type, arguments
            ):
                return save(instance, manager, using, *arguments)
            signature = self._signature(instance, history_type, using)
            rider = Rider(self.kept_in, instance.pk, signature, using=using)
            with connections[using].execute_wrapper(rider):
                written = save(instance, manager, using, *arguments)
            if rider.is_kept:
                instance._kept_as = signature
            return written

        return saved

    def _gives_only_its_number(self, history_type: str, arguments: Sequence) -> bool:
        """Whether the database gives no other column of a new row back, as the copy does not."""
        return history_type == "~" or all(field.primary_key for field in arguments[1])

    def create_historical_record(self, instance: models.Model, history_type: str, using: str | None = None) -> None:
        using = using or router.db_for_write(self.kept_in)
        signature = instance.__dict__.pop("_kept_as", None)
        if signature is None and not self._is_built(history_type):
            own = self._signature(instance, history_type, using)
            signature = own if copy_row(self.kept_in, instance.pk, own, using=using) else None
        if signature is None:
            super().create_historical_record(instance, history_type, using)
        else:
            self._tell(instance, signature, using)

    def _is_built(self, history_type: str) -> bool:
        return history_type == "-" or pre_create_historical_record.has_listeners(self.kept_in)

    def _signature(self, instance: models.Model, history_type: str, using: str) -> Signature:
        at = getattr(instance, "_history_date", None) or timezone.now()
        by, reason = self.get_history_user(instance), self.get_change_reason_for_object(instance, history_type, using)
        return Signature(at, history_type, reason, by)

    def _tell(self, instance: models.Model, signature: Signature, using: str) -> None:
        post_create_historical_record.send(
            sender=self.kept_in,
            instance=instance,
            history_instance=_Heard(signature.type, lambda: self._read(instance.pk, signature.at, using)),
            history_date=signature.at,
            history_user=signature.by,
            history_change_reason=signature.reason,
            using=using,
        )

    def _read(self, pk, at: datetime, using: str) -> models.Model:
        number = self.kept_in.instance_type._meta.pk.attname
        return self.kept_in._base_manager.using(using).filter(**{number: pk}, history_date=at).latest("history_id")


class _Heard(SimpleLazyObject):
    """A row of history for whoever hears of it: read once he looks at more than its kind."""

    def __init__(self, history_type: str, read: Callable[[], models.Model]):
        super().__init__(read)
        self.__dict__["history_type"] = history_type


def kept_history(**options) -> KeptRecords:
    """The one way a model keeps its history: with a reason of any length."""
    return KeptRecords(
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


def create_with_history(rows: Sequence[models.Model], *, by, reason: str = "", batch_size: int = 500) -> None:
    """Save many new rows of one model, each with its history: what was written is copied by the database itself.

    ``rows`` have their numbers afterwards. Without ``by`` each says itself who, when and why, in the attributes that
    simple_history reads: so does the demonstration, whose rows are written together but were not by one hand.
    """
    if not rows:
        return
    model = type(rows[0])
    with transaction.atomic(using=router.db_for_write(model)):
        model._default_manager.bulk_create(rows, batch_size=batch_size)
        _keep(model, rows, "+", by=by, reason=reason)


def update_with_history(rows: Sequence[models.Model], fields: Sequence[str], *, by, reason: str = "") -> None:
    """Save ``fields`` of many rows, each with its history; without ``by`` as above."""
    if not rows or not fields:
        return
    model = type(rows[0])
    with transaction.atomic(using=router.db_for_write(model)):
        update_rows(rows, fields)
        _keep(model, rows, "~", by=by, reason=reason)


def _keep(model: type[models.Model], rows: Sequence[models.Model], history_type: str, *, by, reason: str) -> None:
    history, using = model.history.model, router.db_for_write(model)
    if by:
        signature = Signature(timezone.now(), history_type, reason or None, by)
        copy_rows(history, [row.pk for row in rows], signature, using=using)
    else:
        for signature, group in groupby(rows, key=lambda row: _own(row, history_type)):
            copy_rows(history, [row.pk for row in group], signature, using=using)
    wrote(model, rows[0].pk, by)


def _own(row: models.Model, history_type: str) -> Signature:
    return Signature(row._history_date, history_type, row._change_reason, row._history_user)
