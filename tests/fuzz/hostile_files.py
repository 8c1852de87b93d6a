"""Files nobody honest would send, made byte by byte and by a seed: one function for each kind, told apart by its name.

Each answers a name and the bytes. ``KINDS`` are refused by every door; what is in ``HARMLESS`` may be kept, as it can do nothing.
"""

import io
import random
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable

from PIL import Image

from tests import acts, papers

Made = tuple[str, bytes]
Kind = Callable[[random.Random], Made]
KINDS: dict[str, Kind] = {}
HARMLESS: dict[str, Kind] = {}
MAIN = {
    "docx": papers.OFFICE + "wordprocessingml.document.main+xml",
    "xlsx": papers.OFFICE + "spreadsheetml.sheet.main+xml",
    "pptx": papers.OFFICE + "presentationml.presentation.main+xml",
}
PART = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/slides/slide1.xml"}


def refused(kind: Kind) -> Kind:
    KINDS[kind.__name__] = kind
    return kind


def harmless(kind: Kind) -> Kind:
    HARMLESS[kind.__name__] = kind
    return kind


def office(extension: str, parts: dict[str, bytes | str]) -> bytes:
    return papers.zipped({"[Content_Types].xml": papers.content_types(MAIN[extension])} | parts)


def one_of(rng: random.Random) -> str:
    return rng.choice(sorted(MAIN))


GOOD = {
    "pdf": acts.PDF,
    "png": papers.picture(),
    "jpg": papers.picture("JPEG"),
    "docx": papers.docx("一"),
    "xlsx": papers.xlsx(("一", "二")),
    "pptx": papers.pptx("一"),
    "ofd": papers.ofd("一"),
    "doc": papers.ole("WordDocument"),
    "xls": papers.ole("Workbook"),
}


# ── archives ──────────────────────────────────────────────────────────────────────────────────


@refused
def zip_bomb(rng):
    extension = one_of(rng)
    return f"{extension}.{extension}", office(
        extension, {PART[extension]: b"\0" * rng.randrange(25_000_000, 60_000_000)}
    )


@refused
def lying_zip_bomb(rng):
    size = rng.randrange(2_000_000, 5_000_000)
    content = office("docx", {"word/document.xml": b" " * size})
    return "台账.docx", content.replace(struct.pack("<I", size), struct.pack("<I", rng.randrange(10, 1000)))


@refused
def bomb_in_many_parts(rng):
    part = b"0" * 200_000
    return "台账.xlsx", office("xlsx", {f"xl/media/{n}.bin": part for n in range(rng.randrange(250, 300))})


@refused
def nested_zips(rng):
    inner = b"x"
    for depth in range(rng.randrange(2, 8)):
        inner = papers.zipped({f"{depth}.zip": inner})
    return f"附件.{one_of(rng)}", inner


@refused
def ten_thousand_entries(rng):
    return "台账.xlsx", office("xlsx", {f"xl/a{n}.xml": "<a/>" for n in range(10_001 + rng.randrange(50))})


@refused
def entry_outside(rng):
    extension, up = one_of(rng), rng.choice(("../evil.xml", "xl/../../evil", "../../../../etc/cron.d/x"))
    return f"附件.{extension}", office(extension, {PART[extension]: "<a/>", up: "x"})


@refused
def symbolic_link(rng):
    stream = io.BytesIO(office("docx", {"word/document.xml": "<a/>"}))
    with zipfile.ZipFile(stream, "a") as archive:
        link = zipfile.ZipInfo("word/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, rng.choice(("/etc/passwd", "../../db.sqlite3")))
    return "附件.docx", stream.getvalue()


@refused
def encrypted_archive(rng):
    content = bytearray(office("docx", {"word/document.xml": "<a/>"}))
    at = content.find(b"PK\x01\x02")
    content[at + 8] |= 1
    return "附件.docx", bytes(content)


@refused
def same_entry_twice(rng):
    content = office("docx", {"word/document.xml": "<a/>", "word/documens.xml": "<b/>"})
    return "附件.docx", content.replace(b"word/documens.xml", b"word/document.xml")


@refused
def not_an_office_archive(rng):
    return f"附件.{one_of(rng)}", papers.zipped({"a.txt": rng.randbytes(rng.randrange(10, 3000))})


@refused
def strange_compression(rng):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", rng.choice((zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))) as archive:
        archive.writestr("[Content_Types].xml", papers.content_types(MAIN["docx"]))
        archive.writestr("word/document.xml", "<a/>")
    return "附件.docx", stream.getvalue()


# ── XML ───────────────────────────────────────────────────────────────────────────────────────


@refused
def billion_laughs(rng):
    extension, deep = one_of(rng), rng.randrange(5, 12)
    more = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, deep))
    text = f'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l0 "笑">{more}]><l>&l{deep - 1};密</l>'
    where = rng.choice(
        ("[Content_Types].xml", {"docx": "word/document.xml", "xlsx": "xl/sharedStrings.xml"}.get(extension))
    )
    return f"附件.{extension}", office(extension, {where or PART[extension]: text})


