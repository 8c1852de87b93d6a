"""WeasyPrint by itself, nothing of ours imported: lays out and writes each page it is named, with a warm FontConfiguration.

python bench/weasyprint_alone.py FONTS    a line in is the path of an HTML file, a line out its seconds and pages
"""

import gc
import sys
import time
from pathlib import Path

from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

FONTS, VIRTUAL = Path(sys.argv[1]), "paper://"
fonts = FontConfiguration()


class OwnFonts(URLFetcher):
    def fetch(self, url: str, headers=None) -> URLFetcherResponse:
        return URLFetcherResponse(url, (FONTS / Path(url).name).read_bytes(), {"Content-Type": "font/otf"})


for line in sys.stdin:
    page = Path(line.strip()).read_text(encoding="utf-8")
    gc.collect()
    started = time.perf_counter()
    document = HTML(string=page, base_url=VIRTUAL, url_fetcher=OwnFonts()).render(font_config=fonts)
    document.write_pdf(pdf_variant="pdf/a-3a")
    print(time.perf_counter() - started, len(document.pages), flush=True)
