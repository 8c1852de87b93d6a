"""docx, xlsx, pptx and ofd: an archive, its real size, its main part, its texts."""

import re
import struct
import zlib
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from accountability.contents import ole
from accountability.contents.findings import Found, Page, Unacceptable
from accountability.contents.markup import ELEMENTS_AT_MOST, elements_of, lines_of

PARTS_AT_MOST = 10_000
TYPES_AT_MOST = 2 * PARTS_AT_MOST
UNPACKED_AT_MOST = 400 * 1024 * 1024
SUSPICIOUS_RATIO = 250  # below 20 MB nobody minds
HARMLESS = 20 * 1024 * 1024
CHUNK = 256 * 1024
OFFICE = "application/vnd.openxmlformats-officedocument."
MAIN = {
    "docx": OFFICE + "wordprocessingml.document.main+xml",
    "xlsx": OFFICE + "spreadsheetml.sheet.main+xml",
    "pptx": OFFICE + "presentationml.presentation.main+xml",
}
RUNS = {"line": {"p"}, "text": {"t"}}
OF_A_SHEET = {
    "line": {"is", "oddHeader", "evenHeader", "firstHeader"},
    "text": {"t", "oddHeader", "evenHeader", "firstHeader"},
}
TOP_OF_A_SHEET = 3
# Whole cells, empty or with a text, or whole texts of those the cells share, as every office writes them; their text is
# all that they say.
CELLS = re.compile(
    rb'(?:<c r="[A-Z]{1,3}[0-9]{1,7}"(?: s="[0-9]{1,5}")?(?:/>|(?: t="[A-Za-z]{1,9}")?>'
    rb"(?:<v>[^<]*</v>|<is><t>[^<]*</t></is>)</c>)){1,40}"
    rb'|(?:<si><t(?: xml:space="preserve")?>[^<]*</t></si>){1,40}'
)
FIRST_PAGES = 2
SIGN, SPELT, IN_HEX = (
    "密".encode(),
    b"23494;",
    re.compile(rb"&#[xX]0*5[bB][cC]6;"),
)  # as itself, or as openpyxl spells it


def read(file: IO[bytes], extension: str, *, marks: bool = True, elements_at_most: int = ELEMENTS_AT_MOST) -> Found:
    """Refuse what is no honest file of this kind; give back its texts, unless nobody looks for ``marks`` in them.

    ``elements_at_most`` of one part are looked through; beyond, the file is too heavy.
    """
    start = file.read(8)
    if start == ole.MAGIC:  # Office wraps a document with a password in a compound file
        raise Unacceptable("encrypted" if ole.is_encrypted_package(file) else "disguised")
    if not start.startswith(b"PK\x03\x04"):  # nothing may stand before the archive
        raise Unacceptable("disguised")
    try:
        with ZipFile(file) as archive:
            _measure(file, archive)
            if extension == "ofd":
                return _ofd(archive, elements_at_most)
            _check_office(archive, extension)
            return Found(TEXTS[extension](archive, elements_at_most) if marks else [])
    except (BadZipFile, struct.error, zlib.error, KeyError, EOFError, UnicodeError) as error:
        raise Unacceptable("damaged") from error


def _measure(file: IO[bytes], archive: ZipFile) -> None:
    """No bomb: first by what the archive declares, then by what really comes out of it."""
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise Unacceptable("encrypted")
    if not parts or min(part.header_offset for part in parts) != 0:
        raise Unacceptable("disguised")
    if any(part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for part in parts):
        raise Unacceptable("damaged")
    names = [part.filename for part in parts]
    if len(set(names)) != len(names) or any(_leads_outside(part) for part in parts):
        raise Unacceptable("damaged")
    declared, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if len(parts) > PARTS_AT_MOST or declared > max(HARMLESS, min(UNPACKED_AT_MOST, SUSPICIOUS_RATIO * packed)):
        raise Unacceptable("bomb")
    for part in parts:
        if _real_size(file, part) != part.file_size:
            raise Unacceptable("bomb")


def _leads_outside(part: ZipInfo) -> bool:
    """../ in its name, or a symbolic link: harmless as nothing is unpacked to a disk, and nobody's honest work."""
    return ".." in part.filename.split("/") or part.external_attr >> 28 == 0o12


def _real_size(file: IO[bytes], part: ZipInfo) -> int:
    """What really comes out; one byte more than declared is enough to stop."""
    file.seek(part.header_offset)
    header = file.read(30)
    if header[:4] != b"PK\x03\x04":
        raise Unacceptable("damaged")
    file.seek(sum(struct.unpack("<HH", header[26:30])), 1)
    if part.compress_type == ZIP_STORED:
        return part.compress_size
    inflate, left, size = zlib.decompressobj(-15), part.compress_size, 0
    while left > 0 and not inflate.eof and size <= part.file_size:
        packed = file.read(min(left, CHUNK))
        if not packed:
            raise Unacceptable("damaged")
        left -= len(packed)
        while packed and size <= part.file_size:
            size += len(inflate.decompress(packed, CHUNK))
            packed = inflate.unconsumed_tail
    return size + len(inflate.flush()) if size <= part.file_size else size


