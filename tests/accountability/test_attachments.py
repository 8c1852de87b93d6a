"""附件: what is refused and why, what is kept, who looks at it, and what becomes of a file the disk has lost."""

import io
import logging
import random
import socket
import struct
import threading

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.core.management import call_command
from django.urls import reverse
from PIL import Image

from accountability.models import Attachment, Record
from accountability.models.history import save_as
from accountability.services.attachments import examine, tidy_name
from accountability.services.safekeeping import thumbnail_path
from accountability.tasks import scan_missed
from tests import acts, cast, papers

pytestmark = pytest.mark.django_db
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
DOORS = ("attachment", "attachment_preview", "attachment_content", "attachment_thumbnail")


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(ValidationError) as caught:
        examine(upload(name, content))
    return "".join(caught.value.messages)


def record_with(people, name: str, content: bytes, who: str = "liaison", unit: str = cast.OURS) -> Attachment:
    record = acts.record(people[who], cast.organisation(unit), "duty-report", files=[upload(name, content)])
    return record.attachments.get()


def stored_files(settings) -> list:
    return [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


# ── what a file is ────────────────────────────────────────────────────────────────────────────

ZIP = papers.zipped({"a.txt": "a"})
FOREIGN = papers.zipped({"[Content_Types].xml": papers.content_types("application/epub+zip"), "a.xml": "<a/>"})
ENCRYPTED_BIT = ZIP.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")
DTD = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><Types>&b;</Types>'
REFUSED = {
    "an archive called docx": ("纪要.docx", ZIP, "与扩展名 .docx 不符"),
    "an Office archive of another kind": ("纪要.docx", FOREIGN, "与扩展名 .docx 不符"),
    "a workbook called docx": ("纪要.docx", papers.xlsx(("一",)), "与扩展名 .docx 不符"),
    "an archive called ofd": ("公文.ofd", ZIP, "与扩展名 .ofd 不符"),
    "something before the archive": ("纪要.docx", b"GIF89a" + papers.docx("一"), "与扩展名 .docx 不符"),
    "macros by type": ("纪要.docx", papers.with_macros(), "带有宏"),
    "macros by part": ("台账.xlsx", papers.with_macros(papers.OFFICE + "spreadsheetml.sheet.main+xml"), "带有宏"),
    "macros of yesterday": ("旧.doc", papers.ole("WordDocument", "_VBA_PROJECT"), "带有宏"),
    "an archive with a password": ("纪要.docx", ENCRYPTED_BIT, "密码"),
    "Office with a password": ("纪要.docx", papers.ole("EncryptionInfo", "EncryptedPackage"), "密码"),
    "Word of yesterday with a password": ("旧.doc", papers.ole("WordDocument", content=b"\0" * 11 + b"\1"), "密码"),
    "Excel of yesterday with a password": (
        "旧.xls",
        papers.ole("Workbook", content=struct.pack("<HHIHH", 0x809, 4, 0, 0x2F, 4)),
        "密码",
    ),
    "another kind of compound file": ("旧.doc", papers.ole("Workbook"), "与扩展名 .doc 不符"),
    "half a compound file": ("旧.doc", papers.ole("WordDocument")[:600], "打不开"),
    "a compound file cut within its text": ("旧.doc", papers.ole("WordDocument")[:3000], "打不开"),
    "a compound file cut within its names": ("旧.doc", papers.ole("WordDocument", *"甲乙丙丁")[:1536], "打不开"),
    "a PDF with a password": ("纪要.pdf", papers.encrypted_pdf(), "密码"),
    "half a PDF": ("纪要.pdf", b"%PDF-1.7\nnothing more", "打不开"),
    "something before the PDF": ("纪要.pdf", b"MZ\n" + papers.pdf("一"), "与扩展名 .pdf 不符"),
    "a PDF that is an archive as well": ("纪要.pdf", papers.pdf("一") + ZIP, "与扩展名 .pdf 不符"),
    "a picture that is an archive as well": ("照片.png", papers.picture() + ZIP, "与扩展名 .png 不符"),
    "a PNG called jpg": ("照片.jpg", papers.picture(), "与扩展名 .jpg 不符"),
    "half a picture": ("照片.png", papers.picture(size=(400, 400))[:200], "打不开"),
    "a picture of too many pixels": ("照片.png", papers.huge_picture(), "像素超过 8000 万"),
    "a page called png": ("照片.png", b"<html><script>alert(1)</script></html>", "与扩展名 .png 不符"),
    "a bomb that says so": ("纪要.docx", papers.bomb(), "异常庞大"),
    "a bomb that lies": ("纪要.docx", papers.lying_bomb(), "异常庞大"),
    "XML with entities": ("纪要.docx", papers.zipped({"[Content_Types].xml": DTD}), "实体声明"),
    "XML that is none": ("纪要.docx", papers.zipped({"[Content_Types].xml": "<a><b></a>"}), "打不开"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_is_not_what_it_says(case):
    name, content, words = REFUSED[case]
    told = refusal(name, content)
    assert words in told
    assert f"「{name}」" in told
    assert "上传" in told or "另存" in told  # the remedy


def telephone_picture() -> bytes:
    stream = io.BytesIO()
    second = Image.new("RGB", (30, 20), "red")
    Image.new("RGB", (60, 40)).save(stream, "MPO", save_all=True, append_images=[second])
    return stream.getvalue()


def picture_of(mode: str) -> bytes:
    stream = io.BytesIO()
    Image.new(mode, (60, 40)).save(stream, "PNG")
    return stream.getvalue()


def test_a_telephones_picture_of_several_is_welcome():
    assert examine(upload("现场.jpg", telephone_picture())).thumbnail


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_png_is_welcome(mode):
    assert examine(upload("图.png", picture_of(mode))).thumbnail


def test_every_bad_file_of_an_upload_is_named_and_nothing_is_kept(login, settings):
    files = [upload("好.pdf", acts.PDF), upload("坏.pdf", b"MZ"), upload("宏.docx", papers.with_macros())]
    data = {"title": "第三次警示教育大会", "happened_on": "2026-11-20", "chaired_by": "顾怀远", "files": files}
    answer = login("office").post("/meetings/new/?kind=warning-meeting", data)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "「坏.pdf」的内容与扩展名" in page
    assert "「宏.docx」带有宏" in page
    assert "其余 1 个文件没有问题，但也没有保存，请一并重新选择" in page
    assert "第三次警示教育大会" in page
    assert not Record.objects.exists()
    assert stored_files(settings) == []


def test_a_file_too_large_for_the_memory_comes_through_the_page_whole(login, settings):
    noise = Image.frombytes("RGB", (1100, 1100), random.Random(3).randbytes(1100 * 1100 * 3))
    stream = io.BytesIO()
    noise.save(stream, "PNG")
    assert stream.tell() > settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    files = [upload("现场照片.png", stream.getvalue())]
    data = {"title": "第三次警示教育大会", "happened_on": "2026-11-20", "chaired_by": "顾怀远", "files": files}
    assert login("office").post("/meetings/new/?kind=warning-meeting", data).status_code == 302
    assert Attachment.objects.get().size == stream.tell()
    assert len(stored_files(settings)) == 2  # the picture and its thumbnail


def test_of_a_file_too_large_nothing_beyond_the_limit_is_kept(login, settings, monkeypatch, tmp_path):
    settings.ATTACHMENT_MAX_BYTES, settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 200_000, 1000
    written = []
    write = TemporaryFileUploadHandler.receive_data_chunk
    monkeypatch.setattr(
        TemporaryFileUploadHandler,
        "receive_data_chunk",
        lambda handler, data, start: written.append(len(data)) or write(handler, data, start),
    )
    files = [upload("录像.pdf", acts.PDF + b"0" * 5_000_000), upload("好.pdf", acts.PDF)]
    data = {"title": "第三次警示教育大会", "happened_on": "2026-11-20", "chaired_by": "顾怀远", "files": files}
    answer = login("office").post("/meetings/new/?kind=warning-meeting", data)
    assert "「录像.pdf」有 4.8 兆，超过单个文件" in answer.content.decode()
    assert 0 < sum(written) <= 200_000 + len(acts.PDF)


def test_a_form_that_comes_back_asks_for_its_files_again(login):
    data = {"title": "", "happened_on": "2026-11-20", "chaired_by": "顾怀远", "files": [upload("好.pdf", acts.PDF)]}
    page = login("office").post("/meetings/new/?kind=warning-meeting", data).content.decode()
    assert "请填写会议名称" in page
    assert "已选的附件没有保存" in page


# ── names ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("纪要.pdf...", "纪要.pdf"),
        (" 纪要.pdf ", "纪要.pdf"),
        ("../../etc/纪要.pdf", "纪要.pdf"),
        ("C:\\桌面\\纪要.pdf", "纪要.pdf"),
        ("纪\u200b要\ufeff.pdf", "纪要.pdf"),
    ],
)
def test_a_name_is_tidied(given, kept):
    assert tidy_name(given) == kept


@pytest.mark.parametrize("name", ["纪要\u202efdp.exe", "纪\n要.pdf", "纪\x00要.pdf", "\u2067纪要.pdf"])
def test_a_name_that_deceives(name):
    with pytest.raises(ValidationError, match="控制字符，请重新命名"):
        tidy_name(name)


def test_a_name_too_long():
    assert "超过 150 个字" in refusal("长" * 151 + ".pdf", acts.PDF)


def test_the_limit_is_the_settings(settings):
    settings.ATTACHMENT_MAX_BYTES = 1024
    assert "超过单个文件" in refusal("大.png", papers.picture() + b"\0" * 2048)


# ── marks of secrecy ──────────────────────────────────────────────────────────────────────────

MARKED = {
    "docx, first line": ("方案.docx", papers.docx("机密★1年", "关于某事的方案")),
    "docx, letters apart": ("方案.docx", papers.docx("000001", "绝 密 ★ 长 期")),
    "docx, alone on its line": ("方案.docx", papers.docx("秘密", "关于某事的方案")),
    "docx, in the header": ("方案.docx", papers.docx("关于某事的方案", header="机密★")),
    "docx, spelt as entities": ("方案.docx", papers.spelt_as_entities()),
    "docx, in UTF-16": ("方案.docx", papers.in_utf16()),
    "docx, a word in pieces": ("方案.docx", papers.in_pieces("机", "密", "★1年")),
    "xlsx": ("台账.xlsx", papers.xlsx(("秘密★10年",), ("序号", "事项"))),
    "xlsx, alone at the top": ("台账.xlsx", papers.xlsx(("机密",), ("序号", "事项"))),
    "pptx": ("汇报.pptx", papers.pptx("机密★3年", "工作汇报")),
    "ofd": ("公文.ofd", papers.ofd("秘密★1年", "某某通知")),
    "pdf": ("公文.pdf", papers.pdf("机密★1年", "某某通知")),
    "pdf, alone on its line": ("公文.pdf", papers.pdf("机密", "某某通知")),
    "doc": ("旧.doc", papers.ole("WordDocument", content=b"\0" * 512 + "机密★1年".encode("utf-16-le"))),
    "name with star": ("机密★1年-方案.pdf", acts.PDF),
    "name in brackets": ("方案（秘密）.pdf", acts.PDF),
    "name alone": ("绝密.pdf", acts.PDF),
    "name and dash": ("机密-方案.pdf", acts.PDF),
}


@pytest.mark.parametrize("case", MARKED)
def test_a_marked_file_is_refused_with_what_to_do(case):
    told = refusal(*MARKED[case])
    assert "密级标志" in told
    assert "保密办公室" in told


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("保守秘密承诺书.docx", papers.docx("保守秘密承诺书", "本人承诺保守国家秘密和工作秘密。")),
        ("机密文件管理办法.docx", papers.docx("机密文件管理办法", "机密文件由专人保管，绝密文件不得复印。")),
        ("保密宣传.docx", papers.docx("国家秘密的标志形式为密级和期限，如“机密★1年”。")),
        ("保密台账.xlsx", papers.xlsx(("序号", "名称", "去向"), (1, "甲", "秘密"), (2, "乙", "机密"))),
        ("工作秘密.pdf", papers.pdf("内部", "工作秘密管理台账", "五星★好评")),
    ],
)
def test_words_about_secrets_are_no_marks(name, content):
    assert examine(upload(name, content)).name == name


