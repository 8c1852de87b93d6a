"""会议: kinds as data, the meeting and its life, agenda, attendance, resolutions, minutes."""

from meetings.models.backlog import MeetingImport
from meetings.models.kinds import MeetingKind, RequiredItem
from meetings.models.meetings import Meeting, Participant
from meetings.models.minutes import AgendaItem, AgendaPaper, MinutesVersion, Resolution

__all__ = [
    "AgendaItem",
    "AgendaPaper",
    "Meeting",
    "MeetingImport",
    "MeetingKind",
    "MinutesVersion",
    "Participant",
    "RequiredItem",
    "Resolution",
]
