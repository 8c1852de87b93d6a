"""水印: a confidential page, print, workbook and PDF says who read it and when; other pages, and papers under a hash, bear none."""

import hashlib
from io import BytesIO
from zipfile import ZipFile

import openpyxl
import pytest
from django.urls import reverse
from pypdf import PdfReader

from accountability import watermarks
from accountability.papers.watermark import marked
from accountability.sheets import Table, workbook_of
from config import limits
from supervision.models.admissions import Secret
from supervision.services.admissions import admit
from tests import cast
from tests.letters import set_papers
from tests.supervision import letter_acts, talks
from tests.test_house import ROUTES

pytestmark = pytest.mark.django_db
MARK = "严正明 discipline 2026-11-23 09:00"


@pytest.fixture
def admitted(people, login):
    """纪委的同志, named for every kind there is."""
    for secret in Secret.values:
        admit(by=people["secretary"], person=people["discipline"], secret=secret, reason="分管这项工作")
    return login("discipline")


def test_a_confidential_page_bears_its_readers_mark(admitted, people):
    talk = talks.in_full(people)
    for path in (f"/oversight/talks/{talk.pk}/", "/oversight/talks/", "/oversight/clues/", "/oversight/forms/entries/"):
        page = admitted.get(path).content.decode()
        assert 'class="watermark" aria-hidden="true"' in page and MARK in page, path


def test_the_party_to_a_talk_reads_his_own_mark(login, people):
    talk = talks.in_full(people)
    page = login("unit_secretary").get(f"/oversight/talks/{talk.pk}/").content.decode()
    assert "沈若愚 unit_secretary 2026-11-23" in page and "严正明 discipline" not in page


@pytest.mark.parametrize("path", ["/", "/ledger/", "/oversight/", "/notices/", "/oversight/letters/"])
def test_an_ordinary_page_bears_none(admitted, path):
    assert "watermark" not in admitted.get(path).content.decode()


def test_one_row_can_be_confidential_where_others_are_not(people, login):
    from accountability.models import Duty

    duty = Duty.objects.filter(organisation=cast.organisation(cast.OURS)).first()
    assert "watermark" not in login("office").get(f"/ledger/{duty.pk}/").content.decode()
    request = type("Request", (), {"resolver_match": None, "is_confidential": True})
    assert watermarks.is_confidential(request)


def test_the_mark_is_text_and_no_markup(people):
    people["office"].name = '<script>alert("1")</script>'
    from django.template.loader import render_to_string

    drawn = render_to_string("components/_watermark.html", {"mark": watermarks.mark_of(people["office"])})
    assert "<script" not in drawn and "&lt;script&gt;" in drawn


EXPORTS = sorted(
    name
    for name, path in ROUTES
    if name in watermarks.confidential_names() and limits.LIMITED.get(("GET", name)) == "export" and "{pk}" not in path
)


def test_the_exports_are_not_none():
    assert len(EXPORTS) == 7


@pytest.mark.parametrize("name", EXPORTS)
def test_a_confidential_export_bears_it_above_the_table_and_on_every_printed_sheet(admitted, name):
    answer = admitted.get(reverse(name))
    assert answer.status_code == 200
    book = openpyxl.load_workbook(BytesIO(answer.content))
    for sheet in book:
        above = [str(row[0].value) for row in sheet.iter_rows(max_row=3)]
        assert f"限定知悉　{MARK}" in above, sheet.title
        assert sheet.oddHeader.center.text == sheet.oddFooter.center.text == MARK
    with ZipFile(BytesIO(answer.content)) as parts:
        assert "<f>" not in parts.read("xl/worksheets/sheet1.xml").decode()


def test_a_mark_gives_the_language_of_headers_no_order():
    book = openpyxl.load_workbook(BytesIO(workbook_of(Table("表", (("甲", 9),), []), mark="&F&[Path] 甲")))
    assert "&&F&&" in book.active.oddHeader.center.text or "&F&" in book.active.oddHeader.center.text


def test_every_page_of_a_confidential_pdf_bears_it_and_says_what_it_said(admitted, people):
    talk = talks.in_full(people)
    answer = admitted.get(f"/oversight/talks/{talk.pk}/pdf/")
    pages = PdfReader(BytesIO(answer.content)).pages
    words = "".join(page.extract_text() for page in pages).replace("\n", "").replace(" ", "")
    assert len(pages) == 1 and talks.REQUIRED in words
    assert words.count(MARK.replace(" ", "")) >= 6
    assert answer["Content-Disposition"].startswith("attachment")


def test_a_pdf_with_pages_of_two_sizes_is_marked_on_each():
    from pypdf import PdfWriter

    writer = PdfWriter()
    for size in ((595, 842), (842, 595), (595, 842)):
        writer.add_blank_page(*size)
    stream = BytesIO()
    writer.write(stream)
    pages = PdfReader(BytesIO(marked(stream.getvalue(), MARK))).pages
    assert [round(float(page.mediabox.width)) for page in pages] == [595, 842, 595]
    assert all("discipline" in page.extract_text() for page in pages)


def test_a_paper_that_is_verified_by_its_hash_is_the_same_bytes_for_everybody(admitted, people):
    letter = letter_acts.issued(people, cast.THEIRS)
    set_papers()
    letter.refresh_from_db()
    assert letter.pdf_sha256
    content = admitted.get(f"/oversight/letters/{letter.pk}/pdf/").content
    assert hashlib.sha256(content).hexdigest() == letter.pdf_sha256


def test_the_confidential_addresses_exist():
    assert watermarks.confidential_names() <= {name for name, _ in ROUTES}
