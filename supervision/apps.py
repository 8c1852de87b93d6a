from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "supervision"
    verbose_name = "监督"

    def ready(self) -> None:
        # They register what the lower apps ask, and the rooms of 监督工作.
        from supervision import conditions, missing  # noqa: F401
        from supervision.views import checks, clues, evaluations, oversight, work  # noqa: F401
