"""PDF that acts: a script, a program to start, a file carried along; refused with a remedy, and what is honest is welcome."""

import random

import pytest

from accountability.services.attachments import examine
from tests.accountability.test_attachments import refusal, upload
from tests.fuzz import hostile_pdfs as made

pytestmark = pytest.mark.once
ACTIVE = (
    made.pdf_with_a_script,
    made.pdf_that_acts_when_opened,
    made.pdf_that_acts_in_the_end,
    made.pdf_that_acts_on_a_click,
    made.pdf_that_acts_on_turning,
    made.pdf_with_a_carrier,
    made.pdf_with_a_program_inside,
    made.pdf_with_a_form_of_xml,
)


@pytest.mark.parametrize("kind", ACTIVE, ids=lambda kind: kind.__name__)
def test_a_pdf_that_acts_is_refused_with_a_remedy(kind):
    told = refusal(*kind(random.Random(1)))
    assert "脚本、会自动执行的动作或夹带的文件" in told
    assert "导出为普通 PDF 后上传" in told


@pytest.mark.parametrize(
    "kind", [made.pdf_with_data_of_an_invoice, made.pdf_with_a_link], ids=lambda kind: kind.__name__
)
def test_an_invoice_with_its_data_and_a_link_are_welcome(kind):
    name, content = kind(random.Random(1))
    assert examine(upload(name, content)).name == name
