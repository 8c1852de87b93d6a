"""收存的材料: every room keeps what is handed in the same way: examined, once under its hash, given out unchanged to who may."""

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from accountability.models import Attachment, KeptFile, KeptPaper
from accountability.models.history import save_as
from accountability.services.scanning import scan_missed
from meetings.models import AgendaPaper
from supervision.models import ArchivePaper, CheckPaper
from supervision.services import checks
from tests import acts, papers
from tests.accountability.test_attachments import EICAR
from tests.supervision import archives, watching

pytestmark = pytest.mark.django_db
KEPT = [model for model in apps.get_models() if issubclass(model, KeptFile)]


def uploaded(name: str = "台账.pdf", content: bytes = acts.PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/pdf")


@pytest.fixture
def unit(people):
    unit = watching.unit_of(watching.check(people["discipline"]))
    watching.answered(unit, people["discipline"], "yes", "no", "na")
    return unit


def hand_in(unit, by, *files) -> None:
    checks.add_papers(unit, by=by, item=unit.special_check.items.first(), files=files or [uploaded()])


def test_the_walk_is_not_vacuous():
    assert {Attachment, AgendaPaper, ArchivePaper, CheckPaper} <= set(KEPT)
    assert len({model.FOLDER for model in KEPT}) == len(KEPT) >= 8, "one folder each"


@pytest.mark.parametrize("model", [model for model in KEPT if issubclass(model, KeptPaper)])
def test_every_kind_is_seen_with_what_it_belongs_to(people, model):
    """Its way ends at something that answers ``visible_to``; it is kept once, and an empty file is no paper."""
    for who in ("outsider", "auditor"):
        assert not model.objects.visible_to(people[who]).standing().exists()
    kept = {one.name for one in model._meta.constraints}
    assert kept == {f"{model._meta.model_name}_once", f"{model._meta.model_name}_not_empty"}


def test_it_is_kept_once_under_its_hash(people, unit):
    by = people["discipline"]
    hand_in(unit, by, uploaded(), uploaded("又一次.pdf"))
    hand_in(unit, by, uploaded("第三次.pdf"))
    row = CheckPaper.objects.get()
    assert (row.name, row.file.name) == ("台账.pdf", f"checks/{row.sha256[:2]}/{row.sha256}")
    assert (row.uploaded_by, row.history.get().history_change_reason) == (by, "上传检查材料")
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        save_as(row, by=by)
    row.sha256, row.size = "0" * 64, 0
    with pytest.raises(IntegrityError), transaction.atomic():
        save_as(row, by=by)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("机密★1年-方案.pdf", acts.PDF, "密级标志"),
        ("方案.pdf", papers.pdf("一") + EICAR, "查出病毒，没有保存"),
        ("方案.pdf", b"not a pdf", "内容与扩展名"),
    ],
)
def test_nothing_is_kept_of_an_upload_with_a_bad_file(people, unit, scanner, name, content, said):
    scanner()
    with pytest.raises(ValidationError, match=said):
        hand_in(unit, people["discipline"], uploaded(), uploaded(name, content))
    assert not CheckPaper.objects.exists()


def test_it_is_given_out_unchanged_to_who_sees_what_it_belongs_to(login, people, unit):
    hand_in(unit, people["discipline"])
    row = CheckPaper.objects.get()
    address = f"/oversight/records/checks/papers/{row.pk}/"
    answer = login("discipline").get(address)
    assert (answer.content, answer["Content-Type"]) == (acts.PDF, "application/octet-stream")
    assert answer["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E5%8F%B0")
    assert login("discipline").post(address).status_code == 405
    for who in ("unit_secretary", "outsider", "auditor"):
        assert login(who).get(address).status_code == 404, who


def test_a_spoilt_copy_is_refused_and_mended_by_the_original(login, people, unit):
    hand_in(unit, people["discipline"])
    row, client = CheckPaper.objects.get(), login("discipline")
    address = f"/oversight/records/checks/papers/{row.pk}/"
    with row.file.storage.open(row.file.name, "wb") as file:
        file.write(b"%PDF-1.4 something else")
    answer = client.get(address)
    assert answer.status_code == 400
    assert "检查材料与登记的校验值不符" in answer.content.decode()
    hand_in(unit, people["discipline"])
    assert client.get(address).content == acts.PDF


def test_what_was_kept_unscanned_is_scanned_later_in_every_room(login, people, unit, scanner, settings):
    """Found infected, it stays on record and is no longer handed out; what became of the row meanwhile stays."""
    settings.ANTIVIRUS_COMMAND, settings.ANTIVIRUS_REQUIRED = "/nowhere/scanner -", False
    hand_in(unit, people["discipline"], uploaded(content=papers.pdf("一") + EICAR))
    keeper, _ = archives.admitted(people)
    filed = archives.paper(archives.archive_of(people["member"], keeper), keeper)
    number = archives.paper(filed.archive, keeper, kind="处分决定文号", title="校纪〔2024〕3号", files=[])
    assert (filed.virus_scan, number.virus_scan) == ("missed", "off")
    scanner()
    counts = scan_missed(by=people["office"], before_there_was_one=True)
    assert (counts["clean"], counts["infected"], counts["missed"]) == (1, 1, 0)
    assert ArchivePaper.objects.get(pk=filed.pk).virus_scan == "clean"
    row = CheckPaper.objects.get()
    assert (row.virus_scan, row.history.first().history_change_reason) == ("infected", "补查毒")
    answer = login("discipline").get(f"/oversight/records/checks/papers/{row.pk}/")
    assert answer.status_code == 400
    assert "查出病毒，已停止提供" in answer.content.decode()
