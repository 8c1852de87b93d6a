"""A submission as it goes over the wire: which fields, what in them, how it is written, by whom."""

import json
from dataclasses import dataclass
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st

from tests.fuzz.crawl import ROLES, Door
from tests.fuzz.forms import Field, Form
from tests.fuzz.values import Upload, Value, honest, hostile

BOUNDARY = "----grenze"
ALL_FIELDS = ("page", "next", "year", "q", "id", "_", "csrfmiddlewaretoken", "files", "file", "by", "pk")
ADMIN_QUESTIONS = (
    "id__in", "id__exact", "id", "pk__in", "id__gt", "o", "p", "q", "all", "e", "_popup", "_to_field", "_changelist_filters",
    "username__startswith", "password__startswith", "is_active__exact", "app_label", "model_name", "field_name", "term", "id__range",
)  # fmt: skip
URLENCODED = "application/x-www-form-urlencoded"
Pairs = list[tuple[str, Value]]


@dataclass(frozen=True)
class Submission:
    """What is sent."""

    who: str
    method: str
    path: str
    query: str = ""
    body: bytes = b""
    content_type: str = URLENCODED
    is_htmx: bool = False

    @property
    def address(self) -> str:
        return self.path + (f"{'&' if '?' in self.path else '?'}{self.query}" if self.query else "")

    def __str__(self) -> str:
        sent = f" {self.content_type} {self.body[:600]!r}" if self.method == "POST" else ""
        return f"{self.method} {self.address[:500]} as {self.who}{' htmx' if self.is_htmx else ''}{sent}"


def _quoted(text: str) -> str:
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"))


def urlencoded(pairs: Pairs) -> str:
    return "&".join(f"{_quoted(name)}={_quoted(_as_text(value))}" for name, value in pairs)


def _as_text(value: Value) -> str:
    return value.name if isinstance(value, Upload) else value


def multipart(pairs: Pairs) -> bytes:
    return b"".join(_part(name, value) for name, value in pairs) + f"--{BOUNDARY}--\r\n".encode()


def _part(name: str, value: Value) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'
    if isinstance(value, Upload):
        head += f'; filename="{value.name}"\r\nContent-Type: {value.type}'
    content = value.content if isinstance(value, Upload) else value.encode("utf-8", "surrogatepass")
    return head.encode("utf-8", "surrogatepass") + b"\r\n\r\n" + content + b"\r\n"


def _written(pairs: Pairs, form: Form) -> tuple[str, bytes]:
    """As a browser writes it."""
    if form.is_multipart or any(isinstance(value, Upload) for _, value in pairs):
        return f"multipart/form-data; boundary={BOUNDARY}", multipart(pairs)
    return URLENCODED, urlencoded(pairs).encode()


def _spoilt(draw, pairs: Pairs) -> tuple[str, bytes]:
    """As no browser writes it."""
    plain, parts = urlencoded(pairs).encode(), multipart(pairs)
    told = json.dumps({name: _as_text(value) for name, value in pairs}).encode()
    return draw(
        st.sampled_from(
            (
                ("application/json", told),
                ("application/json", told[: len(told) // 2]),
                (f"multipart/form-data; boundary={BOUNDARY}", parts[: len(parts) // 2]),
                (f"multipart/form-data; boundary={BOUNDARY}", plain),
                ("multipart/form-data", parts),
                ("multipart/form-data; boundary=" + "b" * 300, parts),
                ("multipart/mixed; boundary=x", parts),
                ("text/plain", plain),
                ("text/xml", b"<a/>"),
                ("", plain),
                (f"{URLENCODED}; charset=utf-7", plain),
                (f"{URLENCODED}; charset=gb18030", urlencoded(pairs).encode()),
                (f"{URLENCODED}; charset=nonsense", plain),
                (f"{URLENCODED}; charset=utf-16", plain),
                (URLENCODED, b"\xff\xfe=%ff%00&%&=&&==&%zz=1"),
                (URLENCODED, b"&".join(b"f%d=1" % number for number in range(1001))),
                (URLENCODED, parts),
            )
        )
    )


@st.composite
def submissions(draw, door: Door) -> Submission:
    """Mostly a form filled in honestly but for a field or two; sometimes all of it hostile, or badly written."""
    who = draw(st.sampled_from(ROLES)) if draw(st.integers(0, 9)) == 9 else door.who
    is_htmx = draw(st.integers(0, 9)) == 9
    if door.form.method == "get":
        return Submission(who, "GET", door.path, urlencoded(draw(questions(door))), is_htmx=is_htmx)
    pairs = draw(filled(door.form))
    if draw(st.integers(0, 9)) == 9:
        content_type, body = _spoilt(draw, pairs)
    else:
        content_type, body = _written(pairs, door.form)
    return Submission(who, "POST", door.path, "", body, content_type, is_htmx)


@st.composite
def filled(draw, form: Form) -> Pairs:
    """The fields of a form: some hostile, some missing, some twice, some that nobody asked for."""
    names = sorted(form.fields)
    how = draw(st.sampled_from(("honest", "one", "one", "one", "two", "all")))
    count = {"honest": 0, "one": 1, "two": 2, "all": len(names)}[how]
    bad = set(draw(st.permutations(names))[:count]) if names else set()
    pairs: Pairs = []
    for name in names:
        pairs += _values(draw, form.fields[name], is_bad=name in bad)
    if draw(st.integers(0, 9)) == 9:
        odd = Field(draw(st.sampled_from(ALL_FIELDS)), "text")
        pairs.append((odd.name, draw(hostile(odd))))
    return pairs


def _values(draw, field: Field, *, is_bad: bool) -> Pairs:
    if not is_bad:
        if field.kind in ("checkbox", "file") and draw(st.booleans()):
            return []
        return [(field.name, draw(st.sampled_from(honest(field))))]
    how = draw(st.sampled_from(("hostile", "hostile", "hostile", "missing", "twice", "array")))
    if how == "missing":
        return []
    if how == "array":
        return [(f"{field.name}[]", draw(hostile(field))), (f"{field.name}[0][$ne]", "1")]
    many = 2 if how == "twice" else 1
    return [(field.name, draw(hostile(field))) for _ in range(many)]


@st.composite
def questions(draw, door: Door) -> Pairs:
    """A query string: names this page reads or links to, and a few it does not."""
    known = sorted(door.form.fields)
    names = known * 3 + list(ADMIN_QUESTIONS if door.name.startswith("admin:") else ALL_FIELDS[:4])
    chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=6))
    pairs: Pairs = []
    for name in chosen:
        field = door.form.fields.get(name) or Field(name, "query")
        is_honest = field.values and draw(st.booleans())
        pairs.append((name, draw(st.sampled_from(field.values) if is_honest else hostile(field))))
    return pairs
