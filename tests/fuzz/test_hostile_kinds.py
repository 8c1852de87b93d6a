"""恶意文件, kind by kind: the check of a file alone refuses what is hostile, in time, with a sentence that names the file."""

import base64
import io
import random
import time

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

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


@pytest.mark.parametrize("kind", sorted(HARMLESS.keys() - {"name_of_a_folder"}))  # which never becomes a file
def test_is_kept_or_refused_but_harms_nobody(kind):
    name, content = HARMLESS[kind](random.Random(kind))
    try:
        kept = examine(SimpleUploadedFile(name, content))
    except ValidationError as error:
        assert error.messages
    else:
        assert "/" not in kept.name
        assert "\\" not in kept.name


def test_what_a_camera_wrote_beside_a_picture_is_not_in_the_small_one():
    """The original stays as it is, for its hash; what lists show is drawn anew."""
    name, content = HARMLESS["position_in_a_photo"](random.Random(9))
    assert Image.open(io.BytesIO(content)).getexif()
    small = base64.b64decode(examine(SimpleUploadedFile(name, content)).thumbnail)
    assert not Image.open(io.BytesIO(small)).getexif()
    assert b"Exif" not in small
