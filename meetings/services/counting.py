"""计入: the required items decide whether a meeting counts (三（一）2)."""

from accountability.models import Duty, Record
from accountability.services.records import counting_rule
from meetings.models import Meeting, RequiredItem


def required_items(act_id: int) -> list[RequiredItem]:
    """必议事项 of this kind of meeting, as the data stand today."""
    return list(RequiredItem.objects.filter(kind__act=act_id, is_dropped=False).order_by("rank"))


def missing_items(meeting: Meeting) -> list[RequiredItem]:
    """必议事项 that this meeting has not dealt with."""
    dealt_with = set(meeting.items.filter(is_dealt_with=True).values_list("required", flat=True))
    return [item for item in required_items(meeting.act_id) if item.pk not in dealt_with]


@counting_rule
def refusal_of_required_items(record: Record, duty: Duty) -> str:
    """Why the meeting behind this record does not count; empty when it does, or when it is no meeting."""
    meeting = Meeting.objects.filter(record=record).first()
    missing = missing_items(meeting) if meeting else []
    if not missing:
        return ""
    return f"缺少必议事项：{'、'.join(item.title for item in missing)}。"
