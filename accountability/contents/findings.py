"""What is found in a file: its texts with a place for a mark, or the reason why it may not be kept."""

from dataclasses import dataclass, field

from accountability.markings import TOP_LINES, is_marked


class Unacceptable(Exception):
    """The file may not be kept; the argument is a key of ``services.attachments.REFUSALS``."""


@dataclass
class Page:
    """One place with a top of its own where a mark would stand: a page, a slide, a header, a sheet."""

    lines: list[str]
    top: int = TOP_LINES


@dataclass
class Found:
    """所见: the texts in which to look for a mark, and of an image a small picture (JPEG, base 64)."""

    pages: list[Page] = field(default_factory=list)
    thumbnail: str = ""

    @property
    def is_marked(self) -> bool:
        return any(is_marked(page.lines, page.top) for page in self.pages)
