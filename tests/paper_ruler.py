"""A ruler for PDFs: which glyph stands where, read from the content streams themselves."""

from dataclasses import dataclass
from io import BytesIO

from fontTools.cffLib import CFFFontSet
from fontTools.pens.basePen import NullPen
from pypdf import PdfReader
from pypdf.generic import ContentStream

MM = 72 / 25.4


@dataclass(frozen=True)
class Glyph:
    number: int
    x: float  # pt from the left edge of the sheet
    y: float  # pt from its top edge: the baseline
    size: float
    font: str


@dataclass(frozen=True)
class Box:
    """What a path covers, in pt from the left and the top edge of the sheet."""

    left: float
    top: float
    right: float
    bottom: float


def times(m, n):
    return (
        m[0] * n[0] + m[1] * n[2], m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2], m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4], m[4] * n[1] + m[5] * n[3] + n[5],
    )  # fmt: skip


def glyphs(page) -> list[Glyph]:
    """Every glyph of a page, in the order it is drawn."""
    fonts = {name: font.get_object() for name, font in page["/Resources"].get("/Font", {}).items()}
    widths = {name: _widths(font) for name, font in fonts.items()}
    found, stack, now = [], [], (1, 0, 0, 1, 0, 0)
    text = line = (1, 0, 0, 1, 0, 0)
    font, size = "", 1.0
    height = float(page.mediabox.height)
    for operands, operator in ContentStream(page.get_contents(), page.pdf).operations:
        numbers = [float(each) for each in operands] if operator in (b"cm", b"Tm", b"Td") else []
        if operator == b"q":
            stack.append(now)
        elif operator == b"Q":
            now = stack.pop()
        elif operator == b"cm":
            now = times(numbers, now)
        elif operator == b"BT":
            text = line = (1, 0, 0, 1, 0, 0)
        elif operator == b"Tm":
            text = line = tuple(numbers)
        elif operator == b"Td":
            text = line = times((1, 0, 0, 1, *numbers), line)
        elif operator == b"Tf":
            font, size = operands[0], float(operands[1])
        elif operator in (b"Tj", b"TJ"):
            for piece in operands[0] if operator == b"TJ" else operands:
                if isinstance(piece, (int, float)):
                    text = times((1, 0, 0, 1, -float(piece) / 1000 * size, 0), text)
                    continue
                data = piece.original_bytes
                for at in range(0, len(data), 2):
                    number = int.from_bytes(data[at : at + 2], "big")
                    placed = times(text, now)
                    found.append(
                        Glyph(
                            number, placed[4], height - placed[5], size * abs(placed[3]), str(fonts[font]["/BaseFont"])
                        )
                    )
                    text = times((1, 0, 0, 1, widths[font].get(number, 1000) / 1000 * size, 0), text)
    return found


def boxes(page) -> list[Box]:
    """Every filled path of a page, drawings within it included."""
    return list(_boxes(page, page["/Resources"], (1, 0, 0, 1, 0, 0), float(page.mediabox.height)))


def _boxes(content, resources, now, height):
    stack, points = [], []
    stream = content.get_contents() if "/Contents" in content else content
    for operands, operator in ContentStream(stream, content.pdf if hasattr(content, "pdf") else None).operations:
        if operator == b"q":
            stack.append(now)
        elif operator == b"Q":
            now = stack.pop()
        elif operator == b"cm":
            now = times([float(each) for each in operands], now)
        elif operator in (b"m", b"l"):
            points.append(tuple(map(float, operands)))
        elif operator == b"re":
            x, y, width, tall = map(float, operands)
            points += [(x, y), (x + width, y + tall)]
        elif operator in (b"f", b"f*", b"B", b"B*", b"S", b"n"):
            if points and operator[:1] in (b"f", b"B"):
                placed = [times((1, 0, 0, 1, *point), now)[4:] for point in points]
                (left, *_, right), (low, *_, high) = (sorted(each) for each in zip(*placed, strict=True))
                yield Box(left, height - high, right, height - low)
            points = []
        elif operator == b"Do":
            form = resources["/XObject"][operands[0]].get_object()
            if form["/Subtype"] == "/Form":
                matrix = [float(each) for each in form.get("/Matrix", (1, 0, 0, 1, 0, 0))]
                yield from _boxes(form, form.get("/Resources", resources), times(matrix, now), height)


def widths_agree(font) -> bool:
    """Whether /W says of every character what the embedded font says (PDF/A-3 6.2.11.5)."""
    below = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
    fonts = CFFFontSet()
    fonts.decompile(BytesIO(below["/FontFile3"].get_object().get_data()), None)
    outlines, told = fonts[0].CharStrings, _widths(font)
    for number, width in told.items():
        outline = outlines[f"cid{number:05d}"]
        outline.draw(NullPen())
        if abs(outline.width - width) > 1:
            return False
    return True


def _widths(font) -> dict[int, float]:
    """/W of a CID font: 1 [500 600] or 1 5 500."""
    told, found = list(font["/DescendantFonts"][0].get_object().get("/W", [])), {}
    while told:
        first, second = int(told.pop(0)), told.pop(0)
        if isinstance(second, list):
            found.update({first + at: float(each) for at, each in enumerate(second)})
        else:
            found.update(dict.fromkeys(range(first, int(second) + 1), float(told.pop(0))))
    return found


def pages(content: bytes) -> list[list[Glyph]]:
    return [glyphs(page) for page in PdfReader(BytesIO(content)).pages]


def undrawn(content: bytes) -> list[Glyph]:
    """Glyphs that are drawn but have no outline of their own in the embedded font: .notdef, in whatever disguise."""
    found = []
    for page in PdfReader(BytesIO(content)).pages:
        drawable = {
            str(font.get_object()["/BaseFont"]): _outlines(font.get_object())
            for font in page["/Resources"]["/Font"].values()
        }
        found += [each for each in glyphs(page) if each.number not in drawable[each.font]]
    return found


def _outlines(font) -> set[int]:
    """The numbers with an outline in the file embedded for this font; none if codes are mapped before they are looked up."""
    below = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
    if font["/Encoding"] != "/Identity-H" or "/FontFile3" not in below:
        return set()
    fonts = CFFFontSet()
    fonts.decompile(BytesIO(below["/FontFile3"].get_object().get_data()), None)
    return {int(name.removeprefix("cid")) for name in fonts[0].CharStrings.keys() if name.startswith("cid")} - {0}  # noqa: SIM118


def embedded(content: bytes) -> dict[str, bool]:
    """The fonts of a document, and whether each is in it."""
    fonts = [
        font.get_object() for page in PdfReader(BytesIO(content)).pages for font in page["/Resources"]["/Font"].values()
    ]
    files = {
        str(each["/BaseFont"]).partition("+")[2]: each["/DescendantFonts"][0]
        .get_object()["/FontDescriptor"]
        .get_object()
        for each in fonts
    }
    return {name: any(f"/FontFile{kind}" in file for kind in ("", 2, 3)) for name, file in files.items()}


def words(content: bytes) -> str:
    """All text, as a reader copies it, without spaces."""
    return "".join("".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())


def baselines(drawn: list[Glyph], size: float = 16) -> list[float]:
    """The baselines of the text of this size, from the top, each once."""
    found: list[float] = []
    for y in sorted(each.y for each in drawn if abs(each.size - size) < 0.1):
        if not found or y - found[-1] > 0.5:
            found.append(y)
    return found
