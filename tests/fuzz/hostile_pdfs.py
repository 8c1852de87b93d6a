"""PDF that acts, carries something, swells, or is none; registered beside the other hostile files."""

import io
import random
import zlib

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, TextStringObject

from tests import acts, papers
from tests.fuzz.hostile_files import harmless, refused


def writer() -> PdfWriter:
    return PdfWriter(clone_from=PdfReader(io.BytesIO(acts.PDF)))


def written(paper: PdfWriter) -> bytes:
    stream = io.BytesIO()
    paper.write(stream)
    return stream.getvalue()


def told(**parts) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{name}"): value for name, value in parts.items()})


def action(kind: str) -> DictionaryObject:
    made = told(S=NameObject(f"/{kind}"), F=TextStringObject("cmd.exe"))
    if kind == "JavaScript":
        made[NameObject("/JS")] = TextStringObject("app.alert(1)")
    return made


def opening_with(made: DictionaryObject) -> bytes:
    paper = writer()
    paper.root_object[NameObject("/OpenAction")] = made
    return written(paper)


def with_a_mark(mark: DictionaryObject) -> bytes:
    paper = writer()
    mark[NameObject("/Type")] = NameObject("/Annot")
    mark[NameObject("/Rect")] = ArrayObject(NumberObject(n) for n in (0, 0, 600, 800))
    paper.pages[0][NameObject("/Annots")] = ArrayObject([mark])
    return written(paper)


def carrying(name: str) -> bytes:
    paper = writer()
    paper.add_attachment(name, b"MZ" + b"\0" * 50)
    return written(paper)


@refused
def pdf_with_a_script(rng: random.Random):
    paper, named = writer(), ArrayObject([TextStringObject(f"s{rng.randrange(99)}"), action("JavaScript")])
    paper.root_object[NameObject("/Names")] = told(JavaScript=told(Names=named))
    return "纪要.pdf", written(paper)


@refused
def pdf_that_acts_when_opened(rng):
    return "纪要.pdf", opening_with(action(rng.choice(("JavaScript", "Launch", "SubmitForm", "ImportData"))))


@refused
def pdf_that_acts_in_the_end(rng):
    """Behind a chain of harmless steps."""
    last = action(rng.choice(("JavaScript", "Launch")))
    for _ in range(rng.randrange(1, 40)):
        last = told(S=NameObject("/GoTo"), Next=last)
    return "纪要.pdf", opening_with(last)


@refused
def pdf_that_acts_on_a_click(rng):
    mark = told(Subtype=NameObject("/Link"), A=action(rng.choice(("JavaScript", "Launch", "SubmitForm"))))
    return "纪要.pdf", with_a_mark(mark)


@refused
def pdf_with_a_carrier(rng):
    return "纪要.pdf", with_a_mark(told(Subtype=NameObject(rng.choice(("/FileAttachment", "/RichMedia", "/Movie")))))


@refused
def pdf_that_acts_on_turning(rng):
    paper = writer()
    paper.pages[0][NameObject("/AA")] = told(O=action(rng.choice(("JavaScript", "Launch"))))
    return "纪要.pdf", written(paper)


@refused
def pdf_with_a_program_inside(rng):
    return "纪要.pdf", carrying(rng.choice(("a.exe", "a.docm", "说明.pdf", "a", "invoice.xml.exe")))


@refused
def pdf_with_a_form_of_xml(rng):
    paper = writer()
    paper.root_object[NameObject("/AcroForm")] = told(XFA=TextStringObject("<xdp/>"))
    return "表.pdf", written(paper)


@refused
def pdf_with_a_password(rng):
    paper = writer()
    paper.encrypt(str(rng.randrange(9999)), algorithm="RC4-128")
    return "纪要.pdf", written(paper)


@refused
def pdf_without_pages(rng):
    return "纪要.pdf", b"%PDF-1.7\n" + rng.randbytes(rng.randrange(30, 3000))


@refused
def pdf_whose_pages_go_in_circles(rng):
    kids = rng.choice((b"2 0 R", b"2 0 R 2 0 R 2 0 R", b"9 0 R"))
    return "纪要.pdf", acts.PDF.replace(b"/Kids[3 0 R]", b"/Kids[%s]" % kids)


@harmless
def pdf_whose_text_swells(rng):
    """A page whose content is eighty megabytes of nothing: read in the child, within its limits, or refused there."""
    packed = zlib.compress(b" " * rng.randrange(60_000_000, 90_000_000), 9)
    made = papers.pdf("一")
    start, end = made.index(b"<</Length"), made.index(b"\nendstream")
    head = b"<</Length %d/Filter/FlateDecode>>stream\n" % len(packed)
    return "纪要.pdf", made[:start] + head + packed + made[end:]


@harmless
def pdf_with_data_of_an_invoice(rng):
    return "发票.pdf", carrying(rng.choice(("invoice.xml", "数电票.XML", "voucher.xbrl")))


@harmless
def pdf_with_a_link(rng):
    mark = told(Subtype=NameObject("/Link"), A=told(S=NameObject("/URI"), URI=TextStringObject("https://example.com/")))
    return "通知.pdf", with_a_mark(mark)


@harmless
def pdf_that_is_cut_short(rng):
    """Readers mend it: what can be read of it is checked as any other."""
    return "纪要.pdf", acts.PDF[: -rng.randrange(1, 40)]
