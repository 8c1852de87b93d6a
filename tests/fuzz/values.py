"""What is typed into a field: honest values, values at the edge, and values nobody honest would type."""

from dataclasses import dataclass

from hypothesis import strategies as st

from tests import acts, cast
from tests.fuzz.forms import Field

SVG, SCRIPT = '"><svg/onload=alert(1)>', "</textarea></title><script>alert(1)</script>"
# What must never stand in a page as it was typed.
RAW = ("<svg/onload", "<script>alert(1)", "<img src=x")
TEMPLATES = ("{{ settings.SECRET_KEY }}", "{% debug %}", "${7*7}", "{%")
HOSTILE = (
    SVG, SCRIPT, "'\"><img src=x onerror=alert(1)>", "javascript:alert(1)", "[点](javascript:alert(1))", *TEMPLATES,
    "' OR '1'='1", "1; DROP TABLE accountability_person; --", "%' UNION SELECT 1 --", "\\", "%", "_", "*", "(", "[", "a" * 201,
    "=1+1", "=cmd|' /C calc'!A0", "@SUM(1)", "+1", "-1+1", "../../etc/passwd", "..\\..\\win.ini", "/etc/passwd\0.pdf",
    "\0", "一\0二", "\ud800", "甲\udfff乙", "\ufeff", "\u202e甲乙\u202c", "\u200b", "\u200b\u200d\u2060", "é́́́" * 20, "𠮷䶮㐂",
    "\r\nSet-Cookie: a=b", "\r\n\r\n<script>alert(1)</script>", "a\nb\tc", " ", "\u3000", "　甲　", "长" * 10_000, "x" * 10_001, "🙂" * 500,
    "None", "null", "undefined", "true", "[]", "{}", "//evil.example/", "https://evil.example/", "/\\evil.example",
)  # fmt: skip
NUMBERS = (
    "0", "-1", "1", "2147483648", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "9" * 30, "9" * 500, "1e5",
    "1e999", "NaN", "Infinity", "-0", "0x10", "１２", "٣", "1_000", "+5", "1.5", "1,000", "007", "²", "9999999999",
)  # fmt: skip
DAYS = (
    "0001-01-01", "9999-12-31", "2026-02-31", "2026-02-29", "2024-02-29", "1999-12-31", "2101-01-01", "2026-13-01", "2026-00-10",
    "0000-00-00", "20261120", "2026-11-20T10:00", "2026-11-20 25:61", "明天", "-2026-01-01", "99999-01-01", "2026-1-1", "2026/11/20",
    "10000-01-01", "２０２６-１１-２０", "2026-W01-1",
)  # fmt: skip
CHARACTERS = st.characters(exclude_categories=())  # surrogates, controls and all


@dataclass(frozen=True)
class Upload:
    """A small file in a form; what is inside files is another test's matter."""

    name: str
    content: bytes
    type: str = "application/octet-stream"


Value = str | Upload
FILES = (
    Upload("佐证.pdf", acts.PDF, "application/pdf"),
    Upload("空.pdf", b""),
    Upload("", acts.PDF),
    Upload("../../x.pdf", acts.PDF),
    Upload('a"><svg/onload=alert(1)>.pdf', acts.PDF),
    Upload("甲\r\n乙.pdf", acts.PDF),
    Upload("页.html", b"<script>alert(1)</script>", "text/html"),
    Upload("表.xlsx", b"PK\x03\x04nothing"),
    Upload("长" * 300 + ".pdf", acts.PDF),
)


def honest(field: Field) -> tuple[Value, ...]:
    """What somebody would type who means it."""
    if field.kind == "file":
        return FILES[:1]
    if field.values:
        return tuple(field.values)
    if field.kind == "password":
        return (cast.PASSWORD,)
    if field.is_day:
        return ("2026-11-20", "2026-11-23", "2026-12-10")
    if field.kind == "number":
        return ("1", "2", "3")
    words = "按要求办理，已经完成，材料齐全。"
    texts = (words, words * 4, "2026", "3", "a@jhjm.example")
    return ((field.given,) if field.given else ()) + tuple(text[: field.at_most or 999] for text in texts)


def hostile(field: Field) -> st.SearchStrategy[Value]:
    """What nobody would; also what belongs into another kind of field."""
    edges = tuple("边" * (field.at_most + more) for more in (0, 1)) if field.at_most else ()
    texts = st.sampled_from(HOSTILE + edges)
    anything = st.text(CHARACTERS, max_size=30)
    numbers, days, files = st.sampled_from(NUMBERS), st.sampled_from(DAYS), st.sampled_from(FILES)
    if field.kind == "file":
        return st.one_of(files, texts)
    if field.is_day:
        return st.one_of(days, days, texts, numbers)
    if field.kind == "number" or (field.values and all(value.isdigit() for value in field.values)):
        return st.one_of(numbers, numbers, texts, st.integers().map(str))
    return st.one_of(texts, texts, numbers, days, anything, files)
