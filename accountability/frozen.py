"""冻结的文件: papers of upper apps that /verify/ knows by their hash, beside the documents of this app (三（三）1).

Who holds the very bytes knows what they say: a match tells title, number and day. The link is for who may open it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from accountability.models import Person


@dataclass(frozen=True)
class FrozenPaper:
    """One paper as it was issued; ``url`` is empty for who may not open it, ``note`` warns, as of a later correction."""

    title: str
    number: str
    on: date
    url: str = ""
    note: str = ""


_sources: list[Callable[[str, Person], FrozenPaper | None]] = []


def frozen_papers(find: Callable[[str, Person], FrozenPaper | None]):
    """登记: the function finds an issued paper of its app by SHA-256."""
    _sources.append(find)
    return find


def frozen_by(sha256: str, user: Person) -> FrozenPaper | None:
    return next((paper for find in _sources if (paper := find(sha256, user))), None)
