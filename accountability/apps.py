from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db import connections
from django.db.models.signals import post_migrate


class AccountabilityConfig(AppConfig):
    name = "accountability"
    verbose_name = "责任与组织"

    def ready(self) -> None:
        from accountability import (  # noqa: F401  (they register)
            audit_sources,
            backups,
            calendars,
            deployment,
            doors,
            logins,
            search_sources,
            subjects,
        )
        from accountability.auditing import outside, reading, writes  # noqa: F401  (reading registers)
        from accountability.metrics import counting
        from accountability.reauthentication import on_sign_in

        post_migrate.connect(have_mail, sender=self)
        post_migrate.connect(keep_audit_from_change, sender=self)
        user_logged_in.connect(on_sign_in)
        for heard in (outside, writes, counting):
            heard.listen()


def have_mail(using: str, **_) -> None:
    """邮件 is a channel of every installation, before anybody looks at the page of channels."""
    from accountability.models import Channel

    if Channel._meta.db_table in connections[using].introspection.table_names():
        Channel.objects.using(using).mail()


def keep_audit_from_change(using: str, **_) -> None:
    """审计日志: once its tables are there, the database itself refuses to change them."""
    from accountability.auditing import triggers

    if set(triggers.COVERED) <= set(connections[using].introspection.table_names()):
        triggers.make(using)
