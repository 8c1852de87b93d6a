"""PDF that acts: a script, a program to start, a form sent elsewhere, a file carried along. Imports no Django.

Looked for where a reader looks for it: in the catalogue, its names, its form and on every page, an action followed by the next.
"""

from collections.abc import Iterator

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

ACTS = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/RichMediaExecute", "/GoToE"}
CARRIERS = {"/FileAttachment", "/RichMedia", "/Screen", "/3D", "/Movie", "/Sound"}
# 数电票 and 电子凭证 carry their data beside the picture, as XML; nothing starts it.
HARMLESS_FILES = (".xml", ".xbrl")
# Of a tree or a chain nobody honest writes more.
STEPS_AT_MOST = 20_000


def is_active(reader: PdfReader) -> bool:
    """Whether opening, turning or clicking would do more than show."""
    catalog = reader.trailer["/Root"].get_object()
    names = _dictionary(catalog.get("/Names"))
    if "/JavaScript" in names or any(_is_harmful(name) for name in _files(names.get("/EmbeddedFiles"))):
        return True
    if _acts(catalog.get("/OpenAction")) or _any_acts(catalog.get("/AA")):
        return True
    form = _dictionary(catalog.get("/AcroForm"))
    if "/XFA" in form or any(_does(field) for field in _fields(form)):
        return True
    return any(_any_acts(page.get("/AA")) or any(map(_does, _annotations(page))) for page in reader.pages)


def _does(part: DictionaryObject) -> bool:
    """A field or a mark on a page."""
    return part.get("/Subtype") in CARRIERS or _acts(part.get("/A")) or _any_acts(part.get("/AA"))


def _acts(action) -> bool:
    waiting, steps = [action], 0
    while waiting and steps < STEPS_AT_MOST:
        steps += 1
        told = _dictionary(waiting.pop())
        if told.get("/S") in ACTS or "/JS" in told:
            return True
        following = _resolved(told.get("/Next"))
        waiting += following if isinstance(following, ArrayObject) else [following] if following is not None else []
    return bool(waiting)


def _any_acts(actions) -> bool:
    return any(_acts(action) for action in _dictionary(actions).values())


def _annotations(page: DictionaryObject) -> list[DictionaryObject]:
    return [_dictionary(each) for each in _array(page.get("/Annots"))]


def _fields(form: DictionaryObject) -> Iterator[DictionaryObject]:
    waiting, steps = list(_array(form.get("/Fields"))), 0
    while waiting and steps < STEPS_AT_MOST:
        steps += 1
        field = _dictionary(waiting.pop())
        yield field
        waiting += _array(field.get("/Kids"))


def _files(tree) -> Iterator[str]:
    """The names of the files carried along; one that gives no name has an empty one."""
    waiting, steps = [tree], 0
    while waiting and steps < STEPS_AT_MOST:
        steps += 1
        node = _dictionary(waiting.pop())
        waiting += _array(node.get("/Kids"))
        for each in _array(node.get("/Names"))[1::2]:
            told = _dictionary(each)
            yield str(told.get("/UF") or told.get("/F") or "")


def _is_harmful(name: str) -> bool:
    return not name.lower().endswith(HARMLESS_FILES)


def _resolved(part):
    return part.get_object() if part is not None and hasattr(part, "get_object") else part


def _dictionary(part) -> DictionaryObject:
    found = _resolved(part)
    return found if isinstance(found, DictionaryObject) else DictionaryObject()


def _array(part) -> ArrayObject:
    found = _resolved(part)
    return found if isinstance(found, ArrayObject) else ArrayObject()
