"""The annual report on paper against Chromium printing the same HTML: time, what a page more costs, size, text.

    python -m bench.paper [--rounds 5] [--pages 30 100] [--kept FOLDER]

The demo university's report is made in a SQLite database of its own and lengthened by its own paragraphs and a table of
forty rows (``bench.reports``); ``--kept`` names a folder where its pages stay, so that a second run need not make them.
Ours is the printing alone, in a process that lives on, as PDF/A-3a with its structure; Chromium is started for each
paper, as nothing else would start it. Rounds are interleaved, the order within a round changes.
"""

import argparse
import gc
import os
import platform
import re
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from pypdf import PdfReader  # noqa: E402

from accountability.models import DocumentKind, Organisation  # noqa: E402
from accountability.papers.printing import VIRTUAL, reprint  # noqa: E402
from bench.measuring import spread  # noqa: E402

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer")
TIMES, A_PAGE, SIZE = 1.2, 1.2, 0.6


class Spent(NamedTuple):
    wall: float
    processor: float


class Cells(HTMLParser):
    """The text of every cell of every table, but for what a drawing in it is called: that is no text on paper."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.inside = self.is_drawing = False

    def handle_starttag(self, tag: str, attrs) -> None:
        self.is_drawing = self.is_drawing or tag == "svg"
        if tag in ("td", "th"):
            self.inside = True
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.is_drawing = self.is_drawing and tag != "svg"
        if tag in ("td", "th"):
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside and not self.is_drawing:
            self.texts[-1] += data


def make(folder: Path, lengths: list[int]) -> None:
    """The report's HTML at each length; nothing of it is kept in the database."""
    from bench.reports import lengthened, office
    from supervision.demo.university import PAST, found
    from supervision.services import report_papers, reports

    settings.DEBUG = False  # the log of queries would grow with them
    call_command("migrate", run_syncdb=True, verbosity=0)
    found(timezone.localdate())
    with transaction.atomic():
        kind = DocumentKind.objects.select_related("act").get(act__code="written-report")
        school = Organisation.objects.get(kind=Organisation.Kind.SCHOOL)
        document = reports.make_now(kind, school, None, PAST, by=office()).document
        text = document.versions.get().text
        for pages in lengths:
            written = document.versions.get()
            written.text = text
            paper = lengthened(
                written, lambda written=written: report_papers.illustrated(document, written, written.text), pages
            )
            page_of(folder, pages).write_text(paper.source, encoding="utf-8")
        transaction.set_rollback(True)


def page_of(folder: Path, pages: int) -> Path:
    return folder / f"illustrated-{pages}.html"


def spent(work: Callable[[], None]) -> Spent:
    gc.collect()
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    began = time.perf_counter()
    work()
    wall = time.perf_counter() - began
    now = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return Spent(wall, sum(b.ru_utime + b.ru_stime - a.ru_utime - a.ru_stime for a, b in zip(used, now, strict=True)))


def print_by_chromium(page: Path) -> None:
    to = page.with_suffix(".chromium.pdf")
    subprocess.run([CHROMIUM, *FLAGS, f"--print-to-pdf={to}", page.as_uri()], check=True, capture_output=True)


def found_text(content: bytes, source: str) -> tuple[int, int]:
    """How many cells of the HTML are found in the text of the PDF, and how many there are."""
    closed_up = re.compile(r"[\s\u2010\u2011\u00ad\u200b-]+")
    text = closed_up.sub("", "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages))
    cells = Cells()
    cells.feed(source)
    told = [closed for cell in cells.texts if (closed := closed_up.sub("", cell))]
    return sum(cell in text for cell in told), len(told)


def measure(folder: Path, lengths: list[int], rounds: int) -> list[str]:
    """Prints the table; what was missed."""
    missed, a_page = [], {}
    print(
        "| report | ours, s of a processor | Chromium | ratio | ours, s of the clock | Chromium | ratio | size | cells found |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for pages in lengths:
        source = page_of(folder, pages).read_text(encoding="utf-8")
        plain = folder / f"chromium-{pages}.html"
        plain.write_text(
            source.replace(VIRTUAL + "fonts", Path(settings.FONT_DIR).resolve().as_uri()), encoding="utf-8"
        )
        ours = reprint(source)
        print_by_chromium(plain)
        theirs = plain.with_suffix(".chromium.pdf").read_bytes()
        theirs_pages = len(PdfReader(BytesIO(theirs)).pages)
        pairs, again = [], []
        for number in range(rounds):
            acts = [
                lambda source=source, again=again: again.append(reprint(source).sha256),
                lambda plain=plain: print_by_chromium(plain),
            ]
            took = [spent(act) for act in (acts if number % 2 else acts[::-1])]
            pairs.append(tuple(took if number % 2 else took[::-1]))
        found, told = found_text(ours.content, source)
        size = len(ours.content) / len(theirs)
        columns = []
        for at in (1, 0):
            columns += [spread([pair[0][at] for pair in pairs]), spread([pair[1][at] for pair in pairs])]
            columns.append(spread([pair[0][at] / pair[1][at] for pair in pairs]))
        print(
            f"| {ours.pages} pages (Chromium {theirs_pages}) | {' | '.join(columns)} | {size:.2f} | {found} of {told} |",
            flush=True,
        )
        ratio = statistics.median(pair[0].wall / pair[1].wall for pair in pairs)
        a_page[pages] = statistics.median(pair[0].processor for pair in pairs) / ours.pages
        missed += [f"{pages} pages: {ratio:.2f} times Chromium's time"] if ratio > TIMES else []
        missed += [f"{pages} pages: size {size:.2f}"] if size > SIZE else []
        missed += [f"{pages} pages: text of {told - found} cells"] if found < told else []
        missed += [f"{pages} pages: Chromium makes {theirs_pages}"] if abs(ours.pages - theirs_pages) > 1 else []
        missed += [] if set(again) == {ours.sha256} else [f"{pages} pages: not the same bytes again"]
    more = a_page[lengths[-1]] / a_page[lengths[0]]
    print(f"\na page of the longest costs {more:.2f} times one of the shortest (at most {A_PAGE})")
    return missed + ([f"a page {more:.2f}"] if more > A_PAGE else [])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pages", type=int, nargs="+", default=[30, 100])
    parser.add_argument("--kept", type=Path)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-paper-") as folder:
        folder = wanted.kept or Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        if not all(page_of(folder, pages).exists() for pages in wanted.pages):
            make(folder, wanted.pages)
        chromium = subprocess.run([CHROMIUM, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
        print(f"{date.today()} Python {platform.python_version()}, WeasyPrint {version('weasyprint')}, Chromium {chromium}, "
              f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {wanted.rounds} rounds\n", flush=True)  # fmt: skip
        missed = measure(folder, wanted.pages, wanted.rounds)
    print("missed: " + "; ".join(missed) if missed else "all bounds kept")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
