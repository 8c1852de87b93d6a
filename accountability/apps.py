from django.apps import AppConfig


class AccountabilityConfig(AppConfig):
    name = "accountability"
    verbose_name = "责任与组织"

    def ready(self) -> None:
        from accountability import search_sources  # noqa: F401  (it registers)
