"""通知所指 of this app: letters and reports. Talks, clues, archives, opinions and measures are told to their parties, never to a deputy."""

from accountability.subjects import subject_at
from supervision.models import Letter, Report

subject_at("letter")(Letter.objects.visible_to)
subject_at("report")(Report.objects.visible_to)