def test_nothing_of_a_marked_file_is_kept_and_the_attempt_is_noted(people, settings, caplog):
    with caplog.at_level(logging.WARNING, "accountability.security"), pytest.raises(ValidationError):
        record_with(people, "关于张三的方案.docx", papers.docx("机密★1年", "张三"))
    assert not Record.objects.exists()
    assert stored_files(settings) == []
    (line,) = [each.getMessage() for each in caplog.records if each.name == "accountability.security"]
    assert "classified" in line
    assert f"person {people['liaison'].pk}" in line
    assert "张三" not in line


MARKS = ["机密★1年", "秘密★\n关于某事的报告", "密级：机密\n正文", "机密", "会议认为……\n绝密☆长期"]


@pytest.mark.parametrize("text", MARKS)
@pytest.mark.parametrize("field", ["title", "content"])
def test_typed_marks_are_refused_by_the_page(login, people, text, field):
    duty = acts.duty_of(cast.organisation(cast.OURS), "duty-report")
    answer = acts.post_record(login("liaison"), duty, "duty-report", **{field: text, "late_reason": "忘了"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "密级标志" in page
    assert "保密办公室" in page
    assert "忘了" in page
    assert not Record.objects.exists()


@pytest.mark.parametrize("text", MARKS)
def test_typed_marks_are_refused_by_the_service(people, text):
    with pytest.raises(ValidationError, match="「内容」中有国家秘密的密级标志"):
        acts.record(people["liaison"], cast.organisation(cast.OURS), "duty-report", content=text)
    assert not Record.objects.exists()


def test_a_marked_reason_is_refused_by_page_and_service(login, people):
    record = acts.record(people["liaison"], cast.organisation(cast.OURS), "duty-report")
    with pytest.raises(ValidationError, match="「原因」中有国家秘密的密级标志"):
        save_as(record, by=people["liaison"], reason="见机密★1年文件")
    decision = {"transition": "return", "reason": "见机密★1年文件"}
    answer = login("unit_secretary").post(reverse("record_decide", args=[record.pk]), decision)
    assert answer.status_code == 400
    assert "密级标志" in answer.content.decode()
    assert acts.state(record) == Record.State.SUBMITTED


def test_typed_marks_in_a_meeting_are_refused(login):
    client = login("office")
    duty = acts.duty_of(cast.organisation("学校党委"), "warning-meeting", 3)
    answer = acts.post_meeting(client, duty, "warning-meeting", resolutions="机密★1年\n由某某落实")
    assert answer.status_code == 400
    assert "「决议事项」中有国家秘密的密级标志" in answer.content.decode()
    assert not Record.objects.exists()


@pytest.mark.parametrize(
    "text",
    ["学习保密法，保守国家秘密。", "修订《机密文件管理办法》。", "评为 5★ 食堂", "工作秘密", "密级：绝密□ 机密□ 秘密□"],
)
def test_typed_words_about_secrets_are_welcome(people, text):
    assert acts.record(people["liaison"], cast.organisation(cast.OURS), "duty-report", content=text).pk


# ── viruses ───────────────────────────────────────────────────────────────────────────────────


def test_a_clean_file_is_kept_as_scanned(people, scanner):
    scanner()
    assert record_with(people, "报告.pdf", acts.PDF).virus_scan == Attachment.VirusScan.CLEAN


def test_an_infected_file_is_refused(people, scanner, settings):
    scanner()
    with pytest.raises(ValidationError, match="查出病毒，没有保存"):
        record_with(people, "报告.pdf", papers.pdf("一") + EICAR)
    assert not Record.objects.exists()
    assert stored_files(settings) == []


@pytest.mark.parametrize("script", ["exit 2", "sleep 20", "kill -9 $$"])
def test_without_an_answer_nothing_is_kept(people, scanner, settings, script):
    scanner(script)
    settings.ANTIVIRUS_SECONDS = 1
    with pytest.raises(ValidationError, match="查毒程序没有应答"):
        record_with(people, "报告.pdf", acts.PDF)


def test_without_a_scanner_nothing_is_kept(people, settings):
    settings.ANTIVIRUS_COMMAND = "/nowhere/scanner -"
    with pytest.raises(ValidationError, match="请稍后重新上传"):
        record_with(people, "报告.pdf", acts.PDF)


def test_the_other_policy_keeps_and_marks_it(login, people, settings):
    settings.ANTIVIRUS_COMMAND, settings.ANTIVIRUS_REQUIRED = "/nowhere/scanner -", False
    attachment = record_with(people, "报告.pdf", acts.PDF)
    assert attachment.virus_scan == Attachment.VirusScan.MISSED
    client = login("liaison")
    for door in (reverse("attachment_preview", args=[attachment.pk]), reverse("record", args=[attachment.record_id])):
        assert "未查毒" in client.get(door).content.decode()


def missed(people, settings, content: bytes = acts.PDF) -> Attachment:
    settings.ANTIVIRUS_COMMAND, settings.ANTIVIRUS_REQUIRED = "/nowhere/scanner -", False
    return record_with(people, "报告.pdf", content)


def test_what_was_kept_unscanned_is_scanned_later(people, scanner, settings):
    attachment = missed(people, settings)
    scan_missed()  # still no scanner
    attachment.refresh_from_db()
    assert attachment.virus_scan == Attachment.VirusScan.MISSED
    scanner()
    scan_missed()
    attachment.refresh_from_db()
    assert attachment.virus_scan == Attachment.VirusScan.CLEAN
    assert attachment.history.first().history_change_reason == "补查毒"


def test_an_infected_file_found_later_is_no_longer_handed_out(login, people, scanner, settings):
    attachment = missed(people, settings, papers.pdf("一") + EICAR)
    scanner()
    scan_missed()
    client = login("liaison")
    for door in ("attachment", "attachment_preview", "attachment_content"):
        answer = client.get(reverse(door, args=[attachment.pk]))
        assert answer.status_code == 404
        assert "查出病毒，已停止提供" in answer.content.decode()
    assert "查出病毒" in client.get(reverse("record", args=[attachment.record_id])).content.decode()


def test_the_command_scans_also_what_came_before_the_scanner(people, scanner, capsys):
    record_with(people, "报告.pdf", acts.PDF)
    scanner()
    call_command("scan_attachments")
    assert "干净 0 个" in capsys.readouterr().out
    call_command("scan_attachments", all=True)
    assert "干净 1 个，查出病毒 0 个，仍未查 0 个" in capsys.readouterr().out


@pytest.fixture
def clamd(settings, tmp_path):
    """The clamd protocol at the end of a real socket: INSTREAM, pieces with their lengths, one answer."""
    address = tmp_path / "clamd.ctl"
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(address))
    server.listen()

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                received = b""
                while length := struct.unpack(">I", stream.read(4))[0]:
                    received += stream.read(length)
                answer = b"stream: Eicar-Signature FOUND\0" if EICAR in received else b"stream: OK\0"
                connection.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    settings.ANTIVIRUS_SOCKET = str(address)
    yield
    server.shutdown(socket.SHUT_RDWR)
    server.close()


def test_clamd_at_its_socket(people, clamd):
    assert "查出病毒" in refusal("报告.pdf", papers.pdf("一") + EICAR)
    assert examine(upload("报告.pdf", acts.PDF)).virus_scan == Attachment.VirusScan.CLEAN


def test_clamd_that_is_gone(settings, tmp_path):
    settings.ANTIVIRUS_SOCKET = str(tmp_path / "nobody.ctl")
    assert "查毒程序没有应答" in refusal("报告.pdf", acts.PDF)


# ── looking at it ─────────────────────────────────────────────────────────────────────────────


def test_a_pdf_is_shown_in_a_page_of_ours(login, people):
    attachment = record_with(people, "报告.pdf", acts.PDF)
    client = login("liaison")
    page = client.get(reverse("attachment_preview", args=[attachment.pk]))
    text = page.content.decode()
    assert f'data="/attachments/{attachment.pk}/content/' in text
    assert "叶清和" in text
    assert attachment.sha256 in text
    assert "object-src 'self'" in page["Content-Security-Policy"]
    content = client.get(reverse("attachment_content", args=[attachment.pk]))
    assert b"".join(content.streaming_content) == acts.PDF
    assert content["Content-Type"] == "application/pdf"
    assert content["Content-Disposition"].startswith("inline")


def test_a_picture_is_shown_and_made_small(login, people):
    attachment = record_with(people, "照片.png", papers.picture(size=(1600, 1200)))
    client = login("liaison")
    content = client.get(reverse("attachment_content", args=[attachment.pk]))
    assert content["Content-Type"] == "image/png"
    small = client.get(reverse("attachment_thumbnail", args=[attachment.pk]))
    assert small["Content-Type"] == "image/jpeg"
    assert b"".join(small.streaming_content).startswith(b"\xff\xd8\xff")
    record = client.get(reverse("record", args=[attachment.record_id])).content.decode()
    assert reverse("attachment_thumbnail", args=[attachment.pk]) in record


@pytest.mark.parametrize(("name", "content"), [("照片.png", papers.picture()), ("报告.pdf", acts.PDF)])
def test_an_uploaded_file_is_a_guest(login, people, name, content):
    """It loads nothing, runs nothing, is framed by nobody else and is stored by no browser."""
    attachment = record_with(people, name, content)
    answer = login("liaison").get(reverse("attachment_content", args=[attachment.pk]))
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "script-src" not in policy
    assert ("sandbox" in policy) == attachment.is_image
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert answer["Cache-Control"] == "private, no-store"


def test_other_kinds_are_only_downloaded_and_it_says_so(login, people):
    attachment = record_with(people, "纪要.docx", papers.docx("会议纪要"))
    client = login("liaison")
    assert "不能在线查看" in client.get(reverse("attachment_preview", args=[attachment.pk])).content.decode()
    assert client.get(reverse("attachment_content", args=[attachment.pk])).status_code == 404
    download = client.get(reverse("attachment", args=[attachment.pk]))
    assert download["Content-Disposition"].startswith("attachment")
    assert download["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("other_liaison", 200),
        ("other_secretary", 200),
        ("discipline", 200),
        ("office", 200),
        ("liaison", 404),
        ("unit_secretary", 404),
        ("branch", 404),
        ("department", 404),
        ("member", 404),
        ("inspector", 404),
        ("sysadmin", 404),
        ("auditor", 404),
        ("outsider", 404),
    ],
)
def test_who_may_look(login, people, who, status):
    attachment = record_with(people, "照片.png", papers.picture(), "other_liaison", cast.THEIRS)
    client = login(who)
    for door in DOORS:
        assert client.get(reverse(door, args=[attachment.pk])).status_code == status, door


