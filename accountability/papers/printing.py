"""排印: HTML to a PDF with our own fonts, by WeasyPrint; the annual report and every document are printed here."""

import gc
import hashlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import weasyprint
from django.conf import settings
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from accountability.collecting import uncollected
from accountability.papers import cjk_justify, even_pages  # noqa: F401  (importing the first is what turns it on)
from accountability.papers.characters import FACES, HYPHEN, PLAIN_HYPHEN, font_path, with_getas
from accountability.papers.compact_fonts import compact_fonts

VIRTUAL = "paper://"


@dataclass(frozen=True)
class Paper:
    """A printed document: its bytes, how many pages they make, the characters that no font could draw, and what was set.

    ``source`` is the HTML with its style sheet: kept, it makes the same bytes again when templates have long changed.
    """

    content: bytes
    pages: int
    missing: tuple[str, ...] = ()
    source: str = field(default="", repr=False)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@cache
def fonts() -> FontConfiguration:
    """One per process: without sharing it, memory grows with every document."""
    return FontConfiguration()


class OwnFonts(URLFetcher):
    """``paper://fonts/NAME`` is the folder where the set-up keeps fonts; nothing else is ever fetched."""

    def fetch(self, url: str, headers=None) -> URLFetcherResponse:
        if not url.startswith(VIRTUAL + "fonts/"):
            raise ValueError(f"a report fetches nothing: {url}")
        path = Path(settings.FONT_DIR) / Path(url).name
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": "font/otf"})


def installed_fonts() -> list[dict]:
    """仿宋、楷体、黑体 as far as they are installed; the style sheet names Noto as the fallback of each."""
    return [
        {"family": face.family, "address": f"{VIRTUAL}fonts/{face.file}"}
        for face in FACES.values()
        if face.file and font_path(face).exists()
    ]


class Desk:
    """What long papers leave behind: boxes that point at one another. Swept before the next paper, not after each short one."""

    PAGES_AT_MOST = 10

    def __init__(self) -> None:
        self.pages = 0

    def sweep(self) -> None:
        if self.pages > self.PAGES_AT_MOST:
            gc.collect()
            self.pages = 0


desk = Desk()


def lay_out(page: str) -> weasyprint.Document:
    """Pages of boxes, not yet a PDF; the document remembers its ``source``."""
    desk.sweep()
    with uncollected():
        return _laid_out(page)


def _laid_out(page: str) -> weasyprint.Document:
    page = with_getas(page.replace(HYPHEN, PLAIN_HYPHEN))
    document = weasyprint.HTML(string=page, base_url=VIRTUAL, url_fetcher=OwnFonts()).render(font_config=fonts())
    even_pages.leave_unnumbered(document)
    document.source = page
    return document


def put_on_paper(document: weasyprint.Document, missing: tuple[str, ...] = ()) -> Paper:
    """An archival PDF with its structure: PDF/A-3, conformance A."""
    desk.pages += len(document.pages)
    with uncollected():
        content = document.write_pdf(finisher=compact_fonts, pdf_variant="pdf/a-3a")
    return Paper(content, len(document.pages), missing, document.source)


def reprint(source: str) -> Paper:
    """重印: the paper of a ``Paper.source`` once more, byte for byte as long as fonts and typesetter are the same."""
    return put_on_paper(lay_out(source))
