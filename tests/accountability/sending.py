"""What beat and a worker do of a morning, in one call."""

from datetime import UTC, date, datetime, timedelta

from django.utils import timezone

from accountability.services import deliveries
from accountability.services.digests import open_digests
from tests import cast

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in Shanghai


def send_all() -> int:
    """Every channel that has something due; returns how many went out."""
    return sum(deliveries.deliver(channel) for channel in deliveries.waiting_channels(timezone.now()))


def morning(on: date | None = None) -> int:
    """Digests of the day the clock shows, and out with them."""
    now = timezone.now()
    open_digests(on or timezone.localdate(now), now)
    return send_all()


def go_to(clock, day: date, hour: int = 9) -> None:
    clock.move_to(NOW + (day - cast.TODAY) + timedelta(hours=hour - 9))
