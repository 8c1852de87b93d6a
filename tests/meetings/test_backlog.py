"""一年的会议 in and out of Excel: previewed, all or nothing, every bad row named, unchanged when imported again."""

from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from accountability.models import Job, Notice, Record
from meetings.models import Meeting, MeetingImport
from meetings.services import backlog
from tests import acts, cast
from tests.importing import confirmed, work_off

pytestmark = pytest.mark.django_db
GOOD = {
    "单位": "会计学院", "会议类型": "二级单位全面从严治党专题会议", "会议名称": "会计学院第1次专题会议",
    "召开日期": "2026-05-12", "主持人": "沈若愚", "应到": "9", "实到": "8", "会议记录": "传达精神。\n研判政治生态。",
}  # fmt: skip
SCHOOL = {
    "单位": "学校党委", "会议类型": "常委会全面从严治党专题会议", "会议名称": "第1次专题会议",
    "召开日期": "2026-06-24", "主持人": "顾怀远", "必议事项": "全部",
}  # fmt: skip


def workbook(*rows: dict) -> SimpleUploadedFile:
    book = Workbook()
    book.active.title = "会议"
    book.active.append(backlog.MEETINGS.names)
    for row in rows:
        book.active.append([row.get(name, "") for name in backlog.MEETINGS.names])
    out = BytesIO()
    book.save(out)
    return SimpleUploadedFile("2026年会议.xlsx", out.getvalue())


def upload(client, *rows: dict):
    return client.post("/meetings/backlog/?year=2026", {"file": workbook(*rows)})


def test_a_years_meetings_come_in_marked_late_and_wait_for_the_secretary(people, login):
    client = login("liaison")
    answer = upload(client, GOOD, GOOD | {"召开日期": "2026-10-09", "会议名称": "第2次"})
    assert answer.status_code == 302
    assert not Meeting.objects.exists()
    assert "将新增 2 次会议" in client.get(answer["Location"]).content.decode()
    assert "已导入 2 次会议，0 次系统已有" in confirmed(client, answer["Location"])
    first = Meeting.objects.order_by("day").first()
    assert (first.record.state, first.record.is_late_entry, first.present_count) == ("submitted", True, 8)
    assert first.minutes == "传达精神。\n研判政治生态。"
    duties = [duty.occurrence for meeting in Meeting.objects.order_by("day") for duty in meeting.counts_for.all()]
    assert duties == [1, 2]


def test_what_was_exported_imports_again_unchanged(people, login):
    client = login("office")
    answer = upload(client, SCHOOL, SCHOOL | {"召开日期": "2026-11-18", "必议事项": "听取纪委监督执纪问责情况报告"})
    confirmed(client, answer["Location"])
    before = [list(model.history.values_list("pk")) for model in (Meeting, Record)]
    exported = client.get("/meetings/backlog/export/?year=2026").content
    sheet = load_workbook(BytesIO(exported))["会议"]
    assert [row[11].value for row in sheet.iter_rows(min_row=2)] == ["全部", "听取纪委监督执纪问责情况报告"]
    again = client.post("/meetings/backlog/?year=2026", {"file": SimpleUploadedFile("会议表.xlsx", exported)})
    assert "这些会议系统里都有" in client.get(again["Location"]).content.decode()
    confirmed(client, again["Location"])
    assert before == [list(model.history.values_list("pk")) for model in (Meeting, Record)]


def test_the_offices_export_holds_units_too_and_imports_unchanged(people, login):
    client = login("liaison")
    confirmed(client, upload(client, GOOD)["Location"])
    client = login("office")
    exported = client.get("/meetings/backlog/export/?year=2026").content
    again = client.post("/meetings/backlog/?year=2026", {"file": SimpleUploadedFile("会议表.xlsx", exported)})
    assert "这些会议系统里都有" in client.get(again["Location"]).content.decode()
    assert "不是您记录会议的单位" in upload(client, GOOD | {"召开日期": "2026-05-13"}).content.decode()


def test_one_without_its_required_items_is_kept_and_does_not_count(people, login):
    client = login("office")
    answer = upload(client, SCHOOL | {"必议事项": "无"})
    assert "不计入：缺" in client.get(answer["Location"]).content.decode()
    confirmed(client, answer["Location"])
    assert Meeting.objects.get().record.evidence.count() == 0
    assert acts.duty_of(cast.organisation("学校党委"), "standing-committee-meeting").is_open