@refused
def outside_entity(rng):
    target = rng.choice(("file:///etc/passwd", "http://127.0.0.1:8000/healthz", "\\\\evil\\share"))
    text = f'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "{target}">]><Types>&x;</Types>'
    return f"附件.{one_of(rng)}", papers.zipped({"[Content_Types].xml": text, "word/document.xml": "<a/>"})


@refused
def broken_xml(rng):
    text = papers.content_types(MAIN["docx"])
    return "附件.docx", papers.zipped({"[Content_Types].xml": text[: rng.randrange(30, len(text) - 10)]})


# ── macros ────────────────────────────────────────────────────────────────────────────────────


@refused
def macro_document(rng):
    main = rng.choice(("word.document", "excel.sheet", "powerpoint.presentation", "word.template", "excel.addin"))
    return f"附件.{one_of(rng)}", papers.with_macros(f"application/vnd.ms-{main}.macroEnabled.main+xml")


@refused
def macros_in_a_plain_document(rng):
    extension = one_of(rng)
    name = rng.choice(("vbaProject.bin", "VBAPROJECT.BIN", "sub/vbaproject.bin"))
    return f"附件.{extension}", office(
        extension, {PART[extension]: "<a/>", f"{PART[extension].split('/')[0]}/{name}": b"\0"}
    )


@refused
def macro_name(rng):
    extension = rng.choice(("docm", "xlsm", "pptm", "dotm", "xlsb", "xlam", "hta", "vbs", "lnk", "scr", "js", "jar"))
    return f"附件.{extension}", papers.with_macros()


@refused
def macros_of_yesterday(rng):
    extension, stream = rng.choice((("doc", "WordDocument"), ("xls", "Workbook"), ("ppt", "PowerPoint Document")))
    return f"旧.{extension}", papers.ole(stream, rng.choice(("_VBA_PROJECT", "VBA", "Macros", "_VBA_PROJECT_CUR")))


# ── what is not what it says ──────────────────────────────────────────────────────────────────


@refused
def wrong_magic(rng):
    extension = rng.choice(sorted(GOOD))
    other = rng.choice([each for each in sorted(GOOD) if each != extension])
    return f"附件.{extension}", GOOD[other]


@refused
def a_program(rng):
    return f"附件.{rng.choice(sorted(GOOD))}", rng.choice(
        (b"MZ\x90\0", b"\x7fELF\2\1\1", b"#!/bin/sh\n")
    ) + rng.randbytes(300)


@refused
def html_as_something(rng):
    page = rng.choice(
        ("<html><script>alert(1)</script>", "<!DOCTYPE html><body onload=alert(1)>", "\ufeff<script>alert(1)</script>")
    )
    return f"照片.{rng.choice(sorted(GOOD))}", page.encode()


@refused
def svg_with_script(rng):
    text = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    return f"图.{rng.choice(('svg', 'png', 'jpg', 'pdf'))}", text


@refused
def refused_type(rng):
    extension = rng.choice(
        ("html", "htm", "svg", "xml", "exe", "php", "zip", "rar", "7z", "sh", "eml", "url", "swf", "csv", "txt", "")
    )
    return f"附件.{extension}", rng.randbytes(200)


@refused
def double_extension(rng):
    return (
        f"附件.{rng.choice(('pdf', 'docx', 'jpg'))}.{rng.choice(('exe', 'php', 'html', 'js', 'svg', 'com'))}",
        acts.PDF,
    )


@refused
def gif_that_is_a_script(rng):
    return f"图.{rng.choice(('png', 'jpg', 'pdf'))}", b"GIF89a/*" + rng.randbytes(40) + b"*/=1;alert(1);"


@refused
def page_before_a_pdf(rng):
    return "页.pdf", b"<html><script>alert(1)</script>" + b" " * rng.randrange(9) + acts.PDF


@refused
def picture_that_is_an_archive(rng):
    extension = rng.choice(("png", "jpg", "pdf"))
    return f"图.{extension}", GOOD[extension] + papers.zipped({"evil.html": rng.randbytes(99)})


@refused
def archive_behind_something(rng):
    extension = one_of(rng)
    return f"附件.{extension}", rng.choice((b"GIF89a", b"\xff\xd8\xff", b"%PDF-1.4\n", b"MZ")) + GOOD[extension]


