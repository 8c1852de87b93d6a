from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db import connections
from django.db.models.signals import post_migrate


class AccountabilityConfig(AppConfig):
    name = "accountability"
    verbose_name = "责任与组织"

    def ready(self) -> None:
        from accountability import calendars, doors, search_sources, subjects  # noqa: F401  (they register)
        from accountability.reauthentication import on_sign_in

        post_migrate.connect(have_mail, sender=self)
        user_logged_in.connect(on_sign_in)


def have_mail(using: str, **_) -> None:
    """邮件 is a channel of every installation, before anybody looks at the page of channels."""
    from accountability.models import Channel

    if Channel._meta.db_table in connections[using].introspection.table_names():
        Channel.objects.using(using).mail()
