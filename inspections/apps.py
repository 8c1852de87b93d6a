from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    name = "inspections"
    verbose_name = "巡察整改"

    def ready(self) -> None:
        from inspections.services import measures, risk_checks  # noqa: F401  (they register)
