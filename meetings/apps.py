from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"
    verbose_name = "会议"

    def ready(self) -> None:
        from meetings import audit_sources, doors, search, subjects  # noqa: F401  (they register)
        from meetings.services import backlog, calendars, counting, papers, recording, resolutions  # noqa: F401  (they register)