def _check_office(archive: ZipFile, extension: str) -> None:
    names = archive.namelist()
    if "[Content_Types].xml" not in names:
        raise Unacceptable("disguised")
    with archive.open("[Content_Types].xml") as stream:
        types = [told["ContentType"] for _, told in elements_of(stream, TYPES_AT_MOST) if told.get("ContentType")]
    if any("macroenabled" in kind.lower() or "vbaproject" in kind.lower() for kind in types):
        raise Unacceptable("macro")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Unacceptable("macro")
    if MAIN[extension] not in types:
        raise Unacceptable("disguised")


def _lines(archive: ZipFile, name: str, **tags) -> list[str]:
    """The texts of a part; none of one without the character that every mark has: a sheet of a million cells is quick."""
    with archive.open(name) as stream:
        if not _may_hold_a_mark(stream):
            return []
    with archive.open(name) as stream:
        return lines_of(stream, **tags)


def _may_hold_a_mark(stream: IO[bytes]) -> bool:
    """密 stands in the bytes, or could stand there in an encoding that is not UTF-8."""
    before = stream.read(200)
    if b"\0" in before or (b"encoding=" in before and not re.search(rb"encoding=.utf-8", before, re.IGNORECASE)):
        return True
    while True:
        if _has_sign(before):
            return True
        chunk = stream.read(CHUNK)
        if not chunk:
            return False
        before = before[-16:] + chunk


def _has_sign(text: bytes) -> bool:
    return SIGN in text or SPELT in text or ((b"&#x" in text or b"&#X" in text) and IN_HEX.search(text) is not None)


def _named(archive: ZipFile, pattern: str) -> list[str]:
    """The parts so called, in the order of their numbers."""
    found = [name for name in archive.namelist() if re.fullmatch(pattern, name)]
    return sorted(found, key=lambda name: [int(number) for number in re.findall(r"\d{1,6}", name)])


def _word(archive: ZipFile, elements_at_most: int) -> list[Page]:
    parts = _named(archive, r"word/(document|header\d*|footer\d*)\.xml")
    if "word/document.xml" not in parts:
        raise Unacceptable("damaged")
    return [Page(_lines(archive, name, **RUNS, elements_at_most=elements_at_most)) for name in parts]


def _sheets(archive: ZipFile, elements_at_most: int) -> list[Page]:
    """A table may well have a column 密级: alone a word counts only as one of the first three texts."""
    sheets = _named(archive, r"xl/worksheets/sheet\d*\.xml")
    limits = {"sieve": _without_unmarked, "elements_at_most": elements_at_most}
    pages = [Page(_lines(archive, name, **OF_A_SHEET, **limits), top=TOP_OF_A_SHEET) for name in sheets]
    if "xl/sharedStrings.xml" in archive.namelist():
        texts = _lines(archive, "xl/sharedStrings.xml", line={"si"}, text={"t"}, **limits)
        pages.append(Page(texts, top=TOP_OF_A_SHEET))
    return pages


def _without_unmarked(chunk: bytes, lines: list[str]) -> bytes:
    """Once the top of the sheet is read, without the cells that cannot hold a mark: nearly all of ten thousand rows."""
    if b"<!" in chunk or sum(not line.isspace() for line in lines[:99] if line) < TOP_OF_A_SHEET:
        return chunk
    return CELLS.sub(_if_it_may_be_marked, chunk)


def _if_it_may_be_marked(found: re.Match) -> bytes:
    return found[0] if _has_sign(found[0]) else b""


def _slides(archive: ZipFile, elements_at_most: int) -> list[Page]:
    slides = _named(archive, r"ppt/slides/slide\d+\.xml")
    return [Page(_lines(archive, name, **RUNS, elements_at_most=elements_at_most)) for name in slides]


def _ofd(archive: ZipFile, elements_at_most: int) -> Found:
    if "OFD.xml" not in archive.namelist():
        raise Unacceptable("disguised")
    with archive.open("OFD.xml") as stream:
        root, _ = elements_of(stream, TYPES_AT_MOST)[0]
    if root != "OFD":
        raise Unacceptable("disguised")
    pages = _named(archive, r"(?:/?\w+/)*Pages/Page_\d+/Content\.xml")[:FIRST_PAGES]
    of_a_page = {"line": {"TextObject"}, "text": {"TextCode"}, "elements_at_most": elements_at_most}
    return Found([Page(_lines(archive, name, **of_a_page)) for name in pages])


TEXTS = {"docx": _word, "xlsx": _sheets, "pptx": _slides}
