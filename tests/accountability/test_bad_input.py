"""Bad input: a clear Chinese message, status 4xx, nothing written, nothing typed is lost."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accountability.models import Attachment, Record
from tests import acts, cast, papers

pytestmark = pytest.mark.django_db
ADDRESS = "/meetings/new/?kind=warning-meeting"
GOOD = {"title": "第三次警示教育大会", "happened_on": "2026-11-20", "chaired_by": "顾怀远"}


@pytest.fixture
def refused(login):
    """Post as the office, expect a refusal, return the page."""

    def post(data: dict, address: str = ADDRESS, status: int = 400) -> str:
        answer = login("office").post(address, data)
        assert answer.status_code == status
        assert not Record.objects.exists()
        assert not Attachment.objects.exists()
        return answer.content.decode()

    return post


def file(name: str, content: bytes) -> dict:
    return GOOD | {"files": SimpleUploadedFile(name, content)}


def test_the_good_one_is_good(login):
    answer = login("office").post(ADDRESS, file("签到表.pdf", acts.PDF))
    assert answer.status_code == 302
    assert Attachment.objects.get().name == "签到表.pdf"


def test_a_meeting_without_a_day(refused):
    page = refused(GOOD | {"happened_on": ""})
    assert "请填写召开日期" in page
    assert "第三次警示教育大会" in page
    assert "顾怀远" in page


@pytest.mark.parametrize("day", ["2026-13-40", "明天", "99999-01-01", "0001-01-01", "1899-12-31"])
def test_a_day_that_is_none(refused, day):
    page = refused(GOOD | {"happened_on": day})
    assert "样式填写日期" in page or "不在 2000 至 2100 之间" in page


def test_a_day_to_come(refused):
    assert "不能晚于今天" in refused(GOOD | {"happened_on": "2026-11-24"})


def test_an_empty_file(refused):
    assert "空文件" in refused(file("空.pdf", b""))


def test_a_file_over_the_limit(refused, settings):
    settings.ATTACHMENT_MAX_BYTES = 1024 * 1024
    assert "超过单个文件 1 兆的上限" in refused(file("大.pdf", acts.PDF + b"0" * 1024 * 1024))


def test_an_exe_called_pdf(refused):
    assert "与扩展名 .pdf 不符" in refused(file("纪要.pdf", b"MZ\x90\x00" + b"\x00" * 200))


def test_a_zip_called_pdf(refused):
    stream = BytesIO()
    with ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "a")
    assert "与扩展名 .pdf 不符" in refused(file("纪要.pdf", stream.getvalue()))


def test_an_exe(refused):
    assert "类型不能上传" in refused(file("安装.exe", b"MZ\x90\x00"))


def test_too_many_files(refused):
    files = [SimpleUploadedFile(f"{number}.pdf", acts.PDF) for number in range(11)]
    assert "最多上传 10 个" in refused(GOOD | {"files": files})


def test_a_text_of_a_megabyte(refused):
    page = refused(GOOD | {"content": "长" * 350_000})
    assert "20000" in page


def test_a_body_beyond_all_measure_is_413(refused):
    refused(GOOD | {"content": "x" * 3_000_000}, status=413)


def test_more_present_than_expected(refused):
    assert "不能多于应到人数" in refused(GOOD | {"expected_count": "5", "present_count": "9"})


def test_a_number_that_is_none(refused):
    refused(GOOD | {"expected_count": "很多"})
    refused(GOOD | {"expected_count": "9" * 40})


def test_a_duty_of_others_cannot_be_ticked(refused, people):
    foreign = acts.duty_of(cast.organisation(cast.THEIRS), "duty-report")
    refused(GOOD | {"duties": [foreign.pk]})
    refused(GOOD | {"duties": ["x", "99999999999999999999999"]})


@pytest.mark.parametrize(
    "address",
    ["/ledger/99999999/", "/records/99999999/", "/meetings/99999999/", "/attachments/99999999/", "/reports/99999999/",
     "/records/new/?duty=99999999", "/meetings/new/?duty=abc", "/ledger/99999999999999999999999999/"],
)  # fmt: skip
def test_an_unknown_id_is_404(login, address):
    answer = login("office").get(address)
    assert answer.status_code == 404
    assert "没有找到" in answer.content.decode() or "找不到" in answer.content.decode()


def test_a_decision_nobody_knows(login, people):
    record = acts.record(people["liaison"], cast.organisation(cast.OURS), "duty-report")
    answer = login("unit_secretary").post(f"/records/{record.pk}/decide/", {"transition": "burn"})
    assert answer.status_code == 400
    assert "没有这种办理" in answer.content.decode()


@pytest.mark.parametrize("year", ["99999", "abc", "", "-1", "1999"])
def test_a_year_that_is_none(login, year):
    client = login("office")
    assert client.post("/years/open/", {"year": year}).status_code == 400
    assert client.get(f"/years/?open={year}").status_code == 400


def test_every_kind_of_office_file_is_welcome(login):
    files = {
        "台账.xlsx": papers.xlsx(("序号", "事项")),
        "纪要.docx": papers.docx("会议纪要"),
        "汇报.pptx": papers.pptx("汇报"),
        "公文.ofd": papers.ofd("公文"),
        "旧.doc": papers.ole("WordDocument"),
        "旧.xls": papers.ole("Workbook"),
        "旧.ppt": papers.ole("PowerPoint Document"),
        "会.wps": papers.ole("WordDocument"),
        "表.et": papers.ole("Workbook"),
        "照片.png": papers.picture(),
        "照片.JPG": papers.picture("JPEG"),
    }
    for number, (name, content) in enumerate(files.items(), 1):
        data = file(name, content) | {"happened_on": f"2026-11-{number:02d}"}
        answer = login("office").post(ADDRESS, data)
        assert answer.status_code == 302, name
    assert Attachment.objects.count() == len(files)
