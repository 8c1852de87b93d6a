"""图片: a drawing as a picture for Word, an address as a QR code."""

from accountability.papers.characters import FACES, SANS, SERIF, Face, drawn_by, font_path

WIDE = 1800  # pixels in 156 mm: 290 to the inch
NAMES_IN_FILES = {"GW FangSong": "FandolFang", "GW Kai": "FandolKai", "GW Hei": "FandolHei"}


def png(svg: str, width_px: int = WIDE) -> bytes:
    """The drawing on white, with the fonts of the house. Nothing is fetched; the same drawing is the same picture."""
    import resvg_py  # only where something is drawn

    for face in FACES.values():
        if face.file and face.family in svg:
            svg = svg.replace(face.family, _name_in_file(face, svg))
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        width=width_px,
        background="#ffffff",
        font_family=SANS,
        sans_serif_family=SANS,
        serif_family=SERIF,
        font_files=_own_fonts(),
    )


def _name_in_file(face: Face, words: str) -> str:
    """A style sheet may rename a font, a picture may not. For one lacking character it would choose any font, Japanese too."""
    is_enough = {ord(each) for each in words if not each.isascii()} <= drawn_by(face)
    return NAMES_IN_FILES[face.family] if is_enough else face.fallback


def _own_fonts() -> list[str]:
    return [str(path) for face in FACES.values() if face.file and (path := font_path(face)).exists()]


def qr_code(address: str) -> str:
    """二维码 as SVG without its quiet zone, which is the white paper around it."""
    import segno

    rows = segno.make(address, error="m", micro=False).matrix
    runs = "".join(f"M{x} {y}h{length}v1h-{length}z" for y, row in enumerate(rows) for x, length in _dark(row))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {len(rows)} {len(rows)}" role="img">'
        f'<title>核验二维码</title><path d="{runs}"/></svg>'
    )


def _dark(row: bytearray) -> list[tuple[int, int]]:
    """Where dark squares begin in a row, and how many stand together."""
    found: list[tuple[int, int]] = []
    for x, dark in enumerate(row):
        if dark and found and sum(found[-1]) == x:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif dark:
            found.append((x, 1))
    return found
