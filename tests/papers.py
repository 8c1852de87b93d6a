"""Files as people upload them, made byte by byte: honest ones, and ones that are not."""

import io
import struct
import zipfile
import zlib

from docx import Document
from openpyxl import Workbook
from PIL import Image

from accountability.papers.characters import missing_from
from accountability.papers.printing import Paper
from accountability.papers.sheet import Sheet

OFFICE = "application/vnd.openxmlformats-officedocument."


def pdf(*lines: str, more: bytes = b"") -> bytes:
    """A page of Chinese text that readers (and pypdf) can read; ``more`` goes into the trailer."""
    rows = "".join(f"<{line.encode('utf-16-be').hex()}> Tj 0 -26 Td " for line in lines)
    content = f"BT /F1 14 Tf 72 760 Td {rows}ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[6 0 R]>>",
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/FontDescriptor 7 0 R"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>>>",
        b"<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0"
        b"/Ascent 880/Descent -120/CapHeight 880/StemV 93>>",
    ]
    written, offsets = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        offsets.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    trailer = b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (size, more, len(written))
    return written + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table) + trailer


def words_of(sheet: Sheet) -> Paper:
    """Instead of ``typesetting.typeset``: every word of the sheet on one page."""
    words = sheet.words()
    return Paper(pdf(*words.splitlines()), 1, missing_from(words), sheet.title)


def encrypted_pdf() -> bytes:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("内部"))))
    writer.encrypt("1234", algorithm="RC4-128")
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def docx(*paragraphs: str, header: str = "") -> bytes:
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if header:
        document.sections[0].header.paragraphs[0].text = header
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def xlsx(*rows: tuple) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def zipped(parts: dict[str, str | bytes], level: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", level) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def content_types(main: str) -> str:
    return (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/main.xml" ContentType="{main}"/></Types>'
    )


def _word(document: str | bytes) -> bytes:
    main = OFFICE + "wordprocessingml.document.main+xml"
    return zipped({"[Content_Types].xml": content_types(main), "word/document.xml": document})


def in_pieces(*pieces: str) -> bytes:
    """One line of Word's, cut into runs as an editor cuts it."""
    runs = "".join(f"<w:r><w:t>{piece}</w:t></w:r>" for piece in pieces)
    return _word(f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="w"><w:p>{runs}</w:p></w:document>')


def spelt_as_entities() -> bytes:
    return in_pieces("".join(f"&#{ord(char)};" for char in "机密★1年"))


def in_utf16() -> bytes:
    text = '<?xml version="1.0" encoding="UTF-16"?><w:document xmlns:w="w"><w:p><w:t>机密★1年</w:t></w:p></w:document>'
    return _word(text.encode("utf-16"))


def pptx(*lines: str) -> bytes:
    texts = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in lines)
    slide = f'<p:sld xmlns:p="p" xmlns:a="a"><p:txBody>{texts}</p:txBody></p:sld>'
    main = OFFICE + "presentationml.presentation.main+xml"
    return zipped({"[Content_Types].xml": content_types(main), "ppt/slides/slide1.xml": slide})


def ofd(*lines: str) -> bytes:
    texts = "".join(f"<ofd:TextObject><ofd:TextCode>{line}</ofd:TextCode></ofd:TextObject>" for line in lines)
    return zipped(
        {
            "OFD.xml": '<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"/>',
            "Doc_0/Pages/Page_0/Content.xml": f'<ofd:Page xmlns:ofd="o">{texts}</ofd:Page>',
        }
    )


def with_macros(main: str = "application/vnd.ms-word.document.macroEnabled.main+xml") -> bytes:
    return zipped({"[Content_Types].xml": content_types(main), "word/vbaProject.bin": b"\0" * 64})


def bomb() -> bytes:
    """A great deal of nothing in thirty kilobytes, and it says so."""
    main = OFFICE + "wordprocessingml.document.main+xml"
    return zipped({"[Content_Types].xml": content_types(main), "word/document.xml": b"\0" * 30_000_000})


def lying_bomb() -> bytes:
    """The same idea, but its directory claims a hundred bytes."""
    main = OFFICE + "wordprocessingml.document.main+xml"
    size = 3_000_000
    content = zipped({"[Content_Types].xml": content_types(main), "word/document.xml": b"\0" * size})
    return content.replace(struct.pack("<I", size), struct.pack("<I", 100))


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40)) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, "steelblue").save(stream, kind)
    return stream.getvalue()


def huge_picture() -> bytes:
    """A hundred million pixels, by its header."""
    content = picture()
    header = b"IHDR" + struct.pack(">II", 20_000, 5_000) + content[24:29]
    return content[:12] + header + struct.pack(">I", zlib.crc32(header)) + content[33:]


def ole(*streams: str, content: bytes = b"") -> bytes:
    """A compound file: header, one sector of table, one or more of directory, the streams' content."""
    content = content.ljust(4096, b"\0")
    entries = [_entry("Root Entry", 5, 0xFFFFFFFE, 0)]
    directory_sectors = (len(streams) + 4) // 4
    first = 1 + directory_sectors
    entries += [_entry(name, 2, first, len(content)) for name in streams]
    directory = b"".join(entries).ljust(512 * directory_sectors, b"\0")
    chain = list(range(2, first)) + [0xFFFFFFFE]
    data = list(range(first + 1, first + len(content) // 512)) + [0xFFFFFFFE]
    table = [0xFFFFFFFD, *chain, *data]
    table += [0xFFFFFFFF] * (128 - len(table))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6)
    header += b"\0" * 6 + struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    return header + struct.pack("<128I", *table) + directory + content


def _entry(name: str, kind: int, start: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HB", len(text), kind)
        + b"\1"
        + b"\xff" * 12
        + b"\0" * 36
        + (struct.pack("<III", start, size, 0))
    )
