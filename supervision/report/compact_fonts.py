"""Smaller CJK fonts in a PDF: pass ``finisher=compact_fonts`` to ``Document.write_pdf`` (WeasyPrint 70.0).

WeasyPrint keeps every glyph number of the original face, so each Noto CJK face carries about 63,000 empty
outlines (100 KB compressed). A CID-keyed CFF looks glyphs up by CID, so the empty ones can go.
"""

from io import BytesIO

import pydyf
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

KEPT_TABLES = ("CFF ", "head", "hhea", "maxp", "hmtx", "GlyphOrder")


def compact_fonts(document, pdf):
    for stream in pdf.objects:
        if not isinstance(stream, pydyf.Stream) or stream.extra.get("Subtype") != "/OpenType":
            continue
        font = TTFont(BytesIO(b"".join(stream.stream)))
        if "CFF " not in font or not hasattr(font["CFF "].cff.topDictIndex[0], "ROS"):
            continue
        outlines = font["CFF "].cff.topDictIndex[0].CharStrings
        order = font.getGlyphOrder()
        drawn = {name for name in order if len(outlines[name].bytecode) > 2}
        named = set(font["cmap"].getBestCmap().values()) if "cmap" in font else set()
        options = Options(
            notdef_outline=True,
            drop_tables=[tag for tag in font.keys() if tag not in KEPT_TABLES],
        )
        subsetter = Subsetter(options)
        subsetter.populate(glyphs=drawn | named | {order[0]})
        subsetter.subset(font)
        stream.stream = [font["CFF "].compile(font)]
        stream.extra["Subtype"] = "/CIDFontType0C"
        stream.extra.pop("Length1", None)
