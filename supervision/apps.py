from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "supervision"
    verbose_name = "监督"

    def ready(self) -> None:
        # They register what the lower apps ask, and the rooms of 监督工作.
        from supervision import (  # noqa: F401
            audit_sources,
            confidential_pages,
            deployment,
            doors,
            search_sources,
            subjects,
        )
        from supervision.board import conditions, missing  # noqa: F401
        from supervision.views import (  # noqa: F401
            accountability_measures,
            archives,
            assessment,
            burden,
            checks,
            clues,
            evaluations,
            four_form_room,
            hints,
            in_person_offers,
            letters,
            openings,
            opinions,
            oversight,
            reminder_papers,
            reminder_rules,
            reports,
            talk_offers,
            work,
        )
