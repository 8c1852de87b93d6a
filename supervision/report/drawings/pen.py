"""笔: the marks every drawing is made of, as SVG that paper and a page under a strict CSP both accept.

Presentation attributes only, no style and no id: a drawing may stand twice on one page. Hatching is drawn as clipped
lines, for a pattern is a grey square in half of all viewers. 664 units are the width of the text on paper (4 = 1 mm).
"""

from unicodedata import east_asian_width
from xml.sax.saxutils import escape, quoteattr

WIDE = 664
FONT = "Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif"
SERIF = "Noto Serif CJK SC, Songti SC, SimSun, serif"
INK, INK_2, INK_3, RULE, RULE_2, TINT = "#1d1a18", "#56504b", "#857d76", "#cfc8c1", "#e6e1dc", "#f7f4f1"
RED, DEEP, MID, SOFT, PAPER = "#b3151b", "#7d0d12", "#d9847c", "#f3dcd7", "#ffffff"
LATIN = 0.58  # of the size: a numeral or Latin letter
STEP = 4.2  # between two lines of hatching
KINDS = ("done", "partly", "late", "open")  # solid, hatched, black, hollow


def drawing(height: float, title: str, words: str, parts: list[str]) -> str:
    """One SVG; its title becomes the text alternative in the PDF and what a screen reader says."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="drawing" viewBox="0 0 {WIDE} {_n(height)}" width="100%" role="img"'
        f' aria-label={quoteattr(title)} font-family="{FONT}" font-size="11" fill="{INK}">'
        f"<title>{escape(title)}</title><desc>{escape(words)}</desc>{''.join(parts)}</svg>"
    )


def text(x: float, y: float, words: str, size: float = 11, *, at="start", bold=False, fill="", serif=False) -> str:
    told = f'x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}"'
    told += f' text-anchor="{at}"' if at != "start" else ""
    told += ' font-weight="700"' if bold else ""
    told += f' fill="{fill}"' if fill else ""
    told += f' font-family="{SERIF}"' if serif else ""
    return f"<text {told}>{escape(words)}</text>"


def line(x1: float, y1: float, x2: float, y2: float, stroke: str = RULE, width: float = 0.7, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    ends = f'x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"'
    return f'<line {ends} stroke="{stroke}" stroke-width="{_n(width)}"{dashed}/>'


def rect(x: float, y: float, width: float, height: float, fill: str, stroke: str = "", thick: float = 0.8) -> str:
    edge = f' stroke="{stroke}" stroke-width="{_n(thick)}"' if stroke else ""
    return f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" fill="{fill}"{edge}/>'


def path(points: list[tuple[float, float]], stroke: str, width: float, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    way = "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)
    return f'<path d="{way}" fill="none" stroke="{stroke}" stroke-width="{_n(width)}" stroke-linejoin="round"{dashed}/>'


def disc(x: float, y: float, radius: float, fill: str, stroke: str = "", dash: str = "") -> str:
    edge = f' stroke="{stroke}" stroke-width="1.5"' if stroke else ""
    edge += f' stroke-dasharray="{dash}"' if dash else ""
    return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{fill}"{edge}/>'


def diamond(x: float, y: float, radius: float, fill: str, stroke: str) -> str:
    way = f"M{_n(x)} {_n(y - radius)}L{_n(x + radius)} {_n(y)}L{_n(x)} {_n(y + radius)}L{_n(x - radius)} {_n(y)}Z"
    return f'<path d="{way}" fill="{fill}" stroke="{stroke}" stroke-width="1"/>'


def block(kind: str, x: float, y: float, width: float, height: float) -> str:
    """A piece of a bar: told apart by shape as well as by colour, so that a grey print says the same."""
    if kind == "partly":
        return rect(x, y, width, height, PAPER) + hatch(x, y, width, height) + rect(x, y, width, height, "none", MID)
    fill, edge = {"done": (DEEP, ""), "late": (INK, "")}.get(kind, (PAPER, INK_3))
    return rect(x, y, width, height, fill, edge)


def hatch(x: float, y: float, width: float, height: float) -> str:
    """Lines from lower left to upper right, cut at the edges."""
    ways, at = [], STEP / 2
    while at < width + height:
        left, right = max(0.0, at - height), min(at, width)
        ways.append(f"M{_n(x + left)} {_n(y + at - left)}L{_n(x + right)} {_n(y + at - right)}")
        at += STEP
    return f'<path d="{"".join(ways)}" fill="none" stroke="{MID}" stroke-width="1.5"/>'


def measure(words: str, size: float) -> float:
    return sum(size if east_asian_width(each) in "WFA" else size * LATIN for each in words)


def fit(words: str, size: float, width: float, most: int = 2) -> list[str]:
    """The words in at most so many lines of this width; the last is cut with an ellipsis where they do not fit."""
    lines, now = [], ""
    for each in words:
        if measure(now + each, size) > width and now:
            lines.append(now)
            now = ""
        now += each
    lines = [*lines, now] if now else lines
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while measure(last + "…", size) > width:
        last = last[:-1]
    return [*lines[: most - 1], last + "…"]


def label(x: float, middle: float, width: float, words: str, under: str = "", size: float = 11.5) -> str:
    """What stands at the left of a row: a bold name of one or two lines, small words under it."""
    lines = fit(words, size, width)
    if len(lines) > 1:
        lines, size = fit(words, size - 2, width), size - 2
    below = fit(under, 9, width, 1) if under else []
    top = middle - (len(lines) * (size + 2) + len(below) * 11) / 2
    parts = [text(x, top + (at + 0.88) * (size + 2), each, size, bold=True) for at, each in enumerate(lines)]
    foot = top + len(lines) * (size + 2) + 9.5
    return "".join(parts + [text(x, foot, each, 9, fill=INK_2) for each in below])


def _n(number: float) -> str:
    """Two decimals at most, none where they are nought."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
