"""增补: what an upper app adds to documents of a kind: to their paper, to what is checked, to what follows a freezing.

Registered by the code of the act that the document fulfils, so that this app need not know what a report is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accountability.models import Document, DocumentVersion, Person
    from accountability.papers.blocks import Block
    from accountability.papers.sheet import Sheet


@dataclass(frozen=True)
class Additions:
    """For one kind: ``sheet`` completes what is printed, ``exhibits`` gives the tables and pictures a Word file shows by
    the line that stands for them, ``checks`` refuse what is sent up, ``frozen`` follows the freezing in its transaction,
    ``begin`` is the address where such a document is begun, ``told`` says of signed ones what became of them since,
    ``of_closed_years`` lets one be written of a year that is sealed already, whose rows it only reads."""

    sheet: "Callable[[Sheet, Document, DocumentVersion], Sheet] | None" = None
    exhibits: "Callable[[Document, DocumentVersion], Mapping[str, Block]] | None" = None
    checks: "tuple[Callable[[Document, DocumentVersion], None], ...]" = ()
    frozen: "Callable[[Document, DocumentVersion, Person], None] | None" = None
    begin: "Callable[[int, int, int | None, int], str] | None" = None
    told: "Callable[[list[int]], dict[int, str]] | None" = None
    of_closed_years: bool = False


NONE = Additions()
_by_act: dict[str, Additions] = {}


def adds(act: str, additions: Additions) -> None:
    """登记 for documents that fulfil ``act``."""
    _by_act[act] = additions


def of(document: "Document") -> Additions:
    return of_act(document.kind.act.code)


def of_act(act: str) -> Additions:
    return _by_act.get(act, NONE)
