"""PDF 水印: a reader's mark across every page of a copy made for him; never on a paper that is kept under its hash."""

from io import BytesIO

from django.utils.html import escape
from pypdf import PdfReader, PdfWriter, Transformation

from accountability.papers.printing import fonts

# Light enough to be read through, dark enough for a copying machine. Turned words cross the lines instead of hiding one.
PAGE = """<!doctype html><html lang="zh-CN"><style>
@page {{ size: {width}pt {height}pt; margin: 0 }}
body {{ margin: 0; font-family: "Noto Sans CJK SC", sans-serif; font-size: 11pt; color: #000 }}
p {{ position: absolute; margin: 0; white-space: nowrap; opacity: .1; transform: rotate(-24deg); transform-origin: left bottom }}
</style><body>{words}</body></html>"""
ACROSS, DOWN = 260, 150


def marked(content: bytes, mark: str) -> bytes:
    """``content`` with ``mark`` over each page, whatever the sizes of its pages."""
    reader, stamps = PdfReader(BytesIO(content)), {}
    writer = PdfWriter(clone_from=reader)
    for page in writer.pages:
        size = (round(float(page.mediabox.width)), round(float(page.mediabox.height)))
        if size not in stamps:
            stamps[size] = PdfReader(BytesIO(_stamp(mark, *size))).pages[0]
        page.merge_transformed_page(
            stamps[size], Transformation().translate(float(page.mediabox.left), float(page.mediabox.bottom))
        )
    stream = BytesIO()
    writer.write(stream)
    return stream.getvalue()


def _stamp(mark: str, width: int, height: int) -> bytes:
    import weasyprint

    places = [
        f'<p style="left: {across}pt; top: {down}pt">{escape(mark)}</p>'
        for row, down in enumerate(range(60, height + DOWN, DOWN))
        for across in range(-(row % 2) * ACROSS // 2, width, ACROSS)
    ]
    page = PAGE.format(width=width, height=height, words="".join(places))
    return weasyprint.HTML(string=page).write_pdf(font_config=fonts())
