"""大数字: what components/_figure.html shows; the address opens exactly the rows counted."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    label: str
    value: int
    url: str
    state: str
    note: str = ""
