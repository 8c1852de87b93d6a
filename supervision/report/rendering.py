"""排印: the frozen figures to a PDF, in a worker process."""

from django.conf import settings
from django.template.loader import render_to_string

from accountability.papers.characters import missing_from
from accountability.papers.printing import Paper, installed_fonts, lay_out, put_on_paper
from supervision.report import drawings
from supervision.report.figures import figures_sha256


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
    page = render_to_string("papers/annual_report.html", context)
    return put_on_paper(lay_out(page), missing_from(page))


def _pairs(figures: list[dict]) -> list[list[dict]]:
    """Two columns, read downwards."""
    half = (len(figures) + 1) // 2
    return [[left, *figures[half + index : half + index + 1]] for index, left in enumerate(figures[:half])]
