"""Forms as a browser would find them on a page: their address, their fields, what each field says of itself."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

NOT_SENT = {"button", "reset", "image"}


@dataclass
class Field:
    """One name of a form, with what the page says may stand there."""

    name: str
    kind: str
    values: list[str] = field(default_factory=list)
    given: str = ""
    at_most: int = 0
    hint: str = ""

    @property
    def is_choice(self) -> bool:
        return self.kind in ("select", "radio", "checkbox", "submit", "hidden")

    @property
    def is_day(self) -> bool:
        return self.kind == "date" or self.hint[:4].isdigit()


@dataclass
class Form:
    method: str
    action: str
    is_multipart: bool
    fields: dict[str, Field] = field(default_factory=dict)

    def add(self, name: str, kind: str, **more) -> Field:
        return self.fields.setdefault(name, Field(name, kind, **more))


class _Reader(HTMLParser):
    def __init__(self, page: str):
        super().__init__()
        self.page, self.forms, self.links = page, [], []
        self.by_id, self.form, self.select, self.text = {}, None, None, None

    def handle_starttag(self, tag, listed):
        told = {name: value or "" for name, value in listed}
        if tag == "a" and told.get("href"):
            self.links.append(urljoin(self.page, told["href"]))
        elif tag == "form":
            action = urljoin(self.page, told.get("action") or self.page)
            is_multipart = told.get("enctype") == "multipart/form-data"
            self.form = Form(told.get("method", "get").lower(), action, is_multipart)
            self.forms.append(self.form)
            self.by_id[told.get("id")] = self.form
        else:
            form = self.by_id.get(told["form"]) if told.get("form") else self.form
            if form is not None:
                self._field(form, tag, told)

    def _field(self, form: Form, tag: str, told: dict) -> None:
        name = told.get("name")
        if tag == "option" and self.select:
            self.select.values.append(told.get("value", ""))
            if "selected" in told:
                self.select.given = told.get("value", "")
        if not name or name == "csrfmiddlewaretoken":
            return
        at_most = int(told["maxlength"]) if told.get("maxlength", "").isdigit() else 0
        if tag == "select":
            self.select = form.add(name, "select")
        elif tag == "textarea":
            self.text = form.add(name, "textarea", at_most=at_most)
        elif tag == "button" and told.get("type", "submit") == "submit":
            form.add(name, "submit").values.append(told.get("value", ""))
        elif tag == "input" and (kind := told.get("type", "text")) not in NOT_SENT:
            hint, given = told.get("placeholder", ""), told.get("value", "")
            found = form.add(name, kind, at_most=at_most, given=given, hint=hint)
            if found.is_choice:
                found.values.append(given or "on")

    def handle_data(self, data):
        if self.text:
            self.text.given += data

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.text = None


def read_page(page: str, html: str) -> tuple[list[Form], list[str]]:
    """The forms of a page and where its links lead; of GET forms and links with a question only ours."""
    reader = _Reader(page)
    reader.feed(html)
    ours = [link for link in reader.links if not urlsplit(link).netloc]
    return [form for form in reader.forms if not urlsplit(form.action).netloc], ours


def asked_by(link: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(link).query, keep_blank_values=True))
