"""办理之处: upper apps tell this one on which page a duty of their making is done and a record of theirs is mended."""

from collections.abc import Callable
from dataclasses import dataclass

from accountability.models import Duty, Record


@dataclass(frozen=True)
class Place:
    """A page: its address, what the button to it says, and a hint beside it."""

    url: str
    label: str
    hint: str = ""


_of_duties: list[Callable[[Duty], Place | None]] = []
_of_records: list[Callable[[Record], Place | None]] = []


def place_of_duty(find: Callable[[Duty], Place | None]):
    """Register where a duty is done when a plain record would not say enough; None when it is not one's own."""
    _of_duties.append(find)
    return find


def place_of_record(find: Callable[[Record], Place | None]):
    """Register the page a record belongs to, where it is read in full and mended."""
    _of_records.append(find)
    return find


def where_done(duty: Duty) -> Place | None:
    return next((place for find in _of_duties if (place := find(duty))), None)


def where_kept(record: Record) -> Place | None:
    return next((place for find in _of_records if (place := find(record))), None)
