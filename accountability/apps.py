from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class AccountabilityConfig(AppConfig):
    name = "accountability"
    verbose_name = "责任与组织"

    def ready(self) -> None:
        from accountability import backups, calendars, search_sources, subjects  # noqa: F401  (they register)
        from accountability.metrics import counting

        counting.listen()

        post_migrate.connect(have_mail, sender=self)


def have_mail(using: str, **_) -> None:
    """邮件 is a channel of every installation, before anybody looks at the page of channels."""
    from accountability.models import Channel

    if Channel._meta.db_table in connections[using].introspection.table_names():
        Channel.objects.using(using).mail()