def test_nobody_reaches_a_file_by_its_own_address(client, people):
    attachment = record_with(people, "报告.pdf", acts.PDF)
    for address in (f"/media/{attachment.file.name}", f"/static/{attachment.file.name}", f"/{attachment.file.name}"):
        assert client.get(address).status_code in (302, 404)


# ── still what it was ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("who", "status"),
    [("liaison", 200), ("unit_secretary", 200), ("discipline", 200), ("department", 404), ("other_liaison", 404)],
)
def test_verify_on_demand(login, people, who, status):
    attachment = record_with(people, "报告.pdf", acts.PDF)
    answer = login(who).post(reverse("attachment_verify", args=[attachment.pk]))
    assert answer.status_code == status
    assert ("文件完好" in answer.content.decode()) == (status == 200)


def test_a_reader_who_neither_keeps_nor_supervises_is_not_asked_to_verify(login, people):
    attachment = record_with(people, "报告.pdf", acts.PDF)
    client = login("member")  # 会计学院 is in his portfolio: he reads
    page = client.get(reverse("attachment_preview", args=[attachment.pk]))
    assert page.status_code == 200
    assert "校验文件是否完好" not in page.content.decode()
    assert client.post(reverse("attachment_verify", args=[attachment.pk])).status_code == 403


@pytest.fixture(params=["missing", "changed"])
def spoilt(request, people, settings):
    attachment = record_with(people, "照片.png", papers.picture())
    path = settings.MEDIA_ROOT / attachment.file.name
    if request.param == "missing":
        path.unlink()
    else:
        content = bytearray(path.read_bytes())
        content[-20] ^= 1
        path.write_bytes(content)
    return attachment


def test_a_spoilt_file_gives_a_clear_page(login, spoilt):
    client = login("liaison")
    for door in ("attachment", "attachment_preview", "attachment_content"):
        answer = client.get(reverse(door, args=[spoilt.pk]))
        assert answer.status_code == 404, door
        assert "从备份中恢复" in answer.content.decode()
    verified = client.post(reverse("attachment_verify", args=[spoilt.pk])).content.decode()
    assert "文件已损坏" in verified or "找不到了" in verified
    assert client.get(reverse("record", args=[spoilt.record_id])).status_code == 200


def test_the_original_uploaded_again_mends_it(login, people, spoilt):
    record_with(people, "照片.png", papers.picture(), "branch", f"{cast.OURS}/第一党支部")
    assert login("liaison").get(reverse("attachment", args=[spoilt.pk])).status_code == 200


def test_the_same_content_lies_on_the_disk_once(people, settings):
    record_with(people, "甲.png", papers.picture())
    second = record_with(people, "乙.png", papers.picture(), "other_liaison", cast.THEIRS)
    stored = {str(path.relative_to(settings.MEDIA_ROOT)) for path in stored_files(settings)}
    assert stored == {second.file.name, thumbnail_path(second)}
