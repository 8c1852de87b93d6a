"""排印: the frozen figures to a PDF, with our own fonts, by WeasyPrint in a worker process."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import weasyprint
from django.conf import settings
from django.template.loader import render_to_string
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from supervision.report import (
    cjk_justify,  # noqa: F401  (importing it is what turns it on)
    drawings,
)
from supervision.report.compact_fonts import compact_fonts
from supervision.report.figures import figures_sha256

VIRTUAL = "paper://"
HYPHEN, PLAIN_HYPHEN = "\u2011", "-"


@dataclass(frozen=True)
class Paper:
    """A printed document: its bytes and how many pages they make."""

    content: bytes
    pages: int

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
    wanted = (("GW FangSong", "FandolFang"), ("GW Kai", "FandolKai"), ("GW Hei", "FandolHei"))
    return [
        {"family": family, "address": f"{VIRTUAL}fonts/{name}-Regular.otf"}
        for family, name in wanted
        if (Path(settings.FONT_DIR) / f"{name}-Regular.otf").exists()
    ]


def render(taken: dict) -> Paper:
    """Print the report of these figures."""
    context = {
        "taken": taken,
        "figures": taken["figures"],
        "university": settings.UNIVERSITY_NAME,
        "fonts": installed_fonts(),
        "figures_sha256": figures_sha256(taken),
        "figure_pairs": _pairs([figure for code, figure in taken["figures"].items() if code.startswith("F")]),
        "subject_bars": drawings.bars(taken["subjects"], taken["figures"]),
        "progress": drawings.progress(taken["months"]),
        "timeline": drawings.timeline(taken["meetings"], taken["year"]),
    }
    page = render_to_string("papers/annual_report.html", context).replace(HYPHEN, PLAIN_HYPHEN)
    document = weasyprint.HTML(string=page, base_url=VIRTUAL, url_fetcher=OwnFonts()).render(font_config=fonts())
    content = document.write_pdf(finisher=compact_fonts, pdf_variant="pdf/ua-1")
    return Paper(content, len(document.pages))


def _pairs(figures: list[dict]) -> list[list[dict]]:
    """Two columns, read downwards."""
    half = (len(figures) + 1) // 2
    return [[left, *figures[half + index : half + index + 1]] for index, left in enumerate(figures[:half])]
