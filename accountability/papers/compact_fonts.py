"""Smaller CJK fonts, in a PDF and in memory: pass ``finisher=compact_fonts`` to ``Document.write_pdf`` (WeasyPrint 70.0).

WeasyPrint keeps every glyph number of the original face, so each Noto CJK face carries about 63,000 empty
outlines (100 KB compressed), and a face of which only a space is used is kept whole (7 MB). A CID-keyed CFF looks
glyphs up by CID, so what is not drawn can go. Until then it holds a copy of every whole face, 110 MB for ours: importing
this module makes it ask again for what it needs.
"""

from io import BytesIO

import pydyf
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from weasyprint.pdf import fonts

KEPT_TABLES = ("CFF ", "head", "maxp", "GlyphOrder")
LARGE = 2 * 1024**2  # bytes: a whole face, not what is left of one


def _content(font: fonts.Font) -> bytes:
    return font.subset_content or fonts.get_hb_object_data(font.hb_face)


def _keep_content(font: fonts.Font, content: bytes) -> None:
    font.subset_content = content if len(content) < LARGE else b""


fonts.Font.file_content = property(_content, _keep_content)


def compact_fonts(document, pdf):
    drawn = _drawn(document)
    for stream in pdf.objects:
        if not isinstance(stream, pydyf.Stream) or stream.extra.get("Subtype") != "/OpenType":
            continue
        content = b"".join(stream.stream)
        font = TTFont(BytesIO(content), recalcBBoxes=False)
        if "CFF " not in font or not hasattr(font["CFF "].cff.topDictIndex[0], "ROS"):
            continue
        order = font.getGlyphOrder()
        kept = {order[number] for number in drawn.get(content, range(len(order))) if number < len(order)}
        _keep(font, kept | {order[0]})
        stream.stream = [font["CFF "].compile(font)]
        stream.extra["Subtype"] = "/CIDFontType0C"
        stream.extra.pop("Length1", None)


def _drawn(document) -> dict[bytes, set[int]]:
    """The glyph numbers used of each font file; several sizes and styles may share one."""
    first, numbers = {}, {}
    for font in document.fonts.values():
        first.setdefault(font.hash, font.file_content)
        numbers.setdefault(font.hash, set()).update(font.to_unicode)
    return {content: numbers[name] for name, content in first.items()}


def _keep(font: TTFont, names: set[str]) -> None:
    options = Options(notdef_outline=True, drop_tables=[tag for tag in font.keys() if tag not in KEPT_TABLES])
    subsetter = Subsetter(options)
    subsetter.populate(glyphs=names)
    subsetter.subset(font)