@refused
def cut_short(rng):
    extension = rng.choice(("png", "jpg", "docx", "xlsx", "pptx", "ofd", "doc", "xls"))
    whole = GOOD[extension]
    return f"半.{extension}", whole[: rng.randrange(1, len(whole) * 2 // 3)]


@refused
def nothing(rng):
    return f"空.{rng.choice(sorted(GOOD))}", b""


@refused
def noise(rng):
    extension = rng.choice(sorted(GOOD))
    return f"杂.{extension}", GOOD[extension][: rng.randrange(4, 12)] + rng.randbytes(rng.randrange(20, 5000))


# ── names ─────────────────────────────────────────────────────────────────────────────────────


@refused
def turned_name(rng):
    return rng.choice(
        ("纪要\u202efdp.exe", "纪要\u202excod.pdf", "\u2067甲.pdf", "甲\u200f.pdf", "甲\u2028乙.pdf")
    ), acts.PDF


@refused
def control_in_name(rng):
    return rng.choice(("甲\x01.pdf", "甲\x1b[31m.pdf", "甲\x7f.pdf", "甲\x85.pdf")), acts.PDF


@refused
def endless_name(rng):
    """As long as a disk can hold; what is longer is cut off with its whole form."""
    return "长" * rng.randrange(151, 251) + ".pdf", acts.PDF


@refused
def no_extension(rng):
    return rng.choice(("附件", ".pdf", "pdf", "...", "附件.", "CON", "附件.pdf .exe")), acts.PDF


# ── what may be kept ──────────────────────────────────────────────────────────────────────────


@harmless
def name_of_a_device(rng):
    return rng.choice(("CON.pdf", "NUL.pdf", "aux.pdf", "COM1.pdf", "PRN.pdf")), acts.PDF


@harmless
def name_with_a_path(rng):
    return rng.choice(("../../etc/x.pdf", "C:\\Windows\\x.pdf", "/abs/x.pdf", "..\\x.pdf", "a/../../x.pdf")), acts.PDF


@harmless
def name_of_a_folder(rng):
    """No browser names a file so; what has no name is no file."""
    return rng.choice((".", "..", "/", "a/", "\\..")), acts.PDF


@harmless
def name_with_markup(rng):
    return rng.choice(
        ('"><img src=x onerror=alert(1)>.pdf', "a';alert(1);'.pdf", "{{7*7}}.pdf", "=1+1.pdf", "%0d%0aX.pdf")
    ), acts.PDF


@harmless
def position_in_a_photo(rng):
    stream, exif = io.BytesIO(), Image.Exif()
    exif[0x8825] = {1: "N", 2: (31.0, float(rng.randrange(60)), 0.0), 3: "E", 4: (121.0, 30.0, 0.0)}
    Image.new("RGB", (80, 60), "navy").save(stream, "JPEG", exif=exif)
    return "现场.jpg", stream.getvalue()


@harmless
def dimension_of_a_whole_sheet(rng):
    """A1 and XFD1048576: a reader that fills the rectangle between them never ends."""
    rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>一</t></is></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return "台账.xlsx", workbook(rows, '<dimension ref="A1:XFD1048576"/>')


@harmless
def a_million_rows(rng):
    rows = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n % 9}</v></c></row>' for n in range(1, rng.randrange(200_000, 260_000))
    )
    return "台账.xlsx", workbook(rows, level=zipfile.ZIP_STORED)


def workbook(rows: str, before: str = "", level: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A workbook of one sheet with these rows."""
    stream = io.BytesIO(papers.xlsx(("一",)))
    told = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    with zipfile.ZipFile(stream) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = f"<worksheet {told}>{before}<sheetData>{rows}</sheetData></worksheet>"
    return papers.zipped(parts, level)


# ── pictures ──────────────────────────────────────────────────────────────────────────────────


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, data: bytes, *more: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(more) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@refused
def picture_of_too_many_pixels(rng):
    side = rng.choice((50_000, 65_000, 2**31 - 1))
    return "图.png", png(side, side, zlib.compress(b"\0" * 100_000))


@refused
def picture_of_no_pixels(rng):
    return "图.png", png(0, rng.randrange(9), zlib.compress(b""))


@refused
def picture_that_ends_early(rng):
    return "图.png", png(4000, rng.randrange(3000, 9000), zlib.compress(b"\0" * 5000))


@refused
def picture_with_a_swollen_note(rng):
    swollen = b"a\0\0" + zlib.compress(b"\0" * rng.randrange(70_000_000, 90_000_000), 9)
    return "图.png", png(8, 8, zlib.compress(b"\0" * 72), chunk(b"zTXt", swollen))
