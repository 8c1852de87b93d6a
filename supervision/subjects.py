"""通知所指 of this app: letters alone. Talks, clues, archives, opinions and measures are told to their parties, never to a deputy."""

from accountability.subjects import subject_at
from supervision.models import Letter

subject_at("letter")(Letter.objects.visible_to)
