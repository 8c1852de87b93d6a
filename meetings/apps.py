from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"
    verbose_name = "会议"

    def ready(self) -> None:
        from meetings import search  # noqa: F401  (it registers)
        from meetings.services import counting, papers, recording, resolutions  # noqa: F401  (they register)
