"""Tasks read the clock and call one service."""

from celery import shared_task
from django.utils import timezone

from accountability.models import Person
from inspections.services.long_term import follow_years
from inspections.services.progress_duties import keep_all


@shared_task
def keep_rectification() -> None:
    """月报与复核: what the month and a newly opened year ask for; safe to run at any time and twice."""
    system = Person.objects.system()
    keep_all(timezone.localdate(), by=system)
    follow_years(by=system)
