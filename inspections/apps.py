from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    name = "inspections"
    verbose_name = "巡察整改"

    def ready(self) -> None:
        # They register what the lower app asks.
        from inspections import audit_sources, doors, search, subjects  # noqa: F401
        from inspections.services import (  # noqa: F401
            ledger,
            long_term,
            measures,
            progress,
            progress_notices,
            replies,
            requirements,
            risk_checks,
            visits,
        )
