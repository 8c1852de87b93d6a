"""通知所指 of this app: who sees a meeting may be told of it for somebody else."""

from accountability.subjects import subject_at
from meetings.models import Meeting

subject_at("meeting")(Meeting.objects.visible_to)
