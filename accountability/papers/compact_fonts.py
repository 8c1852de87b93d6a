"""Smaller CJK fonts, in a PDF and in memory: pass ``finisher=compact_fonts`` to ``Document.write_pdf`` (WeasyPrint 70.0).

WeasyPrint keeps every glyph number of the original face, so each Noto CJK face carries about 63,000 empty
outlines (100 KB compressed), and a face of which only a space is used is kept whole (7 MB). A CID-keyed CFF looks
glyphs up by CID, so what is not drawn can go: HarfBuzz cuts the face once more, as WeasyPrint had it do, but for the
numbers. Until then WeasyPrint holds a copy of every whole face, 110 MB for ours: importing this module makes it ask again
for what it needs.
"""

from dataclasses import dataclass, field
from io import BytesIO

import pydyf
from fontTools.ttLib import TTFont
from weasyprint.pdf import fonts
from weasyprint.text.ffi import ffi, harfbuzz, harfbuzz_subset

LARGE = 2 * 1024**2  # bytes: a whole face, not what is left of one
# Tables of which nothing is needed in a paper, and which take long to cut.
LEFT_OUT = b"BASE", b"DSIG", b"GPOS", b"GSUB", b"VORG", b"vhea", b"vmtx", b"cmap", b"name"


def _content(font: fonts.Font) -> bytes:
    return font.subset_content or fonts.get_hb_object_data(font.hb_face)


def _keep_content(font: fonts.Font, content: bytes) -> None:
    font.subset_content = content if len(content) < LARGE else b""


fonts.Font.file_content = property(_content, _keep_content)


@dataclass
class Drawn:
    """A font file as a document uses it; several sizes and styles may share one."""

    font: fonts.Font
    numbers: set[int] = field(default_factory=set)


def compact_fonts(document, pdf):
    if not harfbuzz_subset:
        return  # WeasyPrint warns of it; the paper is larger, and says the same
    drawn = _drawn(document)
    for stream in pdf.objects:
        if not isinstance(stream, pydyf.Stream) or stream.extra.get("Subtype") != "/OpenType":
            continue
        used = drawn.get(b"".join(stream.stream))
        table = used and _table(used)
        if table:
            stream.stream = [table]
            stream.extra["Subtype"] = "/CIDFontType0C"
            stream.extra.pop("Length1", None)


def _drawn(document) -> dict[bytes, Drawn]:
    by_hash: dict[int, Drawn] = {}
    for font in document.fonts.values():
        by_hash.setdefault(font.hash, Drawn(font)).numbers.update(font.to_unicode)
    return {used.font.file_content: used for used in by_hash.values()}


def _table(used: Drawn) -> bytes | None:
    """The face's CFF with the drawn glyphs alone; None where it is no CFF, or one that does not go by CID."""
    face = _cut(used)
    if not face:
        return None
    font = TTFont(BytesIO(fonts.get_hb_object_data(face)))
    if "CFF " not in font or not hasattr(font["CFF "].cff.topDictIndex[0], "ROS"):
        return None
    return font.reader["CFF "]


def _cut(used: Drawn):
    wanted = ffi.gc(harfbuzz_subset.hb_subset_input_create_or_fail(), harfbuzz_subset.hb_subset_input_destroy)
    _fill(harfbuzz_subset.hb_subset_input_glyph_set(wanted), used.numbers | {0})
    tags = {harfbuzz.hb_tag_from_string(name, -1) for name in LEFT_OUT}
    dropped = harfbuzz_subset.HB_SUBSET_SETS_DROP_TABLE_TAG
    _fill(harfbuzz_subset.hb_subset_input_set(wanted, dropped), tags)
    flags = (
        harfbuzz_subset.HB_SUBSET_FLAGS_DESUBROUTINIZE
        | harfbuzz_subset.HB_SUBSET_FLAGS_NOTDEF_OUTLINE
        | harfbuzz_subset.HB_SUBSET_FLAGS_NO_HINTING
    )
    harfbuzz_subset.hb_subset_input_set_flags(wanted, flags)
    return ffi.gc(harfbuzz_subset.hb_subset_or_fail(used.font.hb_face, wanted), harfbuzz.hb_face_destroy)


def _fill(kept, numbers: set[int]) -> None:
    harfbuzz.hb_set_add_sorted_array(kept, ffi.new(f"hb_codepoint_t[{len(numbers)}]", sorted(numbers)), len(numbers))
