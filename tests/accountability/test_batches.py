"""批量办理: sixty letters at once, line by line, and again without doing anything twice (三（三）1)."""

import pytest
from django.core.exceptions import PermissionDenied
from pypdf import PdfReader

from accountability.models import Document, DocumentBatch, Job
from accountability.services import batches
from tests import cast, letters

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_papers")]
Action = DocumentBatch.Action


def ordered(action: str, by) -> DocumentBatch:
    batch = batches.order(action, letters.kind("responsibility-letter"), cast.YEAR, by=by)
    letters.set_papers()
    batch.refresh_from_db()
    assert batch.job.state in (Job.State.QUEUED, Job.State.DONE)
    return batch


def test_all_letters_from_making_to_the_joined_file(login, people):
    made = ordered(Action.MAKE, people["office"])
    assert (made.done, made.refused) == (37, [])  # of 38 units one has nobody to sign
    assert Document.objects.count() == 37
    again = ordered(Action.MAKE, people["office"])
    assert Document.objects.count() == 37
    assert again.lines[0]["said"].startswith("已有")
    assert ordered(Action.SUBMIT, people["office"]).done == 37
    assert ordered(Action.PASS, people["secretary"]).done == 37
    numbers = Document.objects.values_list("number", flat=True)
    assert sorted(numbers) == list(range(1, 38))
    joined = ordered(Action.PRINT, people["office"])
    assert joined.done == 37
    assert len(PdfReader(joined.file.path).pages) == joined.pages >= 37
    path = f"/documents/batch/{joined.pk}/"
    assert login("office").get(path).status_code == 200
    assert login("secretary").get(path).status_code == 404  # only who ordered it


def test_what_cannot_be_done_says_why_and_the_rest_is_done(people):
    ordered(Action.MAKE, people["office"])
    batch = ordered(Action.PASS, people["secretary"])
    assert batch.done == 37  # nothing was sent up: nothing to approve, and each line says so
    assert batch.lines[0]["said"] == "无须审定，起草中"
    batch = ordered(Action.PRINT, people["office"])
    assert len(batch.refused) == 37
    assert "尚未排版" in batch.refused[0]["said"]


def test_only_the_office_orders(people):
    for who in ("discipline", "unit_secretary", "member"):
        with pytest.raises(PermissionDenied):
            batches.order(Action.MAKE, letters.kind("responsibility-letter"), cast.YEAR, by=people[who])


def test_asking_twice_joins_the_first(people):
    first = batches.order(Action.MAKE, letters.kind("responsibility-letter"), cast.YEAR, by=people["office"])
    assert batches.order(Action.MAKE, first.kind, cast.YEAR, by=people["office"]) == first


def test_the_page_shows_how_far_they_are(login, people):
    ordered(Action.MAKE, people["office"])
    page = login("office").get("/documents/batch/?kind=responsibility-letter")
    assert "37 份办妥" in page.content.decode()


def test_a_joined_file_the_disk_has_lost_is_told_with_what_to_do(login, people):
    batch = batches.order(Action.PRINT, letters.kind("responsibility-letter"), cast.YEAR, by=people["office"])
    batch.file = "batches/lost.pdf"
    batch.save()
    answer = login("office").get(f"/documents/batch/{batch.pk}/")
    assert answer.status_code == 400
    assert "合并打印的文件在服务器上找不到了，请重新生成一次" in answer.content.decode()
