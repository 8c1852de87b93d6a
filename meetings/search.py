"""可搜索的内容 of this app: meetings (三（一）)."""

from urllib.parse import urlencode

from django.urls import reverse

from accountability.search import Hit, Query, around, searchable
from meetings.models import Meeting


def _rows(query: Query):
    rows = Meeting.objects.visible_to(query.user).of_year(query.year).saying(query.words).for_list()
    return rows.annotate(around=around("minutes", query.words)).defer("minutes", "attendance", "absence", "resolutions")


searchable(
    30,
    "meetings",
    "会议",
    "次",
    rows=_rows,
    tell=lambda meeting: Hit(
        meeting.title,
        reverse("meeting", args=[meeting.pk]),
        f"{meeting.organisation_name} · {meeting.act.name} · {meeting.day} · {meeting.state_words}",
        meeting.around,
    ),
    url=lambda query: f"{reverse('meetings')}?{urlencode({'year': query.year, 'q': query.words})}",
    by_year=True,
)
