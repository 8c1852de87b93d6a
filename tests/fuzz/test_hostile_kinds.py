"""恶意文件, kind by kind: the check of a file alone refuses what is hostile, in time, with a sentence that names the file."""

import random
import time

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from accountability.services.attachments import examine
from tests.fuzz import hostile_pdfs  # noqa: F401 - its kinds stand beside the others
from tests.fuzz.hostile_files import HARMLESS, KINDS

pytestmark = pytest.mark.once


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_is_refused(kind):
    name, content = KINDS[kind](random.Random(kind))
    started = time.process_time()
    with pytest.raises(ValidationError) as caught:
        examine(SimpleUploadedFile(name, content))
    assert time.process_time() - started < 2, "the web process itself worked on it"
    told = "".join(caught.value.messages)
    assert "「" in told
    assert "上传" in told or "重新选择" in told or "另存" in told or "只收" in told


@pytest.mark.parametrize("kind", sorted(HARMLESS))
def test_is_kept_or_refused_but_harms_nobody(kind):
    name, content = HARMLESS[kind](random.Random(kind))
    try:
        kept = examine(SimpleUploadedFile(name, content))
    except ValidationError as error:
        assert error.messages
    else:
        assert "/" not in kept.name
        assert "\\" not in kept.name
