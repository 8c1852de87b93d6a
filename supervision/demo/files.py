"""附件: small valid files made in code, the same bytes each time."""

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from datetime import date, datetime
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook
from PIL import Image, ImageDraw

FIXED = datetime(2025, 1, 1)  # noqa: DTZ001 — a zip keeps local times without a zone


def page(title: str, day: date, text: str, *more: str, width: int = 30) -> list[str]:
    """The lines of a page: title, day, the text folded, and what follows it."""
    folded = [text[start : start + width] for start in range(0, len(text), width)]
    return [title, "", f"日期：{day}", *folded, *more]


def pdf(name: str, lines: Sequence[str]) -> SimpleUploadedFile:
    """One page of Chinese text in a font every reader brings along (STSong-Light is not embedded)."""
    rows = "".join(f"<{line.encode('utf-16-be').hex()}> Tj 0 -26 Td " for line in lines)
    page = f"BT /F1 14 Tf 72 760 Td {rows}ET".encode("ascii")
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(page), page),
        b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[6 0 R]>>",
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/FontDescriptor 7 0 R"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>>>",
        b"<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0"
        b"/Ascent 880/Descent -120/CapHeight 880/StemV 93>>",
    )
    return SimpleUploadedFile(name, _pdf_of(objects), "application/pdf")


def _pdf_of(objects: Sequence[bytes]) -> bytes:
    """The objects with the table of where each begins."""
    written, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return written + b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        table,
        size,
        len(written),
    )


def xlsx(name: str, rows: Sequence[Sequence]) -> SimpleUploadedFile:
    """签到表、清单: a workbook of one sheet."""
    workbook = Workbook()
    workbook.properties.created = workbook.properties.modified = FIXED
    for row in rows:
        workbook.active.append(row)
    workbook.active.column_dimensions["B"].width = 40
    content = io.BytesIO()
    workbook.save(content)
    return SimpleUploadedFile(name, _without_clock(content))


def _without_clock(content: io.BytesIO) -> bytes:
    """The same archive with a fixed time on each part."""
    steady = io.BytesIO()
    with zipfile.ZipFile(content) as before, zipfile.ZipFile(steady, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.namelist():
            info = zipfile.ZipInfo(part, FIXED.timetuple()[:6])
            text = before.read(part)
            after.writestr(info, _fixed_properties(text) if part == "docProps/core.xml" else text)
    return steady.getvalue()


def _fixed_properties(text: bytes) -> bytes:
    """openpyxl stamps the moment of saving over whatever it was told."""
    head, tag, rest = text.partition(b'<dcterms:modified xsi:type="dcterms:W3CDTF">')
    return head + tag + FIXED.strftime("%Y-%m-%dT%H:%M:%SZ").encode() + rest[rest.index(b"<") :] if tag else text


def png(name: str, seed: int, width: int = 240, height: int = 160) -> SimpleUploadedFile:
    """扫描件: a ruled grey page, its shade told by ``seed``; no two seeds make the same file."""
    paper, rule = 236 + seed % 16, 150 + seed % 40
    rows = b"".join(b"\x00" + bytes([rule if y % 20 == 0 else paper]) * width for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, data)
        for kind, data in (
            (b"IHDR", header),
            (b"tEXt", b"Comment\x00%d" % seed),
            (b"IDAT", zlib.compress(rows)),
            (b"IEND", b""),
        )
    )
    return SimpleUploadedFile(name, content, "image/png")


def photo(name: str, seed: int) -> SimpleUploadedFile:
    """现场照片: people before a wall, as far as blocks of grey can tell it."""
    random, image = Random(seed), Image.new("L", (640, 480), 150)  # noqa: S311 — a picture, not a secret
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 330, 640, 480), fill=96)
    draw.rectangle((40, 40, 600, 120), fill=70)
    for place in range(8):
        left, top, shade = 30 + 75 * place + random.randint(-12, 12), random.randint(170, 220), random.randint(25, 90)
        draw.ellipse((left + 12, top, left + 52, top + 46), fill=random.randint(150, 200))
        draw.rectangle((left, top + 46, left + 64, 400), fill=shade)
    written = io.BytesIO()
    image.convert("RGB").save(written, "PNG")
    return SimpleUploadedFile(name, written.getvalue(), "image/png")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
