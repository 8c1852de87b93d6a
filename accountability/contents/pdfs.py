"""PDF: not encrypted, readable, doing nothing but show, with the text of its first pages."""

import logging
from typing import IO

from pypdf import PdfReader

from accountability.contents.active import is_active
from accountability.contents.findings import Found, Page, Unacceptable

FIRST_PAGES = 2


def read(file: IO[bytes], extension: str) -> Found:
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it grumbles about many a sound file
    if file.read(5) != b"%PDF-":
        raise Unacceptable("disguised")
    try:
        reader = PdfReader(file, strict=False)
        if reader.is_encrypted:
            raise Unacceptable("encrypted")
        if is_active(reader):
            raise Unacceptable("active")
        pages = [reader.pages[number] for number in range(min(FIRST_PAGES, len(reader.pages)))]
    except (Unacceptable, MemoryError):
        raise
    except Exception as error:  # pypdf raises whatever a broken file makes it raise
        raise Unacceptable("damaged") from error
    if not pages:
        raise Unacceptable("damaged")
    return Found([Page(_lines(page)) for page in pages])


def _lines(page) -> list[str]:
    """A page whose fonts say nothing about their letters has no text for us; that is no reason to refuse it."""
    try:
        return page.extract_text().splitlines()
    except MemoryError:
        raise
    except Exception:
        return []
