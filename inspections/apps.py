from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    name = "inspections"
    verbose_name = "巡察整改"

    def ready(self) -> None:
        from inspections.services import long_term, measures, progress  # noqa: F401  (they register)
