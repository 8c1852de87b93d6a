"""时间: services read the clock, so the demo's past is lived by setting it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time

from django.utils import timezone


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Within, ``timezone.now()`` is ``moment``: for services, their history rows and ``localdate`` alike.

    Set for the whole process, which is why the demo is loaded by a command of its own and never by a server.
    """
    real = timezone.now
    timezone.now = lambda: moment
    try:
        yield
    finally:
        timezone.now = real


def moment(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """A moment of that day in Shanghai."""
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))
