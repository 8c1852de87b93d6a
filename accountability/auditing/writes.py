"""写入: whatever an act writes leaves an event in the same transaction, without any view or service asking for it.

Changes of posts, tenures and portfolios are told one by one: they are what rights follow from.
"""

from django.db.models import Model
from django.db.models.signals import post_save, pre_save
from simple_history.signals import post_create_historical_record

from accountability import acting
from accountability.services import audit

WRITE = audit.register("write", "业务操作")
ROLE = audit.register("role_changed", "岗位、任职、分管变动")
ADMIN = audit.register("admin", "管理后台操作")
CHANGES = {"+": "新增", "~": "修改", "-": "删除"}


def listen() -> None:
    from django.contrib.admin.models import LogEntry

    from accountability.models import Person, Portfolio, Post, Tenure

    roles = (Post, Tenure, Portfolio)

    def on_history(instance: Model, history_instance: Model, history_user, **_) -> None:
        act = acting.current()
        if act is None or getattr(instance, "_is_only_login", False):
            return
        if isinstance(instance, roles):
            change = CHANGES.get(history_instance.history_type, "")
            audit.record(ROLE, by=history_user, row=instance, source=act.source, change=change)
        elif not audit.is_told(act):
            audit.record(WRITE, by=history_user, row=instance, source=act.source)

    def on_bulk(model: type[Model], pk: int, by) -> None:
        act = acting.current()
        if act and not audit.is_told(act):
            audit.record(WRITE, by=by, row=audit.Subject(model, pk), source=act.source)

    def before_person(instance: Person, update_fields, **_) -> None:
        """A login sets its day on the person: that is told as a login."""
        instance._is_only_login = update_fields is not None and set(update_fields) == {"last_login"}

    def after_log_entry(instance: LogEntry, created: bool, **_) -> None:
        act = acting.current()
        if created and act and not audit.is_told(act):
            model = instance.content_type.model_class() if instance.content_type else None
            row = audit.Subject(model, instance.object_id) if model and instance.object_id else None
            audit.record(ADMIN, by=instance.user, row=row, source=act.source)

    post_create_historical_record.connect(on_history, weak=False, dispatch_uid="audit_write")
    pre_save.connect(before_person, sender=Person, weak=False, dispatch_uid="audit_login_day")
    post_save.connect(after_log_entry, sender=LogEntry, weak=False, dispatch_uid="audit_admin")
    acting.on_bulk_write[:] = [on_bulk]