def test_three_bad_rows_are_named_and_nothing_is_written(people, login):
    rows = (
        GOOD,
        GOOD | {"单位": "法学院"},
        GOOD | {"召开日期": "2027-01-05", "实到": "十二"},
        GOOD | {"会议类型": "茶话会", "召开日期": "2026-05-13"},
    )
    page = upload(login("liaison"), *rows)
    words = page.content.decode()
    assert page.status_code == 400
    for complaint in (
        "会议 第 3 行「单位」：“法学院”不是您记录会议的单位",
        "会议 第 4 行「召开日期」：“2027-01-05”还没有到",
        "会议 第 4 行「实到」：“十二”不是人数",
        "会议 第 5 行「会议类型」：“茶话会”没有这种会议",
    ):
        assert complaint in words
    assert not Meeting.objects.exists()
    assert not MeetingImport.objects.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"单位": "学校党委", "会议类型": "党委会议（N）"}, "须写明依据"),
        (SCHOOL | {"必议事项": ""}, "请写明会上议过哪些"),
        (SCHOOL | {"必议事项": "喝茶"}, "没有“喝茶”"),
        ({"单位": "学校党委", "会议类型": "警示教育大会", "应到": "3", "实到": "9"}, "不能多于应到的 3 人"),
        ({"单位": "学校党委", "会议类型": "警示教育大会", "会议名称": "长" * 121}, "最多 120 个字"),
    ],
)
def test_each_refusal_names_its_remedy(people, login, change, words):
    page = upload(login("office"), GOOD | change)
    assert page.status_code == 400
    assert words in page.content.decode()


def test_the_same_meeting_twice_in_the_file_is_refused(people, login):
    page = upload(login("liaison"), GOOD, GOOD)
    assert "与第 2 行是同一单位同一天的同类会议" in page.content.decode()


def test_who_keeps_no_meetings_may_not(people, login):
    assert login("member").get("/meetings/backlog/").status_code == 403


def test_only_who_uploaded_sees_and_decides(people, login):
    address = upload(login("liaison"), GOOD)["Location"]
    assert login("unit_secretary").get(address).status_code == 404
    assert login("unit_secretary").post(address + "confirm/").status_code == 404
    assert login("liaison").post(address + "drop/").status_code == 302
    assert login("liaison").post(address + "confirm/").status_code == 400


def test_a_meeting_entered_meanwhile_stops_the_whole_and_the_page_tells(people, login):
    client = login("liaison")
    page = upload(client, GOOD, GOOD | {"召开日期": "2026-10-09", "会议名称": "第2次"})["Location"]
    client.post(f"{page}confirm/")
    assert client.post(f"{page}drop/").status_code == 400
    duty = acts.duty_of(cast.organisation(cast.OURS), "unit-special-meeting")
    acts.post_meeting(client, duty, "unit-special-meeting", happened_on="2026-05-12")
    assert work_off().state == Job.State.FAILED
    assert Meeting.objects.count() == 1, "the one that was typed"
    seen = client.get(page).content.decode()
    assert "没有写入任何内容" in seen
    assert "预览之后系统里的数据有了变化" in seen
    assert Notice.objects.get(kind=Notice.Kind.IMPORT).recipient == people["liaison"]
    assert client.post(f"{page}drop/").status_code == 302


def test_a_meeting_that_cannot_be_recorded_takes_the_others_back(people, login, monkeypatch):
    client, record, told = login("liaison"), backlog.record_meeting, []
    page = upload(client, GOOD, GOOD | {"召开日期": "2026-10-09", "会议名称": "第2次"})["Location"]

    def once(**facts):
        if told:
            raise ValidationError("不能记录。")
        told.append(record(**facts))

    client.post(f"{page}confirm/")
    monkeypatch.setattr(backlog, "record_meeting", once)
    assert work_off().error == "任务未完成：第 3 行：不能记录。"
    assert not Meeting.objects.exists()


def test_the_export_holds_only_what_he_sees(people, login):
    client = login("office")
    confirmed(client, upload(client, SCHOOL)["Location"])
    sheet = load_workbook(BytesIO(login("other_liaison").get("/meetings/backlog/export/?year=2026").content))["会议"]
    assert sheet.max_row == 1


def test_what_is_no_workbook_is_refused_in_words(people, login):
    client = login("office")
    for name, content in (("会议.xlsx", b"junk"), ("会议.csv", b"a,b"), ("空.xlsx", b"")):
        page = client.post("/meetings/backlog/", {"file": SimpleUploadedFile(name, content)})
        assert page.status_code == 400
